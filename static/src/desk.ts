// <cs-desk>: the desk by keyboard, and without leaving the page. Every change is a form of the page, sent as it stands; the
// server's answer is the only renderer. Rows are renewed in place and never jump: one that left the list stays, struck, until
// the list is loaded anew.
import { announce } from "./announcer.ts";
import { editCell, leaveCells } from "./desk-cells.ts";
import { Running } from "./desk-running.ts";
import { debounce, find, findAll, isTyping, listen } from "./dom.ts";
import { draws, drawsPage, newestPage, sendForm } from "./http.ts";
import { live, type Frame } from "./live.ts";
import { isChanged, morph } from "./morph.ts";
import { short } from "./numbers.ts";
import { addKeys } from "./shortcuts.ts";
import { say, sayCount } from "./texts.ts";
import { toast } from "./toasts.ts";
import { keepTyped } from "./typed.ts";

const UNDO_STAYS = 30_000;
const PANEL_WAIT = 180;
/** A row of the table or a card of the board, and the link in it that opens its idea. */
const ROW = "#rows > tr, #board .bcard";
const TITLE = "th a, h4 a";
/** The number of the log a form showed when a person began with it: a live change must not make it look newer. */
const begun = new WeakMap<HTMLFormElement, string>();

class Desk extends HTMLElement {
  private last: HTMLInputElement | null = null;
  private opening = 0;
  private isReaching = false;
  /** What is on its way to the server: only with its answer it can be taken back. */
  private sending: Promise<unknown> = Promise.resolve();
  private stop: () => void = () => undefined;
  private running = new Running(() => void this.arrived());

  connectedCallback(): void {
    this.toggleAttribute("data-ready", true);
    const all = find<HTMLInputElement>("[data-all]", this);
    if (all) all.hidden = false;
    findAll("[data-clear]", this).forEach((button) => (button.hidden = false));
    document.addEventListener("submit", this.submitted);
    this.addEventListener("click", this.clicked);
    this.addEventListener("change", this.changed);
    this.addEventListener("focusin", this.begins);
    this.addEventListener("keydown", this.key);
    const stops = [listen("cs:renewed", () => this.count()), listen<Frame>("cs:frame", (frame) => this.tally(frame))];
    this.stop = () => stops.forEach((stop) => stop());
    this.keys([
      ["j", "desk.key.next", () => this.move(1)],
      ["k", "desk.key.previous", () => this.move(-1)],
      ["o", "desk.key.open", () => void this.open(this.current, true)],
      ["x", "desk.key.select", () => this.toggle()],
      ["s", "desk.key.status", () => void this.reach("#bulk-status", "#p-status")],
      ["t", "desk.key.tag", () => void this.reach("#bulk-tag", "#p-tags")],
      ["i", "desk.key.assign", () => void this.reach("#bulk-owner", "#p-owner")],
      ["m", "desk.key.merge", () => void this.reach("#bulk [value=merge]", "#merge [data-merge], #merge form .primary, #find-target")],
      ["a", "desk.key.answer", () => void this.reach("#bulk-answer", "#answer")],
      ["e", "desk.key.read", () => void this.read()],
      ["z", "desk.key.undo", () => void this.sending.then(() => find<HTMLFormElement>("form[data-undo]")?.requestSubmit())],
      ["/", "desk.key.search", () => find("#desk-q")?.focus()],
      ["Escape", "desk.key.close", () => this.leave()],
    ]);
    this.count();
  }

  disconnectedCallback(): void {
    document.removeEventListener("submit", this.submitted);
    this.stop();
    this.running.stop();
  }

  /** Keys pressed while an idea is being opened for one of them would do something else than was meant. */
  private keys(keys: [string, string, () => void][]): void {
    addKeys(keys.map(([key, text, deed]) => [key, text, () => this.isReaching || deed()]));
  }

  // --- Rows -----------------------------------------------------------------------------------------------------------

  private get rows(): HTMLElement[] {
    return findAll(ROW, this);
  }

  private get ticks(): HTMLInputElement[] {
    return findAll<HTMLInputElement>("#rows input[name=idea]", this);
  }

  private get picked(): number {
    return this.ticks.filter((tick) => tick.checked).length;
  }

  /** The row under the focus, else the open one. */
  private get chosen(): HTMLElement | null {
    return document.activeElement?.closest<HTMLElement>(ROW) ?? this.rows.find((row) => row.matches(".open")) ?? null;
  }

  /** The row at hand: the chosen one, else the first. */
  private get current(): HTMLElement | null {
    return this.chosen ?? this.rows[0] ?? null;
  }

  /** Counts move in their places. */
  private tally(frame: Frame): void {
    for (const [idea, votes] of Object.entries(frame.tallies)) {
      const shown = find(`#row-${idea} [data-votes]`, this);
      if (shown) shown.textContent = short(votes.up - votes.down + votes.imported_up - votes.imported_down);
    }
  }

