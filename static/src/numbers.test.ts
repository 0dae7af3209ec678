import assert from "node:assert/strict";
import { test } from "node:test";
import { exact, short } from "./numbers.ts";

test("exact below ten thousand, then short", () => {
  assert.equal(short(999), "999");
  assert.equal(short(1284), "1\u202f284");
  assert.equal(short(9999), "9\u202f999");
  assert.equal(short(12431), "12.4\u00a0k");
  assert.equal(short(1_250_000), "1.3\u00a0M");
  assert.equal(exact(1234567), "1\u202f234\u202f567");
});
