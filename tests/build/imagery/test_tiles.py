from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import mercantile
import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from servers import Answer, FaultServer, Request

from socioseg.build.imagery.fetched import HttpLimits
from socioseg.build.imagery.source import ImagerySource
from socioseg.build.imagery.tilecache import Tile, TileCache
from socioseg.build.imagery.tilenames import tile_source
from socioseg.build.imagery.tiles import TileImagery, fetch_tiles, tiles_of
from socioseg.build.imagery.tilesource import TileSource
from socioseg.errors import ImageryError, OutputError, SampleError, UsageError
from socioseg.sample import Window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Serve
    from numpy.typing import NDArray

RIGHTS = ImagerySource("test", "CC0-1.0", "", "nobody", "yes")
SOURCE = TileSource("http://127.0.0.1/{z}/{x}/{y}.png", RIGHTS)
FAST = HttpLimits(
    rate=5000,
    attempts=2,
    read_timeout=0.4,
    request_deadline=0.8,
    backoff=0.01,
    backoff_max=0.02,
    give_up_after=1000,
)
ALPHA = np.full((256, 256, 1), 255, np.uint8)


def world(x: int, y: int, side: int) -> NDArray[np.uint8]:
    """Colour every pixel of an endless grid by where it lies."""
    gx, gy = np.meshgrid(np.arange(x, x + side), np.arange(y, y + side))
    return np.stack([gx, gy, (gx >> 8) * 7 + (gy >> 8) * 31], axis=-1).astype(np.uint8)


def png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def world_tile(tile: Tile, size: int = 256) -> bytes:
    return png(world(tile[1] * size, tile[2] * size, size))


def imagery(
    folder: Path,
    source: TileSource,
    window: Window,
    draw: Callable[[Tile], bytes],
    failures: dict[Tile, str] | None = None,
) -> TileImagery:
    """Make imagery whose cache holds what `draw` gives for the tiles of `window`."""
    path = folder / "cache.mbtiles"
    path.unlink(missing_ok=True)
    with TileCache(path) as cache:
        for tile in tiles_of(source, [window]):
            cache.put(source.cache_key, tile, draw(tile))
    return TileImagery(source, path, failures or {})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tiles")


@settings(max_examples=40)
@given(
    st.integers(0, 2**20), st.integers(0, 2**20), st.integers(1, 600), st.sampled_from([256, 512])
)
def test_a_window_shows_exactly_its_pixels(
    folder: Path, x: int, y: int, side: int, size: int
) -> None:
    source, window = replace(SOURCE, tile_size=size), Window(17, x, y, side)
    with imagery(folder, source, window, lambda tile: world_tile(tile, size)) as tiles:
        if side > 1:
            assert (tiles.read(window) == world(x, y, side)).all()


def test_finer_tiles_are_averaged(folder: Path) -> None:
    source, window = replace(SOURCE, tile_size=512, min_zoom=17), Window(17, 1000, 2001, 300)
    with imagery(folder, source, window, lambda tile: world_tile(tile, 512)) as tiles:
        fine = world(2000, 4002, 600).astype(float)
        expected = fine.reshape(300, 2, 300, 2, 3).mean(axis=(1, 3))
        assert np.abs(tiles.read(window) - expected).max() <= 0.5


WINDOWS = st.builds(Window, st.just(17), st.integers(0, 10**7), st.integers(0, 10**7), st.just(768))


@given(st.lists(WINDOWS, max_size=4))
def test_tiles_are_those_that_mercantile_finds(windows: list[Window]) -> None:
    def edges(window: Window) -> tuple[float, ...]:
        xmin, ymin, xmax, ymax = window.bounds  # half a pixel in: no tile beyond the edge
        half = window.resolution / 2
        return (
            *mercantile.lnglat(xmin + half, ymin + half),
            *mercantile.lnglat(xmax - half, ymax - half),
        )

    expected = {(t.z, t.x, t.y) for w in windows for t in mercantile.tiles(*edges(w), zooms=17)}
    assert tiles_of(SOURCE, windows) == sorted(expected)


def test_windows_go_on_past_the_antimeridian(folder: Path) -> None:
    window = Window(9, 512 * 256 - 100, 5000, 300)
    with imagery(folder, SOURCE, window, world_tile) as tiles:
        assert {x for _, x, _ in tiles_of(SOURCE, [window])} == {511, 0}
        pixels = tiles.read(window)
    assert (pixels[:, 100:] == world(0, 5000, 300)[:, :200]).all()


def test_beyond_the_poles_there_is_no_imagery(folder: Path) -> None:
    window = Window(9, 5000, -100, 300)
    with imagery(folder, SOURCE, window, world_tile) as tiles, pytest.raises(SampleError) as caught:
        tiles.read(window)
    assert caught.value.reason == "no_imagery"


