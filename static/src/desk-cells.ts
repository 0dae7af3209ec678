// Cells of the desk's table that are changed in their place. A cell is a link to the field beside the table; a press turns it into a
// small form of the page, sent like any other. What somebody else changed meanwhile is told as a conflict, never overwritten.
import { find, findAll } from "./dom.ts";

/** Turn a cell into its form; answers whether this page has one for it. */
export function editCell(link: HTMLAnchorElement): boolean {
  const row = link.closest<HTMLElement>("tr");
  const template = find<HTMLTemplateElement>(`template[data-cell="${CSS.escape(link.dataset["edit"] ?? "")}"]`);
  const drawn = template?.content.firstElementChild;
  if (!row || !drawn) return false;
  leaveCells();
  const form = drawn.cloneNode(true) as HTMLFormElement;
  put(form, "idea", row.dataset["idea"] ?? "");
  put(form, "seen", row.dataset["seen"] ?? "");
  link.after(form);
  const field = find<HTMLInputElement | HTMLSelectElement>("[data-now]", form);
  if (field) begin(field, link.dataset["value"] ?? "");
  return true;
}

/** Close every cell that is being changed; answers the link of the last one. */
export function leaveCells(): HTMLElement | null {
  let link: Element | null = null;
  for (const form of findAll("form.cellform")) {
    link = form.previousElementSibling;
    form.remove();
  }
  return link as HTMLElement | null;
}

function put(form: HTMLFormElement, name: string, value: string): void {
  const field = find<HTMLInputElement>(`input[name=${name}]`, form);
  if (field) field.value = value;
}

/** Begin with what there is: only what differs from it counts as typed. */
function begin(field: HTMLInputElement | HTMLSelectElement, value: string): void {
  if (field instanceof HTMLSelectElement) {
    for (const option of field.options) option.defaultSelected = option.value === value;
  } else field.defaultValue = value;
  field.value = value;
  field.focus();
  if (field instanceof HTMLInputElement) field.select();
}
