// Pictures named in a text: what stands there for one, and where.

/** What stands in a text for the picture at `address`. */
export function referenceTo(address: string, words: string): string {
  return `![${words.replace(/\s+/g, " ").trim().replace(/[\\[\]]/g, "\\$&")}](${address})`;
}

/** Where the picture at `address` stands in a text; null where it does not. */
export function referenceIn(text: string, address: string): { from: number; to: number } | null {
  const end = text.indexOf(`](${address})`);
  const from = end < 0 ? -1 : text.lastIndexOf("![", end);
  return from < 0 ? null : { from, to: end + address.length + 3 };
}

/** The reference as a paragraph of its own at `place`. */
export function asParagraph(text: string, place: number, reference: string): string {
  const before = text.slice(0, place);
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  return gap + reference + (text.slice(place).startsWith("\n") ? "" : "\n");
}
