// A conversation has an address, /?c=ID; Back and Forward open the one that they lead to.
globalThis.mentorAddress = (talk) => {
  const there = talk ? `/?c=${encodeURIComponent(talk)}` : "/";
  if (location.pathname + location.search === there) return;
  // The first question gives the empty page its address; that is no step to go back from.
  history[location.search ? "pushState" : "replaceState"](null, "", there);
};

addEventListener("popstate", () => {
  if (document.querySelector("#masthead")) document.getElementById("talk-back")?.click();
});
