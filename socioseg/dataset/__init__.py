"""The dataset format: schema, files, checks, card, publishing, loading."""
