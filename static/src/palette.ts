// The palette (Ctrl or ⌘ K): everywhere one can go, everything one can do here, and ideas by their words. Places come from the
// menus of the page, which rooms and plugins fill; deeds are its keys. A combobox over a list, in a dialog.
import { html, nothing, render } from "lit";
import { debounce, find, findAll, mainPart } from "./dom.ts";
import { api, fetchPage } from "./http.ts";
import { openDialog } from "./menu.ts";
import { doable } from "./shortcuts.ts";
import { say, sayCount } from "./texts.ts";
import { announce } from "./announcer.ts";

interface Entry {
  group: string;
  title: string;
  key?: string;
  run: () => void;
}

const MOST = 8;
const WAIT = 200;

let ideas: Entry[] = [];
let words = "";
let place = 0;
let asked = 0;
let further: HTMLAnchorElement[] = [];

const go = (address: string): Entry["run"] => () => location.assign(address);

function places(): Entry[] {
  const links = [...findAll<HTMLAnchorElement>(".mainnav a, .desk .tabs a, .masthead a.menuitem, .masthead a.btn, .bottombar a"), ...further];
  const seen = new Set<string>();
  return links.flatMap((link) => {
    const copy = link.cloneNode(true) as HTMLElement;
    findAll(".n", copy).forEach((count) => count.remove());
    const title = copy.textContent?.trim() ?? "";
    if (!title || seen.has(link.href)) return [];
    seen.add(link.href);
    return [{ group: "palette.go", title, run: go(link.href) }];
  });
}

function entries(): Entry[] {
  const deeds = doable().map(([key, title, run]) => ({ group: "palette.do", title, key, run }));
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (entry: Entry): boolean => wanted.every((word) => entry.title.toLowerCase().includes(word));
  return [...places().filter(fits), ...ideas, ...deeds.filter(fits)];
}

async function lookFor(text: string): Promise<void> {
  const turn = (asked += 1);
  const space = mainPart().dataset["space"];
  if (!space || text.trim().length < 2) {
    ideas = [];
    return draw();
  }
  const query = new URLSearchParams({ q: text.trim().slice(0, 200), limit: String(MOST) });
  const found = await api<{ items: { title: string; url: string }[] }>("GET", `/spaces/${space}/ideas?${query}`).catch(() => ({ items: [] }));
  if (turn !== asked) return;
  ideas = found.items.map((idea) => ({ group: "palette.ideas", title: idea.title, run: go(idea.url) }));
  draw();
}

const lookSoon = debounce((text: string) => void lookFor(text), WAIT);

function dialogOf(): HTMLDialogElement {
  const known = document.getElementById("palette");
  if (known instanceof HTMLDialogElement) return known;
  const dialog = document.createElement("dialog");
  dialog.id = "palette";
  dialog.setAttribute("aria-label", say("palette.heading"));
  document.body.append(dialog);
  return dialog;
}

function typed(event: Event): void {
  words = (event.target as HTMLInputElement).value;
  place = 0;
  draw();
  lookSoon(words);
  announce(sayCount("palette.found", entries().length));
}

function pressed(event: KeyboardEvent): void {
  const all = entries();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    place = (place + step + all.length) % Math.max(1, all.length);
    draw();
    document.getElementById(`palette-${place}`)?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter") choose(all[place]);
  else return;
  event.preventDefault();
}

function choose(entry: Entry | undefined): void {
  if (!entry) return;
  dialogOf().close();
  entry.run();
}

function draw(): void {
  const all = entries();
  place = Math.min(place, Math.max(0, all.length - 1));
  render(
    html`<input class="input" id="palette-words" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
        aria-activedescendant=${all.length ? `palette-${place}` : nothing} aria-label=${say("palette.heading")} autocomplete="off"
        .value=${words} @input=${typed} @keydown=${pressed} />
      <ul id="palette-list" role="listbox" aria-label=${say("palette.heading")}>
        ${all.map(
          (entry, number) => html`<li id=${`palette-${number}`} role="option" aria-selected=${String(number === place)} @click=${() => choose(entry)}>
            <span>${entry.title}</span> <span class="quiet small">${entry.key ? html`<kbd>${entry.key}</kbd>` : say(entry.group)}</span>
          </li>`,
        )}
      </ul>
      ${all.length ? nothing : html`<p class="soft">${say("palette.nothing")}</p>`}`,
    dialogOf(),
  );
}

/** What rooms and plugins offer beside the menus; asked once per page. */
async function fetchFurther(): Promise<void> {
  const space = mainPart().dataset["space"];
  if (!space || further.length) return;
  const page = await fetchPage(`/spaces/${space}/palette`).catch(() => null);
  const links = page ? findAll<HTMLAnchorElement>("#palette-more a", page) : [];
  further = links.map((link) => document.adoptNode(link));
  draw();
}

function open(): void {
  [words, place, ideas] = ["", 0, []];
  draw();
  openDialog("palette");
  find("#palette-words")?.focus();
  void fetchFurther();
}

/** Begin to listen to Ctrl or ⌘ K. */
export function startPalette(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (find("dialog[open]")) return;
    event.preventDefault();
    open();
  });
}
