// What the page of a ticket does beside htmx: put a prepared text into the draft, and let colleagues see that somebody
// writes. What is written stays in the page until it is sent.
"use strict";

const TELL_EVERY_MS = 5000;
const form = document.getElementById("reply");

if (form) {
  const draft = form.elements.namedItem("text");
  let told = 0;

  for (const button of document.querySelectorAll("[data-canned]")) {
    button.addEventListener("click", () => {
      const before = draft.value.slice(0, draft.selectionStart);
      const gap = before && !before.endsWith("\n") ? "\n\n" : "";
      draft.setRangeText(gap + button.dataset.canned, draft.selectionStart, draft.selectionEnd, "end");
      draft.focus();
      draft.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  draft.addEventListener("input", () => {
    const now = Date.now();
    if (now - told < TELL_EVERY_MS) return;
    told = now;
    const body = new URLSearchParams({ csrf: form.elements.namedItem("csrf").value });
    fetch(form.dataset.writing, { method: "POST", body }).catch(() => {});
  });
}
