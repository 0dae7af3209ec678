// Sentences, translated by the server and handed over with the page.

type Forms = Record<string, string>;

let texts: Record<string, string | Forms> | null = null;

function read(): Record<string, string | Forms> {
  if (texts === null) {
    const block = document.getElementById("texts");
    texts = block?.textContent ? (JSON.parse(block.textContent) as Record<string, string | Forms>) : {};
  }
  return texts;
}

/** Fill `%(name)s` in a sentence. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/%\((\w+)\)s/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The sentence `key`. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  const text = read()[key];
  return fill(typeof text === "string" ? text : key, values);
}

/** The sentence `key` for a number, in the plural form of the page's language. */
export function sayCount(key: string, count: number, shown: string = String(count)): string {
  const forms = read()[key];
  if (typeof forms !== "object") return shown;
  const form = new Intl.PluralRules(document.documentElement.lang || "en").select(count);
  return fill(forms[form] ?? forms["other"] ?? shown, { num: shown });
}
