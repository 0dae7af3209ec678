// Live regions: boxes that say which events change them. The page itself is fetched again and only they are renewed, so the
// server's HTML is the only renderer.
import { jitter } from "./crowd.ts";
import { debounce, findAll, listen, mainPart, send } from "./dom.ts";
import { fits, names, tellsVotes, type Frame } from "./frames.ts";
import { draws, drawsPage, fetchPage, newestPage } from "./http.ts";
import { morph } from "./morph.ts";

const QUIET = 150;
const RETRY = 3_000;
/** A plugin that was late with its slot is asked so often again; one that was switched off is not asked for ever. */
const PATIENCE = 3;
/** The address of this page when it is asked: it may be another than when it was told of a change. */
const THIS_PAGE = "";
// After these the whole page may be another: what may be done, what is shown, how it is ordered.
const CHANGES_ALL = "space.changed space.phase_changed space.archived space.reopened ballot.* status.*";

/** Regions that wait to be renewed, by the address they are read from. */
const dirty = new Map<string, Set<string>>();
const timers = new Map<string, number>();
const misses = new Map<string, number>();

// Votes are no events of their own: they come as tallies. The word `votes` stands for them.
function isTouched(region: HTMLElement, frame: Frame): boolean {
  const list = region.dataset["liveOn"] ?? "";
  const idea = region.dataset["liveIdea"];
  if (list.split(" ").includes("votes") && tellsVotes(frame)) return true;
  return frame.events.some((event) => fits(event.name, list) && (!idea || names(event, idea)));
}

function mark(frame: Frame): void {
  if (frame.events.some((event) => fits(event.name, CHANGES_ALL))) return renewPageSoon();
  for (const region of findAll("[data-live-on]")) {
    if (region.id && isTouched(region, frame)) renewSoon(region);
  }
}

/** Renew this element from its page a moment from now. */
export function renewSoon(region: HTMLElement): void {
  const address = region.dataset["liveUrl"] ?? THIS_PAGE;
  const waiting = dirty.get(address) ?? new Set();
  dirty.set(address, waiting.add(region.id));
  if (timers.has(address)) return;
  const wait = Number(region.dataset["liveDelay"] ?? QUIET) + jitter();
  timers.set(address, window.setTimeout(() => void renew(address), wait));
}

async function renew(address: string): Promise<void> {
  const ids = dirty.get(address) ?? new Set();
  dirty.delete(address);
  const before = draws();
  let page: Document;
  try {
    page = await fetchPage(address || location.href);
  } catch {
    // Ask again later; what became dirty meanwhile joins.
    dirty.set(address, new Set([...ids, ...(dirty.get(address) ?? [])]));
    timers.set(address, window.setTimeout(() => void renew(address), RETRY + Math.random() * RETRY));
    return;
  }
  timers.delete(address);
  // The page was drawn anew meanwhile, perhaps at another address: this answer is older, and never overwrites a newer state.
  if (before !== draws()) findAll("[id]").forEach((region) => ids.has(region.id) && renewSoon(region));
  else {
    for (const id of ids) renewOne(id, page);
    send("cs:renewed", { ids: [...ids] });
  }
  // A frame that came while the page was on its way may have made something dirty again.
  const isWaiting = dirty.get(address)?.size && !timers.has(address);
  if (isWaiting) timers.set(address, window.setTimeout(() => void renew(address), QUIET));
}

function renewOne(id: string, page: Document): void {
  const old = document.getElementById(id);
  const fresh = page.getElementById(id);
  if (!old) return;
  const missed = fresh ? 0 : (misses.get(id) ?? 0) + 1;
  misses.set(id, missed);
  if (fresh) morph(old, fresh);
  else if (old.parentElement?.dataset["pillOn"] !== undefined) send("cs:gone", { row: old });
  else if (old.dataset["liveGone"] === "remove") old.remove();
  else if (old.dataset["liveGone"] === "page") renewMain(page);
  else if (missed <= PATIENCE) setTimeout(() => renewSoon(old), RETRY * missed);
}

/** A list that joined further pages puts them into the new page too, so that nobody loses their place. */
interface JoinsPages extends Element {
  joinInto(page: Document): Promise<void>;
}

/** What this page was about is gone: show what the server says instead. */
function renewMain(page: Document): void {
  const fresh = page.querySelector("main");
  if (fresh) morph(mainPart(), fresh);
}

/** Take the whole page anew. Answers the number the new page was read at. */
export async function renewPage(): Promise<number | null> {
  const { page } = await newestPage(() => location.href);
  const fresh = page.querySelector("main");
  if (!fresh) return null;
  drawsPage();
  for (const list of findAll<JoinsPages>("cs-infinite-list:defined")) await list.joinInto(page);
  morph(mainPart(), fresh);
  for (const id of ["bell", ...findAll(".mainnav .n[id]").map((count) => count.id)]) renewOne(id, page);
  send("cs:renewed", { ids: ["main"] });
  const seq = Number(mainPart().dataset["seq"]);
  return Number.isFinite(seq) ? seq : null;
}

const renewPageSoon = debounce(() => {
  const retry = (): number => window.setTimeout(renewPageSoon, RETRY);
  setTimeout(() => void renewPage().catch(retry), jitter());
}, QUIET);

/** Pages without a live line (those of the whole server) ask again every so many milliseconds, while somebody looks. */
function renewRegularly(): void {
  for (const region of findAll("[data-live-every]")) {
    window.setInterval(() => document.hidden || renewSoon(region), Number(region.dataset["liveEvery"]));
  }
}

/** Begin to listen. */
export function startRegions(): void {
  listen<Frame>("cs:frame", mark);
  renewRegularly();
}
