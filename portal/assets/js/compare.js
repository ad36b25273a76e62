// Before and after, one over the other. The cut is a rule of an adopted style sheet: the CSP forbids style attributes.
import { fresh, word } from "./words.js";

let count = 0;

export function startCompare(root) {
  if (!("adoptedStyleSheets" in document) || !("replaceSync" in CSSStyleSheet.prototype)) return;
  for (const figure of fresh(root, "[data-before-after]", "compareOn")) {
    count += 1;
    figure.dataset.compareNo = String(count);
    const sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const rule = (percent) => `[data-compare-no="${figure.dataset.compareNo}"] .after { clip-path: inset(0 0 0 ${percent}%); }`;
    sheet.replaceSync(rule(50));
    const range = document.createElement("input");
    range.type = "range";
    range.min = "0";
    range.max = "100";
    range.value = "50";
    range.className = "ba-range";
    range.setAttribute("aria-label", word("compare"));
    range.addEventListener("input", () => sheet.replaceSync(rule(range.value)));
    figure.querySelector(".pics").after(range);
    figure.classList.add("is-slider");
  }
}
