"""The plan: AOIs, windows, samples, splits."""
