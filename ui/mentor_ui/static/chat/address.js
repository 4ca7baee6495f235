// A conversation has an address, /?c=ID; Back and Forward open the one that they lead to.
globalThis.mentorAddress = (talk) => {
  const there = talk ? `/?c=${encodeURIComponent(talk)}` : "/";
  if (location.pathname + location.search === there) return;
  // The first question gives the empty page its address; that is no step to go back from.
  history[location.search ? "pushState" : "replaceState"](null, "", there);
};

addEventListener("popstate", () => {
  const held = document.querySelector("#talk-id textarea, #talk-id input");
  if (!held || !document.querySelector("#masthead")) return;
  held.value = new URLSearchParams(location.search).get("c") ?? "";
  held.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => document.getElementById("talk-back").click());
});
