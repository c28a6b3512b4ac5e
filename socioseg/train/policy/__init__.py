"""A chat model that learns: prompts and replies in, log-probabilities out, weights to save."""
