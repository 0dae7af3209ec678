import assert from "node:assert/strict";
import { test } from "node:test";
import { askedAt, isCalled, markOf } from "./mention-text.ts";

const at = (text: string): string | null => askedAt(text, text.length)?.words ?? null;

test("a name is asked for behind an @ that begins a word", () => {
  assert.equal(at("@be"), "be");
  assert.equal(at("Ask (@Éva"), "Éva");
  assert.equal(at("line\n@Ann Le"), "Ann Le");
  for (const text of ["@", "be", "ann@example", "@be ", "@one two three four", "@[Ben](person:0", `@${"x".repeat(41)}`]) assert.equal(at(text), null);
  assert.deepEqual(askedAt("Hi @be, yes", 6), { from: 3, words: "be" });
});

test("a person is called by any word of the name", () => {
  const ben = { id: "01", name: "Ben Éclair" };
  assert.deepEqual(["be", "ÉC", "ben é", "en", "x"].map((words) => isCalled(ben, words)), [true, true, true, false, false]);
});

test("a mark cannot be broken by a name", () => {
  assert.equal(markOf({ id: "01", name: "Ben [the\nBell]" }), "@[Ben (the Bell)](person:01) ");
});
