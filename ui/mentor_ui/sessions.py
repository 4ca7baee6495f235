"""The last question of each tab of the page, and its answer."""

from __future__ import annotations

from collections import OrderedDict

import gradio as gr

from mentor.records import Proposal
from mentor_ui.replying import Reply

_MOST = 10_000


class Sessions:
    """The tabs in which something was asked, the latest of them, by Gradio's session hash."""

    def __init__(self) -> None:
        self._by_hash: OrderedDict[str, Reply] = OrderedDict()

    def begin(self, request: gr.Request, reply: Reply) -> None:
        """A question was asked; `leave` comes before."""
        self._by_hash[str(request.session_hash)] = reply
        if len(self._by_hash) > _MOST:
            self._by_hash.popitem(last=False)

    def of(self, request: gr.Request) -> Reply | None:
        return self._by_hash.get(str(request.session_hash))

    def offered(self, request: gr.Request) -> list[Proposal]:
        reply = self.of(request)
        return reply.offered if reply else []

    def leave(self, request: gr.Request) -> Reply | None:
        """The learner is elsewhere now; what was under way, to be cut."""
        return self._by_hash.pop(str(request.session_hash), None)
