// <cs-board>: the desk's board by status. A card dragged to another column presses that column's "Move to" button, so a drag does
// nothing that a press cannot. With a finger the board scrolls, and cards are moved by their buttons.
import { find, findAll } from "./dom.ts";

/** So far a pointer travels before a press becomes a drag (pixels), and so near an edge the board scrolls. */
const SLACK = 6;
const EDGE = 48;

interface Drag {
  card: HTMLElement;
  from: HTMLElement;
  over: HTMLElement | null;
  x: number;
  y: number;
  pointer: number;
  isMoving: boolean;
}

class Board extends HTMLElement {
  private drag: Drag | null = null;

  connectedCallback(): void {
    this.toggleAttribute("data-drags", true);
    this.addEventListener("pointerdown", this.pressed);
    this.addEventListener("pointermove", this.moved);
    this.addEventListener("pointerup", this.released);
    this.addEventListener("pointercancel", this.stopped);
    this.addEventListener("click", this.clicked, true);
    document.addEventListener("keydown", this.key, true);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.key, true);
  }

  private pressed = (event: PointerEvent): void => {
    const target = event.target as Element;
    const card = target.closest<HTMLElement>(".bcard");
    const from = target.closest<HTMLElement>(".bcolumn");
    if (!card || !from || event.button || event.pointerType === "touch" || target.closest("button, summary, input, select")) return;
    this.drag = { card, from, over: null, x: event.clientX, y: event.clientY, pointer: event.pointerId, isMoving: false };
  };

  private moved = (event: PointerEvent): void => {
    const drag = this.drag;
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.isMoving) {
      if (Math.hypot(dx, dy) < SLACK) return;
      drag.isMoving = true;
      this.setPointerCapture(drag.pointer);
      drag.card.classList.add("dragged");
    }
    event.preventDefault();
    drag.card.style.translate = `${dx}px ${dy}px`;
    const box = this.getBoundingClientRect();
    if (event.clientX > box.right - EDGE) this.scrollLeft += EDGE / 4;
    if (event.clientX < box.left + EDGE) this.scrollLeft -= EDGE / 4;
    this.aim(this.columnAt(event.clientX, event.clientY));
  };

  private columnAt(x: number, y: number): HTMLElement | null {
    const under = document.elementsFromPoint(x, y).find((element) => element.matches(".bcolumn"));
    return under && this.contains(under) ? (under as HTMLElement) : null;
  }

  private aim(column: HTMLElement | null): void {
    const drag = this.drag;
    if (!drag) return;
    drag.over = column === drag.from ? null : column;
    for (const each of findAll(".bcolumn", this)) each.classList.toggle("aimed", each === drag.over);
  }

  private released = (): void => {
    const drag = this.drag;
    if (!drag?.isMoving) return this.stopped();
    const status = drag.over?.dataset["status"];
    const button = status ? find<HTMLButtonElement>(`button[name=status][value="${status}"]`, drag.card) : null;
    this.stopped();
    // The click that ends a drag opens nothing.
    this.toggleAttribute("data-dropped", true);
    setTimeout(() => this.toggleAttribute("data-dropped", false));
    button?.form?.requestSubmit(button);
  };

  private stopped = (): void => {
    const drag = this.drag;
    this.drag = null;
    if (!drag?.isMoving) return;
    if (this.hasPointerCapture(drag.pointer)) this.releasePointerCapture(drag.pointer);
    drag.card.classList.remove("dragged");
    drag.card.style.translate = "";
    for (const each of findAll(".bcolumn.aimed", this)) each.classList.remove("aimed");
  };

  private clicked = (event: MouseEvent): void => {
    if (!this.hasAttribute("data-dropped")) return;
    event.preventDefault();
    event.stopPropagation();
  };

  private key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !this.drag?.isMoving) return;
    event.stopPropagation();
    this.stopped();
  };
}

customElements.define("cs-board", Board);
