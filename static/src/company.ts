// <cs-draft draft version [key] [renews]>: a draft that several people have open. Says who is here, and that the draft moved
// on: to the configurator around it, or (where one only looks) by fetching the part `renews` again. Messages only say it
// sooner: a slow question finds out what none of them told.
import { find, listen, meta, send } from "./dom.ts";
import { api } from "./http.ts";
import { live } from "./live.ts";
import { renewSoon } from "./regions.ts";
import { say, sayCount } from "./texts.ts";

const ASK_EVERY = 20_000;
const MOST_FACES = 3;
const TONES = ["", "b", "c", "d"];

interface Somebody {
  id: string;
  name: string | null;
  guest: boolean;
}

export interface Moved {
  draft: string;
  version: number;
}

interface Present {
  draft: string;
  people: Somebody[];
  looking: number;
}

class Draft extends HTMLElement {
  private stops: (() => void)[] = [];
  private timer = 0;
  private present: Present | null = null;

  get draft(): string {
    return this.getAttribute("draft") ?? "";
  }

  private get key(): string {
    return this.getAttribute("key") ?? "";
  }

  connectedCallback(): void {
    this.stops = [
      listen<Moved>("cs:draft", (told) => told.draft === this.draft && this.heard(told.version)),
      listen<Present>("cs:draft-presence", (told) => told.draft === this.draft && this.show(told)),
      listen<{ draft: string }>("cs:draft-closed", (told) => told.draft === this.draft && location.reload()),
    ];
    live.openDraft(this.draft, this.key);
    this.timer = window.setInterval(() => document.hidden || void this.ask(), ASK_EVERY);
  }

  disconnectedCallback(): void {
    this.stops.forEach((stop) => stop());
    clearInterval(this.timer);
    // A page drawn anew may have put another element in the place of this one.
    if (!find(`cs-draft[draft="${this.draft}"]`)) live.closeDraft(this.draft);
  }

  /** The server's page knows the version; who is here only the line does. */
  takeServer(fresh: Element): void {
    this.setAttribute("version", fresh.getAttribute("version") ?? "0");
    if (this.present) this.show(this.present);
  }

  private heard(version: number): void {
    if (version <= Number(this.getAttribute("version"))) return;
    const renews = document.getElementById(this.getAttribute("renews") ?? "");
    if (!renews) return send("cs:draft-moved", { draft: this.draft, version });
    this.setAttribute("version", String(version));
    renewSoon(renews);
  }

  private async ask(): Promise<void> {
    const key = this.key ? `?key=${encodeURIComponent(this.key)}` : "";
    const now = await api<Moved>("GET", `/configurations/${this.draft}${key}`).catch(() => null);
    if (now) this.heard(now.version);
  }

  private show(present: Present): void {
    this.present = present;
    const others = present.people.filter((each) => each.id !== meta("viewer"));
    const [faces, words] = [find("[data-faces]", this), find("[data-words]", this)];
    if (!faces || !words) return;
    const names = others.map((each) => each.name ?? say(each.guest ? "draft.guest" : "draft.somebody"));
    faces.replaceChildren(...names.slice(0, MOST_FACES).map((name, place) => this.face(name, others[place]?.name === null)));
    if (others.length > MOST_FACES) faces.append(this.face(`+${others.length - MOST_FACES}`, true, true));
    const listed = new Intl.ListFormat(document.documentElement.lang || "en").format(names);
    const here = others.length ? say("draft.here", { names: listed }) : say("draft.alone");
    words.textContent = present.looking ? `${here} ${sayCount("draft.looking", present.looking)}` : here;
  }

  private face(name: string, plain: boolean, whole = false): HTMLElement {
    const tone = plain ? "guest" : (TONES[name.length % TONES.length] ?? "");
    const face = document.createElement("span");
    face.className = `face ${tone}`.trim();
    face.textContent = whole ? name : name.slice(0, 1).toUpperCase();
    face.setAttribute("aria-hidden", "true");
    return face;
  }
}

customElements.define("cs-draft", Draft);
