// Talking to the server: problems as values, pages as documents.
import { meta } from "./dom.ts";

export interface Problem {
  code: string;
  status: number;
  detail: string;
  retryAfter: number | null;
}

/** Thrown for an answer that refuses; `problem.detail` is a sentence for people. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** Thrown when no answer came. */
export class Unreachable extends Error {}

async function reach(address: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { credentials: "same-origin", ...options });
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

async function refusal(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get("Retry-After"));
  const given = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return {
    code: given.code ?? "unavailable",
    status: response.status,
    detail: given.detail ?? response.statusText,
    retryAfter: Number.isFinite(wait) && wait > 0 ? wait : null,
  };
}

/** Ask the API; throws Refused or Unreachable. A gateway that cannot reach the server counts as unreachable. */
export async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = meta("csrf-token");
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const options: RequestInit = { method, headers };
  if (body !== undefined) options.body = JSON.stringify(body);
  const response = await reach(`/api/v1${path}`, options);
  if (response.status === 502 || response.status === 504) throw new Unreachable(response.statusText);
  if (!response.ok) throw new Refused(await refusal(response));
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

let drawn = 0;

/** Somebody draws this page anew: answers on their way to what was asked before would show an older state. */
export function drawsPage(): void {
  drawn += 1;
}

/**
 * The newest state of a page, and where it was read: asked again, from where it is by then, as long as it was drawn anew or
 * went elsewhere while the answer was on its way.
 */
export async function newestPage(where: () => string, isWanted: () => boolean = () => true): Promise<{ page: Document; address: string }> {
  for (;;) {
    const [before, address] = [drawn, where()];
    const page = await fetchPage(address);
    if ((before === drawn && address === where()) || !isWanted()) return { page, address };
  }
}

/** How often the page was drawn anew. */
export function draws(): number {
  return drawn;
}

interface TrustedPolicy {
  createHTML(text: string): string;
}

let policy: TrustedPolicy | null | undefined;

/** HTML of our own server as a document. This is the only place where text becomes elements. */
export function parsePage(html: string): Document {
  if (policy === undefined) {
    const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): TrustedPolicy } }).trustedTypes;
    policy = types?.createPolicy("codesign", { createHTML: (text: string) => text }) ?? null;
  }
  return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
}

/** A page of our own, as it is now. Refusals are pages too (a space that is gone, say), so any status is answered. */
export async function fetchPage(address: string): Promise<Document> {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin) throw new Unreachable("another origin");
  url.hash = "";
  const response = await reach(url.href, { headers: { Accept: "text/html", "X-Refresh": "1" }, cache: "no-store" });
  if (response.status >= 500 || response.status === 429) throw new Unreachable(response.statusText);
  return parsePage(await response.text());
}

/** Send a form as a browser would; answers the page it led to, refusals too, and the address of that page. */
export async function sendForm(address: string, content: FormData): Promise<{ page: Document; address: string; status: number }> {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin) throw new Unreachable("another origin");
  const body = new URLSearchParams([...content].map(([name, value]): [string, string] => [name, String(value)]));
  const response = await reach(url.href, { method: "POST", headers: { Accept: "text/html" }, body });
  if (response.status >= 500 || response.status === 429) throw new Unreachable(response.statusText);
  return { page: parsePage(await response.text()), address: response.url, status: response.status };
}
