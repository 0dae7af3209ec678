// <cs-vote-button>: upgrades the server's form. Answers at once, tells the server, rolls back with a sentence when refused.
import { announce } from "./announcer.ts";
import { Ballot, type Choice, type Counts, type Receipt } from "./ballot.ts";
import { find, findAll, iconAddress, isStill, listen, send } from "./dom.ts";
import type { Frame, Tally } from "./frames.ts";
import { Refused } from "./http.ts";
import { live } from "./live.ts";
import { exact, short } from "./numbers.ts";
import { say, sayCount } from "./texts.ts";
import { toast } from "./toasts.ts";
import { forget, keep, kept } from "./unsent.ts";

const DOUBLE_TAP = 400;
const BADGE_STAYS = 2_000;
const EDGE_STAYS = 4_000;
const MOST_ROLLING = 3;

let rolling = 0;

function choiceOf(text: string | null): Choice {
  return text === "1" ? 1 : text === "-1" ? -1 : text === "0" ? 0 : null;
}

export class VoteButton extends HTMLElement {
  private ballot = new Ballot(null, null);
  private isRead = false;
  private lastPress = -Infinity;
  private gained = 0;
  private badgeTimer = 0;
  private edgeTimer = 0;
  private stops: (() => void)[] = [];

  get idea(): string {
    return this.getAttribute("idea") ?? "";
  }

  connectedCallback(): void {
    // Moved within the page (a list in new order), it keeps what it knows.
    if (!this.isRead) this.ballot = new Ballot(choiceOf(this.getAttribute("value")), this.drawnTally(this));
    this.isRead = true;
    this.addEventListener("submit", this.pressed);
    this.stops = [
      listen<Frame>("cs:frame", (frame) => this.hear(frame)),
      listen<{ online: boolean }>("cs:online", ({ online }) => online && this.ballot.unsent && void this.send()),
      listen<{ idea: string; receipt: Receipt; from: VoteButton }>("cs:voted", ({ idea, receipt, from }) => {
        if (idea === this.idea && from !== this) this.follow(receipt);
      }),
    ];
    this.resume();
  }

  disconnectedCallback(): void {
    this.removeEventListener("submit", this.pressed);
    this.stops.forEach((stop) => stop());
    clearTimeout(this.badgeTimer);
    clearTimeout(this.edgeTimer);
  }

  /** A vote that was not sent before the page was left is sent now. */
  private resume(): void {
    const wish = kept(this.idea);
    if (wish === undefined) return;
    if (wish === this.ballot.sure || !this.hasAttribute("open")) return forget(this.idea);
    this.ballot.wish = wish;
    void this.send();
  }

  private drawnTally(element: Element): Tally | null {
    if (!element.hasAttribute("up")) return null;
    const count = (name: string): number => Number(element.getAttribute(name) ?? 0);
    return { up: count("up"), down: count("down"), pass: count("pass"), imported_up: 0, imported_down: 0, seq: count("seq") };
  }

  /** The page was drawn anew by the server; what is on its way stays. */
  takeServer(fresh: Element): void {
    const shape = (element: Element): string => ["kind", "open", "idea"].map((name) => element.getAttribute(name)).join() + element.hasAttribute("up");
    if (shape(this) !== shape(fresh) && !this.ballot.sending) {
      for (const { name } of [...this.attributes]) if (!fresh.hasAttribute(name)) this.removeAttribute(name);
      for (const { name, value } of [...fresh.attributes]) this.setAttribute(name, value);
      this.replaceChildren(...fresh.childNodes);
      this.ballot = new Ballot(choiceOf(fresh.getAttribute("value")), this.drawnTally(fresh));
      return;
    }
    const tally = this.drawnTally(fresh);
    const isNewer = !tally || !this.ballot.tally || tally.seq >= this.ballot.tally.seq;
    if (tally) this.ballot.receive(tally);
    if (!this.ballot.sending && !this.ballot.unsent && isNewer) this.ballot.sure = this.ballot.wish = choiceOf(fresh.getAttribute("value"));
    this.setAttribute("label", fresh.getAttribute("label") ?? "");
    this.draw();
  }

  private hear(frame: Frame): void {
    const tally = frame.tallies[this.idea];
    if (!tally || !this.hasAttribute("up")) return;
    const before = this.ballot.shown;
    this.ballot.receive(tally);
    this.draw(before, Object.keys(frame.tallies).length);
  }

  private follow(receipt: Receipt): void {
    if (this.ballot.sending) return;
    this.ballot.taken(receipt);
    this.ballot.wish = this.ballot.sure;
    this.draw();
  }

  private pressed = (event: Event): void => {
    const button = (event as SubmitEvent).submitter;
    if (!(button instanceof HTMLButtonElement) || button.dataset["choice"] === undefined) return;
    event.preventDefault();
    // A double tap is one change, as it is with the plain form; so is a key held down.
    const now = performance.now();
    if (now - this.lastPress < DOUBLE_TAP) return;
    this.lastPress = now;
    this.ballot.press(choiceOf(button.dataset["choice"]) as Exclude<Choice, null>);
    void this.send();
  };

  private async send(): Promise<void> {
    if (this.ballot.sending) return this.draw();
    while (this.ballot.open) {
      this.ballot.sending = true;
      this.ballot.unsent = false;
      // Kept until the server has it: a page that is left before the answer came sends it again on the next one.
      keep(this.idea, this.ballot.wish);
      this.draw();
      try {
        const receipt = await live.vote(this.idea, this.ballot.wish);
        this.ballot.taken(receipt);
        document.dispatchEvent(new CustomEvent("cs:voted", { detail: { idea: this.idea, receipt, from: this } }));
        if (!this.ballot.open) this.tellTaken();
      } catch (error) {
        return this.failed(error);
      }
    }
    forget(this.idea);
    this.draw();
  }

