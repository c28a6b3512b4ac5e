"""A chat server that fails, in every way: what is tried again, told, or the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from chatserver import KEY, asked, fails, says, sends, text_of
from servers import Answer

from socioseg.errors import ServiceError
from socioseg.models.chat.engine import OK, Prompt
from socioseg.models.chat.remote import RemoteChat

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatserver import Chat
    from servers import Request

NOW = {"Retry-After": "0.01"}
CUT_BODY = Answer(b'{"choices": [', 200, {"Content-Type": "application/json"}, length=500)


def at_first(answer: Answer) -> Callable[[Request], Answer]:
    """A server that gives `answer` to the first request, and works from then on."""
    answers = iter([answer])
    return lambda _: next(answers, says("at last"))


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_what_may_yet_succeed_is_tried_again(chat: Chat, status: int) -> None:
    engine, server = chat(at_first(fails(status, headers=NOW)))
    assert engine.ask([Prompt("a")])[0].text == "at last"
    assert len(server.requests) == 2


def test_the_pause_that_a_server_asks_for_is_kept(chat: Chat) -> None:
    engine, _ = chat(at_first(fails(429, headers={"Retry-After": "0.7"})))
    began = time.perf_counter()
    (reply,) = engine.ask([Prompt("a")])
    assert reply.status == OK
    assert 0.7 <= time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("answer", "status", "tries"),
    [
        (fails(429, "slow down", headers=NOW), "rate_limited", 3),
        (fails(500, "boom", headers=NOW), "http_500", 3),
        (fails(413, "too large"), "http_413", 1),
        (fails(400, "context length exceeded: 9000 tokens"), "http_400", 1),
        (fails(400, "policy", code="content_policy_violation"), "content_filter", 1),
        (fails(400, "policy", code="content_filter"), "content_filter", 1),
        (Answer(b"<html>", 200, {"Content-Type": "text/html"}), "bad_answer", 1),
        (Answer(b"{garbage", 200, {"Content-Type": "application/json"}), "bad_answer", 1),
        (sends({}), "bad_answer", 1),
        (sends([1, 2]), "bad_answer", 1),
        (sends(None), "bad_answer", 1),
        (sends({"choices": []}), "bad_answer", 1),
        (sends({"choices": [None]}), "bad_answer", 1),
        (sends({"choices": 3}), "bad_answer", 1),
        (sends({"choices": [{"message": {"content": 5}}]}), "no_text", 1),
    ],
)
def test_one_that_fails_is_a_reply_and_the_others_go_on(
    chat: Chat, answer: Answer, status: str, tries: int
) -> None:
    engine, server = chat(lambda request: answer if text_of(request) == "bad" else says("good"))
    replies = engine.ask([Prompt("one"), Prompt("bad"), Prompt("two")])
    assert [replies[0].text, replies[2].text] == ["good", "good"]
    assert replies[1].status == status
    assert not replies[1].text
    assert len(server.requests) == tries + 2


def test_an_answer_without_counts_counts_nothing(chat: Chat) -> None:
    engine, _ = chat(lambda _: sends({"choices": [{"message": {"content": "a"}}]}))
    (reply,) = engine.ask([Prompt("a")])
    assert (reply.text, reply.status, reply.tokens, reply.cost) == ("a", OK, 0, 0)
    assert engine.answered_by == {"tiny"}


def test_silence_is_a_timeout(chat: Chat) -> None:
    engine, server = chat(
        lambda request: Answer(hang=True) if text_of(request) == "bad" else says("good"),
        timeout=0.3,
        retries=0,
    )
    good, bad = engine.ask([Prompt("good"), Prompt("bad")])
    assert (good.text, bad.status) == ("good", "timeout")
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", [CUT_BODY, Answer(length=-1, hang=True)])
def test_a_cut_connection_is_one_failure_where_the_server_lives(chat: Chat, answer: Answer) -> None:
    def respond(request: Request) -> Answer:
        if request.method == "GET":
            return sends({"data": []})
        return answer if text_of(request) == "bad" else says("good")

    engine, _ = chat(respond, retries=0, timeout=0.5)
    good, bad = engine.ask([Prompt("good"), Prompt("bad")])
    assert good.text == "good"
    assert bad.status in {"connection", "timeout"}


def test_no_server_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    engine = RemoteChat("tiny", "http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(ServiceError, match=r"No chat server answers at http://127.0.0.1:9/v1"):
        engine.ask([Prompt("a"), Prompt("b")])


@pytest.mark.parametrize(
    ("answer", "says_so"),
    [
        (fails(401, f"Incorrect API key provided: {KEY}"), "refuses the key in TEST_KEY"),
        (fails(403, f"not with {KEY}"), "refuses the key in TEST_KEY"),
        (fails(404, "The model `tiny` does not exist."), "no chat model 'tiny'"),
        (fails(400, "tiny is not a valid model ID"), "no chat model 'tiny'"),
        (fails(429, "pay", code="insufficient_quota", headers=NOW), "quota"),
    ],
)
def test_what_no_prompt_can_mend_ends_the_run(chat: Chat, answer: Answer, says_so: str) -> None:
    engine, _ = chat(lambda _: answer)
    with pytest.raises(ServiceError, match=says_so) as caught:
        engine.ask([Prompt("a"), Prompt("b")])
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_403_after_answers_is_of_its_prompt_alone(chat: Chat) -> None:
    engine, _ = chat(lambda request: fails(403) if text_of(request) == "bad" else says("good"))
    engine.ask([Prompt("good")])
    assert engine.ask([Prompt("bad")])[0].status == "refused"


def test_an_argument_that_is_refused_whatever_it_is_called_is_told(chat: Chat) -> None:
    def respond(request: Request) -> Answer:
        (name,) = {"max_tokens", "max_completion_tokens"} & asked(request).keys()
        return fails(400, f"{name} is too large: 99.", param=name)

    engine, server = chat(respond)
    assert engine.ask([Prompt("a")])[0].status == "http_400"
    assert len(server.requests) == 2
