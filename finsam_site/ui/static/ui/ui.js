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
