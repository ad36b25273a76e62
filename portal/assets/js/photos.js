// Photo inputs: preview, shrink to `data-max` pixels, send at once with percent, retry by tap. Server side strips metadata again.
import { fresh, word } from "./words.js";

async function shrink(file, max) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, max / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return { canvas, blob: blob && (scale < 1 || blob.size < file.size) ? blob : file };
  } catch {
    // A format this browser cannot draw (HEIC): the server can.
    return { canvas: null, blob: file };
  }
}

function send(url, blob, name, token, progress) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    body.append("photo", blob, name.replace(/\.\w+$/, "") + (blob.type === "image/jpeg" ? ".jpg" : name.match(/\.\w+$/)?.[0] ?? ""));
    body.append("csrf_token", token);
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.timeout = 60000;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress(Math.round((event.loaded / event.total) * 100));
    });
    request.addEventListener("load", () => {
      try {
        const answer = JSON.parse(request.responseText);
        if (request.status < 300 && answer.id) resolve(answer);
        else reject(new Error(answer.error ?? ""));
      } catch {
        reject(new Error(""));
      }
    });
    for (const kind of ["error", "timeout", "abort"]) request.addEventListener(kind, () => reject(new Error("")));
    request.send(body);
  });
}

function prepare(group, slot) {
  const input = slot.querySelector("input[type=file]");
  const state = slot.querySelector(".photo-state");
  const status = group.querySelector("[data-photo-status]");
  const empty = state.textContent;
  const name = input.name;
  let hidden = null;
  let shrunk = null;

  function reset() {
    hidden?.remove();
    hidden = null;
    shrunk = null;
    input.value = "";
    input.name = name;
    state.textContent = empty;
    slot.classList.remove("is-filled", "is-failed");
    slot.querySelectorAll("canvas, .remove").forEach((node) => node.remove());
  }

  function removable() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "remove";
    button.setAttribute("aria-label", word("remove"));
    button.textContent = "×";
    button.addEventListener("click", (event) => {
      event.preventDefault();
      reset();
      input.focus();
    });
    slot.append(button);
  }

  async function upload(file) {
    slot.classList.remove("is-failed");
    const token = group.closest("form")?.querySelector("[name=csrf_token]")?.value ?? "";
    try {
      state.textContent = word("sending", { n: 0 });
      const answer = await send(group.dataset.upload, shrunk.blob, file.name, token, (n) => {
        state.textContent = word("sending", { n });
      });
      hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = group.dataset.name;
      hidden.value = answer.id;
      group.append(hidden);
      input.removeAttribute("name"); // already there; the form need not send it again
      state.textContent = word("sent");
      status.textContent = word("sent");
    } catch (problem) {
      // The file stays in the input: the form itself can still carry it.
      slot.classList.add("is-failed");
      state.textContent = problem.message || word("retry");
      status.textContent = state.textContent;
    }
  }

  input.addEventListener("click", (event) => {
    if (slot.classList.contains("is-failed") && input.files[0] && group.dataset.upload) {
      event.preventDefault();
      upload(input.files[0]);
    }
  });
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    if (file.type && !file.type.startsWith("image/")) {
      reset();
      state.textContent = word("notPicture");
      status.textContent = word("notPicture");
      return;
    }
    hidden?.remove();
    slot.querySelectorAll("canvas, .remove").forEach((node) => node.remove());
    shrunk = await shrink(file, Number(group.dataset.max ?? 1600));
    if (shrunk.canvas) slot.prepend(shrunk.canvas);
    slot.classList.add("is-filled");
    removable();
    [...group.querySelectorAll(".photo-slot")].find((one) => !one.classList.contains("is-filled"))?.classList.add("is-open");
    if (group.dataset.upload) await upload(file);
    else {
      if (shrunk.blob !== file && window.DataTransfer) {
        const carrier = new DataTransfer();
        carrier.items.add(new File([shrunk.blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" }));
        input.files = carrier.files;
      }
      state.textContent = word("ready");
    }
  });
}

export function startPhotos(root) {
  for (const group of fresh(root, "[data-photos]", "photosOn")) {
    group.querySelectorAll(".photo-slot").forEach((slot) => prepare(group, slot));
  }
}
