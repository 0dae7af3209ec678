// <cs-preferences> in the footer: a choice of theme or language takes effect at once; without script the form is sent.
import { find } from "./dom.ts";

const YEAR = 31_536_000;

class Preferences extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("change", this.chosen);
  }

  disconnectedCallback(): void {
    this.removeEventListener("change", this.chosen);
  }

  private chosen = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    if (select.name === "theme") {
      if (select.value === "system") delete document.documentElement.dataset["theme"];
      else document.documentElement.dataset["theme"] = select.value;
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `theme=${select.value}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
    } else find<HTMLFormElement>("form", this)?.requestSubmit();
  };
}

customElements.define("cs-preferences", Preferences);
