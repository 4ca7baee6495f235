// Comfort for the pages with forms, which work without it: a note while something takes its time,
// Ctrl+Enter, Escape, a timer.

// A form is sent once; what takes a moment says so.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) return event.preventDefault();
  if (form.method !== "post") return;
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  const note = form.querySelector(".busy");
  if (note) form.wait = setTimeout(() => { note.textContent = form.dataset.busy ?? "One moment …"; }, 300);
});

// A page that the back button shows again can be used again.
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    clearTimeout(form.wait);
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    const note = form.querySelector(".busy");
    if (note) note.textContent = "";
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form[data-sends]");
    if (form) form.requestSubmit(form.querySelector("button"));
  } else if (event.key === "Escape") {
    const open = event.target.closest?.("details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// The server knows what an answer has taken; here it is only counted on.
const timer = document.querySelector(".timer");
if (timer) {
  const began = performance.now() - 1000 * Number(timer.dataset.spent);
  const most = 60 * Number(timer.dataset.minutes);
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const tick = () => {
    const spent = Math.floor((performance.now() - began) / 1000);
    timer.textContent = `${clock(spent)} of ${clock(most)} minutes so far`;
    const over = document.querySelector("[data-over]");
    if (spent > most && !over.textContent) {
      over.textContent = "An interviewer would stop you about now. You may finish your thought.";
    }
  };
  tick();
  setInterval(tick, 1000);
}
