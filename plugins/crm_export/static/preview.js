/* Redraws the rows below the fields while names are typed. Without it the button "Preview" does. */
const PAUSE = 400;

class CrmPreview extends HTMLElement {
  #timer = 0;
  #asking = null;

  connectedCallback() {
    this.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#draw(), PAUSE);
    });
  }

  #draw() {
    const query = new URLSearchParams(new FormData(this.querySelector("form")));
    query.delete("csrf_token");
    this.#asking?.abort();
    // The browser reads the page as a document itself: no string ever becomes HTML here.
    const asking = (this.#asking = new XMLHttpRequest());
    asking.open("GET", `${location.pathname}?${query}`);
    asking.responseType = "document";
    asking.addEventListener("load", () => asking.status === 200 && this.#show(asking.response));
    asking.send();
  }

  #show(page) {
    for (const part of ["[role=status]", ".tablebox"]) {
      const fresh = page.querySelectorAll(`crm-preview ${part}`);
      this.querySelectorAll(part).forEach((old, at) => fresh[at] && old.replaceWith(document.importNode(fresh[at], true)));
    }
  }
}

customElements.define("crm-preview", CrmPreview);
