// The button in the header opens and closes the conversations at the side; Gradio's own has no words.
const side = () => document.getElementById("talks");
const button = () => document.querySelector("#masthead .talks");

globalThis.mentorTalks = (open) => {
  if (!side() || side().matches(".open") === open) return false;
  side().querySelector(".toggle-button").click();
  return true;
};

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#masthead .talks")) mentorTalks(!side().matches(".open"));
  requestAnimationFrame(() => {
    const open = side()?.matches(".open") ?? false;
    button()?.setAttribute("aria-expanded", String(open));
    if (open && event.target.closest?.("#masthead .talks")) side().querySelector("input, textarea")?.focus();
    // On a phone the conversation that was chosen is what a learner wants to see.
    if (open && innerWidth < 800 && event.target.closest?.("#talk-list label")) mentorTalks(false);
  });
});
