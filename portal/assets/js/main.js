// Progressive enhancement only: every page works without this file.
import htmx from "htmx.org";
import { startBoard } from "./board.js";
import { startCompare } from "./compare.js";
import { startCountdowns } from "./countdown.js";
import { startDrafts } from "./drafts.js";
import { startForms } from "./forms.js";
import { startGeolocation } from "./geolocate.js";
import { startPhotos } from "./photos.js";
import { startPolling } from "./polling.js";
import { startReadAloud } from "./read_aloud.js";

// The CSP forbids inline style and eval; the styles of htmx's indicators are in base.css.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.historyCacheSize = 0;

document.documentElement.classList.add("js");

function enhance(root) {
  startForms(root);
  startDrafts(root);
  startPhotos(root);
  startGeolocation(root);
  startCompare(root);
  startReadAloud(root);
  startCountdowns(root);
}

function start() {
  enhance(document);
  startPolling(enhance);
  startBoard();
  htmx.onLoad((node) => {
    if (node !== document.body) enhance(node);
  });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
