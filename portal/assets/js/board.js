// Keys of the dispatch board: J/K next and previous case, letters of [data-shortcut] (A, C, W, M), / search, ? the list of keys.
// A checkbox [data-keys-switch] turns the single letters off (WCAG 2.1.4); remembered on this device.
const OFF = "wufang-keys-off";

function off() {
  try {
    return window.localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

function move(step) {
  const cards = [...document.querySelectorAll("[data-case]")];
  if (!cards.length) return;
  const now = cards.findIndex((card) => card === document.activeElement || card.getAttribute("aria-current") === "true");
  const next = cards[Math.max(0, Math.min(cards.length - 1, now + step))];
  next.focus();
  next.click();
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off()) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const key = event.key.toUpperCase();
  if (key === "J" || key === "K") move(key === "J" ? 1 : -1);
  else if (key === "/") document.querySelector("[data-search]")?.focus();
  else if (key === "?") {
    const help = document.querySelector("[data-keys-help]");
    if (help) help.open = !help.open;
  } else {
    const target = document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
    if (!target) return;
    target.focus();
    target.click();
  }
  event.preventDefault();
}

export function startBoard() {
  if (!document.querySelector("[data-case], [data-shortcut], [data-search]")) return;
  document.addEventListener("keydown", press);
  const box = document.querySelector("[data-keys-switch]");
  if (!box) return;
  box.checked = !off();
  box.addEventListener("change", () => {
    try {
      window.localStorage.setItem(OFF, box.checked ? "0" : "1");
    } catch {
      // Not remembered in private mode; the keys stay as they are.
    }
  });
}
