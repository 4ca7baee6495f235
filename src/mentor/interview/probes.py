"""Which probe follows an answer."""

from __future__ import annotations

from collections.abc import Sequence

from mentor.interview.parts import Graded
from mentor.interview.state import Probed
from mentor.questions import Question

_PROBES = 2
_PROBES_OF_A_DESIGN = 5
_NEUTRAL = (
    "Is there anything that you would add?",
    "Could you go a little deeper?",
    "How would you go on from there?",
)


def next_probe(
    question: Question, graded: Graded, probes: Sequence[Probed], *, nth: int = 0
) -> Probed | None:
    """The next probe: a neutral one first, then the one at the weightiest point not yet made.

    The bank's probes do not contain their point; its rules see to that.
    """
    open_ = {p.point: (p.weight, p.state == "missed") for p in graded.points if p.state != "met"}
    most = _PROBES_OF_A_DESIGN if question.kind == "system_design" else _PROBES
    if not open_ or len(probes) >= most:
        return None
    if not probes:
        return Probed(text=_NEUTRAL[nth % len(_NEUTRAL)])
    put = {probe.point for probe in probes}
    left = [each for each in question.probes if each.point in open_ and each.point not in put]
    if not left:
        return None
    best = max(left, key=lambda each: open_[each.point])
    return Probed(text=best.text, point=best.point)
