"""A procedural town as OSM data, and a painter of synthetic orthophotos."""
