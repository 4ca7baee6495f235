"""The models that Mentor runs: embedder, chat model, judge, and where their weights come from."""
