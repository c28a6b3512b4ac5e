"""Chat engines: prompts with images in, texts out; here, or on a server."""