  private tellTaken(): void {
    const words = { "1": "announce.voted", "-1": "announce.voted", "0": "announce.passed", null: "announce.withdrawn" } as const;
    announce(say(words[String(this.ballot.sure) as keyof typeof words]), true);
  }

  private failed(error: unknown): void {
    if (!(error instanceof Refused)) {
      this.ballot.lost();
      keep(this.idea, this.ballot.wish);
      toast({ text: say("vote.unsent"), kind: "vote" });
    } else if (error.problem.status === 401 || error.problem.code === "unauthenticated") {
      return this.postForm();
    } else {
      this.ballot.refused();
      forget(this.idea);
      toast({ text: error.problem.detail || say("vote.back"), kind: "vote" });
    }
    this.draw();
  }

  /** Nobody is signed in and guests may not vote: post the plain form, so that the server keeps the vote over signing in. */
  private postForm(): void {
    const form = find<HTMLFormElement>("form", this);
    if (!form) return;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "value";
    field.value = this.ballot.wish === null ? "withdraw" : String(this.ballot.wish);
    form.append(field);
    form.submit();
  }

  private draw(before: Counts | null = null, atOnce = 1): void {
    const { wish, shown, unsent } = this.ballot;
    this.setAttribute("value", wish === null ? "" : String(wish));
    this.toggleAttribute("unsent", unsent);
    if (shown) for (const side of ["up", "down", "pass"] as const) this.setAttribute(side, String(shown[side]));
    if (this.ballot.tally) this.setAttribute("seq", String(this.ballot.tally.seq));
    for (const button of findAll<HTMLButtonElement>("button[data-choice]", this)) this.drawButton(button, shown, before, atOnce);
    if (shown) send("cs:counts", { idea: this.idea, counts: shown });
    if (before && shown && atOnce <= 12) this.showGain(shown.up - before.up);
  }

  private drawButton(button: HTMLButtonElement, shown: Counts | null, before: Counts | null, atOnce: number): void {
    const choice = choiceOf(button.dataset["choice"] ?? null);
    const mine = choice === this.ballot.wish;
    const side = choice === -1 ? "down" : choice === 0 ? "pass" : "up";
    const count = shown?.[side];
    button.value = mine ? "withdraw" : String(choice);
    button.setAttribute("aria-pressed", String(mine));
    button.setAttribute("aria-label", this.label(choice, mine, count));
    if (choice !== 0) {
      find<SVGUseElement>("use", button)?.setAttribute("href", iconAddress(mine ? "check" : choice === -1 ? "chevron-down" : "chevron-up"));
    }
    const number = find(".count, [data-passed]", button);
    if (!number || count === undefined) return;
    const text = choice === 0 && count === 0 ? "" : short(count);
    if (number.textContent === text) return;
    number.textContent = text;
    number.classList.toggle("long", text.length > 5);
    if (count >= 10_000) number.title = exact(count);
    else number.removeAttribute("title");
    if (before && atOnce <= 12 && before[side] !== count) this.roll(number, count > before[side]);
  }

  private label(choice: Choice, mine: boolean, count: number | undefined): string {
    const title = this.getAttribute("label") ?? "";
    const key = { "1": "for", "-1": "against", "0": "pass" }[String(choice) as "1" | "-1" | "0"];
    const words = count === undefined ? say("vote.hidden") : sayCount("vote.votes", count, exact(count));
    if (mine) return say(`vote.take_back_${key}`, { title, count: words });
    return say(key === "pass" ? "vote.pass" : `vote.${key}`, { title, count: words });
  }

  /** Digits roll in their box; at most three at once, none where people asked for stillness. */
  private roll(number: HTMLElement, rises: boolean): void {
    if (isStill() || document.hidden || rolling >= MOST_ROLLING) return;
    rolling += 1;
    const way = rises ? "35%" : "-35%";
    const step = number.animate([{ transform: `translateY(${way})`, opacity: 0.2 }, { transform: "none", opacity: 1 }], {
      duration: 220,
      easing: "cubic-bezier(.2,.8,.2,1)",
    });
    void step.finished.catch(() => undefined).then(() => (rolling -= 1));
  }

  /** `+3` for two seconds, and the row's edge for four. */
  private showGain(gain: number): void {
    if (gain === 0 || document.hidden) return;
    const row = this.closest(".idea");
    row?.classList.add("moved");
    clearTimeout(this.edgeTimer);
    this.edgeTimer = window.setTimeout(() => row?.classList.remove("moved"), EDGE_STAYS);
    if (gain < 0) return;
    this.gained += gain;
    const host = find(".vote:not(.down)", this);
    if (!host) return;
    const badge = find(".delta", host) ?? document.createElement("span");
    badge.className = "delta";
    badge.setAttribute("aria-hidden", "true");
    badge.textContent = `+${short(this.gained)}`;
    host.append(badge);
    clearTimeout(this.badgeTimer);
    this.badgeTimer = window.setTimeout(() => {
      this.gained = 0;
      badge.classList.add("leaving");
      setTimeout(() => badge.classList.contains("leaving") && badge.remove(), 420);
    }, BADGE_STAYS);
  }
}

customElements.define("cs-vote-button", VoteButton);
