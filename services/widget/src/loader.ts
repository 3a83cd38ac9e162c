// The loader at the stable address /widget/v1/portico.js. It asks for the widget itself by its hash and integrity once
// the page has come to rest, so that the portal's own first paint waits for nothing, and mounts it where data-* say so.

declare const __FILE__: string;
declare const __INTEGRITY__: string;

const TAG = "portico-chat";
const PASSED_ON = ["token-endpoint", "base-url", "locale", "theme", "label", "care-team-label", "care-team-uri", "deadline-s", "open"];
const REST_MS = 2_000;

// A script's own address is known only while it first runs.
const own = document.currentScript as HTMLScriptElement;

function ask(): void {
  if (customElements.get(TAG) || document.querySelector(`script[data-portico="${__FILE__}"]`)) return;
  const script = document.createElement("script");
  script.src = new URL(__FILE__, own.src).href;
  script.integrity = __INTEGRITY__;
  script.crossOrigin = "anonymous";
  script.dataset.portico = __FILE__;
  // A page under a nonce trusts what its own scripts add only by the same nonce.
  script.nonce = own.nonce;
  script.onerror = () => missing(script);
  document.head.append(script);
}

/** An old loader out of a cache names a file that a newer server no longer has: ask once for the loader of today. */
function missing(script: HTMLScriptElement): void {
  script.remove();
  const detail = { code: "load_failed" };
  for (const element of document.querySelectorAll(TAG)) {
    element.dispatchEvent(new CustomEvent("portico:error", { detail, bubbles: true, composed: true }));
  }
  if (own.src.includes("?again")) return;
  const again = document.createElement("script");
  again.src = `${own.src.split("?")[0]}?again`;
  again.nonce = own.nonce;
  document.head.append(again);
}

function mount(): void {
  if (own.dataset.tokenEndpoint === undefined || document.querySelector(TAG)) return;
  const element = document.createElement(TAG);
  for (const name of PASSED_ON) {
    const value = own.getAttribute(`data-${name}`);
    if (value !== null) element.setAttribute(name, value);
  }
  document.body.append(element);
}

function start(): void {
  mount();
  const now = document.querySelector(`${TAG}[open]`) !== null;
  // Safari has no requestIdleCallback.
  if (now || !("requestIdleCallback" in window)) setTimeout(ask, 0);
  else requestIdleCallback(ask, { timeout: REST_MS });
}

if (document.readyState === "complete") start();
else addEventListener("load", start, { once: true });
