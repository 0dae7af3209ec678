/* Redraws the rows below the fields while names are typed. Without it the button "Preview" does. */
const PAUSE = 400;

class CrmPreview extends HTMLElement {
  #timer = 0;
  #asked = 0;

  connectedCallback() {
    this.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#draw(), PAUSE);
    });
  }

  async #draw() {
    const form = this.querySelector("form");
    const query = new URLSearchParams(new FormData(form));
    query.delete("csrf_token");
    const turn = ++this.#asked;
    const answer = await fetch(`${location.pathname}?${query}`, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || turn !== this.#asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["[role=status]", ".tablebox"]) {
      const fresh = page.querySelectorAll(`crm-preview ${part}`);
      this.querySelectorAll(part).forEach((old, at) => fresh[at] && old.replaceWith(document.importNode(fresh[at], true)));
    }
  }
}

customElements.define("crm-preview", CrmPreview);
