from __future__ import annotations

import asyncio
import logging
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import Answer, Request

from socioseg.build.imagery.fetched import Fetched, FetchFailure, HttpLimits
from socioseg.build.imagery.http import HttpClient, retry_after, user_agent
from socioseg.errors import UsageError

if TYPE_CHECKING:
    from conftest import Serve
    from servers import Respond

FAST = HttpLimits(
    rate=5000,
    attempts=3,
    connect_timeout=0.5,
    read_timeout=0.3,
    request_deadline=0.6,
    deadline=4,
    backoff=0.01,
    backoff_max=0.02,
    max_bytes=1000,
    max_redirects=3,
)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def fetch(url: str, limits: HttpLimits = FAST, **options: object) -> Fetched | FetchFailure:
    async def run() -> Fetched | FetchFailure:
        async with HttpClient(limits) as client:
            return await client.fetch(url, **options)  # type: ignore[arg-type]

    return asyncio.run(run())


def fetch_all(
    urls: list[str], limits: HttpLimits, secrets: tuple[str, ...] = ()
) -> list[Fetched | FetchFailure]:
    async def run() -> list[Fetched | FetchFailure]:
        async with HttpClient(limits, secrets=secrets) as client:
            return [await client.fetch(url) for url in urls]

    return asyncio.run(run())


def in_turn(*answers: Answer) -> Respond:
    rest = iter(answers)
    return lambda _: next(rest)


def test_a_good_answer_is_given_whole_with_its_etag(serve: Serve) -> None:
    server = serve(lambda _: Answer(b"pixels", headers={"ETag": '"7"', "Content-Type": "image/x"}))
    assert fetch(server.url) == Fetched(b"pixels", '"7"', "image/x")


