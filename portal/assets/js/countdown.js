// <time data-deadline="ISO" data-now="ISO"> counts on the server's time. No announcement each second: a separate quiet
// region speaks at 20, 10, 5 and 1 minutes. After zero it counts on, it never hides.
import { fresh, word } from "./words.js";

const SPEAK_AT = [20, 10, 5, 1];
const clocks = new Set();
let ticking = 0;

function pad(number) {
  return String(number).padStart(2, "0");
}

function digits(seconds) {
  const rest = Math.abs(seconds);
  const hours = Math.floor(rest / 3600);
  const minutes = Math.floor((rest % 3600) / 60);
  const sign = seconds < 0 ? "+" : "";
  return hours ? `${sign}${hours}:${pad(minutes)}:${pad(rest % 60)}` : `${sign}${minutes}:${pad(rest % 60)}`;
}

function sentence(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const kind = seconds < 0 ? "late" : "left";
  if (minutes >= 2880) return word(`${kind}Days`, { d: Math.floor(minutes / 1440) });
  if (minutes >= 60) return word(`${kind}Hours`, { h: Math.floor(minutes / 60), n: minutes % 60 });
  return word(`${kind}Minutes`, { n: minutes });
}

function voice() {
  let region = document.getElementById("timer-voice");
  if (!region) {
    region = document.createElement("p");
    region.id = "timer-voice";
    region.className = "sr";
    region.setAttribute("aria-live", "polite");
    (document.querySelector("main") ?? document.body).append(region);
  }
  return region;
}

function draw(clock) {
  const { node, deadline, skew } = clock;
  const seconds = Math.round((deadline - (Date.now() + skew)) / 1000);
  // Beyond a day nobody counts seconds: words are read faster, and they fit a phone.
  const inWords = clock.short || Math.abs(seconds) >= 86400;
  const text = inWords ? sentence(seconds) : digits(seconds);
  node.classList.toggle("plain", inWords && !clock.short);
  if (node.textContent !== text) node.textContent = text;
  const minutes = seconds / 60;
  const host = clock.short ? node : node.closest(".countdown") ?? node;
  host.classList.toggle("is-late", minutes < clock.late);
  host.classList.toggle("is-soon", minutes >= clock.late && minutes < clock.soon);
  if (clock.circle) {
    const share = Math.max(0, Math.min(1, seconds / clock.span));
    clock.circle.setAttribute("stroke-dasharray", `${(share * 100).toFixed(1)} 100`);
  }
  if (!clock.short) {
    for (const mark of SPEAK_AT) {
      if (clock.before > mark * 60 && seconds <= mark * 60) voice().textContent = word("minutesLeft", { n: mark });
    }
    if (clock.before > 0 && seconds <= 0) voice().textContent = word("timeOver");
  }
  clock.before = seconds;
}

function tick() {
  for (const clock of clocks) {
    if (clock.node.isConnected) draw(clock);
    else clocks.delete(clock);
  }
}

// A device that is minutes off is told so once; times on the page are the server's.
function tellSkew(skew) {
  const line = document.querySelector("[data-clock-note]");
  const minutes = Math.round(Math.abs(skew) / 60000);
  if (line && minutes > 2 && line.hidden) {
    line.textContent = word("clockOff", { n: minutes });
    line.hidden = false;
  }
}

export function startCountdowns(root) {
  for (const node of fresh(root, "time[data-deadline]", "ticking")) {
    const now = Date.parse(node.dataset.now);
    const deadline = Date.parse(node.dataset.deadline);
    if (Number.isNaN(now) || Number.isNaN(deadline)) continue;
    const short = node.dataset.style === "short";
    const skew = now - Date.now();
    const circle = short ? null : node.closest(".countdown")?.querySelector(".ring-value");
    const shown = Number.parseFloat(circle?.getAttribute("stroke-dasharray") ?? "") / 100;
    const left = (deadline - now) / 1000;
    const clock = {
      node, deadline, skew, short,
      soon: Number(node.dataset.soon ?? 10),
      late: short ? 0 : Number(node.dataset.late ?? 5),
      circle: shown > 0 && left > 0 ? circle : null,
      span: shown > 0 ? left / shown : left,
      before: left,
    };
    if (!short) {
      node.setAttribute("role", "timer");
    }
    clocks.add(clock);
    draw(clock);
    tellSkew(skew);
  }
  if (clocks.size && !ticking) ticking = window.setInterval(tick, 1000);
}
