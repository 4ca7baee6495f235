"""Speed and memory of this installation: `make bench`, or one subject by itself.

    python -m mentor_evals.bench first-sentence

Figures are medians, warm, and show the load of the machine; so what is compared is measured in one
run, by turns. A ratio above 1 means faster than the peer.
"""
