// Escape puts away what is open, or stops an answer; / goes to the question box.
document.addEventListener("keydown", (event) => {
  const writing = event.target.closest?.("input, textarea, [contenteditable]");
  if (event.key === "Escape") {
    const stop = document.querySelector("#stop");
    if (stop?.offsetParent) stop.click();
    else if (event.target.closest?.("#talks")) {
      mentorTalks(false);
      document.querySelector("#masthead .talks").focus();
    } else mentorSourcesAway();
  } else if (event.key === "/" && !writing) {
    event.preventDefault();
    document.querySelector("#question textarea")?.focus();
  }
});
