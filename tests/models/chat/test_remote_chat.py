"""A chat engine on a server: what it asks, and what it makes of the answers."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from chatserver import KEY, asked, fails, says, text_of
from PIL import Image

from socioseg.errors import RecipeError, UsageError
from socioseg.models.chat.engine import CUT, OK, Constraint, Prompt
from socioseg.models.chat.remote import RemoteChat
from socioseg.models.registry import load_part

if TYPE_CHECKING:
    from chatserver import Chat
    from servers import Answer, Request, Respond

BOXES = {"type": "array", "items": {"type": "integer"}}
POINT = {"type": "object", "properties": {"x": {"type": "integer"}}}
IMAGES = tuple(np.random.default_rng(0).integers(0, 255, (2, 12, 9, 3), dtype=np.uint8))


def test_the_prompt_arrives_whole(chat: Chat) -> None:
    engine, server = chat(lambda _: says("here"), stop=["</answer>"])
    (reply,) = engine.ask([Prompt("Where?", IMAGES, system="Be brief.", seed=7)])
    assert (reply.text, reply.status, reply.prompt_tokens, reply.tokens) == ("here", OK, 100, 20)
    body = asked(server.requests[0])
    system, user = body.pop("messages")
    assert system == {"role": "system", "content": "Be brief."}
    *images, text = user["content"]
    assert text == {"type": "text", "text": "Where?"}
    for image, sent in zip(IMAGES, images, strict=True):
        data = base64.b64decode(sent["image_url"]["url"].removeprefix("data:image/png;base64,"))
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), image)
    assert body == {
        "model": "tiny",
        "max_tokens": 99,
        "temperature": 0.0,
        "stop": ["</answer>"],
    }
    headers = {name.lower(): value for name, value in server.requests[0].headers.items()}
    assert headers["authorization"] == f"Bearer {KEY}"


def test_sampling_sends_the_prompts_seed(chat: Chat) -> None:
    engine, server = chat(lambda _: says("a"), temperature=1.0, top_p=0.8, top_k=100)
    engine.ask([Prompt("a", seed=7)])
    body = asked(server.requests[0])
    assert (body["seed"], body["top_p"], body["top_k"]) == (7, 0.8, 100)
    assert engine.temperature == 1.0


def test_replies_keep_the_order_of_the_prompts_and_the_limit(chat: Chat) -> None:
    lock, here, most = threading.Lock(), [0], [0]

    def respond(request: Request) -> Answer:
        with lock:
            here[0] += 1
            most[0] = max(most[0], here[0])
        number = int(text_of(request))
        time.sleep(0.02 * (number % 3))
        with lock:
            here[0] -= 1
        return says(f"answer {number}")

    engine, _ = chat(respond, in_flight=4)
    replies = engine.ask([Prompt(str(number)) for number in range(20)])
    assert [reply.text for reply in replies] == [f"answer {number}" for number in range(20)]
    assert 1 < most[0] <= 4


def test_prices_give_the_cost(chat: Chat) -> None:
    engine, _ = chat(lambda _: says("a"), prices=(2.0, 10.0))
    assert engine.ask([Prompt("a")])[0].cost == pytest.approx((100 * 2 + 20 * 10) / 1e6)


def test_who_answered_is_kept_beside_who_was_asked(chat: Chat) -> None:
    engine, server = chat(lambda _: says("a"))
    engine.ask([Prompt("a")])
    assert engine.revision == f"tiny@{server.url}/v1"
    assert engine.answered_by == {"tiny-2026 fp_1"}


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (says("half an", finish="length"), CUT, "half an"),
        (says("", refusal="I cannot help."), "refused", ""),
        (says("x", finish="content_filter"), "content_filter", ""),
        (says(None, finish="tool_calls"), "no_text", ""),
        (says("b", reasoning_content="a"), OK, "<think>a</think>b"),
        (says("b", reasoning="a"), OK, "<think>a</think>b"),
        (says(""), OK, ""),
    ],
)
def test_an_answer_becomes_a_reply(chat: Chat, answer: Answer, status: str, text: str) -> None:
    engine, _ = chat(lambda _: answer)
    (reply,) = engine.ask([Prompt("a")])
    assert (reply.status, reply.text) == (status, text)


@pytest.mark.parametrize(
    ("constraint", "content", "text"),
    [
        (Constraint(POINT, thinking=False, tags=False), '{"x": 1}', '{"x": 1}'),
        (Constraint(POINT, thinking=False), '{"x": 1}', '<answer>{"x": 1}</answer>'),
        (Constraint(POINT), '{"x": 1}', '<think>hm</think><answer>{"x": 1}</answer>'),
        (Constraint(BOXES, thinking=False), '{"answer": [1, 2]}', "<answer>[1, 2]</answer>"),
        (Constraint(BOXES, thinking=False), "[1, 2]", "<answer>[1, 2]</answer>"),
        (Constraint(BOXES), "<answer>[1]</answer>", "<think>hm</think><answer>[1]</answer>"),
    ],
)
def test_json_by_a_schema_gets_the_tags_of_its_constraint(
    chat: Chat, constraint: Constraint, content: str, text: str
) -> None:
    engine, server = chat(lambda _: says(content, reasoning="hm" if constraint.thinking else None))
    (reply,) = engine.ask([Prompt("a", constraint=constraint)])
    assert reply.text == text
    sent = asked(server.requests[0])["response_format"]["json_schema"]["schema"]
    assert sent["type"] == "object"
    assert sent == constraint.schema or sent["properties"]["answer"] == constraint.schema


def refusing(name: str, param: str | None, words: str) -> Respond:
    """A server that takes no argument `name`."""

    def respond(request: Request) -> Answer:
        if name in asked(request):
            return fails(400, words, param=param)
        return says("fine")

    return respond


@pytest.mark.parametrize(
    ("name", "param", "words"),
    [
        ("max_tokens", "max_tokens", "Use 'max_completion_tokens' instead."),
        ("temperature", "temperature", "Unsupported value: only the default (1) is supported."),
        ("top_k", None, "Unrecognized request argument supplied: top_k"),
        ("seed", "seed", "Unsupported parameter"),
        ("stop", "stop", "Unsupported parameter"),
        ("response_format", None, "'response_format' of type 'json_schema' is not supported"),
    ],
)
def test_what_a_server_refuses_by_name_is_left_out(
    chat: Chat, caplog: pytest.LogCaptureFixture, name: str, param: str | None, words: str
) -> None:
    options = {"temperature": 0.5, "top_k": 5, "stop": ["."]}
    engine, server = chat(refusing(name, param, words), **options)
    prompt = Prompt("a", constraint=Constraint(POINT))
    assert engine.ask([prompt])[0].text == "fine"
    assert engine.ask([prompt])[0].text == "fine"
    assert len(server.requests) == 3  # learnt once
    assert [name in message for message in caplog.messages] == [True]
    if name == "max_tokens":
        assert asked(server.requests[-1])["max_completion_tokens"] == 99


def test_a_loop_that_runs_already_is_no_hindrance(chat: Chat) -> None:
    engine, _ = chat(lambda _: says("a"))

    async def notebook() -> str:
        return engine.ask([Prompt("a")])[0].text

    assert asyncio.run(notebook()) == "a"


def test_a_recipe_names_it(chat: Chat) -> None:
    engine = load_part({"name": "openai", "model": "gpt", "max_tokens": 5}, "chat engine")
    assert engine.generation.max_tokens == 5
    assert engine.ask([]) == []


def test_wrong_options_are_told() -> None:
    with pytest.raises(RecipeError, match="temperature"):
        RemoteChat("gpt", temprature=1)
    with pytest.raises(RecipeError, match="top_p"):
        RemoteChat("gpt", top_p=2)
    with pytest.raises(UsageError, match="no address"):
        RemoteChat("gpt", "127.0.0.1:8000")


def test_no_secret_stands_in_an_address() -> None:
    with pytest.raises(UsageError, match="environment") as caught:
        RemoteChat("gpt", "http://me:pass123@127.0.0.1/v1")
    assert "pass123" not in str(caught.value)


def test_no_key_gets_out(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    engine, _ = chat(lambda _: fails(418, f"who is {KEY}?"))
    (reply,) = engine.ask([Prompt("a")])
    assert (reply.status, reply.detail) == ("http_418", "who is ***?")
    assert KEY not in repr(vars(engine))
    assert KEY not in repr(reply)
    assert caplog.records
    sent = [record for record in caplog.records if KEY in record.getMessage()]
    assert not sent
