"""No library calls home."""

from __future__ import annotations

import os


def no_telemetry() -> None:
    """Switch off every call home of the libraries we use, before they are imported."""
    os.environ.update(
        ANONYMIZED_TELEMETRY="False",  # chromadb
        GRADIO_ANALYTICS_ENABLED="False",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_OFFLINE="1",
        LANGSMITH_TRACING="false",
        LANGCHAIN_TRACING_V2="false",
        ORT_DISABLE_TELEMETRY="1",  # onnxruntime, before it is initialized: its Privacy.md
        TOKENIZERS_PARALLELISM="false",
    )
