"""The one module that speaks HTTP: polite, bounded, and plain about what went wrong."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
import stamina
from aiolimiter import AsyncLimiter

from socioseg import __version__
from socioseg.build.imagery.fetched import Fetched, FetchFailure, HttpLimits
from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)
# stamina warns at every retry; here a failure is told once, as a value
logging.getLogger("stamina").setLevel(logging.ERROR)

CHUNK = 1 << 16
REDIRECTS = frozenset({301, 302, 303, 307, 308})
TRY_LATER = frozenset({408, 425, 429})

Check = Callable[[bytes], FetchFailure | None]
"""Looks at a whole body and says what is wrong with it, if anything."""


class _TryAgainError(Exception):
    """Carries a failure that may pass to the retry loop."""

    def __init__(self, failure: FetchFailure) -> None:
        super().__init__(failure.reason)
        self.wait = failure.wait


def user_agent() -> str:
    """Say who we are, with the contact of `SOCIOSEG_CONTACT` where it is set.

    Raises
    ------
    UsageError
        If the contact cannot stand in a header.
    """
    contact = os.environ.get("SOCIOSEG_CONTACT", "").strip()
    if not (contact.isascii() and contact.isprintable()):
        raise UsageError("SOCIOSEG_CONTACT must be plain ASCII: an e-mail address or a URL.")
    return f"socioseg/{__version__}" + (f" (+{contact})" if contact else "")


def retry_after(header: str, now: datetime, longest: float) -> float | None:
    """Read a `Retry-After` header (RFC 9110, 10.2.3): seconds to wait, at most `longest`.

    None where the header is absent, unreadable, or asks for no pause.
    """
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return min(seconds, longest) if seconds > 0 else None


class HttpClient:
    """One provider's client: `async with HttpClient(limits) as client: await client.fetch(url)`.

    Parameters
    ----------
    limits
        Rate, concurrency, patience and sizes.
    secrets
        Values that no detail may show.
    """

    def __init__(self, limits: HttpLimits | None = None, secrets: Iterable[str] = ()) -> None:
        self.limits = limits or HttpLimits()
        self._secrets = [form for secret in secrets if secret for form in (secret, quote(secret))]
        self._failures_in_a_row = 0
        self._dead: FetchFailure | None = None
        self._paused_until = 0.0

    async def __aenter__(self) -> Self:
        limits = self.limits
        burst = max(1.0, limits.rate / 10)  # a tenth of a second's worth: requests come evenly
        self._limiter = AsyncLimiter(burst, burst / limits.rate)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limits.concurrency),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent(), "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=limits.connect_timeout, sock_read=limits.read_timeout
            ),
            trust_env=True,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def fetch(self, url: str, check: Check | None = None) -> Fetched | FetchFailure:
        """Get the body at an http or https `url`, or why there is none.

        Never raises for what a server does. `check` sees every whole body.
        """
        if self._dead:
            return self._dead
        result = await self._persist(url, check)
        if isinstance(result, Fetched):
            self._failures_in_a_row = 0
            return result
        result = replace(result, detail=self._redact(result.detail))
        self._count(result, url)
        return result

    async def _persist(self, url: str, check: Check | None) -> Fetched | FetchFailure:
        """Try until it works, cannot work, or the attempts or the deadline are used up."""
        limits, until = self.limits, _now() + self.limits.deadline
        result: Fetched | FetchFailure = FetchFailure("timeout", "no turn came", retriable=True)
        retries = stamina.retry_context(
            on=lambda error: self._pause(error, until),
            attempts=limits.attempts,
            timeout=None,
            wait_initial=limits.backoff,
            wait_max=limits.backoff_max,
            wait_jitter=limits.backoff,
        )
        try:
            async with asyncio.timeout_at(until):
                async for attempt in retries:
                    with attempt:
                        result = await self._attempt(url, check)
                        if isinstance(result, FetchFailure) and result.retriable:
                            raise _TryAgainError(result)  # noqa: TRY301 - stamina retries these
        except (TimeoutError, _TryAgainError):
            pass  # the last attempt's failure is the result
        return result

    def _pause(self, error: Exception, until: float) -> bool | float:
        """Whether to try again: after a back-off (True), or after the server's own pause."""
        if self._dead or not isinstance(error, _TryAgainError):
            return False
        if error.wait is None:
            return True
        resume = _now() + error.wait
        self._paused_until = max(self._paused_until, resume)  # for every other fetch, too
        return error.wait if resume < until else False

    async def _attempt(self, url: str, check: Check | None) -> Fetched | FetchFailure:
        try:
            async with asyncio.timeout(self.limits.request_deadline):
                result = await self._follow(url)
        except TimeoutError as error:
            return _timeout(error, self.limits)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _failure_of(error)
        problem = check(result.body) if check and isinstance(result, Fetched) else None
        return problem or result

    async def _follow(self, url: str) -> Fetched | FetchFailure:
        """Follow redirects by hand: only within http and https, never back from https."""
        for _ in range(self.limits.max_redirects + 1):
            await self._turn()
            async with self._session.get(url, allow_redirects=False) as response:
                location = response.headers.get("Location", "")
                if response.status not in REDIRECTS or not location:
                    return await self._answer(response)
            old, new = urlsplit(url), urlsplit(urljoin(url, location))
            if new.scheme not in {old.scheme, "https"}:
                return FetchFailure("bad_redirect", f"from {old.scheme} to {new.scheme}")
            url = new.geturl()
        return FetchFailure("bad_redirect", f"more than {self.limits.max_redirects} in a row")

    async def _turn(self) -> None:
        """Wait until the server's pause is over and the rate allows one more request."""
        await asyncio.sleep(max(0.0, self._paused_until - _now()))
        await self._limiter.acquire()

    async def _answer(self, response: aiohttp.ClientResponse) -> Fetched | FetchFailure:
        status, headers, limits = response.status, response.headers, self.limits
        if status in TRY_LATER or status >= 500:
            asked = headers.get("Retry-After", "")
            wait = retry_after(asked, datetime.now(UTC), limits.retry_after_max)
            return FetchFailure(f"http_{status}", response.host, retriable=True, wait=wait)
        if status != 200:
            return FetchFailure(f"http_{status}", response.host)
        body = await self._body(response)
        if body is None:
            return FetchFailure("too_big", f"more than {limits.max_bytes} bytes")
        return Fetched(body, headers.get("ETag", ""), response.content_type)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes | None:
        """Read the whole body; None, as soon as it is known, where it is too large."""
        if (response.content_length or 0) > self.limits.max_bytes:
            return None
        body = bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            body += chunk
            if len(body) > self.limits.max_bytes:
                return None
        return bytes(body)

    def _redact(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _count(self, failure: FetchFailure, url: str) -> None:
        """Give up on a provider that is dead or refuses our key, and say so once."""
        hopeless = failure.retriable or failure.reason == "http_401"
        self._failures_in_a_row = self._failures_in_a_row + 1 if hopeless else 0
        if self._dead or self._failures_in_a_row < self.limits.give_up_after:
            return
        host = self._redact(urlsplit(url).hostname or "")
        text = f"gave up on {host} after {self._failures_in_a_row} failures in a row"
        self._dead = replace(failure, detail=f"{text}; the last: {failure.detail}")
        log.warning("%s; the last: %s %s", text, failure.reason, failure.detail)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _timeout(error: TimeoutError, limits: HttpLimits) -> FetchFailure:
    detail = f"no whole answer within {limits.request_deadline:g} s"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        detail = f"no connection within {limits.connect_timeout:g} s"
    elif isinstance(error, aiohttp.SocketTimeoutError):
        detail = f"silence for {limits.read_timeout:g} s"
    return FetchFailure("timeout", detail, retriable=True)


def _failure_of(error: aiohttp.ClientError | OSError | ValueError) -> FetchFailure:
    """Say what an exception of aiohttp stands for, without its text, which may hold the URL."""
    if isinstance(error, aiohttp.ClientSSLError):
        return FetchFailure("connection", "no TLS connection that can be trusted")
    if isinstance(error, (aiohttp.NonHttpUrlClientError, ValueError)):
        return FetchFailure("bad_url", "not a usable http or https URL")
    if isinstance(error, aiohttp.ClientPayloadError):
        return FetchFailure("truncated", "the connection closed before the end", retriable=True)
    number = (isinstance(error, OSError) and error.errno) or 0
    detail = os.strerror(number) if number > 0 else type(error).__name__
    return FetchFailure("connection", detail, retriable=True)
