// <cs-picture-field for data-space>: pictures chosen, dropped or pasted are sent at once and named in the text where the caret
// stands; undo takes the name out again. Each then asks what it shows. Without this script the file comes with the form.
import { announce } from "./announcer.ts";
import { find, meta } from "./dom.ts";
import { asParagraph, referenceIn, referenceTo } from "./picture-text.ts";
import { say } from "./texts.ts";
import { toast } from "./toasts.ts";

const MOST_BYTES = 5 * 1024 * 1024;
const LONGEST_SIDE = 2560;

interface Sent {
  url: string;
  width: number;
  height: number;
}

/** Write into a field as if it were typed, so that undo knows of it; false where it does not fit. */
function type(area: HTMLTextAreaElement, from: number, to: number, text: string): boolean {
  if (area.maxLength >= 0 && area.value.length - (to - from) + text.length > area.maxLength) return false;
  area.focus({ preventScroll: true });
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return true;
}

/** A photo as it comes from a camera is larger than we take: smaller it looks the same. */
async function shrunk(file: File): Promise<Blob> {
  if (file.size <= MOST_BYTES) return file;
  const image = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error())), "image/jpeg", 0.9));
}

/** Send a picture; only this way of asking says how far it has come. */
function send(space: string, content: Blob, progress: (part: number) => void): Promise<Sent> {
  return new Promise((done, failed) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", `/api/v1/spaces/${space}/pictures`);
    asked.setRequestHeader("X-CSRF-Token", meta("csrf-token"));
    asked.setRequestHeader("Content-Type", content.type.startsWith("image/") ? content.type : "image/unknown");
    asked.responseType = "json";
    asked.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    asked.addEventListener("error", () => failed(new Error(say("picture.failed"))));
    asked.addEventListener("load", () => {
      const answer = asked.response as (Sent & { detail?: string }) | null;
      if (asked.status === 201 && answer) done(answer);
      else failed(new Error(answer?.detail ?? say("picture.failed")));
    });
    asked.send(content);
  });
}

class PictureField extends HTMLElement {
  private stop = new AbortController();
  private waiting = 0;
  private count = 0;

