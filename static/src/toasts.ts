// Toasts: one sentence, one action, eight seconds; longer under pointer or focus; the newest replaces one of its kind.
import { html, LitElement } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { findAll, iconAddress, listen, send } from "./dom.ts";
import { say } from "./texts.ts";

const STAYS = 8_000;

export interface Toast {
  text: string;
  action?: { label: string; run: () => void };
  kind?: string;
  stays?: number;
}

interface Shown extends Toast {
  id: number;
  until: number;
}

/** Show a toast. */
export function toast(given: Toast): void {
  send("cs:toast", given);
}

class Toasts extends LitElement {
  private shown: Shown[] = [];
  private count = 0;
  private timer = 0;
  private stop: () => void = () => undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What the server said with the page becomes toasts like any other.
    for (const drawn of findAll(".toast", this)) {
      this.add({ text: drawn.textContent?.trim() ?? "" });
      drawn.remove();
    }
    this.stop = listen<Toast>("cs:toast", (given) => this.add(given));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    clearTimeout(this.timer);
  }

  private add(given: Toast): void {
    const others = this.shown.filter((other) => !given.kind || other.kind !== given.kind);
    const until = Date.now() + (given.stays ?? STAYS);
    this.shown = [...others.slice(-2), { ...given, id: (this.count += 1), until }];
    this.requestUpdate();
    this.sweepLater();
  }

  private close(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
    this.requestUpdate();
  }

  private sweepLater(): void {
    clearTimeout(this.timer);
    const first = Math.min(...this.shown.map((toast) => toast.until));
    if (Number.isFinite(first)) this.timer = window.setTimeout(() => this.sweep(), Math.max(200, first - Date.now()));
  }

  private sweep(): void {
    const now = Date.now();
    if (this.matches(":hover, :focus-within")) this.shown.forEach((toast) => (toast.until = Math.max(toast.until, now + 2_000)));
    this.shown = this.shown.filter((toast) => toast.until > now);
    this.requestUpdate();
    this.sweepLater();
  }

  protected override render(): unknown {
    return repeat(
      this.shown,
      (toast) => toast.id,
      (toast) => html`<div class="toast">
        <span>${toast.text}</span>
        ${toast.action
          ? html`<button class="btn tight" type="button" @click=${() => (toast.action?.run(), this.close(toast.id))}>
              <svg class="icon" aria-hidden="true"><use href=${iconAddress("undo-2")}></use></svg> ${toast.action.label}
            </button>`
          : html`<button class="btn tight plain square" type="button" aria-label=${say("toast.close")} @click=${() => this.close(toast.id)}>
              <svg class="icon" aria-hidden="true"><use href=${iconAddress("x")}></use></svg>
            </button>`}
      </div>`,
    );
  }
}

customElements.define("cs-toasts", Toasts);
