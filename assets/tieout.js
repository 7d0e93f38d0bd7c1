// What the keyboard adds. Every page works without it: each row has its link, each form its button.

const rows = [...document.querySelectorAll("table.rows > tbody > tr")];
let here = -1;

function stand(at) {
  if (rows.length === 0) return;
  rows[here]?.classList.remove("here");
  here = Math.max(0, Math.min(rows.length - 1, at));
  rows[here].classList.add("here");
  rows[here].scrollIntoView({ block: "nearest" });
  rows[here].querySelector("a")?.focus({ preventScroll: true });
}

const keys = {
  j: () => stand(here + 1),
  k: () => stand(here - 1),
  "/": () => document.querySelector("#find")?.select(),
};

const wanted = document.querySelector("#keys");
wanted.closest(".keys").hidden = false;
wanted.checked = localStorage.getItem("keys") !== "off";
wanted.addEventListener("change", () => localStorage.setItem("keys", wanted.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  if (!wanted.checked) return;
  const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

// A form that answers as one types: its page is asked for, and the parts of it that may have changed are put in their places.
const live = document.querySelector("form[data-live]");
let asking = new AbortController();

async function ask() {
  asking.abort();
  asking = new AbortController();
  const url = `${live.action}?${new URLSearchParams(new FormData(live))}`;
  const answer = await fetch(url, { signal: asking.signal });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    part.replaceChildren(...page.getElementById(part.id).childNodes);
  }
  for (const field of live.querySelectorAll("input")) {
    const invalid = page.getElementById(field.id).getAttribute("aria-invalid") ?? "false";
    field.setAttribute("aria-invalid", invalid);
  }
  history.replaceState(null, "", url);
  // The switch of the theme comes back to what was typed.
  document.querySelector(".theme [name=back]").value = location.pathname + location.search;
}

let typing = 0;
live?.addEventListener("input", () => {
  clearTimeout(typing);
  // What was overtaken by a later letter, or got no answer, leaves the page as it is: its button still works.
  typing = setTimeout(() => ask().catch(() => {}), 150);
});
