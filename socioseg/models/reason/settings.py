"""How a reasoning model goes about a query: the switches of its recipe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from socioseg.recipe import Strict

Share = Annotated[float, Field(ge=0, le=1)]


class Settings(Strict):
    """Switches; the defaults are the paper's method.

    Attributes
    ----------
    behaviour
        Where paper and released code of SocioReasoner differ, which of them to follow:
        docs/socioreasoner.md has the table.
    stages
        1 leaves out the second look: the paper's "w/o refinement".
    reading
        How answers are read: see `socioseg.models.answers`. By default "lenient", and "released"
        with the released behaviour.
    constrain
        Hold the engine to the form of the answer, where it can, so that every answer parses.
    rounds
        How often at the most the first stage asks; after the first time, for what is left.
    points
        "answer" takes the points that come; "size" asks for one to three by the size of the place.
    votes
        Answers drawn for each query; their masks are put to the vote, pixel by pixel.
    sure
        Leave out the second look where the segmenter's own score of the first is this high.
    give_up
        Keep the first mask where the second look fails, lowers the segmenter's own score, or leaves
        the boxes of the first.
    stray
        What share of the second mask may lie outside the first boxes before `give_up` acts.
    frame, frame_options
        In place of the family's: the pixels in which these weights give coordinates.
    """

    behaviour: Literal["paper", "released"] = "paper"
    stages: Literal[1, 2] = 2
    reading: Literal["lenient", "strict", "released"] | None = None
    constrain: bool = False
    rounds: Annotated[int, Field(ge=1, le=20)] = 1
    points: Literal["answer", "size"] = "answer"
    votes: Annotated[int, Field(ge=1, le=99)] = 1
    sure: Share | None = None
    give_up: bool = False
    stray: Share = 0.5
    frame: str | None = None
    frame_options: dict[str, int] = Field(default_factory=dict)

    @property
    def released(self) -> bool:
        """Whether to do as the released code does."""
        return self.behaviour == "released"

    @property
    def mode(self) -> Literal["lenient", "strict", "released"]:
        """How answers are read."""
        return self.reading or ("released" if self.released else "lenient")
