// What is better with a little script; everything works without it.

// An error summary that came by itself takes the focus (autofocus does the same where a page is loaded whole).
document.querySelector(".error-summary[autofocus]")?.focus();

// A link of the error summary leads to its field, also inside an answer that is not chosen.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".error-summary a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const label = field.closest(".field") ?? field;
  label.scrollIntoView({ block: "start" });
  field.focus({ preventScroll: true });
});

// A table wider than its frame shows on which side there is more.
function tellMore(frame) {
  const left = frame.scrollWidth - frame.clientWidth - frame.scrollLeft;
  frame.classList.toggle("more-before", frame.scrollLeft > 1);
  frame.classList.toggle("more-after", left > 1);
}
const sizes = new ResizeObserver((entries) => entries.forEach((entry) => tellMore(entry.target)));
for (const frame of document.querySelectorAll(".table-frame")) {
  sizes.observe(frame);
  frame.addEventListener("scroll", () => tellMore(frame), { passive: true });
}

// The button that prints stands only where it works.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
