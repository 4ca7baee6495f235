// A number in an answer opens its source at the right, or over the page on a phone. The sources of
// earlier answers are fetched when they are asked for.
const sources = () => document.getElementById("sources");
let from = null;
let latest = 0;  // how many were chosen: what comes back for one before is not shown

const fetched = async (turn) => {
  const talk = encodeURIComponent(new URLSearchParams(location.search).get("c") ?? "");
  try {
    const reply = await fetch(`/sources/${talk}/${turn}`);
    if (reply.ok || reply.status === 404) return await reply.text();
  } catch {
    // The server is away.
  }
  return '<p role="alert">These sources cannot be shown now. Try again in a moment.</p>';
};

const shown = async (turn, id) => {
  const mine = ++latest;
  const current = document.querySelector(`#source-panel [id="${id}"]`);
  if (current) {
    sources().classList.remove("earlier");
    return current;
  }
  const earlier = document.getElementById("earlier-sources");
  const html = await fetched(turn);
  if (mine !== latest) return undefined;
  earlier.innerHTML = html;
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
  const words = await shown(id.split("-")[1], id);
  if (words === undefined) return;
  from = cite;
  sources().classList.add("open");
  if (!words) return;
  const source = words.closest("details.source");
  sources().querySelectorAll("details.source").forEach((each) => { each.open = each === source; });
  sources().querySelectorAll("mark").forEach((each) => each.classList.toggle("chosen", each === words));
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  words.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
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
