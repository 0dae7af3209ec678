// <cs-infinite-list for="LIST">: real pages, joined. The next one is fetched when the end comes near; Back returns to the same place.
import { find, findAll, send } from "./dom.ts";
import { fetchPage } from "./http.ts";
import { announce } from "./announcer.ts";
import { say, sayCount } from "./texts.ts";

interface Place {
  pages: string[];
  row: string;
  offset: number;
}

class InfiniteList extends HTMLElement {
  private pages: string[] = [];
  private busy = false;
  private watcher: IntersectionObserver | null = null;

  private get list(): HTMLElement | null {
    return document.getElementById(this.getAttribute("for") ?? "");
  }

  private get next(): HTMLAnchorElement | null {
    return find<HTMLAnchorElement>("a[rel~=next]", this);
  }

  connectedCallback(): void {
    this.watcher = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && void this.load(), { rootMargin: "600px" });
    this.watcher.observe(this);
    addEventListener("pagehide", this.remember);
    void this.comeBack();
  }

  disconnectedCallback(): void {
    this.watcher?.disconnect();
    removeEventListener("pagehide", this.remember);
  }

  private async load(): Promise<boolean> {
    const next = this.next;
    if (!next || this.busy || !this.list) return false;
    const address = next.href;
    this.busy = true;
    find(".pager", this)?.setAttribute("aria-busy", "true");
    try {
      const page = await fetchPage(address);
      this.append_(page, address);
      return true;
    } catch {
      // The link stays: pressing it goes to the next page in the plain way, and the next look tries again.
      announce(say("list.failed"));
      return false;
    } finally {
      this.busy = false;
      find(".pager", this)?.removeAttribute("aria-busy");
    }
  }

  private append_(page: Document, address: string): void {
    const rows = [...(page.getElementById(this.list?.id ?? "")?.children ?? [])].filter((row) => !row.id || !document.getElementById(row.id));
    for (const row of rows) {
      // A row of a later page is renewed from that page.
      if (row instanceof HTMLElement && row.dataset["liveOn"] !== undefined) row.dataset["liveUrl"] = address;
    }
    this.list?.append(...rows.map((row) => document.adoptNode(row)));
    const [old, fresh] = [find(".pager", this), find(`cs-infinite-list[for="${this.list?.id ?? ""}"] .pager`, page)];
    const more = find("a[rel~=next]", fresh ?? document.createElement("p"));
    if (old) {
      this.next?.remove();
      if (more) (find(".row", old) ?? old).append(document.adoptNode(more));
    }
    this.pages.push(address);
    announce(sayCount("list.more", rows.length));
    send("cs:renewed", { ids: [this.list?.id] });
    // Observers only tell of changes: look again in case the end is still near.
    this.watcher?.unobserve(this);
    this.watcher?.observe(this);
  }

  /** Keep in the history which pages were joined and which row was on top. */
  private remember = (): void => {
    const row = findAll("[id]", this.list ?? document.createElement("p")).find((item) => item.parentElement === this.list && item.getBoundingClientRect().bottom > 0);
    if (!this.pages.length || !row) return;
    const place: Place = { pages: this.pages, row: row.id, offset: row.getBoundingClientRect().top };
    history.replaceState({ ...(history.state as object | null), list: place }, "");
  };

  private async comeBack(): Promise<void> {
    const place = (history.state as { list?: Place } | null)?.list;
    const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    if (!place || navigation?.type === "navigate") return;
    for (const address of place.pages) {
      if (this.next?.href !== address && this.next === null) break;
      if (!(await this.load())) break;
    }
    const row = document.getElementById(place.row);
    if (row) scrollTo({ top: row.getBoundingClientRect().top + scrollY - place.offset, behavior: "instant" });
  }
}

customElements.define("cs-infinite-list", InfiniteList);
