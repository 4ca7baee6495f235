"""From a standalone question to checked, cited sentences.

    retrieve -> gate -> evidence -> draft -> check -> quote

`respond` is the journey; each step is a module.
"""
