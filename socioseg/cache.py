"""Where what was fetched or made once is kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Where tiles, towns, replies and prompts lie: `SOCIOSEG_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("SOCIOSEG_CACHE") or platformdirs.user_cache_dir("socioseg"))
