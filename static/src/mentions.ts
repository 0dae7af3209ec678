// An @ in a <textarea data-mentions>: people of the space are suggested below the line that is being written.
import { announce } from "./announcer.ts";
import { debounce, mainPart } from "./dom.ts";
import { api, Refused } from "./http.ts";
import { askedAt, isCalled, markOf } from "./mention-text.ts";
import type { Asked, Person } from "./mention-text.ts";
import { say, sayCount } from "./texts.ts";

const PAUSE = 180;
const GAP = 4;
const LIST = "mentions";
/** What a field's text is laid out by; a copy with the same values shows where the caret stands. */
const LAYOUT = [
  "box-sizing", "width", "padding-top", "padding-right", "padding-bottom", "padding-left", "border-top-width", "border-right-width",
  "border-bottom-width", "border-left-width", "border-style", "font", "letter-spacing", "line-height", "tab-size", "direction",
];

let field: HTMLTextAreaElement | null = null;
let list: HTMLUListElement | null = null;
let people: Person[] = [];
let chosen = 0;
let asked: Asked | null = null;
let fruitless: string | null = null;
/** Where the @ stands for which somebody closed the list: it stays closed there. */
let dismissed = -1;
/** Who may not mention anybody here is not asked for again. */
let isOff = false;

const isOpen = (): boolean => list !== null && !list.hidden;

/** Where the caret stands in the document: top and bottom of its line, and how far to the right. */
function caretOf(area: HTMLTextAreaElement, place: number): { left: number; top: number; bottom: number } {
  const style = getComputedStyle(area);
  const copy = document.createElement("div");
  for (const name of LAYOUT) copy.style.setProperty(name, style.getPropertyValue(name));
  for (const [name, value] of [["position", "absolute"], ["visibility", "hidden"], ["white-space", "pre-wrap"], ["overflow-wrap", "break-word"]] as const) {
    copy.style.setProperty(name, value);
  }
  const caret = document.createElement("span");
  caret.textContent = "@";
  copy.append(area.value.slice(0, place), caret);
  document.body.append(copy);
  const box = area.getBoundingClientRect();
  const top = box.top + caret.offsetTop - area.scrollTop;
  const spot = { left: box.left + caret.offsetLeft, top, bottom: top + caret.offsetHeight };
  copy.remove();
  return spot;
}

function place(area: HTMLTextAreaElement, box: HTMLElement): void {
  const caret = caretOf(area, asked?.from ?? area.selectionStart);
  const around = area.getBoundingClientRect();
  const view = visualViewport;
  const [from, to] = [view?.offsetTop ?? 0, (view?.offsetTop ?? 0) + (view?.height ?? innerHeight)];
  box.style.setProperty("max-width", `${around.width}px`);
  const isAbove = caret.bottom + GAP + box.offsetHeight > to && caret.top - GAP - box.offsetHeight >= from;
  const origin = (box.offsetParent ?? document.documentElement).getBoundingClientRect();
  const left = Math.max(around.left, Math.min(caret.left, around.right - box.offsetWidth));
  box.style.setProperty("left", `${left - origin.left}px`);
  box.style.setProperty("top", `${(isAbove ? caret.top - GAP - box.offsetHeight : caret.bottom + GAP) - origin.top}px`);
}

function makeList(): HTMLUListElement {
  if (list?.isConnected) return list;
  list = document.createElement("ul");
  list.id = LIST;
  list.className = "pop mentions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", say("mentions.list"));
  // Held down on a name, the focus stays in the text.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = (event.target as Element).closest<HTMLElement>("[role=option]");
    if (option) accept(Number(option.dataset["place"]));
  });
  mainPart().append(list);
  return list;
}

function mark(next: number): void {
  chosen = (next + people.length) % people.length;
  for (const [number, option] of [...(list?.children ?? [])].entries()) {
    option.setAttribute("aria-selected", String(number === chosen));
    if (number === chosen) option.scrollIntoView({ block: "nearest" });
  }
  field?.setAttribute("aria-activedescendant", `${LIST}-${chosen}`);
}

