// Double-submit guard, focus on the error summary, bars that leave the keyboard its room.
import { fresh, word } from "./words.js";

let watching = false;

function release(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("[data-held]")) {
    button.removeAttribute("aria-disabled");
    delete button.dataset.held;
  }
}

// The button stays enabled for the browser (so its name and value are sent); further presses are refused.
function guard(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.target) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "1";
  const button = event.submitter;
  if (button) {
    button.dataset.held = "1";
    button.setAttribute("aria-disabled", "true");
  }
  // A dead network must not leave a dead button.
  window.setTimeout(() => release(form), 20000);
}

function watch() {
  if (watching) return;
  watching = true;
  document.addEventListener("submit", guard);
  // Coming back from the page cache of the browser: the form may be sent again.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));
  const typing = (node) => node instanceof Element && node.matches("textarea, input:not([type=radio]):not([type=checkbox]):not([type=file])");
  const touch = window.matchMedia("(pointer: coarse)");
  document.addEventListener("focusin", (event) => {
    document.documentElement.classList.toggle("typing", touch.matches && typing(event.target));
  });
  document.addEventListener("focusout", () => document.documentElement.classList.remove("typing"));
  window.addEventListener("offline", () => offline(true));
  window.addEventListener("online", () => offline(false));
}

function offline(on) {
  let bar = document.getElementById("offline-bar");
  if (on && !bar) {
    bar = document.createElement("p");
    bar.id = "offline-bar";
    bar.className = "offline-bar";
    bar.setAttribute("role", "status");
    bar.textContent = word("offline");
    document.body.append(bar);
  } else if (!on && bar) bar.remove();
}

export function startForms(root) {
  watch();
  const [summary] = fresh(root, "[data-focus-first]", "focused");
  if (summary) summary.focus();
}
