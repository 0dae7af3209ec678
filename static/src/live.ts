// The one line to the server: watches the page's space, catches up after a gap, polls slowly where sockets are blocked.
// Plugins import this as "codesign/live" and listen to `cs:frame`, `cs:presence`, `cs:online` on the document.
import { io, type Socket } from "socket.io-client";
import type { Choice, Receipt } from "./ballot.ts";
import { jitter } from "./crowd.ts";
import { find, mainPart, meta, send } from "./dom.ts";
import { join, Line, type Frame, type LiveEvent, type Tally } from "./frames.ts";
import { api, Refused, Unreachable, type Problem } from "./http.ts";

export type { Frame, LiveEvent, Tally } from "./frames.ts";

const ANSWER_WITHIN = 5_000;
const CONNECTS_WITHIN = 3_000;
const RETRY_WATCH = 2_000;
const POLL_AFTER = 4_000;
const POLL_EVERY = [10_000, 15_000] as const;
/** What failed is tried again after so many milliseconds, then ever more seldom. */
const RETRY = 3_000;
const MOST_RETRY = 60_000;
const STEP = 500;
const MOST_STEPS = 20;

interface CatchUp {
  items: LiveEvent[];
  tallies: Record<string, Tally>;
  seq: number;
  next: unknown;
  reset: boolean;
}

type VoteAnswer = { ok: true; receipt: Receipt } | { ok: false; problem: Problem };
type WatchAnswer = { ok: true; seq: number; audience: string; present?: number; reading?: number; looking?: object } | { ok: false; problem: Problem };

/** Refetches the page after a reset; set by the part that knows how pages are renewed. Answers the number of the new page. */
export type Renew = () => Promise<number | null>;

export class Live {
  space = "";
  online = true;
  paused = false;
  private line = new Line(0);
  private socket: Socket | null = null;
  private waiting: Frame[] = [];
  private highest = 0;
  private bringing: Promise<void> | null = null;
  private drawing = false;
  private known = false;
  private audience = "";
  /** No numbers can bring this page up to date: it must be taken anew. */
  private stale = false;
  private tries = 0;
  private retryTimer = 0;
  private pollTimer = 0;
  private renew: Renew = () => Promise.resolve(null);
  /** Drafts this page has open, with the key to each where one only looks. */
  private drafts = new Map<string, string>();

  /** The number up to which this page shows the space. */
  get seq(): number {
    return this.line.seq;
  }

  /** Begin to follow the space of the page, if the page is live. */
  start(renew: Renew): void {
    const main = mainPart();
    if (!main.dataset["live"] || !main.dataset["space"]) return;
    this.renew = renew;
    this.space = main.dataset["space"];
    this.known = meta("viewer") !== "";
    this.line = new Line(Number(main.dataset["seq"] ?? 0));
    this.highest = this.line.seq;
    this.open();
    addEventListener("pageshow", (event) => event.persisted && this.reconnect());
    addEventListener("online", () => this.socket?.connect());
  }

  private open(): void {
    const socket = io("/live", {
      path: "/socket.io",
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 5_000,
      timeout: 8_000,
    });
    this.socket = socket;
    // A proxy may swallow the handshake without a word.
    setTimeout(() => !socket.connected && this.fell(), CONNECTS_WITHIN);
    socket.on("connect", () => this.watch());
    socket.on("disconnect", (reason) => {
      this.fell();
      // The server closes sockets of people whose rights changed; they come back as who they are now, to a new page.
      if (reason !== "io server disconnect") return;
      this.stale = true;
      setTimeout(() => socket.connect(), 1_000);
    });
    socket.on("connect_error", () => this.fell());
    socket.on("frame", (frame: Frame) => frame.space === this.space && this.receive(frame));
    socket.on("reset", () => this.reset());
    socket.on("reading", (told: { space: string; idea: string; count: number }) => told.space === this.space && send("cs:reading", told));
    socket.on("looking", (told: { space: string; ideas: object }) => told.space === this.space && send("cs:looking", told));
    socket.on("presence", (told: { space: string; count: number }) => told.space === this.space && send("cs:presence", told));
    socket.on("draft", (told: object) => send("cs:draft", told));
    socket.on("draft_presence", (told: object) => send("cs:draft-presence", told));
    socket.on("draft_closed", (told: object) => send("cs:draft-closed", told));
  }

