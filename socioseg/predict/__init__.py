"""Predict: a raster and a query in, polygons on the ground out."""
