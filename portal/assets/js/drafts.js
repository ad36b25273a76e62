// Keeps what was typed: <textarea data-draft="report"> or <form data-draft="report">. Cleared once the form was sent
// and the next page carries <meta name="draft-done" content="report">.
import { fresh, word } from "./words.js";

const PREFIX = "wufang-draft:";

function store(key, value) {
  try {
    if (value) window.localStorage.setItem(PREFIX + key, value);
    else window.localStorage.removeItem(PREFIX + key);
  } catch {
    // Private mode or a full store: the draft is a comfort, the form works without it.
  }
}

function read(key) {
  try {
    return window.localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

function note(control, text) {
  let line = control.parentElement.querySelector(".draft-note");
  if (!line) {
    line = document.createElement("p");
    line.className = "draft-note";
    line.setAttribute("role", "status");
    control.after(line);
  }
  line.textContent = text;
}

function keep(control, key) {
  const kept = read(key);
  if (kept && !control.value) {
    control.value = kept;
    note(control, word("draftRestored"));
  }
  let timer = 0;
  control.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      store(key, control.value);
      note(control, control.value ? word("draftKept") : "");
    }, 600);
  });
  // Leaving at once (a call comes in) must not lose the last words.
  window.addEventListener("pagehide", () => {
    if (control.value) store(key, control.value);
  });
}

export function startDrafts(root) {
  for (const done of document.querySelectorAll('meta[name="draft-done"]')) {
    for (const key of Object.keys(window.localStorage ?? {})) {
      if (key === PREFIX + done.content || key.startsWith(`${PREFIX}${done.content}:`)) store(key.slice(PREFIX.length), "");
    }
  }
  for (const node of fresh(root, "[data-draft]", "draftOn")) {
    if (node instanceof HTMLFormElement) {
      const texts = node.querySelectorAll("textarea[name], input[type=text][name], input:not([type])[name]");
      for (const control of texts) keep(control, `${node.dataset.draft}:${control.name}`);
    } else keep(node, node.dataset.draft);
  }
}
