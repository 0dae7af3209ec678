// <cs-presence [idea=ID]>: how many people are here, or read that idea. `[data-count]` gets the number, `[data-words]` the
// sentence. Never announced.
import { find, listen, meta } from "./dom.ts";
import { short } from "./numbers.ts";
import { say, sayCount } from "./texts.ts";

interface Told {
  count: number;
  idea?: string;
}

let here: number | null = null;
const readers = new Map<string, number>();

listen<Told>("cs:presence", ({ count }) => (here = count));
listen<Told>("cs:reading", ({ count, idea }) => idea && readers.set(idea, count));

class Presence extends HTMLElement {
  private stop: () => void = () => undefined;

  private get idea(): string {
    return this.getAttribute("idea") ?? "";
  }

  connectedCallback(): void {
    const idea = this.idea;
    this.stop = listen<Told>(idea ? "cs:reading" : "cs:presence", (told) => (told.idea ?? "") === idea && this.show(told.count));
    this.takeServer();
  }

  disconnectedCallback(): void {
    this.stop();
  }

  /** The server does not know who is here; what is shown stays. */
  takeServer(): void {
    const known = this.idea ? readers.get(this.idea) : here;
    if (typeof known === "number") this.show(known);
  }

  private show(count: number): void {
    this.hidden = false;
    const [number, words] = [find("[data-count]", this), find("[data-words]", this)];
    if (number) number.textContent = short(count);
    if (words) words.textContent = sayCount(this.idea ? "presence.reading" : "presence.here", count, short(count));
  }
}

customElements.define("cs-presence", Presence);

// <cs-looking idea=ID>: who else of the team has an idea open, by name. Never announced.
interface Looking {
  ideas: Record<string, { id: string; name: string | null }[]>;
}

let looking: Looking["ideas"] = {};
listen<Looking>("cs:looking", ({ ideas }) => (looking = ideas));

class LookingAt extends HTMLElement {
  private stop: () => void = () => undefined;

  connectedCallback(): void {
    this.stop = listen("cs:looking", () => this.takeServer());
    this.takeServer();
  }

  disconnectedCallback(): void {
    this.stop();
  }

  /** The server does not know who looks; what is known here is drawn. */
  takeServer(): void {
    const me = meta("viewer");
    const [first, ...others] = (looking[this.getAttribute("idea") ?? ""] ?? []).filter((person) => person.id !== me);
    const more = { name: first?.name ?? say("desk.colleague"), num: others.length };
    this.textContent = first ? say(others.length ? "desk.looking_more" : "desk.looking", more) : "";
  }
}

customElements.define("cs-looking", LookingAt);
