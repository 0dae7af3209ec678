// How counts are written; the server does the same (codesign/web/text.py).

const THIN_SPACE = "\u202f";

/** In full, thousands kept apart by a narrow space. */
export function exact(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, THIN_SPACE);
}

/** The language of the page. */
function pageLanguage(): string {
  return typeof document === "undefined" ? "en" : document.documentElement.lang || "en";
}

/** A number with its decimals, as the language of the page writes them. */
export function written(value: number, language = pageLanguage()): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 6, useGrouping: false }).format(value);
}

/** In full below 10,000, then in thousands or millions with one decimal. */
export function short(count: number, language = pageLanguage()): string {
  if (Math.abs(count) < 10_000) return exact(count);
  const [scale, unit] = Math.abs(count) < 999_950 ? [1_000, "k"] : [1_000_000, "M"];
  const written = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(count / scale);
  return `${written}\u00a0${unit}`;
}
