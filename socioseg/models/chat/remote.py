"""A chat engine on a server: any that speaks the OpenAI API, such as vLLM, SGLang, GPT, Qwen's."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from socioseg.errors import ServiceError, UsageError
from socioseg.models.chat.engine import Prompt, Reply
from socioseg.models.chat.generation import generation_of
from socioseg.models.chat.request import OTHER_NAMES, body_of, changed, refused_argument
from socioseg.models.chat.verdict import failed_reply, reply_of, words_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from openai import APIStatusError, AsyncOpenAI

log = logging.getLogger(__name__)

OPENAI = "https://api.openai.com/v1"
PATIENCE = 60
"""Seconds between two tries at most that count into the deadline of a prompt."""


class RemoteChat:
    """Answers by a server; what fails for one prompt is a reply that says why.

    The key comes from the environment and stays there: no log, error or recipe holds it. An
    argument that the server refuses by name (a reasoning model's temperature, the old name of the
    token budget) is renamed or left out, with a warning. A constraint goes as a JSON
    schema; the JSON that comes back is put in the tags that the constraint wants.

    Parameters
    ----------
    model
        As the server calls it.
    base_url
        Of the server, with its version ("http://127.0.0.1:8000/v1").
    key
        Name of the environment variable that holds the key; servers without keys need none.
    in_flight
        Requests at a time.
    retries
        How often a request that may yet succeed is made again, after the pause that the server
        asks for, else after pauses that double.
    timeout
        Seconds of silence after which a try is given up.
    prices
        Of a million tokens of prompts, and of replies; for `Reply.cost`.
    **generation
        Fields of `Generation`: `max_tokens`, `temperature`, `top_p`, `top_k`, `stop`.

    Attributes
    ----------
    revision
        The model and the server.
    answered_by
        What the server called its model, with its fingerprint where it gave one.

    Raises
    ------
    UsageError
        If the openai package is missing, or an option is wrong.
    """

    def __init__(
        self,
        model: str,
        base_url: str = OPENAI,
        *,
        key: str = "OPENAI_API_KEY",
        in_flight: int = 16,
        retries: int = 5,
        timeout: float = 300,
        prices: tuple[float, float] = (0.0, 0.0),
        **generation: Any,  # noqa: ANN401 - checked below
    ) -> None:
        _check(base_url)
        self.generation = generation_of(generation, type(self))
        self.model, self.base_url, self.key = model, base_url, key
        self.in_flight, self.retries, self.timeout = in_flight, retries, timeout
        self.prices = prices
        self.revision = f"{model}@{base_url}"
        self.answered_by: set[str] = set()
        self._changes: dict[str, str | None] = {}

    @property
    def temperature(self) -> float:
        """0 where a second reply to the same prompt should be the same."""
        return self.generation.temperature

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply for each of `prompts`; see `ChatEngine.ask`.

        Raises
        ------
        ServiceError
            If there is no server, it refuses the key, or knows no such model.
        """
        return _run(self._ask_all(prompts))

    async def _ask_all(self, prompts: Sequence[Prompt]) -> list[Reply]:
        from openai import AsyncOpenAI  # noqa: PLC0415 - heavy, and an extra

        turns = asyncio.Semaphore(self.in_flight)
        async with AsyncOpenAI(
            base_url=self.base_url,
            api_key=os.environ.get(self.key) or "none",
            max_retries=self.retries,
            timeout=self.timeout,
        ) as client:

            async def ask(prompt: Prompt) -> Reply:
                async with turns:
                    return await self._ask(client, prompt)

            return await asyncio.gather(*map(ask, prompts))

    async def _ask(self, client: AsyncOpenAI, prompt: Prompt) -> Reply:
        began = time.perf_counter()
        deadline = (self.timeout + PATIENCE) * (self.retries + 1)
        try:
            async with asyncio.timeout(deadline):
                reply = await self._try(client, prompt)
        except TimeoutError:
            reply = Reply("", "timeout", f"no whole answer within {deadline:g} s")
        per_prompt, per_reply = self.prices
        cost = (reply.prompt_tokens * per_prompt + reply.tokens * per_reply) / 1e6
        detail = self._redact(reply.detail)
        return replace(reply, detail=detail, seconds=time.perf_counter() - began, cost=cost)

    async def _try(self, client: AsyncOpenAI, prompt: Prompt) -> Reply:
        from openai import (  # noqa: PLC0415 - heavy, and an extra
            APIConnectionError,
            APIStatusError,
            APITimeoutError,
            OpenAIError,
        )

        body = await asyncio.to_thread(body_of, prompt, self.generation)
        try:
            completion = await self._send(client, body)
        except APITimeoutError:
            return Reply("", "timeout", f"silence for {self.timeout:g} s")
        except APIConnectionError as error:
            return await self._lost(client, error)
        except APIStatusError as error:
            self._give_up(error)
            return failed_reply(error)
        except (OpenAIError, ValueError) as error:  # JSON that is none
            return Reply("", "bad_answer", type(error).__name__)
        reply = reply_of(completion, prompt.constraint)
        if reply.written:
            names = [getattr(completion, name, None) for name in ("model", "system_fingerprint")]
            words = [name for name in names if name and isinstance(name, str)]
            self.answered_by.add(" ".join(words) or self.model)
        return reply

    async def _send(self, client: AsyncOpenAI, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever comes
        """Send `body`, without or under another name what the server refuses by name."""
        from openai import BadRequestError, UnprocessableEntityError  # noqa: PLC0415 - heavy

        changes = dict(self._changes)
        while True:
            sent = changed(body, changes)
            try:
                completion = await client.chat.completions.create(model=self.model, **sent)
            except (BadRequestError, UnprocessableEntityError) as error:
                name = refused_argument(error.param, words_of(error), sent)
                if name is None:
                    raise
                changes[name] = OTHER_NAMES.get(name)
            else:
                self._learn(changes)
                return completion

    def _learn(self, changes: Mapping[str, str | None]) -> None:
        for name, other in changes.items():
            if name not in self._changes:
                way = f"sent as {other}" if other else "left out"
                log.warning("%s takes no %s: %s.", self.base_url, name, way)
        self._changes |= changes

    async def _lost(self, client: AsyncOpenAI, error: Exception) -> Reply:
        """A connection that broke: the reply, where the server itself is there.

        Raises
        ------
        ServiceError
            Where it is not.
        """
        from openai import APIConnectionError, OpenAIError  # noqa: PLC0415 - heavy, and an extra

        try:
            await client.with_options(max_retries=0, timeout=10).models.list()
        except APIConnectionError:
            raise ServiceError(
                f"No chat server answers at {self.base_url}: start it, or correct base_url."
            ) from error
        except (OpenAIError, ValueError):
            pass  # it answers, if only that it lists no models
        return Reply("", "connection", "the connection broke, each time")

    def _give_up(self, error: APIStatusError) -> None:
        """Raise where no prompt can fare better than this one did."""
        words, status = self._redact(words_of(error)), error.status_code
        if status == 401 or (status == 403 and not self.answered_by):
            raise ServiceError(
                f"{self.base_url} refuses the key in {self.key} (status {status}): correct it."
            )
        if error.code == "insufficient_quota":
            raise ServiceError(f"{self.base_url}: the account's quota is used up: {words}")
        unknown = status == 400 and self.model in words and not self.answered_by
        if status == 404 or unknown:
            raise ServiceError(
                f"{self.base_url} has no chat model {self.model!r}: correct model or base_url"
                f" ({words})."
            )

    def _redact(self, text: str) -> str:
        secret = os.environ.get(self.key)
        return text.replace(secret, "***") if secret else text


def _check(base_url: str) -> None:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"base_url {base_url!r} is no address such as http://127.0.0.1:8000/v1.")
    if parts.username or parts.password or parts.query:
        raise UsageError("base_url holds a secret: give the key by an environment variable.")
    try:
        import openai  # noqa: F401, PLC0415 - heavy, and an extra
    except ImportError as error:
        raise UsageError(
            "A chat server is asked by the openai package: pip install 'socioseg[models]'."
        ) from error


def _run(work: Coroutine[Any, Any, list[Reply]]) -> list[Reply]:
    """Run `work` to its end, in a notebook's loop too."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
