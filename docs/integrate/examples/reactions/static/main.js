// Loaded on every page of a space where the plugin is on. Without it the buttons still work, as plain forms.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.closest(".reactions")) return;
  event.preventDefault();
  const options = { method: "POST", body: new FormData(form), redirect: "manual" };
  const answer = await fetch(form.action, options).catch(() => null);
  // The server answers by leading back to the idea; the row itself is drawn anew when the event arrives.
  if (answer?.type !== "opaqueredirect" && !answer?.ok) form.submit();
});

// Our own event comes in the frames of the space, to everybody who may see counts.
document.addEventListener("cs:frame", ({ detail }) => {
  for (const { name, payload } of detail.events) {
    const row = document.querySelector(`.reactions[data-live-idea="${payload.idea_id}"]`);
    if (name === "reactions.changed" && row && payload.count > 0) rise(row, payload.emoji);
  }
});

function rise(row, emoji) {
  const button = [...row.querySelectorAll("button")].find((each) => each.dataset.emoji === emoji);
  if (!button) return;
  const floating = document.createElement("span");
  floating.className = "reactions-rise";
  floating.ariaHidden = "true";
  floating.textContent = emoji;
  floating.addEventListener("animationend", () => floating.remove());
  button.append(floating);
}
