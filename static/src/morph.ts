// Turning an element into its new self without disturbing the person at it.
import { Idiomorph } from "idiomorph";

/** An element that takes its new self in its own way (a vote on its way, an open menu). */
export interface TakesServer extends Element {
  takeServer(fresh: Element): void;
}

function takesServer(node: Node): node is TakesServer {
  return "takeServer" in node;
}

/** Where the server names no choice, a list begins with its first. */
function isOtherChoice(list: HTMLSelectElement): boolean {
  const options = [...list.options];
  const isNamed = list.multiple || options.some((option) => option.defaultSelected);
  return isNamed ? options.some((option) => option.selected !== option.defaultSelected) : list.selectedIndex > 0;
}

/** Whether a person changed this field since the server drew it. */
export function isChanged(node: Node): boolean {
  if (node instanceof HTMLTextAreaElement) return node.value !== node.defaultValue;
  if (node instanceof HTMLSelectElement) return isOtherChoice(node);
  if (!(node instanceof HTMLInputElement)) return false;
  if (node.type === "checkbox" || node.type === "radio") return node.checked !== node.defaultChecked;
  return node.type !== "hidden" && node.value !== node.defaultValue;
}

function isHeldOpen(node: Node): boolean {
  return (node instanceof HTMLDetailsElement || node instanceof HTMLDialogElement) && node.open;
}

const callbacks = {
  beforeNodeMorphed(old: Node, fresh: Node): boolean {
    if (takesServer(old) && fresh instanceof Element) {
      old.takeServer(fresh);
      return false;
    }
    return !isChanged(old);
  },
  beforeAttributeUpdated(name: string, node: Element, mutation: "update" | "remove"): boolean {
    if (name === "open" && isHeldOpen(node)) return false;
    // Scripts mark elements with these; the server's page does not know them.
    return !(mutation === "remove" && (name === "data-live-url" || name === "data-busy"));
  },
  beforeNodeRemoved(node: Node): boolean {
    if (node instanceof Element && node.matches("[data-stays]")) return false; // scripts put it there; the server does not know it
    // What a person is typing into is never taken away under their hands.
    return !(node instanceof Element && (isChanged(node) || [...node.querySelectorAll("input, textarea, select")].some(isChanged)));
  },
};

/** Make `old` look like `fresh`. Focus, selection, typed text and open menus stay. */
export function morph(old: Element, fresh: Element): void {
  // What has the focus stays as it is, but for a cell of the desk: it only says what the server says.
  const ignoreActiveValue = !document.activeElement?.matches("[data-edit]");
  Idiomorph.morph(old, fresh, { morphStyle: "outerHTML", ignoreActiveValue, restoreFocus: true, callbacks });
}
