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

// Pages of our own open here; Gradio would open them beside the chat.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('#chat a[href^="/"]');
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) link.removeAttribute("target");
}, true);

const put = (box, text) => {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
};
// Words for the box, below those that are being typed there.
globalThis.mentorPropose = (text) => {
  const box = document.querySelector("#question textarea");
  if (!box) return;
  put(box, [box.value.trim(), text].filter(Boolean).join("\n"));
  box.focus();
};
// Words that were being typed come back when the question in their place has gone.
const putBack = (box, draft, asked) => {
  const until = Date.now() + 10_000;
  const look = setInterval(() => {
    if (box.value === asked && Date.now() < until) return;
    clearInterval(look);
    if (!box.value) put(box, draft);
  }, 50);
};

// A question below an answer asks itself; while another answer is under way, it waits in the box.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.ask");
  if (!link) return;
  event.preventDefault();
  event.stopPropagation();
  const box = document.querySelector("#question textarea");
  const send = document.querySelector("#ask");
  if (!box) return;
  if (!send || send.offsetParent === null) {
    mentorPropose(link.textContent);
    return;
  }
  const draft = box.value;
  put(box, link.textContent);
  box.focus();
  setTimeout(() => send.click(), 50);
  if (draft.trim()) putBack(box, draft, link.textContent);
}, true);
