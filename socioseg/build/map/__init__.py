"""The digital map, drawn from OSM vectors."""