function open(area: HTMLTextAreaElement): void {
  const box = makeList();
  box.replaceChildren(
    ...people.map((person, number) => {
      const option = document.createElement("li");
      option.id = `${LIST}-${number}`;
      option.className = "menuitem";
      option.dataset["place"] = String(number);
      option.setAttribute("role", "option");
      const name = document.createElement("bdi");
      name.textContent = person.name;
      option.append(name);
      return option;
    }),
  );
  const wasOpen = isOpen();
  box.hidden = false;
  area.setAttribute("aria-controls", LIST);
  place(area, box);
  mark(0);
  if (!wasOpen) announce(sayCount("mentions.found", people.length), true);
}

function close(): void {
  asked = null;
  if (list) list.hidden = true;
  for (const name of ["aria-controls", "aria-activedescendant"]) field?.removeAttribute(name);
}

function accept(number: number): void {
  const person = people[number];
  if (!field || !asked || !person) return;
  const [area, words] = [field, markOf(person)];
  const end = asked.from + asked.words.length + 1;
  const hasSpace = area.value[end] === " ";
  area.setRangeText(hasSpace ? words.trimEnd() : words, asked.from, end, "end");
  if (hasSpace) area.setSelectionRange(area.selectionStart + 1, area.selectionStart + 1);
  close();
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function look(): Promise<void> {
  const area = field;
  const now = area && document.activeElement === area ? askedAt(area.value, area.selectionStart) : null;
  if (!area || !now || isOff || now.from === dismissed || (fruitless !== null && now.words.startsWith(fruitless))) return close();
  const space = /^\/spaces\/([^/]+)/.exec(location.pathname)?.[1];
  if (!space) return;
  try {
    const found = await api<{ items: Person[] }>("GET", `/spaces/${space}/people?q=${encodeURIComponent(now.words)}`);
    const later = document.activeElement === area ? askedAt(area.value, area.selectionStart) : null;
    if (later?.from !== now.from || later.words !== now.words) return;
    people = found.items;
    fruitless = people.length ? null : now.words;
    if (!people.length) return close();
    asked = now;
    open(area);
  } catch (error) {
    // Suggestions are a help, not a condition: without an answer the text simply goes on.
    isOff = error instanceof Refused && [401, 403, 404].includes(error.problem.status);
    close();
  }
}

/** What is typed while the list is open counts at once: a key pressed before the answer comes takes nobody else. */
function narrow(area: HTMLTextAreaElement, now: Asked | null): void {
  const left = now ? people.filter((person) => isCalled(person, now.words)) : [];
  if (!left.length) return close();
  const isOther = left.length !== people.length;
  [asked, people] = [now, left];
  if (isOther) open(area);
}

const lookSoon = debounce(() => void look(), PAUSE);

function typed(event: Event): void {
  const area = event.target;
  if (!(area instanceof HTMLTextAreaElement) || area.dataset["mentions"] === undefined) return;
  if (field !== area) close();
  field = area;
  // A field of many lines may not be a combobox by HTML, so it has no `aria-expanded`: the voice says that the list came.
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  const now = askedAt(area.value, area.selectionStart);
  if (fruitless !== null && !now?.words.startsWith(fruitless)) fruitless = null;
  if (now?.from !== dismissed) dismissed = -1;
  if (isOpen()) narrow(area, now);
  lookSoon();
}

function key(event: KeyboardEvent): void {
  if (!isOpen() || event.target !== field || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown") mark(chosen + 1);
  else if (event.key === "ArrowUp") mark(chosen - 1);
  else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) accept(chosen);
  else if (event.key === "Escape") {
    dismissed = asked?.from ?? -1;
    close();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Begin to listen to what is typed. */
export function startMentions(): void {
  document.addEventListener("input", typed);
  document.addEventListener("keydown", key, { capture: true });
  document.addEventListener("focusout", (event) => event.target === field && close());
  document.addEventListener("selectionchange", () => {
    if (isOpen() && field && askedAt(field.value, field.selectionStart)?.from !== asked?.from) close();
  });
  addEventListener("resize", () => isOpen() && field && list && place(field, list));
}
