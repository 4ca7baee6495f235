"""What is kept of learners: who they are, what they did, said and planned."""

from mentor.store.engine import open_store
from mentor.store.store import Store

__all__ = ["Store", "open_store"]
