// Letters typed for a field that is still on its way.
import { isTyping } from "./dom.ts";

/** Keep the letters typed from now on; what it returns gives them to the field that came, and keeps no more. */
export function keepTyped(): (field: HTMLElement | null) => void {
  let letters = "";
  const keep = (event: KeyboardEvent): void => {
    const isLetter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isLetter || isTyping(event.target as Element)) return;
    event.preventDefault();
    event.stopPropagation();
    letters += event.key;
  };
  document.addEventListener("keydown", keep, true);
  return (field) => {
    document.removeEventListener("keydown", keep, true);
    if (letters && field) type(field, letters);
  };
}

function type(field: HTMLElement, letters: string): void {
  if (field instanceof HTMLSelectElement) {
    const meant = [...field.options].find((option) => !option.disabled && option.text.toLowerCase().startsWith(letters.toLowerCase()));
    if (meant) field.value = meant.value;
  } else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
    field.setRangeText(letters, field.value.length, field.value.length, "end");
  } else return;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