  private move(step: 1 | -1): void {
    const rows = this.rows;
    const place = this.chosen ? rows.indexOf(this.chosen) + step : step === 1 ? 0 : rows.length - 1;
    const row = rows[place];
    if (!row) return;
    find(TITLE, row)?.focus();
    row.scrollIntoView({ block: "nearest" });
    if (find("#open-idea")) this.openSoon(row);
  }

  private openSoon = debounce((row: HTMLElement) => void this.open(row, true), PANEL_WAIT);

  private toggle(): void {
    const tick = this.current && find<HTMLInputElement>("input[name=idea]", this.current);
    if (!tick) return;
    tick.checked = !tick.checked;
    this.last = tick;
    this.count();
  }

  private count(): void {
    for (const tick of this.ticks) tick.closest("tr")?.toggleAttribute("data-selected", tick.checked);
    const [bulk, words, picked] = [find("#bulk", this), find("#bulk [data-count]", this), this.picked];
    bulk?.toggleAttribute("data-on", picked > 0);
    if (words && picked && words.textContent !== sayCount("desk.selected", picked)) {
      words.textContent = sayCount("desk.selected", picked);
      announce(words.textContent, true);
    }
  }

  private changed = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    if (field.matches("[data-all]")) this.ticks.forEach((tick) => (tick.checked = field.checked));
    if (field.matches("[data-all], input[name=idea]")) this.count();
  };

  private clicked = (event: MouseEvent): void => {
    const target = event.target as Element;
    if (target.closest("[data-clear]")) return this.leave();
    const cell = target.closest<HTMLAnchorElement>("a[data-edit]");
    if (cell && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button) && editCell(cell)) return event.preventDefault();
    const tick = target.closest<HTMLInputElement>("input[name=idea]");
    if (tick) {
      if (event.shiftKey && this.last) this.range(this.last, tick);
      this.last = tick;
      return;
    }
    const link = target.closest<HTMLAnchorElement>("#rows th a, #board h4 a, [data-next], [data-close], [data-merge], #merge .plain[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    void this.show(link.href, link.matches("[data-merge]") ? "#merge form .primary" : "");
  };

  private range(from: HTMLInputElement, to: HTMLInputElement): void {
    const ticks = this.ticks;
    const [low, high] = [ticks.indexOf(from), ticks.indexOf(to)].sort((a, b) => a - b) as [number, number];
    ticks.slice(low, high + 1).forEach((tick) => (tick.checked = to.checked));
    this.count();
  }

  // --- The open idea --------------------------------------------------------------------------------------------------

  private async open(row: HTMLElement | null, isQuiet = false): Promise<void> {
    const link = row && find<HTMLAnchorElement>(TITLE, row);
    if (!row || !link || find("#open-idea")?.dataset["idea"] === row.dataset["idea"]) return;
    await this.show(link.href, "", isQuiet);
  }

  /** Draw the panel of another address of this desk; `focus` gets the focus then. */
  private async show(address: string, focus: string, isQuiet = false): Promise<void> {
    const turn = (this.opening += 1);
    try {
      const { page } = await newestPage(() => address, () => turn === this.opening);
      if (turn !== this.opening) return; // another one was opened meanwhile
      this.take(page, address);
    } catch {
      toast({ text: say("desk.failed") });
      return;
    }
    const goal = focus ? find(focus) : null;
    if (goal) goal.focus();
    else if (!isQuiet && matchMedia("(max-width: 63.99rem)").matches) find("#panel")?.scrollIntoView({ block: "start" });
  }

  /** The field for a deed: of all that is selected, else of the idea at hand, which is opened for it. */
  private async reach(many: string, one: string): Promise<void> {
    const give = keepTyped();
    this.isReaching = true;
    if (!this.picked) await this.open(this.current, true);
    this.isReaching = false;
    const goal = find(this.picked ? many : one);
    const fold = goal?.closest("details");
    if (fold) fold.open = true;
    goal?.scrollIntoView({ block: "nearest" });
    goal?.focus();
    give(goal);
  }

  private async read(): Promise<void> {
    if (this.picked) return find<HTMLButtonElement>("#bulk [value=read]")?.click();
    await this.open(this.current, true);
    find<HTMLButtonElement>("[data-read]")?.click();
  }

  private leave(): void {
    if (this.picked) {
      this.ticks.forEach((tick) => (tick.checked = false));
      this.count();
    } else find<HTMLAnchorElement>("[data-close]")?.click();
  }

  // --- Sending --------------------------------------------------------------------------------------------------------

  private begins = (event: FocusEvent): void => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-desk]");
    const seen = form && find<HTMLInputElement>("input[name=seen]", form)?.value;
    if (!form || !seen) return;
    const isTyped = findAll("input, textarea, select", form).some(isChanged);
    if (!isTyped || !begun.has(form)) begun.set(form, seen);
  };

  private key = (event: KeyboardEvent): void => {
    const field = event.target as HTMLElement;
    const form = field.closest<HTMLFormElement>("form[data-desk]");
    const wanted = field instanceof HTMLSelectElement || (field instanceof HTMLTextAreaElement && (event.ctrlKey || event.metaKey));
    if (event.key === "Enter" && form && wanted) {
      event.preventDefault();
      const pair = field.closest(".pair");
      form.requestSubmit(pair ? find<HTMLButtonElement>("button[name=verb]", pair) : null);
    } else if (event.key === "Escape" && field.closest("form.cellform")) {
      event.preventDefault();
      event.stopPropagation();
      leaveCells()?.focus();
    } else if (event.key === "Escape" && isTyping(field)) {
      event.preventDefault();
      find(TITLE, this.current ?? this)?.focus();
    } else if (event.key === "Enter" && field.id === "bulk-tag") {
      event.preventDefault();
      form?.requestSubmit(find<HTMLButtonElement>("#bulk [value=tag]"));
    }
  };

  private submitted = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || !form.matches("form[data-desk]")) return;
    event.preventDefault();
    if (form.dataset["busy"]) return;
    const content = new FormData(form, event.submitter);
    if (begun.has(form)) content.set("seen", begun.get(form) ?? "");
    this.sending = Promise.all([this.sending, this.post(form, content)]);
  };

  private async post(form: HTMLFormElement, content: FormData): Promise<void> {
    form.dataset["busy"] = "1";
    const row = this.current;
    const edited = form.matches(".cellform") ? (form.previousElementSibling as HTMLElement).dataset["edit"] : "";
    const isTypingHere = isTyping(document.activeElement) || form.contains(document.activeElement);
    const [before, from] = [draws(), location.href];
    try {
      const { page, address, status } = await this.running.during(sendForm(form.action, content));
      begun.delete(form);
      if (status < 400) this.settle(form);
      // What was drawn while it was on its way may be newer than its answer, and be about another idea.
      const isAnswer = before === draws() || status >= 400;
      const newest = isAnswer ? { page, address } : await newestPage(() => (location.href === from ? address : location.href));
      this.take(newest.page, newest.address);
      this.tell(page);
    } catch {
      toast({ text: say("desk.failed") });
      return;
    } finally {
      delete form.dataset["busy"];
    }
    const refused = find("#refused");
    const cell = edited && row && find(`a[data-edit="${CSS.escape(edited)}"]`, row);
    if (refused) refused.focus();
    else if (cell) cell.focus();
    else if (isTypingHere && row) find(TITLE, row)?.focus();
  }

  /** What was typed has arrived: the fields may take what the server says from now on. */
  private settle(form: HTMLFormElement): void {
    leaveCells();
    form.reset();
    findAll<HTMLDetailsElement>("details.pair[open]", this).forEach((fold) => (fold.open = false));
    this.ticks.forEach((tick) => (tick.checked = false));
    this.count();
  }

  /** Take a page of the desk: rows and panel in place, nothing moves. */
  private take(page: Document, address: string): void {
    drawsPage();
    const before = find("#open-idea")?.dataset["idea"];
    for (const row of findAll("#rows > tr", this)) {
      const fresh = page.getElementById(row.id);
      if (fresh) morph(row, fresh);
      else row.classList.add("gone");
    }
    if (find("#rows", this) && !this.rows.length && find("#rows", page as unknown as HTMLElement)?.children.length) location.assign(address);
    for (const id of ["running", "board", "alike", "panel", "desk-tabs"]) {
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (old && fresh) morph(old, fresh);
    }
    if (before !== find("#open-idea")?.dataset["idea"]) live.look();
    const [bulk, fresh] = [find<HTMLFormElement>("#bulk"), page.querySelector<HTMLFormElement>("#bulk")];
    if (bulk && fresh) bulk.setAttribute("action", fresh.getAttribute("action") ?? "");
    find("#refused")?.remove();
    const refused = page.getElementById("refused");
    if (refused) this.before(document.adoptNode(refused));
    const url = new URL(address, location.href);
    if (!refused && url.pathname === location.pathname) history.replaceState(history.state, "", url.pathname + url.search);
    this.count();
  }

  /** What was begun before on another page is through. */
  private async arrived(): Promise<void> {
    const newest = await newestPage(() => location.href).catch(() => null);
    if (!newest) return;
    this.take(newest.page, newest.address);
    const [undo, words] = [find<HTMLFormElement>("form[data-undo]"), find("form[data-undo] span")?.textContent];
    if (undo && words) toast({ text: words, kind: "desk", action: { label: say("toast.undo"), run: () => undo.requestSubmit() } });
  }

  /** Say what the server said; a change that can be taken back offers it. */
  private tell(page: Document): void {
    const texts = findAll(".toasts .toast", page).map((drawn) => drawn.textContent?.trim() ?? "");
    const undo = find<HTMLFormElement>("form[data-undo]");
    texts.forEach((text, place) => {
      const isDeed = place === 0 && undo && !page.getElementById("refused");
      const action = { label: say("toast.undo"), run: (): void => undo?.requestSubmit() };
      toast(isDeed ? { text, kind: "desk", stays: UNDO_STAYS, action } : { text });
    });
  }
}

customElements.define("cs-desk", Desk);
