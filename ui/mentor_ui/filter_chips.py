"""The filters that retrieval applied to a question, each to be taken away by a click."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, get_args

import gradio as gr

from mentor.scope import Filter, Scope

FILTERS: tuple[Filter, ...] = get_args(Filter)
_SAYS = {"levels": "{} level", "stages": "stage {}", "tracks": "track {}"}


def filter_chips() -> tuple[gr.Button, ...]:
    """A button for each kind of filter, hidden until one was applied."""
    with gr.Row(elem_id="filters"):
        return tuple(
            gr.Button("", visible=False, size="sm", elem_id=f"filter-{kind}") for kind in FILTERS
        )


def shown(scope: Scope | None, dropped: Collection[Filter] = ()) -> tuple[Any, ...]:
    """Updates of the chips: what is filtered by, and not dropped already."""
    kept = (scope or Scope()).without(dropped)
    return tuple(_chip(kind, getattr(kept, kind)) for kind in FILTERS)


def _chip(kind: Filter, names: Collection[object]) -> Any:
    says = _SAYS[kind].format(" or ".join(map(str, names)))
    return gr.update(visible=bool(names), value=f"Only {says} ×")
