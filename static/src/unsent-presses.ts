// What was pressed in the configurator and did not reach the server yet, kept over a reload of the page.
import { meta } from "./dom.ts";
import { put, taken } from "./shelf.ts";

const KEPT_FOR = 30 * 86_400_000;

interface Kept {
  at: number;
  words: string[];
}

// By person and draft: what one could not send must not be done in the name of who signs in next.
const place = (): string => `codesign:unsent-presses:${meta("viewer")}:${location.pathname}`;

/** The presses that wait to be sent, oldest first. */
export function keptPresses(): string[] {
  try {
    const kept = JSON.parse(taken(place()) ?? "null") as Kept | null;
    return kept && Date.now() - kept.at < KEPT_FOR ? kept.words : [];
  } catch {
    return [];
  }
}

/** Keep these and no others. A mere question is asked again where it matters. */
export function keepPresses(words: string[]): void {
  const changing = words.filter((word) => !word.startsWith("ask:"));
  put(place(), changing.length ? JSON.stringify({ at: Date.now(), words: changing } satisfies Kept) : null);
}