  private watch(): void {
    const idea = find("cs-presence[idea]")?.getAttribute("idea");
    const wish = { space: this.space, after: this.seq, ...(idea ? { idea } : {}) };
    this.socket?.timeout(ANSWER_WITHIN).emit("watch", wish, (error: unknown, answer: WatchAnswer) => {
      if (error || !answer) {
        setTimeout(() => this.socket?.connected && this.watch(), RETRY_WATCH);
        return this.fell();
      }
      if (!answer.ok) return this.reset();
      this.stopPolling();
      this.setOnline(true);
      this.drafts.forEach((key, draft) => this.enterDraft(draft, key));
      if (answer.present !== undefined) send("cs:presence", { space: this.space, count: answer.present });
      if (answer.reading !== undefined) send("cs:reading", { space: this.space, idea, count: answer.reading });
      if (answer.looking !== undefined) send("cs:looking", { space: this.space, ideas: answer.looking });
      this.highest = Math.max(this.highest, answer.seq);
      // Numbers cannot bring what others see and this page was drawn without.
      this.stale ||= this.audience !== "" && this.audience !== answer.audience;
      this.audience = answer.audience;
      if (this.stale || answer.seq > this.seq) this.update(true);
    });
  }

  /** Another idea is open on this page now: tell, and hear, who reads it. */
  look(): void {
    if (this.socket?.connected) this.watch();
  }

  /** Follow a draft: it is opened now, and again whenever the line is back. */
  openDraft(draft: string, key = ""): void {
    this.drafts.set(draft, key);
    if (this.audience) this.enterDraft(draft, key);
  }

  closeDraft(draft: string): void {
    this.drafts.delete(draft);
    this.socket?.emit("draft_close", { draft });
  }

  private enterDraft(draft: string, key: string): void {
    this.socket?.timeout(ANSWER_WITHIN).emit("draft_open", { draft, key }, (error: unknown, answer: { ok: boolean } | undefined) => {
      if (error || !answer?.ok) return;
      send("cs:draft", { ...answer, draft });
      send("cs:draft-presence", { ...answer, draft });
    });
  }

  /** Open the socket anew, as whoever the cookies name now (a guest was made, say). */
  reconnect(): void {
    this.socket?.disconnect().connect();
  }

  private fell(): void {
    if (this.pollTimer) return; // polling decides then whether anything reaches us
    this.pollTimer = window.setTimeout(() => void this.poll(), POLL_AFTER);
    this.setOnline(false);
  }

  private async poll(): Promise<void> {
    if (this.socket?.connected && this.online) return this.stopPolling();
    const reached = await this.bringUp().then(() => true, () => false);
    if (this.socket?.connected) return this.stopPolling();
    this.setOnline(reached);
    const [least, most] = POLL_EVERY;
    this.pollTimer = window.setTimeout(() => void this.poll(), least + Math.random() * (most - least));
  }

  private stopPolling(): void {
    clearTimeout(this.pollTimer);
    this.pollTimer = 0;
  }

  private setOnline(online: boolean): void {
    if (online === this.online) return;
    this.online = online;
    document.body.toggleAttribute("data-offline", !online);
    send("cs:online", { online });
  }

  private receive(frame: Frame): void {
    this.highest = Math.max(this.highest, frame.seq);
    const judgement = this.line.judge(frame);
    if (judgement === "gap") this.update();
    if (judgement !== "apply") return;
    this.line.reached(frame.seq);
    this.waiting.push(frame);
    this.draw();
  }

  /**
   * Bring this page up to date, or try again later where the server cannot answer now: each time after a longer pause, and never
   * a thousand pages at once. While the line is down, polling does that. `now`: the line is back, so nothing waits.
   */
  private update(now = false): void {
    if (this.retryTimer && !now) return;
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    this.bringUp().then(
      () => {
        this.tries = 0;
        if (this.stale) this.update(); // that was said while the page was on its way
      },
      (error: unknown) => this.updateLater(error instanceof Refused ? (error.problem.retryAfter ?? 0) * 1_000 : 0),
    );
  }

