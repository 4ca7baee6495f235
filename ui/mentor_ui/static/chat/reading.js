// An answer is read from its beginning: the last question stays at the top while its answer grows,
// until the learner scrolls. For screen readers, which Gradio tells the markup, messages get short
// names, and numbers say what they are.
const rows = () => document.querySelectorAll("#chat .user-row");
let question = "";
let free = false;
let due = false;

const settle = () => {
  due = false;
  for (const [who, name] of [["bot", "The mentor"], ["user", "You"]])
    document.querySelectorAll(`#chat [data-testid="${who}"]:not([aria-label="${name}"])`)
      .forEach((message) => {
        message.setAttribute("aria-label", name);
        message.setAttribute("role", "group");
      });
  document.querySelectorAll("#chat a.cite:not([aria-label])")
    .forEach((cite) => cite.setAttribute("aria-label", `Source ${cite.textContent}`));
  document.querySelectorAll("#chat textarea:not([aria-label])")
    .forEach((field) => field.setAttribute("aria-label", "Your question, to be asked anew"));
  const suggestions = document.querySelector('#chat .examples[role="list"]');
  suggestions?.setAttribute("role", "group");  // a list of buttons that are no items
  suggestions?.setAttribute("aria-label", "Suggestions");
  const last = [...rows()].at(-1);
  const log = last?.closest('[role="log"]');
  const now = last ? `${location.search} ${rows().length} ${last.textContent}` : "";
  if (now !== question) {
    question = now;
    free = false;
    document.getElementById("sources")?.classList.remove("open", "earlier");
  }
  if (log && !free)
    log.scrollTop += last.getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
};

new MutationObserver(() => {
  if (!due) requestAnimationFrame(settle);
  due = true;
}).observe(document.body, { childList: true, subtree: true, characterData: true });

for (const way of ["wheel", "touchmove", "pointerdown", "keydown"])
  document.addEventListener(way, (event) => {
    if (event.target.closest?.("#chat")) free = true;
  }, { passive: true, capture: true });
