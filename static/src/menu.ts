// Menus, dialogs, questions before what cannot be undone, and the way to the first mistake in a form.
import { find, findAll } from "./dom.ts";

/** <cs-menu> around <details class="menu">: closes on Escape, on a press elsewhere and when the focus leaves. */
class Menu extends HTMLElement {
  connectedCallback(): void {
    document.addEventListener("pointerdown", this.outside);
    this.addEventListener("keydown", this.key);
    this.addEventListener("focusout", this.left);
  }

  disconnectedCallback(): void {
    document.removeEventListener("pointerdown", this.outside);
  }

  private get details(): HTMLDetailsElement | null {
    return find<HTMLDetailsElement>("details", this);
  }

  private outside = (event: Event): void => {
    if (this.details?.open && !this.contains(event.target as Node)) this.details.open = false;
  };

  private left = (event: FocusEvent): void => {
    const goal = event.relatedTarget as Node | null;
    if (this.details?.open && goal && !this.contains(goal)) this.details.open = false;
  };

  private key = (event: KeyboardEvent): void => {
    const details = this.details;
    if (!details?.open) return;
    const items = findAll<HTMLElement>(".menuitem", details);
    const place = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === "Escape") {
      details.open = false;
      find("summary", details)?.focus();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      items.at((place + step + items.length) % items.length)?.focus();
      event.preventDefault();
    }
  };
}

customElements.define("cs-menu", Menu);

/** Open a dialog of the page; the browser keeps the focus inside and gives it back. */
export function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

function pressed(event: MouseEvent): void {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-opens]");
  if (opener) {
    event.preventDefault();
    openDialog(opener.dataset["opens"] ?? "");
  }
  if (target.closest("[data-closes]")) target.closest("dialog")?.close();
  // A press on the veil around a dialog closes it.
  if (target instanceof HTMLDialogElement && target.open && event.detail > 0) {
    const box = target.getBoundingClientRect();
    const isInside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!isInside) target.close();
  }
}

function submitted(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const question = event.submitter?.dataset["confirm"] ?? form.dataset["confirm"];
  if (question && !confirm(question)) {
    event.preventDefault();
    return;
  }
  // Sent once: a second press while the answer is on its way does nothing. Votes have their own rule.
  if (event.defaultPrevented || form.closest("cs-vote-button") || form.method !== "post") return;
  if (form.dataset["sent"]) event.preventDefault();
  form.dataset["sent"] = "1";
  setTimeout(() => delete form.dataset["sent"], 4_000);
}

/** Begin to listen to presses and forms. */
export function startForms(): void {
  document.addEventListener("click", pressed);
  document.addEventListener("submit", submitted);
  addEventListener("pageshow", () => findAll("form[data-sent]").forEach((form) => delete form.dataset["sent"]));
  find("#error-summary")?.focus();
  for (const opener of findAll("[data-opens][hidden]")) opener.hidden = false;
}
