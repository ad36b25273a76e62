// [data-read-aloud="id"] reads an element aloud in Mandarin (or the page's language); stays hidden where the device cannot.
import { fresh, word } from "./words.js";

export function startReadAloud(root) {
  if (!("speechSynthesis" in window)) return;
  for (const button of fresh(root, "[data-read-aloud]", "readOn")) {
    const text = document.getElementById(button.dataset.readAloud);
    if (!text) continue;
    const label = button.lastChild;
    const words = label.textContent;
    button.hidden = false;
    button.addEventListener("click", () => {
      if (speechSynthesis.speaking) {
        speechSynthesis.cancel();
        return;
      }
      const speech = new SpeechSynthesisUtterance(text.innerText);
      speech.lang = text.closest("[lang]")?.lang || "zh-CN";
      speech.rate = 0.9;
      label.textContent = word("stopReading");
      speech.addEventListener("end", () => { label.textContent = words; });
      speech.addEventListener("error", () => { label.textContent = words; });
      speechSynthesis.speak(speech);
    });
  }
}
