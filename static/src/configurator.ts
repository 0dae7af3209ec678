// <cs-configurator>: answers each press at once and lets the server decide. The page is drawn by the server alone; what a
// press is known to mean (my choice, my no) shows before the answer, what follows from it only with the answer.
import { Aim } from "./aim.ts";
import { announce } from "./announcer.ts";
import { find, findAll, listen } from "./dom.ts";
import { parsePage, Refused, Unreachable } from "./http.ts";
import { morph } from "./morph.ts";
import { say } from "./texts.ts";
import { toast } from "./toasts.ts";
import { keepPresses, keptPresses } from "./unsent-presses.ts";

const SPOKEN_AFTER = 600;
const SLOW = 300;
/** Answers of a gateway that does not reach the server: as good as none. */
const NO_LINE = [502, 503, 504];

/** States of an option that somebody decided, and those that a press changes at once. */
const DECIDED = ["mine", "refused", "theirs", "denied", "contested"];
const OPEN_STATES = ["free", "mine", "refused", "theirs", "denied"];

interface Deed {
  /** What the server is told (`on:frame-s`). */
  word: string;
  /** The version of the draft that was shown when it was pressed. */
  seen: string;
  /** Where the focus goes once the answer is drawn, if anywhere else than where it is. */
  focus?: string;
}

/** The option a deed is about. */
function optionOf(word: string): string {
  return word.split(":")[1] ?? "";
}

export class Configurator extends HTMLElement {
  private waiting: Deed[] = [];
  private isSending = false;
  /** Some of what waits was pressed before the page was loaded. */
  private isLate = false;
  /** The version of the draft that somebody else brought about, and the last edit of theirs that was told. */
  private wanted = 0;
  private told = "";
  private spoken = "";
  private speakTimer = 0;
  private slowTimer = 0;
  private readonly aim = new Aim();
  private stops: (() => void)[] = [];

