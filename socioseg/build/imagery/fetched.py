"""What a download is before and after: its limits, its body, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HttpLimits:
    """Manners towards one provider, and patience with it; times in seconds.

    `rate` is requests per second, `concurrency` connections at once; `deadline` bounds one
    fetch with all its attempts, `request_deadline` one attempt with its redirects;
    `give_up_after` is how many fetches in a row may fail before the provider counts as dead.
    """

    rate: float = 20.0
    concurrency: int = 8
    attempts: int = 5
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    request_deadline: float = 60.0
    deadline: float = 180.0
    backoff: float = 0.5
    backoff_max: float = 30.0
    retry_after_max: float = 60.0
    max_bytes: int = 16 << 20
    max_redirects: int = 5
    give_up_after: int = 20


@dataclass(frozen=True)
class Fetched:
    """The whole body of a good answer."""

    body: bytes
    etag: str = ""
    content_type: str = ""


@dataclass(frozen=True)
class FetchFailure:
    """Why there is no body: the report's word, a detail without secrets, and whether to retry.

    Reasons: `http_<status>`, `timeout`, `connection`, `truncated`, `too_big`, `bad_redirect`,
    `bad_url`, and those of the caller's own check (`not_an_image`, `corrupt_tile`, ...).
    `wait` is the pause in seconds that the server asked for.
    """

    reason: str
    detail: str = ""
    retriable: bool = False
    wait: float | None = None
