// The demo portal: examples put words into the assistant's message box; the patient sends them.

const assistant = document.querySelector("portico-chat");
const consoleLink = document.querySelector("#console-link");
const consoleUrl = document.body.dataset.console ?? "";

for (const button of document.querySelectorAll("#examples button")) {
  button.addEventListener("click", () => assistant?.prefill(button.textContent ?? ""));
}

// What a portal does at its sign-out: whoever uses the device next finds nothing.
document.querySelector("#sign-out")?.addEventListener("click", () => {
  assistant?.reset();
  assistant?.close();
  const said = document.querySelector("#signed-out");
  if (said) said.textContent = "You are signed out. The assistant has forgotten this conversation on this device.";
});

// The gateway fills in where the console listens; without one there is no link to offer.
if (/^https?:\/\//.test(consoleUrl)) consoleLink?.setAttribute("href", consoleUrl);
else consoleLink?.remove();
