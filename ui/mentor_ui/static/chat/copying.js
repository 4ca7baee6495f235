// Copying a message gives its words, with [1] for a citation; Gradio would copy the markup.
const lines = (block) => {
  if (block.matches("ul, ol")) return [...block.children].map((item) => `- ${item.textContent.trim()}`);
  return [block.textContent.trim()];
};

const words = (message) => {
  const copy = message.cloneNode(true);
  copy.querySelectorAll("a.cite").forEach((cite) => cite.replaceWith(` [${cite.textContent}]`));
  copy.querySelectorAll(".print").forEach((each) => each.remove());
  copy.querySelectorAll("ul:has(a.ask)").forEach((list) => {
    list.previousElementSibling?.remove();
    list.remove();
  });
  return [...copy.children].map((block) => lines(block).join("\n")).filter(Boolean).join("\n\n");
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.('#chat button[aria-label="Copy message"]');
  const row = button?.closest(".message-buttons")?.previousElementSibling;
  if (!row || !navigator.clipboard) return;
  event.stopImmediatePropagation();
  const texts = [...row.querySelectorAll(".message-content .prose")].map(words);
  navigator.clipboard.writeText(texts.join("\n\n")).then(() => {
    button.setAttribute("aria-label", "Copied");
    setTimeout(() => button.setAttribute("aria-label", "Copy message"), 1500);
  });
}, true);
