// A change of thousands takes its time: how far it has come, while its page waits for it, or who comes back does.
import { announce } from "./announcer.ts";
import { find, listen } from "./dom.ts";
import { renewSoon } from "./regions.ts";

const EVERY = 1_000;

function running(): HTMLElement | null {
  return find("#running [data-deed]");
}

export class Running {
  private timer = 0;
  private sent = 0;
  private isLeft = false;
  private readonly quiet: () => void;

  /** `ended` is called when a change is through whose answer nobody waits for any more. */
  constructor(private readonly ended: () => void) {
    this.quiet = listen<{ ids: string[] }>("cs:renewed", ({ ids }) => ids.includes("running") && this.tell());
    if (running()) this.watch();
  }

  /** The answer of the server, with how far it has come shown meanwhile. */
  async during<T>(answer: Promise<T>): Promise<T> {
    this.sent += 1;
    this.watch();
    try {
      return await answer;
    } finally {
      this.sent -= 1;
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.quiet();
  }

  private watch(): void {
    if (!this.timer) this.timer = window.setInterval(() => this.look(), EVERY);
  }

  private look(): void {
    const region = find("#running");
    if (region && (this.sent || running())) {
      if (!this.sent) this.isLeft = true;
      return renewSoon(region);
    }
    clearInterval(this.timer);
    this.timer = 0;
    if (this.isLeft) this.ended();
    this.isLeft = false;
  }

  /** At most one sentence in ten seconds, the newest. */
  private tell(): void {
    const words = running()?.querySelector("label")?.textContent;
    if (words) announce(words);
  }
}
