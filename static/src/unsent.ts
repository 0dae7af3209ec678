// Votes that did not reach the server yet, kept over a reload of the page.
import type { Choice } from "./ballot.ts";
import { meta } from "./dom.ts";
import { put, taken } from "./shelf.ts";

// By person: what one did not get through must not become the vote of who signs in next.
const place = (): string => `codesign:unsent:${meta("viewer")}`;

function read(): Record<string, Choice> {
  try {
    return JSON.parse(taken(place()) ?? "{}") as Record<string, Choice>;
  } catch {
    return {};
  }
}

function write(votes: Record<string, Choice>): void {
  // Where the browser keeps nothing, the vote lives as long as the page.
  put(place(), Object.keys(votes).length ? JSON.stringify(votes) : null);
}

/** Remember a wish for an idea. */
export function keep(idea: string, wish: Choice): void {
  write({ ...read(), [idea]: wish });
}

/** The wish kept for an idea, or undefined. */
export function kept(idea: string): Choice | undefined {
  return read()[idea];
}

/** The wish arrived or was refused. */
export function forget(idea: string): void {
  const votes = read();
  if (!(idea in votes)) return;
  delete votes[idea];
  write(votes);
}
