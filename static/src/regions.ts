// Live regions: boxes that say which events change them. The page itself is fetched again and only they are renewed, so the
// server's HTML is the only renderer.
import { findAll, listen, mainPart, send } from "./dom.ts";
import { fits, names, type Frame, type LiveEvent } from "./frames.ts";
import { fetchPage } from "./http.ts";
import { morph } from "./morph.ts";

const QUIET = 150;
const RETRY = 3_000;
const JITTER_EACH = 2; // milliseconds for each person present, so that a thousand screens do not ask at once
const MOST_JITTER = 4_000;

let present = 1;
const dirty = new Map<string, Set<string>>();
const timers = new Map<string, number>();

function isTouched(region: HTMLElement, events: LiveEvent[]): boolean {
  const list = region.dataset["liveOn"] ?? "";
  const idea = region.dataset["liveIdea"];
  return events.some((event) => fits(event.name, list) && (!idea || names(event, idea)));
}

function mark(frame: Frame): void {
  if (!frame.events.length) return;
  for (const region of findAll("[data-live-on]")) {
    if (region.id && isTouched(region, frame.events)) renewSoon(region);
  }
}

/** Renew this element from its page a moment from now. */
export function renewSoon(region: HTMLElement): void {
  const address = region.dataset["liveUrl"] ?? location.href;
  const waiting = dirty.get(address) ?? new Set();
  dirty.set(address, waiting.add(region.id));
  if (timers.has(address)) return;
  const wait = Number(region.dataset["liveDelay"] ?? QUIET) + Math.random() * Math.min(MOST_JITTER, 50 + present * JITTER_EACH);
  timers.set(address, window.setTimeout(() => void renew(address), wait));
}

async function renew(address: string): Promise<void> {
  const ids = dirty.get(address) ?? new Set();
  dirty.delete(address);
  let page: Document;
  try {
    page = await fetchPage(address);
  } catch {
    // Ask again later; what became dirty meanwhile joins.
    dirty.set(address, new Set([...ids, ...(dirty.get(address) ?? [])]));
    timers.set(address, window.setTimeout(() => void renew(address), RETRY + Math.random() * RETRY));
    return;
  }
  timers.delete(address);
  for (const id of ids) renewOne(id, page);
  send("cs:renewed", { ids: [...ids] });
  // A frame that came while the page was on its way may have made something dirty again.
  const again = dirty.get(address);
  if (again?.size) timers.set(address, window.setTimeout(() => void renew(address), QUIET));
}

function renewOne(id: string, page: Document): void {
  const old = document.getElementById(id);
  const fresh = page.getElementById(id);
  if (!old) return;
  if (fresh) morph(old, fresh);
  else if (old.parentElement?.dataset["pillOn"] !== undefined) send("cs:gone", { row: old });
  else if (old.dataset["liveGone"] === "remove") old.remove();
}

/** Take the whole page anew (after a reset). Answers the number the new page was read at. */
export async function renewPage(): Promise<number | null> {
  const page = await fetchPage(location.href);
  const fresh = page.querySelector("main");
  if (!fresh) return null;
  const main = mainPart();
  morph(main, fresh);
  for (const id of ["bell"]) renewOne(id, page);
  send("cs:renewed", { ids: ["main"] });
  const seq = Number(mainPart().dataset["seq"]);
  return Number.isFinite(seq) ? seq : null;
}

/** Begin to listen. */
export function startRegions(): void {
  listen<Frame>("cs:frame", mark);
  listen<{ count: number }>("cs:presence", ({ count }) => (present = count));
}
