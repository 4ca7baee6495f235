// An answer is read from its beginning: the last question stays at the top while its answer grows,
// until the learner scrolls. Messages get short names; Gradio reads their markup to screen readers.
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
