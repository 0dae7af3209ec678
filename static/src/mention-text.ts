// What stands in a text field about people: the name that is being typed after an @, and the mark that takes its place.

export interface Person {
  id: string;
  name: string;
}

/** Where the @ stands, and what is typed of the name behind it. */
export interface Asked {
  from: number;
  words: string;
}

const LONGEST = 40;
// The @ begins a word; a name has no brackets and at most three words.
const OPEN = /(?:^|[\s(])@([^\s@[\]()]+(?: [^\s@[\]()]+){0,2})$/u;

/** The name somebody types at `caret`, if they type one. */
export function askedAt(text: string, caret: number): Asked | null {
  const words = OPEN.exec(text.slice(Math.max(0, caret - LONGEST - 2), caret))?.[1];
  return words && words.length <= LONGEST ? { from: caret - words.length - 1, words } : null;
}

/** Whether a word of a person's name begins with `words`. */
export function isCalled(person: Person, words: string): boolean {
  return ` ${person.name.toLowerCase()}`.includes(` ${words.toLowerCase()}`);
}

/** The mark of a person as texts hold it, with the space people type next. */
export function markOf(person: Person): string {
  const name = person.name.replace(/[[\]]/g, (bracket) => (bracket === "[" ? "(" : ")"));
  return `@[${name.replace(/\s+/g, " ")}](person:${person.id}) `;
}
