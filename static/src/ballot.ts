// One person's vote on one idea, as the screen sees it: what is sure, what is wished, what is under way. No screen, no network.
import type { Tally } from "./frames.ts";

/** For, pass, against, or nothing. */
export type Choice = 1 | 0 | -1 | null;

export interface Counts {
  up: number;
  down: number;
  pass: number;
}

export interface Receipt {
  idea_id: string;
  value: Choice;
  changed: boolean;
  tally: Tally | null;
  seq: number;
}

/** What the screen counts: votes and imported votes. */
export function countsOf(tally: Tally): Counts {
  return { up: tally.up + tally.imported_up, down: tally.down + tally.imported_down, pass: tally.pass };
}

function add(counts: Counts, choice: Choice, amount: number): void {
  if (choice === 1) counts.up += amount;
  else if (choice === -1) counts.down += amount;
  else if (choice === 0) counts.pass += amount;
}

export class Ballot {
  /** What the person wants now; the screen shows it at once. */
  wish: Choice;
  sending = false;
  /** The line is down: the wish is kept and sent later. */
  unsent = false;
  private held: Tally | null = null;

  constructor(
    /** What the server last said this person's vote is. */
    public sure: Choice,
    public tally: Tally | null,
  ) {
    this.wish = sure;
  }

  /** The person presses a choice; pressing what is already wished takes it back. */
  press(choice: Exclude<Choice, null>): void {
    this.wish = this.wish === choice ? null : choice;
  }

  /** Whether something is still to be sent. */
  get open(): boolean {
    return this.wish !== this.sure;
  }

  /**
   * The counts to show, or null where they are hidden. While a vote is on its way it is counted already; while the line is
   * down it is not, because that count might never exist.
   */
  get shown(): Counts | null {
    if (!this.tally) return null;
    const counts = countsOf(this.tally);
    if (this.open && !this.unsent) {
      add(counts, this.sure, -1);
      add(counts, this.wish, 1);
    }
    return counts;
  }

  /** A tally came by frame or page. While a vote is on its way nobody can tell whether it holds it, so it waits. */
  receive(tally: Tally): void {
    if (this.sending) {
      if (!this.held || tally.seq >= this.held.seq) this.held = tally;
    } else if (!this.tally || tally.seq >= this.tally.seq) {
      this.tally = tally;
    }
  }

  /** The server took the vote. */
  taken(receipt: Receipt): void {
    const before = this.sure;
    this.sure = receipt.value;
    this.sending = this.unsent = false;
    if (receipt.tally) this.tally = receipt.tally;
    else if (this.tally && receipt.changed) this.tally = moved(this.tally, before, receipt.value, receipt.seq);
    this.release(receipt.seq);
  }

  /** The server refused: back to what is sure. */
  refused(): void {
    this.wish = this.sure;
    this.sending = this.unsent = false;
    this.release(0);
  }

  /** No answer came. */
  lost(): void {
    this.sending = false;
    this.unsent = true;
    this.release(0);
  }

  private release(seq: number): void {
    const held = this.held;
    this.held = null;
    if (held && held.seq >= seq) this.receive(held);
  }
}

function moved(tally: Tally, from: Choice, to: Choice, seq: number): Tally {
  const counts: Counts = { up: tally.up, down: tally.down, pass: tally.pass };
  add(counts, from, -1);
  add(counts, to, 1);
  return { ...tally, ...counts, seq };
}
