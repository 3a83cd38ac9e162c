// The assistant's page after a SMART launch: its tokens come by POST with the session's cookie, never by an address.

const assistant = document.querySelector("portico-chat");
const ended = document.querySelector("#ended");

async function getToken() {
  const answer = await fetch("/smart/token", { method: "POST", credentials: "same-origin", cache: "no-store" });
  if (answer.status === 401 && ended) ended.textContent = ended.dataset.words;
  if (!answer.ok) throw new Error("no token");
  return (await answer.json()).token;
}

if (assistant) assistant.getToken = getToken;
// Whoever uses the device next finds nothing.
document.querySelector("#sign-out")?.addEventListener("submit", () => assistant?.reset?.());
