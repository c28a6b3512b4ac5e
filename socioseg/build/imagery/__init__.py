"""Imagery: raster files, XYZ tiles, providers, synthetic pictures."""
