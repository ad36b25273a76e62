// [data-geolocate] fills the hidden inputs beside it with the device's place (a hint; people can always choose a building).
import { fresh, word } from "./words.js";

function locate(button) {
  const box = button.closest(".geolocate");
  const status = box.querySelector("[data-geo-status]");
  const put = (key, value) => {
    const input = box.querySelector(`[data-geo="${key}"]`);
    if (input) input.value = value;
  };
  status.textContent = word("locating");
  button.setAttribute("aria-disabled", "true");
  navigator.geolocation.getCurrentPosition(
    (place) => {
      put("lat", place.coords.latitude.toFixed(6));
      put("lon", place.coords.longitude.toFixed(6));
      put("accuracy", Math.round(place.coords.accuracy));
      status.textContent = word("located", { n: Math.round(place.coords.accuracy) });
      button.removeAttribute("aria-disabled");
      if (button.dataset.geoSubmit !== undefined) button.form?.requestSubmit();
    },
    () => {
      status.textContent = word("noLocation");
      button.removeAttribute("aria-disabled");
    },
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 15000 },
  );
}

export function startGeolocation(root) {
  if (!navigator.geolocation) return;
  for (const button of fresh(root, "[data-geolocate]", "geoOn")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") locate(button);
    });
  }
}