def test_it_says_who_it_is(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIOSEG_CONTACT", "me@example.org")
    server = serve(lambda _: Answer(b"x"))
    fetch(server.url)
    agent = server.requests[0].headers["User-Agent"]
    assert agent.startswith("socioseg/")
    assert agent.endswith(" (+me@example.org)")


def test_a_contact_cannot_smuggle_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIOSEG_CONTACT", "me\r\nX-Evil: 1")
    with pytest.raises(UsageError, match="SOCIOSEG_CONTACT"):
        user_agent()


@pytest.mark.parametrize(
    ("answer", "reason", "requests"),
    [
        (Answer(status=404), "http_404", 1),
        (Answer(status=410), "http_410", 1),
        (Answer(status=401), "http_401", 1),
        (Answer(status=403), "http_403", 1),
        (Answer(status=204), "http_204", 1),
        (Answer(status=408), "http_408", 3),
        (Answer(status=425), "http_425", 3),
        (Answer(status=429), "http_429", 3),
        (Answer(status=500), "http_500", 3),
        (Answer(status=503), "http_503", 3),
        (Answer(hang=True), "timeout", 3),
        (Answer(b"x" * 50, drip=0.1), "timeout", 3),
        (Answer(b"short", length=500), "truncated", 3),
        (Answer(b"x" * 1001), "too_big", 1),
        (Answer(b"", length=10**12), "too_big", 1),
        (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "bad_redirect", 1),
        (Answer(status=302, headers={"Location": "ftp://127.0.0.1/x"}), "bad_redirect", 1),
        (Answer(status=301, headers={"Location": "/again"}), "bad_redirect", 4),
        (Answer(status=302, headers={"Location": "http://["}), "bad_url", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_has_its_reason_and_its_number_of_tries(
    serve: Serve, answer: Answer, reason: str, requests: int
) -> None:
    server = serve(lambda _: answer)
    result = fetch(server.url)
    assert isinstance(result, FetchFailure)
    assert (result.reason, len(server.requests)) == (reason, requests)
    assert result.retriable == (requests == 3)


def test_a_body_without_a_length_that_grows_too_large_is_refused(serve: Serve) -> None:
    chunks = (b"100\r\n" + b"x" * 256 + b"\r\n") * 64
    answer = Answer(chunks, length=-1, headers={"Transfer-Encoding": "chunked"})
    result = fetch(serve(lambda _: answer).url)
    assert result == FetchFailure("too_big", "more than 1000 bytes")


def test_refused_connections_are_retried_then_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    result = fetch(f"http://127.0.0.1:{port}/")
    assert result == FetchFailure("connection", "Connection refused", retriable=True)


def test_a_server_that_does_not_speak_tls_is_no_reason_to_retry(serve: Serve) -> None:
    result = fetch(serve(lambda _: Answer()).url.replace("http", "https"))
    assert isinstance(result, FetchFailure)
    assert (result.reason, result.retriable) == ("connection", False)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://h/x", "http://", "no url", "http://[", f"http://{'a' * 70}.com"],
)
def test_other_schemes_and_non_urls_are_refused(url: str) -> None:
    result = fetch(url)
    assert isinstance(result, FetchFailure)
    assert (result.reason, result.retriable) == ("bad_url", False)


def test_a_timeout_says_what_was_waited_for(serve: Serve) -> None:
    silent, slow = Answer(hang=True), Answer(b"x" * 50, drip=0.1)
    once = replace(FAST, attempts=1)
    details = [fetch(serve(lambda _, a=answer: a).url, once).detail for answer in (silent, slow)]
    assert details == ["silence for 0.3 s", "no whole answer within 0.6 s"]


def test_a_passing_fault_is_survived(serve: Serve) -> None:
    server = serve(in_turn(Answer(status=500), Answer(b"ab", length=9), Answer(b"good")))
    assert fetch(server.url) == Fetched(b"good", "", "application/octet-stream")


def test_a_redirect_within_http_is_followed(serve: Serve) -> None:
    def respond(request: Request) -> Answer:
        moved = Answer(status=307, headers={"Location": "b?q=1"})
        return moved if request.path == "/x/a" else Answer(request.path.encode())

    result = fetch(serve(respond).url + "/x/a")
    assert isinstance(result, Fetched)
    assert result.body == b"/x/b?q=1"


def test_retry_after_is_waited_for(serve: Serve) -> None:
    busy = Answer(status=429, headers={"Retry-After": "0.25"})
    server = serve(in_turn(busy, Answer(b"good")))
    start = time.monotonic()
    assert isinstance(fetch(server.url), Fetched)
    assert 0.25 <= time.monotonic() - start < 3


def test_retry_after_holds_back_every_other_request_too(serve: Serve) -> None:
    times: list[float] = []

    def respond(_: Request) -> Answer:
        times.append(time.monotonic())
        first = len(times) == 1
        return Answer(b"x", 429 if first else 200, {"Retry-After": "0.25"} if first else {})

    async def run(url: str) -> None:
        async with HttpClient(FAST) as client:
            first = asyncio.create_task(client.fetch(url))
            await asyncio.sleep(0.1)
            await asyncio.gather(first, client.fetch(url))

    asyncio.run(run(serve(respond).url))
    assert min(times[1:]) - times[0] >= 0.24


def test_a_pause_beyond_the_deadline_is_not_waited_for(serve: Serve) -> None:
    server = serve(lambda _: Answer(status=503, headers={"Retry-After": "30"}))
    start = time.monotonic()
    result = fetch(server.url)
    assert isinstance(result, FetchFailure)
    assert (result.reason, len(server.requests)) == ("http_503", 1)
    assert time.monotonic() - start < 3


def test_the_deadline_ends_the_attempts(serve: Serve) -> None:
    server = serve(lambda _: Answer(hang=True))
    start = time.monotonic()
    result = fetch(server.url, replace(FAST, deadline=0.25, attempts=100))
    assert isinstance(result, FetchFailure)
    assert result.reason == "timeout"
    assert time.monotonic() - start < 3


def test_the_rate_is_kept(serve: Serve) -> None:
    server = serve(lambda _: Answer(b"x"))
    start = time.monotonic()
    fetch_all([server.url] * 11, replace(FAST, rate=20))
    assert time.monotonic() - start >= 0.4


def test_no_more_connections_than_allowed_are_open(serve: Serve) -> None:
    now, most = 0, 0

    def respond(_: Request) -> Answer:
        nonlocal now, most
        now += 1
        most = max(most, now)
        time.sleep(0.02)
        now -= 1
        return Answer(b"x")

    async def run(url: str) -> None:
        async with HttpClient(replace(FAST, concurrency=3)) as client:
            await asyncio.gather(*(client.fetch(url) for _ in range(12)))

    asyncio.run(run(serve(respond).url))
    assert most == 3


def test_a_dead_server_is_given_up_once_and_said_once(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(lambda _: Answer(status=500))
    limits = replace(FAST, attempts=2, give_up_after=5)
    with caplog.at_level(logging.WARNING):
        results = fetch_all([server.url] * 50, limits)
    assert len(server.requests) == 5 * 2
    assert {r.reason for r in results if isinstance(r, FetchFailure)} == {"http_500"}
    assert [r.message.partition(";")[0] for r in caplog.records] == [
        "gave up on 127.0.0.1 after 5 failures in a row"
    ]


def test_missing_tiles_are_no_reason_to_give_up(serve: Serve) -> None:
    server = serve(lambda _: Answer(status=404))
    fetch_all([server.url] * 30, replace(FAST, give_up_after=5))
    assert len(server.requests) == 30


def test_a_refused_key_is_given_up_and_never_shown(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(lambda _: Answer(status=401))
    urls = [f"{server.url}/?key=hidden%2F1"] * 9 + ["http://hidden%2F1.invalid/"]
    results = fetch_all(urls, replace(FAST, give_up_after=5), secrets=("hidden/1",))
    assert len(server.requests) == 5
    assert "hidden" not in f"{results} {caplog.text}"


def test_a_key_in_a_host_or_a_redirect_is_never_shown(serve: Serve) -> None:
    server = serve(lambda _: Answer(status=302, headers={"Location": "file://hidden/"}))
    results = fetch_all([server.url, "http://hidden.invalid/"], FAST, secrets=("hidden",))
    assert "hidden" not in str(results)


def test_a_check_may_refuse_for_good_or_for_now(serve: Serve) -> None:
    server = serve(lambda _: Answer(b"<html>"))
    final, passing = FetchFailure("not_an_image"), FetchFailure("corrupt_tile", "", retriable=True)
    assert fetch(server.url, check=lambda _: final) == final
    assert len(server.requests) == 1
    assert fetch(server.url, check=lambda _: passing) == passing
    assert len(server.requests) == 1 + 3


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_retry_after_reads_seconds_and_dates_alike(seconds: int, longest: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(str(seconds), NOW, longest) == min(seconds, longest)
    assert retry_after(date, NOW, longest) == min(seconds, longest)


@given(st.text() | st.just("Mon, 01 Jan 99999 00:00:00 GMT") | st.sampled_from(["-1", "0", "nan"]))
def test_retry_after_never_fails_nor_asks_for_the_impossible(header: str) -> None:
    wait = retry_after(header, NOW, 60)
    assert wait is None or 0 < wait <= 60
