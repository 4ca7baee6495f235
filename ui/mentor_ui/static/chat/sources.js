// A number in an answer opens its source at the right, or over the page on a phone. The sources of
// earlier answers are fetched when they are asked for.
const sources = () => document.getElementById("sources");
let from = null;

const shown = async (turn, id) => {
  const current = document.querySelector(`#source-panel [id="${id}"]`);
  if (current) {
    sources().classList.remove("earlier");
    return current;
  }
  const earlier = document.getElementById("earlier-sources");
  const talk = new URLSearchParams(location.search).get("c");
  const reply = await fetch(`/sources/${talk}/${turn}`);
  earlier.innerHTML = await reply.text();
  earlier.hidden = false;
  sources().classList.add("earlier");
  return earlier.querySelector(`[id="${id}"]`);
};

document.addEventListener("click", async (event) => {
  const cite = event.target.closest?.("a.cite");
  if (!cite) return;
  event.preventDefault();
  event.stopPropagation();
  const id = cite.getAttribute("href").slice(1);
  const source = await shown(id.split("-")[1], id);
  from = cite;
  sources().classList.add("open");
  if (!source) return;
  sources().querySelectorAll("details.source").forEach((each) => { each.open = each === source; });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  source.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
  source.querySelector("summary").focus({ preventScroll: true });
}, true);

globalThis.mentorSourcesAway = () => {
  if (!sources()?.matches(".open")) return;
  sources().classList.remove("open");
  from?.focus();
};

document.addEventListener("click", (event) => {
  if (event.target.closest?.(".put-away")) mentorSourcesAway();
});
