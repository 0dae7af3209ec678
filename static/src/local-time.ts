// Moments in the person's own zone; relative ones are kept fresh. The server learns the zone for the next page.
import { findAll } from "./dom.ts";
import { say, sayCount } from "./texts.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function date(moment: Date, now: Date, language: string): string {
  const year = moment.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long", ...year }).format(moment);
}

/** The same words as the server's (codesign/web/text.py). */
export function relative(moment: Date, now: Date, language: string): string {
  const passed = now.getTime() - moment.getTime();
  if (passed < -MINUTE || passed >= 7 * DAY) return date(moment, now, language);
  if (passed < 45_000) return say("time.now");
  if (passed < HOUR) return sayCount("time.minutes", Math.max(1, Math.round(passed / MINUTE)));
  if (passed < DAY) return sayCount("time.hours", Math.round(passed / HOUR));
  const days = Math.floor(passed / DAY);
  return days === 1 ? say("time.yesterday") : sayCount("time.days", days);
}

function refresh(): void {
  const given = document.documentElement.lang || "en";
  // Day first, as the server writes it and most of the world that reads English does.
  const language = given === "en" ? "en-GB" : given;
  const now = new Date();
  for (const element of findAll<HTMLTimeElement>("time[data-form]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const text = element.dataset["form"] === "ago" ? relative(moment, now, language) : date(moment, now, language);
    if (element.textContent !== text) element.textContent = text;
    const title = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(moment);
    if (element.title !== title) element.title = title;
  }
}

/** Begin to keep times fresh. */
export function startTimes(): void {
  refresh();
  setInterval(() => document.hidden || refresh(), 30_000);
  document.addEventListener("cs:renewed", refresh);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`zone=${zone}`)) {
    document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  }
}
