// Drafts: what is typed into a form with `data-draft` is kept in this browser until the server has stored it.
import { find, findAll, mainPart } from "./dom.ts";
import { clear, put, taken } from "./shelf.ts";
import { say } from "./texts.ts";

const PREFIX = "codesign:draft:";
const PAUSE = 400;
const KEPT_FOR = 30 * 86_400_000;

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
interface Draft {
  at: number;
  values: Record<string, string>;
}

function fieldsOf(form: HTMLFormElement): Field[] {
  const unkept = ["hidden", "password", "file", "submit", "button", "radio", "checkbox"];
  return [...form.elements].filter(
    (element): element is Field =>
      (element instanceof HTMLInputElement && !unkept.includes(element.type)) ||
      element instanceof HTMLTextAreaElement ||
      element instanceof HTMLSelectElement,
  );
}

function read(name: string): Draft | null {
  try {
    const draft = JSON.parse(taken(PREFIX + name) ?? "null") as Draft | null;
    return draft && Date.now() - draft.at < KEPT_FOR ? draft : null;
  } catch {
    return null;
  }
}

function write(name: string, form: HTMLFormElement): boolean {
  // After a refusal the server draws what was typed: that is not stored yet either.
  const isRefused = find("#error-summary", form) !== null;
  const changed = fieldsOf(form).filter((field) => field.name && field.value.trim() && (isRefused || !isAsDrawn(field)));
  const values = Object.fromEntries(changed.map((field) => [field.name, field.value]));
  const isKept = put(PREFIX + name, changed.length ? JSON.stringify({ at: Date.now(), values }) : null);
  return isKept && changed.length > 0;
}

function isAsDrawn(field: Field): boolean {
  if (field instanceof HTMLSelectElement) return [...field.options].every((option) => option.selected === option.defaultSelected);
  return field.value === field.defaultValue;
}

function restore(name: string, form: HTMLFormElement): boolean {
  const draft = read(name);
  if (!draft) return false;
  let restored = false;
  for (const field of fieldsOf(form)) {
    const value = draft.values[field.name];
    // What the server drew into the field (after a refusal, say) is newer than the draft.
    if (value === undefined || !isAsDrawn(field) || (!(field instanceof HTMLSelectElement) && field.value)) continue;
    field.value = value;
    restored = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return restored;
}

function tell(form: HTMLFormElement, isKept: boolean): void {
  const state = find("[data-draft-state]", form);
  if (state) state.textContent = isKept ? say("draft.kept") : "";
}

function attach(form: HTMLFormElement): void {
  const name = form.dataset["draft"];
  if (!name || form.dataset["busy"] === "draft") return;
  form.dataset["busy"] = "draft";
  let timer = 0;
  const save = (): void => {
    clearTimeout(timer);
    tell(form, write(name, form));
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", save);
  addEventListener("pagehide", save);
  if (restore(name, form)) tell(form, true);
}

/** Begin to keep drafts; forget the one the server says it stored. */
export function startDrafts(): void {
  const stored = mainPart().dataset["draftDone"];
  if (stored) put(PREFIX + stored, null);
  findAll<HTMLFormElement>("form[data-draft]").forEach(attach);
  document.addEventListener("cs:renewed", () => findAll<HTMLFormElement>("form[data-draft]").forEach(attach));
  // Whoever signs out leaves nothing behind on a shared computer.
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLElement;
    if (form.matches("[data-clears-drafts]")) {
      clear("codesign:");
    }
  });
}
