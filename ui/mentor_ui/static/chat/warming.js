// Says that the weights are warming up, for as long as they are; questions can be asked already.
const WARMING = "The model is warming up: you can ask, and the first answer takes a little longer.";
const look = async () => {
  const place = document.getElementById("warming");
  if (!place) return setTimeout(look, 300);
  const { weights } = await fetch("/api/v1/health").then((reply) => reply.json());
  place.textContent = { ok: "", "warming up": WARMING }[weights] ?? weights;
  return weights === "warming up" && setTimeout(look, 1500);
};
look();
