"""OSM data of a region: files, tables, Overpass."""
