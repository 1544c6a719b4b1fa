// What makes a form quicker to answer. Everything works without it: the server says what does not go together, and a
// button asks for what is told here by itself.

// Who ticks a box that stands alone means none of the others, and the other way round.
document.addEventListener("change", ({ target }) => {
  if (target.type !== "checkbox" || !target.checked) return;
  for (const one of boxes(target)) {
    if (one !== target && (target.dataset.alone !== undefined || one.dataset.alone !== undefined)) one.checked = false;
  }
});

// The arrows move between the boxes of a question, as they do between radio buttons; Home and End to the ends.
const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step || event.target.type !== "checkbox" || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = boxes(event.target);
  const at = Math.min(Math.max(all.indexOf(event.target) + step, 0), all.length - 1);
  if (all.length < 2) return;
  event.preventDefault();
  all[at].focus();
});

function boxes(one) {
  return one.form && one.name ? [...one.form.elements].filter((it) => it.type === "checkbox" && it.name === one.name) : [];
}

// A list that opened by a choice of another shows what belongs to that choice alone.
for (const list of document.querySelectorAll("select:has(option[data-opens])")) {
  const narrow = () => {
    const chosen = list.selectedOptions[0]?.text;
    for (const group of list.form.querySelectorAll(".by-choice optgroup")) {
      group.hidden = group.label !== chosen;
      if (group.hidden) for (const one of group.children) one.selected = false;
    }
  };
  list.addEventListener("change", narrow);
  narrow();
}

// What follows from a number is told below it as soon as it is whole. The number goes by POST and nowhere else.
(() => {
  const place = document.querySelector("[data-tells]");
  const form = place?.closest("form");
  const field = form?.elements[place.dataset.tells];
  if (!field) return;
  const WHOLE = /^(\d{6}|\d{8})[-+]?\d{4}$/;
  const PAUSE = 400; // milliseconds; ten digits may be the beginning of twelve, and are when they begin so:
  const HALF = /^(19|20)\d{8}$/;
  let asked = bare();
  let timer = 0;
  let current = null;

  // What is told moves the buttons below it, and a button that moves while it is pressed is not pressed at all.
  let pressing = false;
  let waiting = null;
  document.addEventListener("pointerdown", () => { pressing = true; }, true);
  for (const event of ["pointerup", "pointercancel"]) {
    document.addEventListener(event, () => setTimeout(() => {
      pressing = false;
      if (waiting !== null) tell(waiting);
    }), true);
  }

  function tell(html) {
    waiting = pressing ? html : null;
    if (!pressing) place.innerHTML = html;
  }

  function bare() {
    return field.value.replace(/\s/g, "");
  }

  async function ask() {
    clearTimeout(timer);
    const number = bare();
    if (number === asked) return;
    current?.abort();
    current = null;
    if (!WHOLE.test(number)) {
      asked = "";
      tell("");
      return;
    }
    asked = number;
    const mine = (current = new AbortController());
    const body = new URLSearchParams(new FormData(form));
    body.set(place.dataset.asks, "1");
    try {
      const answer = await fetch(form.action, {
        method: "POST", body, redirect: "manual", headers: { "X-Finsam-Part": "1" }, signal: mine.signal,
      });
      const html = answer.ok ? await answer.text() : "";
      if (answer.ok && mine === current) tell(html);
    } catch {
      if (mine === current) asked = ""; // not reached: asked again at the next key
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    const number = bare();
    if (HALF.test(number)) return; // told when the field is left
    timer = setTimeout(ask, number.replace(/\D/g, "").length === 10 ? PAUSE : 0);
  });
  field.addEventListener("change", ask);
})();
