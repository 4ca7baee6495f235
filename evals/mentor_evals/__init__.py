"""How we know that Mentor works: cases, scorers, reports."""
