// <cs-lookalikes data-url for skip>: while a title is typed, ideas like it appear below, each with its vote button.
import { announce } from "./announcer.ts";
import { debounce, find } from "./dom.ts";
import { fetchPage } from "./http.ts";
import { sayCount } from "./texts.ts";

const PAUSE = 300;
const SHORTEST = 3;

class Lookalikes extends HTMLElement {
  private asked = "";
  private dismissed = "";
  private field: HTMLInputElement | null = null;
  private typed = debounce(() => void this.look(), PAUSE);

  connectedCallback(): void {
    this.field = document.getElementById(this.getAttribute("for") ?? "") as HTMLInputElement | null;
    this.field?.addEventListener("input", this.typed);
    this.addEventListener("click", this.pressed);
    if (this.field?.value) this.typed();
  }

  disconnectedCallback(): void {
    this.field?.removeEventListener("input", this.typed);
    this.removeEventListener("click", this.pressed);
  }

  /** A button with `data-dismiss` says that none of these fit; they stay away until the title is another one. */
  private pressed = (event: Event): void => {
    if (!(event.target as Element).closest("[data-dismiss]")) return;
    this.dismissed = this.asked;
    this.replaceChildren();
    this.field?.focus();
  };

  private async look(): Promise<void> {
    const words = this.field?.value.trim() ?? "";
    if (words === this.asked) return;
    this.asked = words;
    if (words.length < SHORTEST) return this.replaceChildren();
    if (this.dismissed && words.startsWith(this.dismissed)) return;
    const url = new URL(this.dataset["url"] ?? "", location.href);
    url.searchParams.set("q", words);
    const skip = this.getAttribute("skip");
    if (skip) url.searchParams.set("skip", skip);
    try {
      const page = await fetchPage(url.href);
      // Another answer may have been asked for meanwhile; what a person is about to press is not taken away.
      if (this.asked !== words || this.matches(":focus-within")) return;
      const found = find("[data-count]", page);
      const count = Number(found?.dataset["count"] ?? 0);
      this.replaceChildren(...(count && found ? [document.adoptNode(found)] : []));
      if (count) announce(sayCount("lookalikes.found", count));
    } catch {
      // Look-alikes are a help, not a condition: without an answer the form simply goes on.
    }
  }
}

customElements.define("cs-lookalikes", Lookalikes);
