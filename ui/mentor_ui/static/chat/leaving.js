// Gradio takes the end of its stream for a lost connection, looks for the server two seconds later
// and loads the chat anew: over the page that a learner who left in mid-answer is waiting for.
let leaving = false;
addEventListener("beforeunload", () => {
  leaving = true;
  setTimeout(() => { leaving = false; }, 60_000);  // it was a download, or the learner stayed
});
addEventListener("pageshow", () => { leaving = false; });
const asked = globalThis.fetch;
globalThis.fetch = (what, how) =>
  leaving && String(what?.url ?? what).endsWith("/app_id")
    ? Promise.reject(new TypeError("On the way to another page."))
    : asked(what, how);
