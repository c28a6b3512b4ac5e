"""Models that reason: a chat engine points, a segmenter cuts out, a renderer shows it again."""
