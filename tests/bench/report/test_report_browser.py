"""The report's page in a real browser, opened from the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.benchset import run
from bench.report.browser import a_browser, opened
from bench.report.reportset import EVIL, MANY, MODEL, make_hostile

from socioseg.bench.report.write import write_report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

SLICE = 24
CARDS, DIALOG = "#cards .card", "#detail"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as found:
        yield found


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, hostile: Path) -> Path:
    """Give a report of two runs on more samples than one slice holds."""
    root: Path = tmp_path_factory.mktemp("pair")
    make_hostile(root / "data", MANY)
    run(root / "data", root / "chatty", str(hostile / f"{MODEL}.yaml"))
    run(root / "data", root / "fill", "oracle-fill")
    write_report([root / "chatty", root / "fill"], root / "report")
    return root / "report"


def _count(page: Page) -> int:
    return int(str(page.text_content("#count")).split()[0])


def _scores(page: Page, number: int = 0) -> list[float]:
    texts = page.locator(f"{CARDS} .score:nth-child({number + 1}) b").all_text_contents()
    return [float(text.split()[0]) for text in texts]


def _focused(page: Page) -> str | None:
    found: str | None = page.evaluate("document.activeElement.dataset.at ?? null")
    return found


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_it_fits_and_follows_the_systems_colours(
    browser: Browser, reported: Path, width: int, colours: str
) -> None:
    with opened(browser, reported, width, colours) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator(CARDS).first.click()
        assert page.evaluate("document.querySelector('dialog').scrollWidth") <= width
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        dark = sum(int(part) for part in paper[4:-1].split(",")) < 3 * 128
        assert dark == (colours == "dark")


def test_the_colours_can_be_switched(browser: Browser, reported: Path) -> None:
    with opened(browser, reported) as page:
        shown = [page.evaluate("getComputedStyle(document.body).color")]
        for choice in ("dark", "light"):
            page.select_option("#theme", choice)
            shown.append(page.evaluate("getComputedStyle(document.body).color"))
        assert shown[0] == shown[2] != shown[1]
        page.select_option("#theme", "dark")
        page.reload()
        assert page.evaluate("getComputedStyle(document.body).color") == shown[1]


def test_names_and_texts_are_shown_as_text(browser: Browser, reported: Path) -> None:
    with opened(browser, reported) as page:
        page.select_option('[name="level"]', "name")
        page.fill('[name="text"]', "2 <SCRIPT>")
        assert page.locator(f"{CARDS} .query").all_text_contents() == [f"2 {EVIL}"]
        page.locator(CARDS).click()
        assert page.text_content("#detail-title") == f"2 {EVIL}"
        assert page.text_content("#answers pre >> nth=0") == EVIL
        assert MODEL in page.text_content("#answers h3 >> nth=0")


def test_filters_leave_what_they_say(browser: Browser, pair: Path) -> None:
    with opened(browser, pair) as page:
        assert _count(page) == 3 * MANY
        for name, value, left in (
            ("level", "class", MANY),
            ("status", f"no {EVIL}", MANY),
            ("class", "<b>bold</b>", 2 * len(range(2, MANY, 3))),
            ("target", "medium", 0),
        ):
            page.select_option(f'[name="{name}"]', value) if left else None
            assert _count(page) == (left or 3 * MANY)
            page.click('button[type="reset"]')
            page.wait_for_function(
                f"document.getElementById('count').textContent.startsWith('{3 * MANY} ')"
            )
        page.fill('[name="least"]', "90")
        assert _count(page) == MANY
        assert min(_scores(page)) >= 90
        page.fill('[name="least"]', "")
        page.fill('[name="most"]', "1")
        beside = MANY - 10  # class answers end above where these truths begin
        assert _count(page) == MANY + beside
        page.fill('[name="text"]', "no such text")
        assert (_count(page), page.locator(CARDS).count()) == (0, 0)


def test_cards_come_worst_first_in_slices_with_lazy_images(browser: Browser, pair: Path) -> None:
    with opened(browser, pair, 400) as page:
        assert page.locator(CARDS).count() == SLICE
        assert page.locator(f"{CARDS} img:not([loading=lazy])").count() == 0
        page.click("#more")
        assert page.locator(CARDS).count() == 3 * MANY
        assert not page.is_visible("#more")
        assert _focused(page) == str(SLICE)
        assert _scores(page) == sorted(_scores(page))
        page.select_option('[name="order"]', "best")
        assert _scores(page) == sorted(_scores(page), reverse=True)


def test_two_runs_side_by_side_with_their_difference(browser: Browser, pair: Path) -> None:
    with opened(browser, pair) as page:
        page.select_option('[name="order"]', "behind")
        first = page.locator(CARDS).first
        assert first.locator(".picture").count() == 4
        one, other = (_scores(page, number)[0] for number in (0, 1))
        lead = float(str(first.locator(".lead b").text_content()).replace("\N{MINUS SIGN}", "-"))
        assert lead == pytest.approx(one - other, abs=0.11)
        assert lead < -90
        page.select_option('[name="ground"]', "sat")
        assert first.locator(".picture").count() == 2
        page.select_option('[name="other"]', "-1")
        assert first.locator(".picture").count() == 1
        assert page.locator('[name="order"] option[value="behind"]').count() == 0


def test_outlines_are_switched_in_cards_and_detail(browser: Browser, pair: Path) -> None:
    with opened(browser, pair) as page:
        page.select_option('[name="level"]', "name")
        kinds = {
            "truth": ".outline.truth", "answer": ".outline.answer", "errors": ".errors",
            "boxes": ".prompts",
        }  # fmt: skip
        card = page.locator(CARDS).first
        for name, selector in kinds.items():
            before = card.locator(selector).first.is_visible()
            page.set_checked(f'[name="{name}"]', not before)
            assert card.locator(selector).first.is_visible() is not before
        card.click()
        for name, selector in kinds.items():
            shown = page.locator(f"#answers {selector}").first
            before = shown.is_visible()
            page.set_checked(f'#detail-draw [data-name="{name}"]', not before)
            assert shown.is_visible() is not before
            assert page.is_checked(f'#controls [name="{name}"]') is not before


def test_the_keyboard_moves_opens_steps_and_closes(browser: Browser, pair: Path) -> None:
    with opened(browser, pair) as page:
        page.focus('button[type="reset"]')
        page.keyboard.press("Tab")
        assert _focused(page) == "0"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("ArrowRight")
        assert _focused(page) == "1"
        page.keyboard.press("ArrowDown")
        below = int(_focused(page) or 0)
        assert below > 2
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        assert page.is_visible(DIALOG)
        ids = [page.text_content("#detail-sub")]
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
            page.keyboard.press(key)
            ids.append(page.text_content("#detail-sub"))
        assert ids[1] == ids[3]
        assert len(set(ids)) == 3
        page.keyboard.press("Escape")
        assert not page.is_visible(DIALOG)
        assert _focused(page) == "2"
        page.keyboard.press("End")
        page.keyboard.press("ArrowRight")
        assert _focused(page) == str(SLICE)


def test_stages_are_shown_with_their_notes(browser: Browser, pair: Path) -> None:
    with opened(browser, pair) as page:
        page.select_option('[name="level"]', "name")
        page.locator(CARDS).first.click()
        whole = page.get_attribute("#answers .mask >> nth=0", "d")
        page.select_option("#answers .stages select", label=f"coarse {EVIL.strip()}")
        assert page.get_attribute("#answers .mask >> nth=0", "d") != whole
        assert page.text_content("#answers .stages li") == f"dropped {EVIL}"


def test_every_control_has_a_name(browser: Browser, pair: Path) -> None:
    with opened(browser, pair) as page:
        nameless = """() => [...document.querySelectorAll("select, input, button")].filter((one) =>
            !one.labels?.length && !one.textContent.trim() && !one.ariaLabel).length"""
        page.locator(CARDS).first.click()
        assert page.evaluate(nameless) == 0
        images = page.locator("img:not([alt]), img[alt='']").count()
        assert images == 0


def test_a_picture_that_is_gone_is_said(browser: Browser, pair: Path) -> None:
    with opened(browser, pair) as page:
        page.evaluate("REPORT_DATA.samples.forEach((one) => { one.sat_image = null; })")
        page.select_option('[name="ground"]', "sat")
        assert "satellite image cannot be read" in page.locator(CARDS).first.text_content()
