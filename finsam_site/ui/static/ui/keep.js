// Keeps what is typed in a form as a draft, and says in time that the session is about to end. Everything works
// without it: each step's post keeps the draft too, and a page that was logged out leads back to it. A form that keeps
// no draft is not sent while nobody is logged in, since what was typed would be lost with it.
(() => {
  const EVERY = 4000; // milliseconds between saves, so that with the network's time at most 5 s of typing are lost
  const WARN = 120; // seconds before the end of the session
  const LOOK = 5000;
  const body = document.body;
  const form = document.querySelector("form[data-draft]");

  // The answer to a post with something wrong becomes a page like any other, asked for at its own address: Back and
  // reload show what is kept, where the browser would have asked whether to send the form once more.
  const here = document.querySelector("form[data-here]")?.dataset.here;
  if (here) history.replaceState(history.state, "", here);

  // The draft

  const status = form?.querySelector("[data-draft-status]");
  const page = Math.random().toString(36).slice(2);
  let nr = form?.dataset.draft;
  let changed = false;
  let saving = false;
  let sent = false;
  let last = -EVERY;
  let timer = 0;
  let over = false; // the session

  // As the server writes it, wherever the browser believes it is.
  const STOCKHOLM = { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" };
  const time = () => new Date().toLocaleTimeString("sv-SE", STOCKHOLM).replace(":", ".");

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  // Once asked for it is not put off: somebody who types on and on is saved too.
  function soon() {
    if (!timer) timer = setTimeout(save, Math.max(300, EVERY - (Date.now() - last)));
  }

  // leaving: the page is about to go, so also beside a save that is on its way.
  async function save(leaving) {
    clearTimeout(timer);
    timer = 0;
    if (!changed || sent || (saving && leaving !== true)) return;
    saving = true;
    changed = false;
    last = Date.now();
    const fields = new URLSearchParams(new FormData(form));
    fields.set("_skriver", page);
    fields.set("_nr", nr);
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual", keepalive: true });
      const now = answer.headers.get("X-Finsam-Nr");
      if (answer.status === 204) say(`Utkast sparat ${time()}`);
      else if (answer.type === "opaqueredirect" || answer.status === 403) again(loggedOut);
      else if (answer.status >= 500) again(() => say("Utkastet är inte sparat än. Vi försöker igen."));
      else if (answer.status >= 400) say("Utkastet kan inte sparas här längre. Ladda om sidan.");
      else if (answer.status === 200 && now > Number(nr)) say("Utkastet är ändrat i ett annat fönster. Det du skriver här sparas när du fortsätter.");
      if (answer.status === 204 && now) nr = now;
    } catch {
      again(() => say("Utkastet är inte sparat än: det går inte att nå Finsam. Vi försöker igen."));
    }
    saving = false;
    if (changed && !over) soon();
  }

  function again(tell) {
    changed = true;
    tell();
  }

  if (form) {
    for (const event of ["input", "change"]) {
      form.addEventListener(event, () => {
        changed = true;
        if (!saving) soon();
      });
    }
    form.addEventListener("focusout", save);
    form.addEventListener("submit", () => { sent = true; });
    window.addEventListener("pageshow", () => { sent = false; });
    window.addEventListener("pagehide", () => save(true));
    document.addEventListener("visibilitychange", () => { if (document.hidden) save(true); });
  }

  // The session

  if (!body.dataset.session) return;
  let ends = Date.now() + body.dataset.left * 1000;
  let longer = Boolean(body.dataset.longer);
  let banner = null;
  let typed = false; // in a form that keeps no draft
  let working = null; // the uppdrag chosen now, once it has been asked for
  let elsewhere = null; // a form that waits for its own uppdrag to be chosen

  function show(text, action) {
    if (!banner) {
      banner = document.createElement("section");
      banner.className = "session-banner";
      banner.setAttribute("aria-label", "Din inloggning");
      banner.append(document.createElement("p"), document.createElement("span"));
      banner.firstChild.setAttribute("role", "alert");
      body.append(banner);
      document.documentElement.classList.add("with-session-banner");
    }
    if (banner.firstChild.textContent === text) return;
    banner.firstChild.textContent = text;
    banner.lastChild.replaceChildren(...(action ? [action] : []));
  }

  function hide() {
    banner?.remove();
    banner = null;
    document.documentElement.classList.remove("with-session-banner");
  }

  function button() {
    const one = document.createElement("button");
    one.type = "button";
    one.className = "button button-primary";
    one.textContent = "Fortsätt arbeta";
    one.addEventListener("click", () => ask("POST"));
    return one;
  }

  function link() {
    const one = document.createElement("a");
    const here = new URL(form?.action ?? location.href, location.href);
    one.className = "button button-primary";
    one.href = `${body.dataset.logIn}?next=${encodeURIComponent(here.pathname + here.search)}`;
    one.textContent = changed || typed ? "Logga in i en ny flik" : "Logga in";
    if (changed || typed) one.target = "_blank";
    return one;
  }

  function chooseLink() {
    const one = link();
    one.href = body.dataset.choose;
    one.textContent = "Välj i en ny flik";
    one.target = "_blank";
    return one;
  }

  function whatWasTyped() {
    if (changed) return " Det senaste du skrev sparas när du har loggat in.";
    if (form) return " Det du skrev är sparat som utkast.";
    return typed ? " Det du skrev står kvar här. Logga in i en ny flik, gå tillbaka hit och skicka det." : "";
  }

  function loggedOut() {
    over = true;
    show(`Du är utloggad.${whatWasTyped()}`, link());
  }

  // Ask how long is left; a POST says that somebody goes on working.
  async function ask(method = "GET") {
    try {
      const headers = method === "POST" ? { "X-CSRFToken": token() } : { "X-Finsam-Background": "1" };
      const said = await (await fetch(body.dataset.session, { method, headers })).json();
      if (said.user !== body.dataset.user) return loggedOut();
      for (const one of document.getElementsByName("csrfmiddlewaretoken")) one.value = said.token;
      ends = Date.now() + said.left * 1000;
      longer = said.longer;
      working = said.uppdrag;
      if (elsewhere && rightPlace(elsewhere)) elsewhere = null;
      over = false;
      look(true);
      if (changed) save();
    } catch {
      look(true); // not reached: what we know holds
    }
  }

  const token = () => document.getElementsByName("csrfmiddlewaretoken")[0]?.value ?? "";

  function look(asked = false) {
    const left = (ends - Date.now()) / 1000;
    if (left > WARN) return over || elsewhere ? undefined : hide();
    if (!asked) return ask();
    if (left <= 0) return loggedOut();
    const when = left > 60 ? "inom två minuter" : "inom en minut";
    const kept = form ? " Det du har skrivit är sparat som utkast." : "";
    if (longer) show(`Du loggas ut ${when}, eftersom du inte har gjort något på ett tag.${kept}`, button());
    else show(`Du loggas ut ${when}, eftersom du har varit inloggad länge. Logga sedan in igen.${kept}`);
  }

  const loggedIn = () => !over && Date.now() < ends;

  // Where the form was opened: sent elsewhere it would be refused, and what was typed lost.
  function rightPlace(sent) {
    const there = sent.querySelector("input[name=_uppdrag]")?.value;
    return working === null || there === undefined || there === working;
  }

  // The file of an upload and what the browser filled in by itself count as typed too.
  async function submitOrStay(event) {
    const { target, submitter } = event;
    if (target === form || target.method !== "post" || (loggedIn() && rightPlace(target))) return;
    event.preventDefault();
    typed = true;
    await ask(); // perhaps logged in again, in another window
    if (loggedIn() && rightPlace(target)) return target.requestSubmit(submitter);
    if (loggedIn()) {
      elsewhere = target;
      show("Välj samma förbund och roll som när du öppnade sidan. Det du skrev står kvar här: gå tillbaka hit och skicka det.", chooseLink());
    } else loggedOut();
    banner.querySelector("a").focus();
  }

  for (const event of ["input", "change"]) {
    document.addEventListener(event, ({ target }) => { typed ||= Boolean(target.form) && target.form !== form; });
  }
  document.addEventListener("submit", submitOrStay);
  setInterval(() => look(), LOOK);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
})();
