// <cs-presence>: how many people are here. `[data-count]` gets the number, `[data-words]` the sentence. Never announced.
import { find, listen } from "./dom.ts";
import { short } from "./numbers.ts";
import { sayCount } from "./texts.ts";

let known: number | null = null;

listen<{ count: number }>("cs:presence", ({ count }) => (known = count));

class Presence extends HTMLElement {
  private stop: () => void = () => undefined;

  connectedCallback(): void {
    this.stop = listen<{ count: number }>("cs:presence", ({ count }) => this.show(count));
    if (known !== null) this.show(known);
  }

  disconnectedCallback(): void {
    this.stop();
  }

  /** The server does not know who is here; what is shown stays. */
  takeServer(): void {
    if (known !== null) this.show(known);
  }

  private show(count: number): void {
    this.hidden = false;
    const [number, words] = [find("[data-count]", this), find("[data-words]", this)];
    if (number) number.textContent = short(count);
    if (words) words.textContent = sayCount("presence.here", count, short(count));
  }
}

customElements.define("cs-presence", Presence);