def test_a_zoom_that_the_server_lacks_is_refused() -> None:
    with pytest.raises(ImageryError, match="to 16, not 17"):
        tiles_of(replace(SOURCE, max_zoom=16), [Window(17, 0, 0, 768)])


WINDOW = Window(17, 256 * 70_000, 256 * 50_000, 512)
FIRST = (17, 70_000, 50_000)


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (png(np.concatenate([world(0, 0, 256), 0 * ALPHA], axis=-1)), "no_imagery"),
        (b"<html>", "not_an_image"),
        (world_tile(FIRST)[:500], "corrupt_tile"),
        (world_tile(FIRST, 300), "wrong_size"),
    ],
)
def test_one_bad_tile_spoils_the_window(folder: Path, first: bytes, reason: str) -> None:
    def draw(tile: Tile) -> bytes:
        return first if tile == FIRST else world_tile(tile)

    with imagery(folder, SOURCE, WINDOW, draw) as tiles, pytest.raises(SampleError) as caught:
        tiles.read(WINDOW)
    assert caught.value.reason == reason


def test_a_known_no_data_tile_is_no_imagery(folder: Path) -> None:
    sorry = world_tile((0, 0, 0))
    source = replace(SOURCE, no_data=frozenset({hashlib.sha256(sorry).hexdigest()}))
    with imagery(folder, source, WINDOW, lambda _: sorry) as tiles, pytest.raises(SampleError) as e:
        tiles.read(WINDOW)
    assert e.value.reason == "no_imagery"


def test_a_few_transparent_pixels_are_allowed(folder: Path) -> None:
    def draw(tile: Tile) -> bytes:
        alpha = ALPHA.copy()
        alpha[0, :100] = 0
        return png(np.concatenate([world(0, 0, 256), alpha], axis=-1))

    with imagery(folder, SOURCE, WINDOW, draw) as tiles:
        assert tiles.read(WINDOW).shape == (512, 512, 3)


def test_a_window_of_one_colour_is_blank(folder: Path) -> None:
    grey = png(np.full((256, 256), 127, np.uint8))
    with imagery(folder, SOURCE, WINDOW, lambda _: grey) as tiles, pytest.raises(SampleError) as e:
        tiles.read(WINDOW)
    assert e.value.reason == "blank_imagery"


def test_a_failed_tile_gives_its_own_reason(folder: Path) -> None:
    with imagery(folder, SOURCE, WINDOW, world_tile, {FIRST: "http_404"}) as tiles:
        with pytest.raises(SampleError, match="tile 17/70000/50000") as caught:
            tiles.read(WINDOW)
        assert caught.value.reason == "http_404"
        with pytest.raises(SampleError) as caught:
            tiles.read(WINDOW._replace(x=0))
        assert caught.value.reason == "not_fetched"


TILES = [(3, x, y) for x in range(4) for y in range(4)]


def where(request: Request) -> Tile:
    z, x, y = request.path.partition(".")[0].strip("/").split("/")
    return int(z), int(x), int(y)


def local(url: str) -> TileSource:
    return replace(SOURCE, url=url + "/{z}/{x}/{y}.png")


def test_every_tile_is_fetched_once_and_never_again(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda request: Answer(world_tile(where(request)), headers={"ETag": "e"}))
    source = local(server.url)
    seen: list[tuple[int, ...]] = []
    with TileCache(tmp_path / "c") as cache:
        for _ in range(2):
            failed = fetch_tiles(
                source, TILES * 2, cache, progress=lambda *n: seen.append(n), limits=FAST
            )
            assert failed == {}
        assert {tile: cache.get(source.cache_key, tile) for tile in TILES} == {
            tile: world_tile(tile) for tile in TILES
        }
    assert sorted(map(where, server.requests)) == TILES
    assert seen == [(n, 16) for n in range(1, 17)]


FAULTS = {
    (3, 0, 0): ("http_404", 1, Answer(status=404)),
    (3, 0, 1): ("http_500", 2, Answer(status=500)),
    (3, 0, 2): ("not_an_image", 1, Answer(b"<html>sorry</html>")),
    (3, 0, 3): ("wrong_size", 1, Answer(world_tile((3, 0, 3), 300))),
    (3, 1, 0): ("corrupt_tile", 2, Answer(world_tile((3, 1, 0))[:-400])),
    (3, 1, 1): ("truncated", 2, Answer(world_tile((3, 1, 1))[:-9], length=10**5)),
    (3, 1, 2): ("too_big", 1, Answer(b"", length=10**9)),
    (3, 1, 3): ("timeout", 2, Answer(hang=True)),
    (3, 2, 0): ("timeout", 2, Answer(world_tile((3, 2, 0)), drip=0.05)),
    (3, 2, 1): ("http_429", 2, Answer(status=429, headers={"Retry-After": "0.05"})),
    (3, 2, 2): ("bad_redirect", 1, Answer(status=302, headers={"Location": "file:///etc/passwd"})),
    (3, 2, 3): ("not_an_image", 1, Answer(b"")),
}


