"""The only door to mapnik: importing it sets environment variables that break other libraries."""

from __future__ import annotations

import os
from pathlib import Path

# The wheel points these at its own data files; rasterio and pyproj would then read those.
_VARIABLES = ("PROJ_LIB", "GDAL_DATA", "ICU_DATA")
_before = {name: os.environ.get(name) for name in _VARIABLES}

import mapnik  # noqa: E402 - the environment must be read first
from mapnik import paths  # noqa: E402 - the same

_WRAPPED_TEXT = """
<Map>
  <Style name="text"><Rule>
    <TextSymbolizer face-name="DejaVu Sans Book" wrap-width="9">'two words'</TextSymbolizer>
  </Rule></Style>
  <Layer name="text">
    <StyleName>text</StyleName>
    <Datasource>
      <Parameter name="type">csv</Parameter>
      <Parameter name="inline">wkt\nPOINT (0 0)</Parameter>
    </Datasource>
  </Layer>
</Map>
"""


def _find_icu_data() -> None:
    """Break a line once: ICU reads ICU_DATA at its first use, and keeps what it found."""
    drawn = mapnik.Map(9, 9)
    mapnik.load_map_from_string(drawn, _WRAPPED_TEXT)
    drawn.zoom_to_box(mapnik.Box2d(-1, -1, 1, 1))
    mapnik.render(drawn, mapnik.Image(9, 9))


_find_icu_data()
for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value

FONT_FOLDER = Path(paths.fontscollectionpath)
"""Folder of the DejaVu fonts that come with mapnik and are registered by its import."""

__all__ = ["FONT_FOLDER", "mapnik"]
