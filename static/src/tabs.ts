// A row of tabs or picks that is wider than the screen begins with the current one in view.
import { findAll } from "./dom.ts";

for (const current of findAll(".tabs [aria-current], .picks [aria-current]")) {
  const row = current.closest(".tabs, .picks");
  if (!row) continue;
  const [outer, inner] = [row.getBoundingClientRect(), current.getBoundingClientRect()];
  row.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
}
