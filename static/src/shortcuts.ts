// Single keys: / search, c new idea, j k move, v vote, . show what is new, p pause, ? this list. They can be switched off.
import { html, render } from "lit";
import { announce } from "./announcer.ts";
import { find, findAll, isTyping, send } from "./dom.ts";
import { live } from "./live.ts";
import { openDialog } from "./menu.ts";
import { put, taken } from "./shelf.ts";
import { say } from "./texts.ts";

const OFF = "codesign:keys-off";
const PAUSED = "codesign:paused";

const KEYS: [string, string][] = [
  ["/", "keys.search"],
  ["c", "keys.new"],
  ["j", "keys.next"],
  ["k", "keys.previous"],
  ["v", "keys.vote"],
  ["m", "keys.comment"],
  [".", "keys.load"],
  ["p", "keys.pause"],
  ["?", "keys.help"],
];

const isOff = (): boolean => taken(OFF) === "1";

function rows(): HTMLElement[] {
  return findAll(".idea:not([hidden])");
}

function currentRow(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>(".idea") ?? null;
}

function move(step: 1 | -1): void {
  const all = rows();
  const current = currentRow();
  const place = current ? all.indexOf(current) + step : step === 1 ? 0 : all.length - 1;
  const row = all[place];
  const title = row && (find("h2 a, h3 a", row) ?? find("a", row));
  title?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function vote(): void {
  const place = currentRow() ?? find("main .head");
  find<HTMLButtonElement>("cs-vote-button button[data-choice='1']:not([disabled])", place ?? document)?.click();
}

function search(): void {
  const field = findAll<HTMLInputElement>("input[type=search]").find((input) => input.offsetParent !== null);
  if (field) {
    field.focus();
    field.select();
  } else find<HTMLAnchorElement>(".findlink")?.click();
}

/** Pause live changes, or go on; remembered. */
function pause(paused: boolean, isTold = true): void {
  live.pause(paused);
  put(PAUSED, paused ? "1" : "");
  findAll("[data-pauses]").forEach((button) => button.setAttribute("aria-pressed", String(paused)));
  document.body.toggleAttribute("data-paused", paused);
  if (isTold) announce(say(paused ? "announce.paused" : "announce.resumed"), true);
}

const deeds: Record<string, () => void> = {
  "/": search,
  c: () => find<HTMLAnchorElement>("[data-key=new], .bottombar .make")?.click(),
  j: () => move(1),
  k: () => move(-1),
  v: vote,
  m: () => find("textarea[name=body]")?.focus(),
  ".": () => send("cs:load", null),
  p: () => pause(!live.paused),
  "?": () => showKeys(),
};

/** Keys of one kind of page, each with the name of its sentence; they go before those of every page. */
export function addKeys(keys: [string, string, () => void][]): void {
  for (const [key, text, deed] of keys) {
    deeds[key] = deed;
    const known = KEYS.find(([name]) => name === key);
    if (known) known[1] = text;
    else KEYS.push([key, text]);
  }
}

/** What the keys of this page do: key, sentence, deed. */
export function doable(): [string, string, () => void][] {
  return KEYS.flatMap(([key, text]) => (deeds[key] ? [[key, say(text), deeds[key]] as [string, string, () => void]] : []));
}

function pressed(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
  if (isTyping(event.target as Element) || find("dialog[open]") || (isOff() && event.key !== "?")) return;
  const deed = deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
}

function showKeys(): void {
  let dialog = document.getElementById("keys");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.id = "keys";
    dialog.setAttribute("aria-labelledby", "keys-heading");
    document.body.append(dialog);
  }
  const flip = (): void => {
    put(OFF, isOff() ? "" : "1");
    showKeys();
  };
  render(
    html`<h2 id="keys-heading">${say("keys.heading")}</h2>
      <dl class="keylist">${KEYS.map(([key, text]) => html`<dt><kbd>${key}</kbd></dt><dd>${say(text)}</dd>`)}</dl>
      <p class="actions">
        <button class="btn" type="button" aria-pressed=${String(isOff())} @click=${flip}>${say(isOff() ? "keys.on" : "keys.off")}</button>
        <button class="btn primary" type="button" data-closes>${say("dialog.close")}</button>
      </p>`,
    dialog,
  );
  openDialog("keys");
}

/** Begin to listen to keys. */
export function startKeys(): void {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-opens=keys]")) showKeys();
    if (target.closest("[data-pauses]")) pause(!live.paused);
  });
  if (taken(PAUSED) === "1") pause(true, false);
}
