// How many are here, and how to not all ask the server in the same moment.
import { listen } from "./dom.ts";

const EACH = 2; // milliseconds for each person present
const MOST = 4_000;

let present = 1;

listen<{ count: number }>("cs:presence", ({ count }) => (present = count));

/** A random pause, longer the more people are here. */
export function jitter(): number {
  return Math.random() * Math.min(MOST, 50 + present * EACH);
}