  private updateLater(least: number): void {
    if (this.retryTimer) return;
    const pause = Math.max(least, Math.min(MOST_RETRY, RETRY * 2 ** this.tries)) * (1 + Math.random());
    this.tries += 1;
    this.retryTimer = window.setTimeout(() => {
      this.retryTimer = 0;
      if (this.socket?.connected) this.update();
    }, pause);
  }

  /** Fetch what is missing, or all. Throws when the server cannot be reached. */
  private bringUp(): Promise<void> {
    this.bringing ??= (this.stale ? this.takeAnew() : this.fetchMissing()).finally(() => {
      this.bringing = null;
    });
    return this.bringing;
  }

  private async fetchMissing(): Promise<void> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const after = this.seq;
      let missed: CatchUp;
      try {
        missed = await api<CatchUp>("GET", `/spaces/${this.space}/events?after=${after}&limit=${STEP}`);
      } catch (error) {
        if (!(error instanceof Refused && error.problem.status < 429)) throw error;
        return this.takeAnew();
      }
      if (missed.reset) return this.takeAnew();
      this.receive({ space: this.space, after, seq: missed.seq, tallies: missed.tallies, events: missed.items });
      if (!missed.next && this.seq >= this.highest) return;
      if (missed.seq === after) return;
    }
  }

  /** What this screen shows cannot be brought up to date by numbers: take the page anew. */
  private reset(): void {
    this.stale = true;
    this.update();
  }

  private async takeAnew(): Promise<void> {
    this.stale = true;
    this.waiting = [];
    await new Promise((resolve) => setTimeout(resolve, jitter()));
    this.stale = false;
    const seq = await this.renew().catch((error: unknown) => {
      this.stale = true;
      throw error;
    });
    if (seq === null) return;
    this.line = new Line(seq);
    if (this.highest > seq) setTimeout(() => this.update());
  }

  /** Show what came: all frames of a moment in one step, in the browser's own rhythm; at once where nobody looks. */
  private draw(): void {
    if (this.drawing || this.paused) return;
    this.drawing = true;
    const show = (): void => {
      this.drawing = false;
      const frame = join(this.waiting);
      this.waiting = [];
      if (!frame) return;
      mainPart().dataset["seq"] = String(frame.seq);
      send("cs:frame", frame);
    };
    if (document.hidden) setTimeout(show, 0);
    else requestAnimationFrame(show);
  }

  /** Stop showing what happens, or go on and show what was missed. */
  pause(paused: boolean): void {
    this.paused = paused;
    if (!paused) this.draw();
  }

  /** Vote (`null` takes back): by socket, else by request. Throws Refused or Unreachable. */
  async vote(idea: string, value: Choice): Promise<Receipt> {
    if (this.socket?.connected && this.known) {
      const answer = await this.ask(value === null ? "unvote" : "vote", value === null ? { idea } : { idea, value });
      if (answer?.ok) return answer.receipt;
      if (answer && answer.problem.code !== "unauthenticated") throw new Refused({ ...answer.problem, retryAfter: null });
    }
    const receipt =
      value === null
        ? await api<Receipt>("DELETE", `/ideas/${idea}/vote`)
        : await api<Receipt>("PUT", `/ideas/${idea}/vote`, { value });
    // The first vote of somebody unknown made a guest of them: the socket must learn who it is.
    if (!this.known && this.socket) this.reconnect();
    this.known = true;
    return receipt;
  }

  /** Ask by socket; null when no answer came in time (asking again by request is harmless). */
  private ask(name: string, content: object): Promise<VoteAnswer | null> {
    return new Promise((resolve) => {
      this.socket?.timeout(ANSWER_WITHIN).emit(name, content, (error: unknown, answer: VoteAnswer) => resolve(error ? null : answer));
    });
  }
}

export const live = new Live();
export { Refused, Unreachable };
