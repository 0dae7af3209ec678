import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, join, Line, names, tellsVotes, type Frame, type Tally } from "./frames.ts";

const tally = (up: number, seq: number): Tally => ({ up, down: 0, pass: 0, imported_up: 0, imported_down: 0, seq });
const frame = (after: number, seq: number, tallies: Record<string, Tally> = {}): Frame => ({ space: "S", after, seq, tallies, events: [] });

test("a frame that joins on is applied, an older one is not, a hole is noticed", () => {
  const line = new Line(10);
  assert.equal(line.judge(frame(10, 12)), "apply");
  assert.equal(line.judge(frame(8, 12)), "apply");
  assert.equal(line.judge(frame(8, 10)), "old");
  assert.equal(line.judge(frame(11, 12)), "gap");
});

test("the number never goes back", () => {
  const line = new Line(10);
  line.reached(7);
  assert.equal(line.seq, 10);
});

test("joined frames keep the newest tally and every event", () => {
  const first = frame(0, 2, { a: tally(5, 2) });
  const second = frame(2, 3, { a: tally(4, 1), b: tally(1, 3) });
  first.events.push({ seq: 1, name: "idea.published", actor_id: null, payload: {} });
  const joined = join([first, second]);
  assert.deepEqual([joined?.seq, joined?.tallies["a"]?.up, joined?.tallies["b"]?.up, joined?.events.length], [3, 5, 1, 1]);
  assert.equal(join([]), null);
});

test("names of events fit lists", () => {
  assert.ok(fits("comment.added", "idea.edited comment.*"));
  assert.ok(fits("x.y", "*"));
  assert.ok(!fits("comments.added", "comment.*"));
});

test("a frame tells of votes by its tallies, or by the number of voters where they are hidden", () => {
  assert.ok(tellsVotes(frame(0, 1, { a: tally(1, 1) })) && tellsVotes({ ...frame(0, 1), voters: 3 }));
  assert.ok(!tellsVotes(frame(0, 1)));
});

test("an event names an idea in any role", () => {
  const event = { seq: 1, name: "idea.merged", actor_id: null, payload: { into: "B", sources: ["A"] } };
  assert.ok(names(event, "A") && names(event, "B") && !names(event, "C"));
});