def test_faults_are_told_tile_by_tile_and_never_cached(serve: Serve, tmp_path: Path) -> None:
    faults = dict(FAULTS)

    def respond(request: Request) -> Answer:
        tile = where(request)
        return faults[tile][2] if tile in faults else Answer(world_tile(tile))

    server = serve(respond)
    source = local(server.url)
    with TileCache(tmp_path / "c") as cache:
        failed = fetch_tiles(source, TILES, cache, limits=FAST)
        assert {t: f.reason for t, f in failed.items()} == {t: f[0] for t, f in FAULTS.items()}
        asked = list(map(where, server.requests))
        assert {t: asked.count(t) for t in FAULTS} == {t: f[1] for t, f in FAULTS.items()}
        assert cache.missing(source.cache_key, TILES) == sorted(FAULTS)
        faults.clear()
        assert fetch_tiles(source, TILES, cache, limits=FAST) == {}


def test_a_length_that_claims_too_little_harms_that_tile_alone(
    serve: Serve, tmp_path: Path
) -> None:
    def respond(request: Request) -> Answer:
        tile = where(request)
        return Answer(world_tile(tile), length=300 if tile == TILES[0] else None)

    with TileCache(tmp_path / "c") as cache:
        one = replace(FAST, concurrency=1)
        failed = fetch_tiles(local(serve(respond).url), TILES, cache, limits=one)
    assert set(failed) == {TILES[0]}
    # the rest of the body follows at once, as garbage in place of the next answer, or later
    assert failed[TILES[0]].reason in {"corrupt_tile", "connection"}


def test_a_server_that_is_gone_costs_little(tmp_path: Path) -> None:
    with FaultServer(lambda _: Answer()) as server:
        pass
    tiles = [(9, x, y) for x in range(50) for y in range(50)]
    limits = replace(FAST, give_up_after=20)
    with TileCache(tmp_path / "c") as cache:
        failed = fetch_tiles(local(server.url), tiles, cache, limits=limits)
    assert {f.reason for f in failed.values()} == {"connection"}
    assert len(failed) == 2500
    assert sum("gave up" in f.detail for f in failed.values()) > 2400


def test_a_key_is_sent_and_never_shown(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIOSEG_KEY_MYKEY", "hidden")
    server = serve(lambda _: Answer(b"hidden is no good key", status=403))
    source = tile_source(server.url + "/{z}/{x}/{y}?key={mykey}")
    with TileCache(tmp_path / "c") as cache:
        failed = fetch_tiles(source, TILES[:1], cache)
        monkeypatch.delenv("SOCIOSEG_KEY_MYKEY")
        with pytest.raises(UsageError, match="SOCIOSEG_KEY_MYKEY"):
            fetch_tiles(source, TILES, cache)
    assert server.requests[0].path.endswith("?key=hidden")
    assert "hidden" not in str(failed)


def test_a_cache_that_cannot_be_written_ends_the_fetching(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda request: Answer(world_tile(where(request))))
    with TileCache(tmp_path / "c") as cache:
        cache._db.execute("PRAGMA query_only = 1")
        with pytest.raises(OutputError, match="readonly"):
            fetch_tiles(local(server.url), TILES, cache)


def warped(path: Path, window: Window) -> NDArray[np.uint8]:
    """Read a window by GDAL's own warper."""
    transform = rasterio.Affine.from_gdal(*window.transform)
    size = {"width": window.size, "height": window.size, "transform": transform}
    with (
        rasterio.open(path) as file,
        WarpedVRT(file, crs="EPSG:3857", resampling=Resampling.average, **size) as vrt,
    ):
        return np.moveaxis(vrt.read([1, 2, 3]), 0, -1)


def test_real_tiles_show_what_the_real_mosaic_shows(
    serve: Serve, shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "banepa" / "tiles"

    def respond(request: Request) -> Answer:
        z, x, y = where(request)
        path = folder / f"OAM-{x}-{y}-{z}.tif"
        return Answer(path.read_bytes()) if path.exists() else Answer(status=404)

    options = "#tile_size=512&min_zoom=19&max_zoom=19"
    source = tile_source(serve(respond).url + "/{z}/{x}/{y}.jpg" + options)
    window = Window(19, 386_691 * 256 + 40, 220_243 * 256 + 70, 768)
    with TileCache(tmp_path / "c") as cache:
        fast = HttpLimits(rate=500)
        assert fetch_tiles(source, tiles_of(source, [window]), cache, limits=fast) == {}
    with TileImagery(source, tmp_path / "c", {}) as tiles:
        pixels = tiles.read(window)
    expected = warped(shared_data / "banepa" / "imagery.tif", window).astype(int)
    assert np.abs(pixels - expected).mean() < 6
    shifted = np.abs(pixels[:, 2:] - expected[:, :-2]).mean()
    assert shifted > 2 * np.abs(pixels - expected).mean()
