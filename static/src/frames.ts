// The arithmetic of frames: which to apply, when something is missing. No screen, no network.

export interface Tally {
  up: number;
  down: number;
  pass: number;
  imported_up: number;
  imported_down: number;
  seq: number;
}

export interface LiveEvent {
  seq: number;
  name: string;
  actor_id: string | null;
  payload: Record<string, unknown>;
}

export interface Frame {
  space: string;
  after: number;
  seq: number;
  tallies: Record<string, Tally>;
  events: LiveEvent[];
  /** How many people have voted, where tallies are hidden. */
  voters?: number;
}

export type Judgement = "apply" | "gap" | "old";

/** How far this screen has come in the numbers of its space. */
export class Line {
  constructor(public seq: number) {}

  /** What to do with a frame that covers `after + 1 … seq`. */
  judge(frame: { after: number; seq: number }): Judgement {
    if (frame.after > this.seq) return "gap";
    return frame.seq > this.seq ? "apply" : "old";
  }

  /** The screen shows everything up to `seq` now. */
  reached(seq: number): void {
    this.seq = Math.max(this.seq, seq);
  }
}

/** Several frames as one: the newest tally of each idea, all events in order. */
export function join(frames: Frame[]): Frame | null {
  const [first, ...others] = frames;
  if (!first) return null;
  const joined: Frame = { ...first, tallies: { ...first.tallies }, events: [...first.events] };
  for (const frame of others) {
    joined.seq = Math.max(joined.seq, frame.seq);
    joined.events.push(...frame.events);
    for (const [idea, tally] of Object.entries(frame.tallies)) {
      const known = joined.tallies[idea];
      if (!known || tally.seq >= known.seq) joined.tallies[idea] = tally;
    }
  }
  return joined;
}

/** Whether an event's name fits a list such as `comment.added idea.*`. */
export function fits(name: string, list: string): boolean {
  return list.split(/\s+/).some((wish) => wish === "*" || wish === name || (wish.endsWith(".*") && name.startsWith(wish.slice(0, -1))));
}

/** Whether somebody may have voted: where tallies are hidden a frame tells no more than how many did. */
export function tellsVotes(frame: Frame): boolean {
  return frame.voters !== undefined || Object.keys(frame.tallies).length > 0;
}

/** Whether an event speaks of this id, in whatever role. */
export function names(event: LiveEvent, id: string): boolean {
  return Object.values(event.payload).some((value) => value === id || (Array.isArray(value) && value.includes(id)));
}
