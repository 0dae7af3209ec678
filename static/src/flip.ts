// Rows that change places travel there: measured before, moved back, let go (FLIP).
import { isStill } from "./dom.ts";

/** Remember where the children are; call the answer after the change. */
export function beforeMoving(list: Element): () => void {
  if (isStill() || document.hidden) return () => undefined;
  const tops = new Map([...list.children].map((row) => [row.id, row.getBoundingClientRect().top]));
  return () => {
    for (const row of list.children) {
      const before = tops.get(row.id);
      const now = row.getBoundingClientRect().top;
      const options = { duration: 220, easing: "cubic-bezier(.2,.8,.2,1)" };
      if (before === undefined) row.animate([{ opacity: 0 }, { opacity: 1 }], options);
      else if (Math.abs(before - now) > 1 && Math.abs(before - now) < 2_000) {
        row.animate([{ transform: `translateY(${before - now}px)` }, { transform: "none" }], options);
      }
    }
  };
}
