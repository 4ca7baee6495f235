// A citation opens its source; Escape stops an answer; / goes to the question box.
document.addEventListener("click", (event) => {
  const cite = event.target.closest?.("a.cite, a[href^='#source-']");
  if (!cite) return;
  const source = document.getElementById(cite.getAttribute("href").slice(1));
  if (!source) return;
  event.preventDefault();
  event.stopPropagation();
  document.querySelectorAll("details.source").forEach((d) => { d.open = d === source; });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  source.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
  source.querySelector("summary").focus();
}, true);

document.addEventListener("keydown", (event) => {
  const writing = event.target.closest?.("input, textarea, [contenteditable]");
  if (event.key === "Escape") {
    const stop = document.querySelector("#stop");
    if (stop && stop.offsetParent !== null) stop.click();
  } else if (event.key === "/" && !writing) {
    event.preventDefault();
    document.querySelector("#question textarea, #question input")?.focus();
  }
});
