// <div id="queue" data-poll="/board/queue" data-every="15" data-hold> fetches its own fragment. With `data-hold` (lists that
// people click in) nothing moves: a button "2 updates" appears and only it re-sorts. Without, content changes in place unless
// the reader is inside it. `data-version` on the fragment's root is compared; fragments with the same version are dropped.
import { word } from "./words.js";

function parse(html, id) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.getElementById(id);
}

function busy(node) {
  return node.contains(document.activeElement) || node.matches(":hover") && matchMedia("(hover: hover)").matches;
}

function changes(old, next) {
  const keys = (root) => new Map([...root.querySelectorAll("[data-case]")].map((one) => [one.getAttribute("href"), one.dataset.mark ?? one.textContent]));
  const before = keys(old);
  const after = keys(next);
  let n = 0;
  for (const [key, text] of after) if (before.get(key) !== text) n += 1;
  for (const key of before.keys()) if (!after.has(key)) n += 1;
  return n;
}

function apply(node, next, enhance) {
  const focused = document.activeElement?.id && node.contains(document.activeElement) ? document.activeElement.id : null;
  const fragment = document.importNode(next, true);
  node.replaceWith(fragment);
  if (focused) document.getElementById(focused)?.focus();
  enhance(fragment);
  return fragment;
}

function offer(node, next, n, enhance, again) {
  let button = node.querySelector(":scope > .updates, :scope > * > .updates");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-s btn-small btn-block updates";
    const live = document.createElement("span");
    live.setAttribute("aria-live", "polite");
    button.append(live);
    node.prepend(button);
  }
  button.firstChild.textContent = word("updates", { n });
  button.onclick = () => again(apply(node, next, enhance));
}

function poll(node, enhance) {
  const seconds = Math.max(5, Number(node.dataset.every ?? 15));
  let current = node;
  const step = async () => {
    if (!current.isConnected) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(current.dataset.poll, { headers: { "X-Fragment": current.id }, credentials: "same-origin" });
        if (answer.ok && answer.status !== 204) {
          const next = parse(await answer.text(), current.id);
          const same = next && next.dataset.version && next.dataset.version === current.dataset.version;
          if (next && !same) {
            const n = changes(current, next);
            if (current.dataset.hold !== undefined) {
              if (n) offer(current, next, n, enhance, (fragment) => { current = fragment; });
            } else if (!busy(current)) current = apply(current, next, enhance);
          }
        }
      } catch {
        // No network: the old content stays and the next round tries again.
      }
    }
    window.setTimeout(step, seconds * 1000);
  };
  window.setTimeout(step, seconds * 1000);
}

export function startPolling(enhance) {
  document.querySelectorAll("[data-poll][id]").forEach((node) => poll(node, enhance));
}
