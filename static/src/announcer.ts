// One polite voice for screen readers: at most one sentence in ten seconds about others, my own deeds at once.
import { find, listen } from "./dom.ts";

const PAUSE = 10_000;

let last = 0;
let next: string | null = null;
let timer = 0;

function speak(text: string): void {
  const voice = find("cs-announcer");
  if (!voice) return;
  // The same sentence twice is only read again when the element was empty between.
  voice.textContent = "";
  setTimeout(() => (voice.textContent = text), 60);
}

/** Say something; `own` things are said at once, others wait their turn and only the newest is said. */
export function announce(text: string, own = false): void {
  if (own) return speak(text);
  next = text;
  if (timer) return;
  timer = window.setTimeout(() => {
    timer = 0;
    last = Date.now();
    if (next) speak(next);
    next = null;
  }, Math.max(0, last + PAUSE - Date.now()));
}

listen<{ text: string; own?: boolean }>("cs:announce", ({ text, own }) => announce(text, own));
