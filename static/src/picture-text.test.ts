import assert from "node:assert/strict";
import { test } from "node:test";
import { asParagraph, referenceIn, referenceTo } from "./picture-text.ts";

const PLACE = "/pictures/01JD0000000000000000000000-8x6.webp";

test("words cannot end their brackets", () => {
  assert.equal(referenceTo(PLACE, " my [old]\n lamp "), `![my \\[old\\] lamp](${PLACE})`);
});

test("a reference is found again, whatever its words are", () => {
  for (const words of ["", "a lamp", "my [old] lamp"]) {
    const reference = referenceTo(PLACE, words);
    const text = `![x](/pictures/other) and ${reference} here`;
    const found = referenceIn(text, PLACE);
    assert.equal(found && text.slice(found.from, found.to), reference);
  }
  assert.equal(referenceIn("nothing", PLACE), null);
});

test("it stands in a paragraph of its own", () => {
  assert.equal(asParagraph("", 0, "R"), "R\n");
  assert.equal(asParagraph("word", 4, "R"), "\n\nR\n");
  assert.equal(asParagraph("a\n\nb", 1, "R"), "\n\nR");
});