  connectedCallback(): void {
    this.spoken = this.dataset["spoken"] ?? "";
    this.told = this.dataset["toldNumber"] ?? "";
    this.addEventListener("click", this.pressed, true);
    this.addEventListener("change", this.changed);
    this.addEventListener("keydown", this.key);
    // Buttons outside of the form's element belong to it too, so the form says what was pressed.
    document.addEventListener("submit", this.submitted);
    this.stops = [
      listen<{ online: boolean }>("cs:online", ({ online }) => online && void this.send()),
      listen<{ version: number }>("cs:draft-moved", ({ version }) => this.moved(version)),
    ];
    if (!this.waiting.length) this.takeUp(keptPresses());
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.pressed, true);
    this.removeEventListener("change", this.changed);
    this.removeEventListener("keydown", this.key);
    document.removeEventListener("submit", this.submitted);
    this.stops.forEach((stop) => stop());
    clearTimeout(this.speakTimer);
    clearTimeout(this.slowTimer);
  }

  private get form(): HTMLFormElement | null {
    return find<HTMLFormElement>("#desk", this);
  }

  /** The page was fetched anew (a frame came): what is on its way is answered after it, what was answered meanwhile is newer. */
  takeServer(fresh: HTMLElement): void {
    if (this.isSending || this.waiting.length) return;
    if (Number(fresh.dataset["version"]) < Number(this.dataset["version"])) return;
    this.renew(fresh);
  }

  /** Somebody else changed the draft: look at it anew, with the ways out that are open here; a press on its way does that. */
  private moved(version: number): void {
    this.wanted = Math.max(this.wanted, version);
    if (this.isSending || this.waiting.length || this.wanted <= Number(this.dataset["version"])) return;
    const open = find(".repair", this)?.closest<HTMLElement>(".option")?.dataset["option"] ?? "";
    this.do({ word: `ask:${open}` });
  }

  // --- What is pressed ------------------------------------------------------------------------------------------------

  /** A reason that appears moves what stands below it: a press on its way there still goes to what it was aimed at. */
  private pressed = (event: MouseEvent): void => {
    const aimed = this.aim.of(event);
    if (aimed === null) return;
    event.preventDefault();
    event.stopPropagation();
    aimed?.click();
  };

  private changed = (event: Event): void => {
    const field = event.target;
    if (field instanceof HTMLSelectElement && field.dataset["list"] !== undefined) {
      return this.do({ word: field.value ? `on:${field.value}` : `open:${this.firstChosen(field)}` });
    }
    if (!(field instanceof HTMLInputElement) || !field.closest(".option")) return;
    const state = field.closest<HTMLElement>("cs-option")?.getAttribute("state");
    const option = field.value;
    if (state === "blocked" || state === "contested") {
      this.undraw();
      return this.do({ word: `ask:${option}`, focus: "#repair-h" });
    }
    if (state === "follows") {
      // It came with something else: to be rid of it is a repair too.
      this.undraw();
      return this.do({ word: `off:${option}`, focus: "#repair-h" });
    }
    this.do({ word: field.checked ? `on:${option}` : `open:${option}` });
  };

  private firstChosen(field: HTMLSelectElement): string {
    return [...field.options].find((option) => option.defaultSelected)?.value ?? "";
  }

  private submitted = (event: Event): void => {
    const button = (event as SubmitEvent).submitter;
    if (event.target !== this.form || !(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const word = button.value;
    if (word === "apply") return;
    const asked = word.startsWith("ask:") && word.length > 4;
    const option = button.closest<HTMLElement>(".option")?.dataset["option"];
    const inRepair = button.closest(".repair") !== null;
    const back = option && (inRepair || button.matches(".o-no")) ? `#${CSS.escape(`o-${option}`)}` : undefined;
    const focus = asked ? "#repair-h" : back;
    this.do(focus ? { word, focus } : { word });
  };

  private key = (event: KeyboardEvent): void => {
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    if (isUndo && !this.isTyping(event.target)) {
      event.preventDefault();
      return this.do({ word: event.shiftKey ? "redo" : "undo" });
    }
    const row = (event.target as Element).closest<HTMLElement>(".option");
    const option = row?.dataset["option"];
    if (!row || !option) return;
    if (event.key === "Escape" && find(".repair", row)) {
      event.preventDefault();
      return this.do({ word: "ask:", focus: `#${CSS.escape(`o-${option}`)}` });
    }
    if (!(event.target instanceof HTMLInputElement)) return;
    const state = row.closest("cs-option")?.getAttribute("state");
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.do({ word: DECIDED.includes(state ?? "") ? `open:${option}` : `off:${option}` });
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (state === "blocked" || state === "contested") this.do({ word: `ask:${option}`, focus: "#repair-h" });
    } else if (/^Arrow(Up|Down|Left|Right)$/.test(event.key)) {
      // Arrows walk over the options and choose nothing: each choice changes what the others may be.
      event.preventDefault();
      this.walk(event.target, /Down|Right/.test(event.key) ? 1 : -1);
    }
  };

  private isTyping(target: EventTarget | null): boolean {
    return target instanceof HTMLInputElement && !["radio", "checkbox"].includes(target.type);
  }

  private walk(field: HTMLInputElement, step: number): void {
    const fields = findAll<HTMLInputElement>(".option > input", this);
    fields[fields.indexOf(field) + step]?.focus();
  }

  /** Go on with what could not be sent before the page was left. */
  private takeUp(words: string[]): void {
    this.isLate = words.length > 0;
    this.waiting = words.map((word) => ({ word, seen: this.dataset["version"] ?? "" }));
    words.forEach((word) => this.foretell(word));
    if (this.isLate) void this.send();
  }

  private keep(): void {
    keepPresses(this.waiting.map((deed) => deed.word));
  }

  // --- What is shown at once --------------------------------------------------------------------------------------------

  private do(deed: Omit<Deed, "seen">): void {
    this.waiting.push({ ...deed, seen: this.dataset["version"] ?? "" });
    this.keep();
    this.foretell(deed.word);
    void this.send();
  }

  /** Show what is certain: what I chose or ruled out is mine. What follows waits for the server. */
  private foretell(word: string): void {
    const row = find(`#${CSS.escape(`row-${optionOf(word)}`)}`, this);
    const state = row?.closest("cs-option")?.getAttribute("state");
    row?.classList.add("asked");
    if (!row || !OPEN_STATES.includes(state ?? "")) return;
    if (word.startsWith("on:") && state === "free") row.classList.replace("free", "mine");
    else if (word.startsWith("off:") && state === "free") row.classList.replace("free", "refused");
    else if (word.startsWith("open:")) row.classList.replace(state ?? "", "free");
    const input = find<HTMLInputElement>("input", row);
    if (word.startsWith("open:") && input) input.checked = false;
  }

  /** Fields as the server drew them. */
  private undraw(): void {
    for (const field of findAll<HTMLInputElement>(".option > input", this)) field.checked = field.defaultChecked;
    for (const option of findAll<HTMLOptionElement>("select[data-list] option", this)) option.selected = option.defaultSelected;
  }

  // --- Asking the server ------------------------------------------------------------------------------------------------

  private async send(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    this.slowTimer = window.setTimeout(() => this.toggleAttribute("busy", true), SLOW);
    let focus: string | undefined;
    let page: Document | null = null;
    try {
      while (this.waiting.length) {
        const deed = this.waiting[0] as Deed;
        page = await this.post(deed);
        this.waiting.shift();
        this.keep();
        focus = deed.focus ?? focus;
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.isSending = false;
      clearTimeout(this.slowTimer);
      this.removeAttribute("busy");
    }
    if (page) this.show(page, focus);
    this.moved(this.wanted);
  }

  private async post({ word, seen }: Deed): Promise<Document> {
    const form = this.form;
    const fields = new URLSearchParams({ csrf_token: form ? this.token(form) : "", do: word, seen });
    let response: Response;
    try {
      response = await fetch(form?.action ?? location.href, {
        method: "POST",
        body: fields,
        credentials: "same-origin",
        headers: { Accept: "text/html", "X-Refresh": "1" },
      });
    } catch (error) {
      throw new Unreachable(String(error));
    }
    if (NO_LINE.includes(response.status)) throw new Unreachable(response.statusText);
    if (response.redirected || !response.ok) {
      throw new Refused({ code: "", status: response.status, detail: say("configurator.refused"), retryAfter: null });
    }
    return parsePage(await response.text());
  }

  private token(form: HTMLFormElement): string {
    return find<HTMLInputElement>('input[name="csrf_token"]', form)?.value ?? "";
  }

  private failed(error: unknown): void {
    if (error instanceof Unreachable) {
      // Choices made without a line are kept in their order and sent when it is back.
      return toast({ text: say("configurator.unsent"), kind: "configurator" });
    }
    this.waiting = [];
    this.keep();
    toast({ text: error instanceof Refused ? error.problem.detail : String(error), kind: "configurator" });
    setTimeout(() => location.reload(), 1_500);
  }

  // --- The answer -------------------------------------------------------------------------------------------------------

  private show(page: Document, focus?: string): void {
    const fresh = page.getElementById(this.id);
    if (!fresh) return location.reload();
    this.renew(fresh);
    if (this.isLate) toast({ text: say("configurator.resent"), kind: "configurator.resent" });
    this.isLate = false;
    for (const told of findAll("cs-toasts .toast", page)) {
      const words = told.textContent?.trim() ?? "";
      const undo = find<HTMLButtonElement>('button[value="undo"]:not([disabled])', this);
      const action = { label: say("toast.undo"), run: () => this.do({ word: "undo" }) };
      toast({ text: words, kind: "configurator", ...(undo ? { action } : {}) });
    }
    if (focus) (find(focus, this) ?? (focus === "#repair-h" ? null : this.form))?.focus();
    this.speakSoon();
    this.tellOthers();
  }

  private renew(fresh: Element): void {
    // Fields are as the server says, whatever was pressed meanwhile: the answer to that comes next.
    this.undraw();
    this.aim.remember(findAll(".option", this));
    const inner = document.createElement(this.tagName);
    for (const { name, value } of [...fresh.attributes]) this.setAttribute(name, value);
    if (!fresh.hasAttribute("data-told-lost")) this.removeAttribute("data-told-lost");
    inner.replaceChildren(...fresh.childNodes);
    this.morphChildren(inner);
    this.undraw();
  }

  private morphChildren(inner: Element): void {
    const [old, fresh] = [[...this.children], [...inner.children]];
    const match = (element: Element): Element | undefined =>
      fresh.find((other) => other.tagName === element.tagName && other.className === element.className && other.id === element.id);
    for (const element of old) {
      const now = match(element);
      if (now) fresh.splice(fresh.indexOf(now), 1, element), morph(element, now);
      else element.remove();
    }
    fresh.forEach((element, place) => this.children[place] !== element && !element.isConnected && this.insertBefore(element, this.children[place] ?? null));
  }

  /** What somebody else did: said once; shown where it took the place of a choice of mine. */
  private tellOthers(): void {
    const { told = "", toldNumber = "", toldLost } = this.dataset;
    if (toldNumber === this.told) return;
    const isNewer = Number(toldNumber) > Number(this.told);
    this.told = toldNumber;
    if (!isNewer || !told) return;
    if (toldLost === undefined) announce(told);
    else toast({ text: told, kind: "company" });
  }

  /** One sentence for the ear, a moment after the last change. */
  private speakSoon(): void {
    const now = this.dataset["spoken"] ?? "";
    if (now === this.spoken) return;
    clearTimeout(this.speakTimer);
    this.speakTimer = window.setTimeout(() => {
      this.spoken = this.dataset["spoken"] ?? "";
      announce(this.spoken, true);
    }, SPOKEN_AFTER);
  }
}

customElements.define("cs-configurator", Configurator);