  connectedCallback(): void {
    const [area, file, words] = [this.area, find<HTMLInputElement>("input[type=file]", this), find("[data-words]", this)];
    if (!area || !file || !words) return;
    const { signal } = (this.stop = new AbortController());
    file.removeAttribute("name");
    file.multiple = true;
    words.hidden = true;
    find("input", words)?.removeAttribute("name");
    const hint = find(".hint", this);
    if (hint && this.count === 0) hint.textContent = `${hint.textContent ?? ""} ${say("picture.hint")}`;
    file.addEventListener("change", () => {
      this.take(file.files, true);
      file.value = "";
    }, { signal });
    area.addEventListener("paste", (event) => this.caught(event, event.clipboardData), { signal });
    area.addEventListener("drop", (event) => this.caught(event, event.dataTransfer), { signal });
    area.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault(), { signal });
    area.addEventListener("input", () => this.follow(), { signal });
    area.form?.addEventListener("submit", (event) => this.leave(event), { signal, capture: true });
  }

  disconnectedCallback(): void {
    this.stop.abort();
  }

  /** The server draws the field as it is without script, and knows nothing of pictures on their way. */
  takeServer(): void {}

  private get area(): HTMLTextAreaElement | null {
    const area = document.getElementById(this.getAttribute("for") ?? "");
    return area instanceof HTMLTextAreaElement ? area : null;
  }

  private get rows(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-sent]")];
  }

  /** Files that are pasted or dropped; a copied text stays a text, even where a picture of it comes along. */
  private caught(event: Event, data: DataTransfer | null): void {
    if (!data?.files.length || data.types.includes("text/plain")) return;
    event.preventDefault();
    this.take(data.files, false);
  }

  private take(files: FileList | null, asks: boolean): void {
    find<HTMLDetailsElement>("details", this)?.setAttribute("open", "");
    for (const file of files ?? []) void this.bring(file, asks);
  }

  private async bring(file: File, asks: boolean): Promise<void> {
    const row = this.row(file.name);
    this.waiting += 1;
    try {
      const bar = find<HTMLProgressElement>("progress", row);
      const content = await shrunk(file).catch(() => file);
      const sent = await send(this.dataset["space"] ?? "", content, (part) => bar && (bar.value = part));
      this.put(row, sent, asks);
    } catch (error) {
      row.remove();
      toast({ text: (error as Error).message, kind: "picture" });
      announce((error as Error).message, true);
    } finally {
      this.waiting -= 1;
    }
  }

  /** The line of a picture on its way. */
  private row(name: string): HTMLElement {
    const row = document.createElement("div");
    row.className = "picturerow";
    const bar = document.createElement("progress");
    const words = document.createElement("span");
    words.className = "small soft";
    words.textContent = say("picture.sending", { name });
    bar.max = 1;
    bar.setAttribute("aria-label", words.textContent);
    row.append(bar, words);
    find(".card", this)?.append(row);
    return row;
  }

  /** Name a picture that has arrived in the text, and ask what it shows. */
  private put(row: HTMLElement, sent: Sent, asks: boolean): void {
    const { area } = this;
    const place = area?.selectionEnd ?? 0;
    if (!area || !type(area, place, place, asParagraph(area.value, place, referenceTo(sent.url, "")))) {
      throw new Error(say("picture.full"));
    }
    const image = document.createElement("img");
    [image.src, image.alt, image.width, image.height] = [sent.url, "", sent.width, sent.height];
    row.dataset["sent"] = sent.url;
    row.replaceChildren(image, ...this.question(sent.url));
    announce(say("picture.added"), true);
    if (asks) find("input", row)?.focus();
  }

  /** The field that asks what a picture shows: a copy of the one that comes with the form. */
  private question(address: string): Element[] {
    const field = find("[data-words]", this)?.cloneNode(true) as HTMLElement | undefined;
    const input = field && find<HTMLInputElement>("input", field);
    if (!field || !input) return [];
    this.count += 1;
    field.hidden = false;
    for (const each of field.querySelectorAll("[id]")) each.id += this.count;
    for (const name of ["for", "aria-describedby"]) {
      for (const each of field.querySelectorAll(`[${name}]`)) each.setAttribute(name, (each.getAttribute(name) ?? "") + this.count);
    }
    delete field.dataset["words"];
    input.value = "";
    input.addEventListener("change", () => setTimeout(() => this.describe(address, input.value)));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.describe(address, input.value);
      this.area?.focus();
    });
    return [field];
  }

  /** Write into the text what a picture shows; whoever types elsewhere goes on there. */
  private describe(address: string, words: string): void {
    const { area } = this;
    const found = area && referenceIn(area.value, address);
    if (!area || !found || area.value.slice(found.from, found.to) === referenceTo(address, words)) return;
    const here = document.activeElement;
    const caret = area.selectionEnd;
    if (!type(area, found.from, found.to, referenceTo(address, words))) return;
    const moved = caret >= found.to ? caret + area.selectionEnd - found.to : caret;
    area.setSelectionRange(moved, moved);
    if (here instanceof HTMLElement && here !== area && here !== document.body) here.focus({ preventScroll: true });
  }

  /** What undo took out of the text is asked about no more, and again when it is back. */
  private follow(): void {
    for (const row of this.rows) row.hidden = !referenceIn(this.area?.value ?? "", row.dataset["sent"] ?? "");
  }

  private leave(event: SubmitEvent): void {
    if (this.waiting > 0) {
      event.preventDefault();
      event.stopImmediatePropagation();
      toast({ text: say("picture.wait"), kind: "picture" });
      return;
    }
    for (const row of this.rows) this.describe(row.dataset["sent"] ?? "", find<HTMLInputElement>("input", row)?.value ?? "");
  }
}

customElements.define("cs-picture-field", PictureField);
