"""Benchmarks: run a model on a dataset, keep what it said, and score it."""
