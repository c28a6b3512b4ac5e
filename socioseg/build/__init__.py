"""From a region to a dataset: OSM, imagery, plan, masks, map, splits."""
