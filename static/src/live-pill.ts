// <cs-live-pill for="LIST">: "3 new ideas" waits here until pressed; nothing moves by itself. It also says when the line is down.
import { html, LitElement } from "lit";
import { announce } from "./announcer.ts";
import { find, findAll, iconAddress, isTyping, listen, meta } from "./dom.ts";
import { beforeMoving } from "./flip.ts";
import { fits, type Frame } from "./frames.ts";
import { drawsPage, newestPage } from "./http.ts";
import { morph } from "./morph.ts";
import { say, sayCount } from "./texts.ts";

const SAYS_OFFLINE_AFTER = 1_000;
const SAYS_KEPT_AFTER = 10_000;
const TAKES_BACK = "idea.hidden idea.withdrawn idea.merged idea.held";

class LivePill extends LitElement {
  private fresh = new Set<string>();
  private reordered = false;
  private offline: "" | "reconnecting" | "kept" = "";
  private busy = false;
  private timers: number[] = [];
  private stops: (() => void)[] = [];

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  private get list(): HTMLElement | null {
    return document.getElementById(this.getAttribute("for") ?? "");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops = [
      listen<Frame>("cs:frame", (frame) => this.hear(frame)),
      listen<{ online: boolean }>("cs:online", ({ online }) => this.line(online)),
      listen<{ row: HTMLElement }>("cs:gone", ({ row }) => this.lost(row)),
      listen("cs:load", () => this.waits && void this.load()),
      listen<{ ids: string[] }>("cs:renewed", ({ ids }) => ids.includes("main") && this.clear()),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stops.forEach((stop) => stop());
    this.timers.forEach((timer) => clearTimeout(timer));
  }

  /** The server draws this element empty; a renewed page must not empty it. */
  takeServer(): void {
    this.requestUpdate();
  }

  private get waits(): boolean {
    return this.fresh.size > 0 || this.reordered;
  }

  private hear(frame: Frame): void {
    const wanted = this.list?.dataset["pillOn"] ?? "";
    for (const event of frame.events) {
      const idea = String(event.payload["idea_id"] ?? event.seq);
      if (fits(event.name, TAKES_BACK)) this.fresh.delete(idea);
      const isMine = event.actor_id !== null && event.actor_id === meta("viewer");
      if (wanted && !isMine && fits(event.name, wanted) && !document.getElementById(`idea-${idea}`)) this.fresh.add(idea);
    }
    this.reordered ||= this.isOutOfOrder();
    this.requestUpdate();
    if (this.fresh.size) announce(sayCount("pill.new", this.fresh.size));
  }

  /** Whether the list is ranked by votes and the votes now say otherwise. */
  private isOutOfOrder(): boolean {
    if (this.list?.dataset["rank"] !== "top") return false;
    const votes = findAll("cs-vote-button[up]", this.list).map((button) => Number(button.getAttribute("up")) - Number(button.getAttribute("down")));
    return votes.some((count, place) => place > 0 && count > (votes[place - 1] ?? 0));
  }

  private lost(row: HTMLElement): void {
    if (row.parentElement !== this.list) return;
    row.classList.add("gone");
    this.reordered = true;
    this.requestUpdate();
  }

  private line(online: boolean): void {
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers = [];
    const set = (state: typeof this.offline): void => {
      this.offline = state;
      this.requestUpdate();
    };
    if (online) return set("");
    this.timers = [
      window.setTimeout(() => set("reconnecting"), SAYS_OFFLINE_AFTER),
      window.setTimeout(() => set("kept"), SAYS_KEPT_AFTER),
    ];
  }

  private clear(): void {
    this.fresh.clear();
    this.reordered = false;
    this.requestUpdate();
  }

  /** Where the list begins. */
  private first = (): string => {
    const url = new URL(this.list?.dataset["liveUrl"] ?? location.href, location.href);
    url.searchParams.delete("cursor");
    return url.href;
  };

  private async load(): Promise<void> {
    if (!this.list || this.busy) return;
    this.busy = true;
    try {
      const { page } = await newestPage(this.first);
      const list = this.list;
      const fresh = list && page.getElementById(list.id);
      if (fresh) this.show(list, fresh, page);
    } catch {
      this.requestUpdate();
    } finally {
      this.busy = false;
    }
  }

  private show(list: HTMLElement, fresh: HTMLElement, page: Document): void {
    const known = new Set([...list.children].map((row) => row.id));
    const travel = beforeMoving(list);
    drawsPage();
    morph(list, fresh);
    const pager = `cs-infinite-list[for="${list.id}"]`;
    const [oldPager, freshPager] = [find(pager), find(pager, page)];
    if (oldPager && freshPager) morph(oldPager, freshPager);
    this.clear();
    travel();
    const rows = [...(this.list?.children ?? [])];
    const first = rows.find((row) => !known.has(row.id)) ?? rows[0];
    const target = first && find("h2 a, h3 a, a", first);
    if (target && !isTyping(document.activeElement)) target.focus();
    document.dispatchEvent(new CustomEvent("cs:renewed", { detail: { ids: [list.id] } }));
  }

  protected override render(): unknown {
    if (this.offline) {
      const text = say(this.offline === "kept" ? "pill.offline" : "pill.reconnecting");
      return html`<span class="livepill offline" role="status"><svg class="icon" aria-hidden="true"><use href=${iconAddress("wifi-off")}></use></svg> ${text}</span>`;
    }
    if (!this.waits) return null;
    const text = this.fresh.size ? sayCount("pill.new", this.fresh.size) : say("pill.order");
    return html`<button class="livepill" type="button" @click=${() => void this.load()}>
      <svg class="icon" aria-hidden="true"><use href=${iconAddress("chevron-up")}></use></svg> ${text}
    </button>`;
  }
}

customElements.define("cs-live-pill", LivePill);
