// A portal in React with the assistant in it: `npm run example`, then serve examples/ beside a gateway.

import { useCallback, useState } from "react";
import { createRoot } from "react-dom/client";
import { Assistant } from "./Assistant";

async function getToken(): Promise<string> {
  const response = await fetch("/demo/token", { method: "POST" });
  return ((await response.json()) as { token: string }).token;
}

function Portal() {
  const [signedIn, setSignedIn] = useState(true);
  const [urgency, setUrgency] = useState("");
  const onEscalated = useCallback((level: string) => setUrgency(level), []);
  return (
    <main>
      <h1>Your portal</h1>
      {urgency && <p role="status">Your care team was told ({urgency}).</p>}
      {signedIn ? <button onClick={() => setSignedIn(false)}>Sign out</button> : <p>You are signed out.</p>}
      <Assistant assistantUrl={location.origin} getToken={getToken} onEscalated={onEscalated} signedIn={signedIn} />
    </main>
  );
}

createRoot(document.querySelector("#portal") as HTMLElement).render(<Portal />);
