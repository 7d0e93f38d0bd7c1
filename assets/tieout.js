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
