"""Models: images and a query in, a mask out."""
