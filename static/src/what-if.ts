// What if: the number beside a slider follows it, and the order is asked for again when it stands still. Without this the
// form is sent by its button.
import { debounce, find } from "./dom.ts";
import { fetchPage } from "./http.ts";
import { morph } from "./morph.ts";
import { written } from "./numbers.ts";

const PAUSE = 250;

let asked = 0;

async function showOrder(form: HTMLFormElement): Promise<void> {
  const words = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") words.append(name, value);
  const address = `${location.pathname}?${words.toString()}`;
  const number = ++asked;
  const page = await fetchPage(address).catch(() => null);
  // A later question may have been answered first.
  if (!page || number !== asked) return;
  history.replaceState(history.state, "", address);
  const [old, fresh] = [find("#order"), page.querySelector("#order")];
  if (old && fresh) morph(old, fresh);
}

const showSoon = debounce((form: HTMLFormElement) => void showOrder(form), PAUSE);

function moved(event: Event): void {
  const control = event.target as HTMLInputElement;
  const form = control.form;
  if (!form?.matches("[data-what-if]")) return;
  const output = form.querySelector(`output[for="${CSS.escape(control.name)}"]`);
  if (output) output.textContent = written(Number(control.value));
  showSoon(form);
}

/** Begin to follow the sliders of this page. */
export function startTries(): void {
  document.addEventListener("input", moved);
}
