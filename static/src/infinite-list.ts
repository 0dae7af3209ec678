// <cs-infinite-list for="LIST">: real pages, joined. The next one is fetched when the end comes near; Back returns to the same place.
import { find, findAll, listen, send } from "./dom.ts";
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
  private stop: () => void = () => undefined;

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
    this.stop = listen<{ ids: string[] }>("cs:renewed", ({ ids }) => this.renewed(ids));
    void this.comeBack();
  }

  disconnectedCallback(): void {
    this.watcher?.disconnect();
    this.stop();
    removeEventListener("pagehide", this.remember);
  }

  /** The list begins anew with its first page. */
  private renewed(ids: string[]): void {
    if (ids.includes(this.list?.id ?? "")) this.pages = [];
    else if (!ids.includes("main")) return;
    this.lookAgain();
  }

  /** Observers only tell of changes: ask whether the end is near now. */
  private lookAgain(): void {
    this.watcher?.unobserve(this);
    this.watcher?.observe(this);
  }

  private async load(): Promise<boolean> {
    const next = this.next;
    if (!next || this.busy || !this.list) return false;
    const address = next.href;
    this.busy = true;
    find(".pager", this)?.setAttribute("aria-busy", "true");
    try {
      const page = await fetchPage(address);
      // The list began anew meanwhile, and another page follows now.
      if (this.next?.href !== address) return false;
      this.join(page, address);
      return true;
    } catch {
      // The link stays: pressing it goes to the next page in the plain way, and the next look tries again.
      announce(say("list.failed"));
      return false;
    } finally {
      this.busy = false;
      find(".pager", this)?.removeAttribute("aria-busy");
      if (this.next?.href !== address) this.lookAgain();
    }
  }

  private join(page: Document, address: string): void {
    const rows = this.joinTo(document, page, address);
    this.pages.push(address);
    announce(sayCount("list.more", rows.length));
    send("cs:renewed", { ids: rows.map((row) => row.id) });
  }

  /** Put the rows and the next link of a fetched page into `target`: this document, or the page about to replace it. */
  private joinTo(target: Document, page: Document, address: string): Element[] {
    const id = this.getAttribute("for") ?? "";
    const rows = [...(page.getElementById(id)?.children ?? [])].filter((row) => !row.id || !target.getElementById(row.id));
    for (const row of rows) {
      // A row of a later page is renewed from that page.
      if (row.hasAttribute("data-live-on")) row.setAttribute("data-live-url", address);
    }
    target.getElementById(id)?.append(...rows.map((row) => target.adoptNode(row)));
    const next = `cs-infinite-list[for="${id}"] a[rel~=next]`;
    const [old, more] = [find(next, target), find(next, page)];
    if (old && more) old.replaceWith(target.adoptNode(more));
    else old?.remove();
    return rows;
  }

  /** The page is about to be drawn anew: the pages joined so far belong to it. */
  async joinInto(target: Document): Promise<void> {
    for (const address of this.pages) this.joinTo(target, await fetchPage(address), address);
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
