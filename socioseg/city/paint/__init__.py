"""A painter that turns any OSM data into a synthetic orthophoto."""

from socioseg.city.paint.painter import MARGIN, Painter

__all__ = ["MARGIN", "Painter"]
