// "How it stands" beside a big vote button follows it: `[data-tally=IDEA]` holds numbers and bars, each with `data-part`.
import type { Counts } from "./ballot.ts";
import { findAll, listen } from "./dom.ts";
import { exact, short } from "./numbers.ts";
import { renewSoon } from "./regions.ts";

interface Standing {
  idea: string;
  counts: Counts;
}

type Part = keyof Counts | "total" | "week";

function write(number: Element, count: number): void {
  const text = number.hasAttribute("data-exact") ? exact(count) : short(count);
  if (number.textContent !== text) number.textContent = text;
  number.setAttribute("data-count", String(count));
}

function follow(place: HTMLElement, counts: Counts): void {
  const whole = counts.up + counts.down + counts.pass;
  const parts: Record<string, number> = { ...counts, total: place.dataset["kind"] === "updown" ? whole : counts.up };
  const before = Number(place.dataset["total"] ?? parts["total"]);
  const gained = (parts["total"] ?? 0) - before;
  place.dataset["total"] = String(parts["total"]);
  for (const element of findAll<HTMLElement | SVGElement>("[data-part]", place)) {
    const part = element.dataset["part"] as Part;
    if (part === "week") {
      // A vote that came counts for this week; one that went may be an old one, so the server is asked.
      if (gained > 0) write(element, Number(element.dataset["count"] ?? 0) + gained);
    } else if (element instanceof HTMLElement) {
      write(element, parts[part] ?? 0);
    } else {
      element.setAttribute("width", `${Math.round((100 * (parts[part] ?? 0)) / Math.max(1, whole))}%`);
    }
  }
  if (gained < 0 && place.id) renewSoon(place);
}

/** Begin to follow. */
export function startStandings(): void {
  listen<Standing>("cs:counts", ({ idea, counts }) => {
    for (const place of findAll(`[data-tally="${idea}"]`)) follow(place, counts);
  });
}
