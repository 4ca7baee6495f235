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
    const trouble = found.title ?? found.error;  // of the server, or of the CV
    place.textContent = trouble ? `${trouble} ${found.cure ?? ""}` : "It names no skill of the roadmap.";
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
  if (ticked.length) mentorPropose(`I know ${ticked.join("; ")}. Where do I start?`);
});
