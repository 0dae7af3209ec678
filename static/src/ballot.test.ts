import assert from "node:assert/strict";
import { test } from "node:test";
import { Ballot, type Receipt } from "./ballot.ts";
import type { Tally } from "./frames.ts";

const tally = (up: number, seq: number, more: Partial<Tally> = {}): Tally => ({ up, down: 0, pass: 0, imported_up: 0, imported_down: 0, seq, ...more });
const receipt = (value: Receipt["value"], given: Tally | null, seq: number): Receipt => ({ idea_id: "I", value, changed: true, tally: given, seq });

test("a vote is counted at once and confirmed without a jump", () => {
  const ballot = new Ballot(null, tally(5, 1));
  ballot.press(1);
  ballot.sending = true;
  assert.equal(ballot.shown?.up, 6);
  ballot.taken(receipt(1, tally(6, 2), 2));
  assert.equal(ballot.shown?.up, 6);
});

test("a frame that already holds my vote does not count it twice", () => {
  const ballot = new Ballot(null, tally(5, 1));
  ballot.press(1);
  ballot.sending = true;
  ballot.receive(tally(8, 4));
  assert.equal(ballot.shown?.up, 6);
  ballot.taken(receipt(1, tally(6, 2), 2));
  assert.equal(ballot.shown?.up, 8);
});

test("a frame from before my vote does not take it away", () => {
  const ballot = new Ballot(null, tally(5, 1));
  ballot.press(1);
  ballot.sending = true;
  ballot.receive(tally(5, 2));
  ballot.taken(receipt(1, tally(6, 3), 3));
  assert.equal(ballot.shown?.up, 6);
});

test("refused rolls back and shows what came meanwhile", () => {
  const ballot = new Ballot(null, tally(5, 1));
  ballot.press(1);
  ballot.sending = true;
  ballot.receive(tally(7, 3));
  ballot.refused();
  assert.deepEqual([ballot.wish, ballot.shown?.up], [null, 7]);
});

test("a vote that is not sent yet is not counted", () => {
  const ballot = new Ballot(null, tally(5, 1));
  ballot.press(1);
  ballot.sending = true;
  ballot.lost();
  assert.deepEqual([ballot.wish, ballot.unsent, ballot.shown?.up], [1, true, 5]);
});

test("from for to against moves both counts; pressing again takes back", () => {
  const ballot = new Ballot(1, tally(5, 1, { down: 2, imported_up: 10 }));
  ballot.press(-1);
  assert.deepEqual(ballot.shown, { up: 14, down: 3, pass: 0 });
  ballot.press(-1);
  assert.deepEqual(ballot.shown, { up: 14, down: 2, pass: 0 });
});

test("hidden counts stay hidden", () => {
  const ballot = new Ballot(null, null);
  ballot.press(1);
  ballot.taken(receipt(1, null, 3));
  assert.equal(ballot.shown, null);
});
