"""How the judge's weights are made: `make judge` (docs/evals.md)."""
