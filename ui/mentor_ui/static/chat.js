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

// An empty question is not sent: while it is under way, Gradio would drop the one that follows.
const isEmpty = () => !document.querySelector("#question textarea")?.value.trim();
const keepBack = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};
document.addEventListener("keydown", (event) => {
  const sends = event.key === "Enter" && !event.shiftKey && event.target.closest?.("#question");
  if (sends && isEmpty()) keepBack(event);
}, true);
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#ask") && isEmpty()) keepBack(event);
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

// A question below an answer asks itself; while another answer is under way, it waits in the box.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.ask");
  if (!link) return;
  event.preventDefault();
  event.stopPropagation();
  const box = document.querySelector("#question textarea, #question input");
  const send = document.querySelector("#ask");
  if (!box) return;
  box.value = link.textContent;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
  if (send && send.offsetParent !== null) setTimeout(() => send.click(), 50);
}, true);

// A CV: sent as it is, answered with skills and the words behind them; the learner ticks what holds.
document.addEventListener("change", async (event) => {
  if (event.target.id !== "cv-file" || !event.target.files.length) return;
  const file = event.target.files[0];
  const place = document.getElementById("cv-skills");
  place.textContent = "Reading …";
  let found;
  try {
    const reply = await fetch(`cv?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    found = await reply.json();
  } catch {
    found = { error: "The CV did not arrive.", cure: "Try again." };
  }
  event.target.value = "";
  place.replaceChildren();
  if (!found.clues?.length) {
    place.textContent = found.error ? `${found.error} ${found.cure}` : "It names no skill of the roadmap.";
    return;
  }
  for (const clue of found.clues) {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value: clue.name });
    const words = document.createElement("q");
    words.textContent = clue.words[0];
    label.append(box, ` ${clue.name} `, words);
    place.append(label);
  }
  const use = Object.assign(document.createElement("button"), { type: "button", id: "cv-use" });
  use.textContent = "I have the ticked ones";
  place.append(use);
});

document.addEventListener("click", (event) => {
  if (event.target.id !== "cv-use") return;
  const ticked = [...document.querySelectorAll("#cv-skills input:checked")].map((box) => box.value);
  const question = document.querySelector("#question textarea, #question input");
  if (!ticked.length || !question) return;
  question.value = `I know ${ticked.join("; ")}. Where do I start?`;
  question.dispatchEvent(new Event("input", { bubbles: true }));
  question.focus();
});
