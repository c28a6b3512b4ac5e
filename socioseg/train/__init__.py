"""Training: a baseline's recipe and a dataset in, a folder that `socioseg bench` runs out."""
