"""The wording that the released weights of SocioReasoner were trained on, read from its source.

The two templates stand as literals in a file of AMAP-ML/SocioReasoner. They are read with `ast`
from the file of one commit, which is never run, and checked by their hashes.
"""

from __future__ import annotations

import ast
import hashlib
import os
from typing import TYPE_CHECKING

from socioseg.cache import cache_folder
from socioseg.errors import RecipeError, ServiceError
from socioseg.files import atomic_write

if TYPE_CHECKING:
    from pathlib import Path

UPSTREAM = "upstream"
"""The name of these prompts."""
COMMIT = "7ba0c65b2f03878d1abb15f00b357fc788f98335"
FILE = "roll/pipeline/rlvr/rlvr_socioseg_vlm_pipeline_infer.py"
URL = f"https://raw.githubusercontent.com/AMAP-ML/SocioReasoner/{COMMIT}/{FILE}"
SHA256 = "5a156cb8b860e320fdf9dbdd39a9a24083f500d8fdc1557f984c25996e5b9417"
URL_VARIABLE = "SOCIOSEG_UPSTREAM_PROMPTS_URL"
"""Environment variable with another address of the same file, such as a mirror's."""
TEXTS = {
    ("format_prompt_1", "question_template"): "300401210d6f4348",
    ("format_prompt_1", "answer"): "b5a635ac1a2a755f",
    ("format_prompt_2", "question_template"): "5974845efca3cc06",
    ("format_prompt_2", "answer"): "24632cffa4d01615",
}
"""Function and variable of each literal, and how the SHA-256 of its UTF-8 text begins."""
_MAX_BYTES = 1_000_000
_TIMEOUT = 30


def upstream_file() -> Path:
    """The source file, from the cache or else from the network.

    Raises
    ------
    ServiceError
        If it is not in the cache and cannot be fetched; says where to get it.
    """
    path = cache_folder() / "prompts" / f"socioreasoner-{COMMIT[:12]}.py"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, _fetch(os.environ.get(URL_VARIABLE) or URL))
    return path


def read_upstream(path: Path) -> tuple[str, str]:
    """The templates of both stages in the file `path`, with the places of `Prompts` in them.

    Raises
    ------
    RecipeError
        If the file cannot be read, or does not hold just the texts of that commit.
    """
    try:
        literals = _literals(ast.parse(path.read_text(encoding="utf-8")))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RecipeError(f"{path}: cannot be read as Python ({error}); get {URL}") from error
    for key, start in TEXTS.items():
        text = literals.get(key)
        if text is None or not _sha256(text.encode()).startswith(start):
            raise RecipeError(
                f"{path}: {'.'.join(key)} is not the text of commit {COMMIT[:7]}; get {URL}"
            )
    first, second = (
        _template(literals[name, "question_template"], literals[name, "answer"])
        for name in ("format_prompt_1", "format_prompt_2")
    )
    return first, second


def _literals(module: ast.Module) -> dict[tuple[str, str], str]:
    """Strings assigned to a name within a function, by both names; the last one counts."""
    return {
        (function.name, target.id): node.value.value
        for function in ast.walk(module)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _template(question: str, answer: str) -> str:
    """`question`, which `str.format` fills in, as a text with the places of `Prompts`."""
    escaped = question.replace("$", "$$")
    return escaped.format(prompt="${query}", answer=answer.replace("$", "$$"), bboxs="${answer}")


def _fetch(url: str) -> bytes:
    """The file at `url`; errors say how to do without."""
    import requests  # noqa: PLC0415 - slow to import

    try:
        with requests.get(url, timeout=_TIMEOUT, stream=True) as reply:
            reply.raise_for_status()
            data: bytes = reply.raw.read(_MAX_BYTES + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise ServiceError(
            f"The wording of the released SocioReasoner cannot be fetched ({error}): get {URL} by"
            " other means and pass it as --prompts FILE.py, or use --prompts socioreasoner."
        ) from error
    if _sha256(data) != SHA256:
        raise ServiceError(
            f"{url} is not the file of commit {COMMIT[:7]} (its SHA-256 differs): get {URL} and"
            " pass it as --prompts FILE.py."
        )
    return data


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
