// While somebody types, the same page is asked for what would be found, and its results take the place of the old ones.
// Arrow keys move from the field through the results and back, Escape back at once. Without this script the form does all of it with Enter.

const PAUSE = 150; // milliseconds after the last key

class SearchInstant extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.field = this.form?.querySelector("input[type=search]");
    if (!this.field) return;
    this.field.addEventListener("input", () => this.later());
    document.addEventListener("keydown", this.move);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.move);
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  get list() {
    return document.getElementById(this.getAttribute("for"));
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  ask() {
    this.asking?.abort();
    const address = new URL(this.form.action || location.href);
    address.search = new URLSearchParams(new FormData(this.form)).toString();
    history.replaceState(history.state, "", address);
    address.searchParams.set("typing", "1");
    // The browser reads the page as a document itself: no string ever becomes HTML here.
    const asking = (this.asking = new XMLHttpRequest());
    asking.responseType = "document";
    asking.addEventListener("load", () => this.show(asking));
    asking.open("GET", address);
    asking.send();
  }

  show(answer) {
    const next = answer.status === 200 && answer.response?.getElementById(this.list.id);
    if (!next) return;
    const held = this.list.contains(document.activeElement) ? document.activeElement : null;
    this.list.replaceChildren(...document.importNode(next, true).childNodes);
    // Who had walked on to a result stays at it; where it is found no more, the field has the keys again.
    if (held) ([...this.list.querySelectorAll("a")].find((link) => link.href === held.href) ?? this.field).focus();
    const text = this.list.querySelector("h2")?.textContent ?? "";
    document.dispatchEvent(new CustomEvent("cs:announce", { detail: { text } }));
  }

  move = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Escape: -Infinity }[event.key];
    if (!step) return;
    const stops = [this.field, ...this.list.querySelectorAll(".search-list h3 a")];
    const place = stops.indexOf(document.activeElement);
    if (place < 0 || (!place && step < 0)) return; // in the field itself Escape empties it
    const next = stops[Math.max(0, place + step)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
}

customElements.define("search-instant", SearchInstant);
