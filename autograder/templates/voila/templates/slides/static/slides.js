// Tabs after the ARIA Authoring Practices, and the page's colours. Digits, and the page keys that a presenter's remote
// control sends, choose a tab from everywhere on the page.

const tabs = [...document.querySelectorAll("[role=tab]")];
const slides = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
let shown = 0;

function show(index, focus = false) {
  // A player that nobody sees would keep the kernel from the others.
  for (const button of slides[shown].querySelectorAll(".mlp-play")) if (button.textContent === "Pause") button.click();
  shown = (index + tabs.length) % tabs.length;
  tabs.forEach((tab, at) => {
    tab.setAttribute("aria-selected", at === shown);
    tab.tabIndex = at === shown ? 0 : -1;
    slides[at].hidden = at !== shown;
  });
  if (focus) tabs[shown].focus();
  history.replaceState(null, "", `#${shown + 1}`);
  fit();
}

/** How many pixels the picture has to the bottom of the window. */
function fit() {
  const canvas = slides[shown].querySelector("canvas");
  if (canvas) slides[shown].style.setProperty("--room", `${innerHeight - canvas.getBoundingClientRect().top - scrollY - 6}px`);
}

function setTheme(dark) {
  document.body.classList.toggle("dark", dark);
  document.getElementById("theme").setAttribute("aria-pressed", dark);
}

tabs.forEach((tab, at) => tab.addEventListener("click", () => show(at)));
document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  const to = { ArrowRight: shown + 1, ArrowLeft: shown - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  show(to, true);
});
document.getElementById("next").addEventListener("click", () => show(shown + 1));
document.getElementById("previous").addEventListener("click", () => show(shown - 1));
document.getElementById("theme").addEventListener("click", () => setTheme(!document.body.classList.contains("dark")));
// In the capture phase, for a demo keeps its keys to itself; it has no use for these.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input[type=text]")) return;
  const digit = "1234567890".indexOf(event.key);
  const to = { PageDown: shown + 1, PageUp: shown - 1 }[event.key] ?? (digit < 0 ? undefined : digit);
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  show(to, true);
}, true);

new ResizeObserver(fit).observe(document.querySelector("header"));
addEventListener("resize", fit);
for (const slide of slides) new MutationObserver(fit).observe(slide, { childList: true, subtree: true });
const asked = new URLSearchParams(location.search).get("theme");
setTheme(asked ? asked === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
show((Number(location.hash.slice(1)) || 1) - 1);
