// Small helpers for building and finding elements; nothing here parses HTML from strings.

/** The element `selector` below `root`, if any. */
export function find<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

/** All elements `selector` below `root`. */
export function findAll<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

/** The content of `<meta name=…>`. */
export function meta(name: string): string {
  return find<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

/** The page's main part; it carries the space and the number the page was read at. */
export function mainPart(): HTMLElement {
  return find("main") ?? document.body;
}

/** Tell the document something. */
export function send(name: string, detail: unknown): void {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/** Listen on the document; returns how to stop. */
export function listen<T>(name: string, heard: (detail: T) => void): () => void {
  const listener = (event: Event): void => heard((event as CustomEvent<T>).detail);
  document.addEventListener(name, listener);
  return () => document.removeEventListener(name, listener);
}

/** Whether a person types at this element, so that keys and refreshes leave it alone. */
export function isTyping(element: Element | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  const keyless = ["checkbox", "radio", "button", "submit", "reset", "range", "color", "file"];
  return element instanceof HTMLInputElement && !keyless.includes(element.type);
}

/** Whether people asked for less motion. */
export function isStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** The address of an icon in the sprite. */
export function iconAddress(name: string): string {
  return `${document.body.dataset["icons"] ?? ""}#i-${name}`;
}

/** An icon, silent beside words. */
export function makeIcon(name: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", iconAddress(name));
  icon.append(use);
  return icon;
}

/** Run `work` once things have been quiet for `wait` milliseconds. */
export function debounce<A extends unknown[]>(work: (...given: A) => void, wait: number): (...given: A) => void {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => work(...given), wait);
  };
}
