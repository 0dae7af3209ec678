// A press that follows at once after rows moved was aimed at what stood there before: nobody sees a change and moves a finger so fast.

/** Milliseconds; to see something change and to answer takes people longer. */
const AIMED = 200;
const PRESSABLE = "button, a, label, input, select";

interface Box {
  row: Element;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function boxOf(row: Element): Box {
  const { left, right, top, bottom } = row.getBoundingClientRect();
  return { row, left: left + scrollX, right: right + scrollX, top: top + scrollY, bottom: bottom + scrollY };
}

export class Aim {
  private boxes: Box[] = [];
  private drawn = 0;

  /** Rows are about to be drawn anew: remember where each stood. */
  remember(rows: Element[]): void {
    this.boxes = rows.map(boxOf);
    this.drawn = performance.now();
  }

  /** What this press was aimed at, if that is not where it was any more; null if it is, undefined if the press is to do nothing. */
  of(event: MouseEvent): HTMLElement | null | undefined {
    // A key, a script, or the field of a pressed label.
    if (!event.detail || performance.now() - this.drawn > AIMED) return null;
    const { pageX, pageY } = event;
    const old = this.boxes.find((box) => pageX >= box.left && pageX < box.right && pageY >= box.top && pageY < box.bottom);
    if (!old?.row.isConnected) return null;
    const moved = boxOf(old.row).top - old.top;
    if (Math.abs(moved) < 1) return null;
    const there = document.elementFromPoint(event.clientX, event.clientY + moved);
    return old.row.contains(there) ? (there?.closest<HTMLElement>(PRESSABLE) ?? undefined) : undefined;
  }
}
