// The demo portal: examples put words into the assistant's message box; the patient sends them.

const assistant = document.querySelector("portico-chat");
const consoleLink = document.querySelector("#console-link");
const consoleUrl = document.body.dataset.console ?? "";

for (const button of document.querySelectorAll("#examples button")) {
  button.addEventListener("click", () => assistant?.prefill(button.textContent ?? ""));
}

// The gateway fills in where the console listens; without one there is no link to offer.
if (/^https?:\/\//.test(consoleUrl)) consoleLink?.setAttribute("href", consoleUrl);
else consoleLink?.remove();
