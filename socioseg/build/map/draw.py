"""The digital map of a window, drawn by mapnik from OSM vectors in one of the styles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from socioseg.build.map.fonts import font_sets
from socioseg.build.map.labels import within
from socioseg.build.map.mapnik_env import mapnik
from socioseg.build.map.scene import map_scene
from socioseg.build.map.ways import Way, WayNames
from socioseg.errors import UsageError
from socioseg.sea import sea_within
from socioseg.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from socioseg.build.map.scene import MapOptions
    from socioseg.features import OsmData
    from socioseg.sample import Bounds, Window
    from socioseg.taxonomy import Taxonomy

_FOLDER = Path(__file__).parent / "styles"
STYLES: tuple[str, ...] = ("standard", "grey", "night")
BUFFER = 128
"""Pixels around a window within which features may leave ink in it: data must reach so far."""
_BASE_ZOOM = 17
_GROWTH = 1.5
"""Lines are drawn at their style's width at zoom 17 and grow by this factor with each level."""

Row = tuple[Any, dict[str, Any]]


class MapDrawer:
    """Draws windows of one set of features.

    Parameters
    ----------
    data : OsmData
        Features in EPSG:3857; those within `BUFFER` pixels of a window count for it, no others.
    options : MapOptions
        Style, language of the names, buildings or none.
    taxonomy : Taxonomy, optional
        Tells which areas are AOIs; that of the package by default.

    Raises
    ------
    UsageError
        There is no such style.
    """

    def __init__(
        self, data: OsmData, options: MapOptions, taxonomy: Taxonomy | None = None
    ) -> None:
        scene = map_scene(data, options, taxonomy or load_taxonomy())
        self._map = _load_style(options)
        self._colours = dict(self._map.parameters)
        self._scene = scene
        self._way_names = WayNames([*scene.waterways, *scene.ways])
        self._fill("water", _plain(scene.water))
        self._fill("waterways", map(_way_row, scene.waterways))
        self._fill("tunnels", map(_way_row, scene.tunnels))
        self._fill("buildings", _plain(scene.buildings))
        self._fill("ways", map(_way_row, scene.ways))

    @property
    def texts(self) -> frozenset[str]:
        """Every text that a window may show; `missing_glyphs` tells which cannot be drawn."""
        labels = [*self._scene.symbols, *self._scene.names]
        ways = [*self._scene.waterways, *self._scene.ways]
        return frozenset([label.text for label in labels] + [way.name for way in ways]) - {""}

    def draw(self, window: Window) -> NDArray[np.uint8]:
        """Map of `window`: (size, size, 3), RGB; the same bytes whatever was drawn before."""
        self._fill("sea", _plain(sea_within(self._scene.coast, _around(window))))
        symbols = within(self._scene.symbols, window)
        aois = list(self._label_rows(label for label in symbols if label.aoi))
        self._fill("aoi_symbols", aois)
        self._fill("aoi_names", aois)
        self._fill("symbols", self._label_rows(label for label in symbols if not label.aoi))
        self._fill("names", self._label_rows(within(self._scene.names, window)))
        self._fill("way_names", self._name_rows(window))
        self._map.resize(window.size, window.size)
        self._map.zoom_to_box(mapnik.Box2d(*window.bounds))
        image = mapnik.Image(window.size, window.size)
        growth = _GROWTH ** (window.zoom - _BASE_ZOOM)
        mapnik.render_with_vars(self._map, image, {"k": growth})
        rgba = np.frombuffer(image.to_string(), np.uint8).reshape(window.size, window.size, 4)
        return np.stack([rgba[:, :, channel] for channel in range(3)], axis=-1)

    def _fill(self, name: str, rows: Iterable[Row]) -> None:
        """Make `rows` the features of the layer called `name`."""
        for layer in self._map.layers:
            if layer.name == name:
                layer.datasource = _datasource(rows)

    def _label_rows(self, labels: Iterable[Any]) -> Iterable[Row]:
        for label in labels:
            colour = self._colours.get(label.kind, "#000000")
            point = shapely.Point(label.x, label.y)
            yield point, {"text": label.text, "kind": label.kind, "colour": colour}

    def _name_rows(self, window: Window) -> Iterable[Row]:
        for line in self._way_names.within(window):
            yield line.geometry, {"text": line.text, "kind": line.kind}


def check_style(style: str) -> None:
    """Raise UsageError where there is no map style called `style`."""
    if style not in STYLES:
        raise UsageError(f"There is no map style {style!r}; use one of {', '.join(STYLES)}.")


def _around(window: Window) -> Bounds:
    """Bounds of `window` and its buffer, so that no edge of the sea shows."""
    return window._replace(
        x=window.x - BUFFER, y=window.y - BUFFER, size=window.size + 2 * BUFFER
    ).bounds


def _plain(geometries: Iterable[Any]) -> Iterable[Row]:
    return ((geometry, {}) for geometry in geometries)


def _way_row(way: Way) -> Row:
    bridge = int(way.bridge)
    return way.geometry, {
        "kind": way.kind,
        "level": way.level,
        "width": way.width,
        "bridge": bridge,
    }


def _datasource(rows: Iterable[Row]) -> Any:  # noqa: ANN401 - mapnik has no types
    source = mapnik.MemoryDatasource()
    context = mapnik.Context()
    rows = list(rows)
    shapes = shapely.to_wkb([shape for shape, _ in rows])
    for number, (shape, (_, attributes)) in enumerate(zip(shapes, rows, strict=True)):
        feature = mapnik.Feature(context, number)
        for key, value in attributes.items():
            feature[key] = value
        feature.geometry = mapnik.Geometry.from_wkb(shape)
        source.add_feature(feature)
    return source


def _load_style(options: MapOptions) -> Any:  # noqa: ANN401 - mapnik has no types
    """The map of a style, its font sets filled with the fonts of this machine."""
    check_style(options.style)
    xml = (_FOLDER / f"{options.style}.xml").read_text(encoding="utf-8")
    sets = _font_xml(font_sets(options.language))
    drawn = mapnik.Map(1, 1)
    xml = xml.replace("<FontSets/>", sets)
    mapnik.load_map_from_string(drawn, xml, strict=True, base_path=str(_FOLDER))
    drawn.buffer_size = BUFFER
    drawn.aspect_fix_mode = mapnik.aspect_fix_mode.RESPECT
    return drawn


def _font_xml(sets: Mapping[str, Iterable[str]]) -> str:
    def fonts(faces: Iterable[str]) -> str:
        return "".join(f'<Font face-name="{face}"/>' for face in faces)

    return "".join(
        f'<FontSet name="{name}">{fonts(faces)}</FontSet>' for name, faces in sets.items()
    )
