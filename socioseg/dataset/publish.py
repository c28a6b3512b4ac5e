"""A sound dataset that may be passed on, to the Hugging Face Hub."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from socioseg.dataset.card import write_card
from socioseg.dataset.check_files import PICTURES, TEXTS
from socioseg.dataset.report import read_report, write_report
from socioseg.dataset.verify import verify
from socioseg.errors import DatasetError, LicenceError, ServiceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from huggingface_hub import HfApi

    from socioseg.dataset.report import Report

REPO_PATTERN = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_TOKEN_PATTERN = re.compile(r"[!-~]+")
_STALE = ["data/**", "assets/**"]
"""Files of an earlier version, deleted on the Hub in the same commit."""
_STATUS = {
    400: "it found the upload unsound: is `huggingface_hub` up to date?",
    401: "the token was refused: set HF_TOKEN to one that may write",
    403: "the token may not write there: take another one or another owner",
    404: "there is no such owner or repository: check the name",
    413: "the upload is too large for this server",
    429: "too many requests: wait some minutes and publish again",
}


def publish(
    root: Path,
    repo: str,
    *,
    private: bool = False,
    endpoint: str | None = None,
    permission: str = "",
) -> str:
    """Verify the dataset in `root` and push it to the Hub; returns its address there.

    The token is the one of `HF_TOKEN`, or of `hf auth login`.

    Parameters
    ----------
    root
        The dataset's folder.
    repo
        "owner/name"; made if it is not there.
    private
        Whether a repository that is made is private.
    endpoint
        Address of the Hub, if not the usual one.
    permission
        Who gave leave to publish imagery marked "ask", and when; written into the report, the card
        and the licence file.

    Raises
    ------
    UsageError
        If `repo` is not "owner/name", or there is no token.
    LicenceError
        If the licence of the imagery does not allow it.
    DatasetError
        If the dataset is not sound.
    ServiceError
        If the Hub refuses or fails.
    """
    if not REPO_PATTERN.fullmatch(repo):
        raise UsageError(f"{repo!r} is not the name of a dataset on the Hub: give owner/name.")
    report = read_report(root)
    check_leave(report, permission)
    if permission:
        report = report.model_copy(update={"permission": permission})
        write_report(root, report)
        write_card(root, report)
    problems = verify(root)
    if problems:
        raise DatasetError(
            f"{root} has {len(problems)} problems, the first: {problems[0]};"
            " mend them until `socioseg verify` is content."
        )
    return _push(root, repo, report, private=private, endpoint=endpoint)


def check_leave(report: Report, permission: str = "") -> None:
    """Refuse imagery that may not be passed on.

    Raises
    ------
    LicenceError
        If a source is marked "no", or "ask" and there is no `permission`.
    """
    for source in report.imagery:
        if source.redistribute == "no":
            raise LicenceError(
                f"The images of {source.id} may not be passed on ({source.license}"
                f" {source.license_url}): build the dataset from open imagery to publish it."
            )
        if source.redistribute == "ask" and not (permission or report.permission):
            raise LicenceError(
                f"The images of {source.id} may be passed on only with leave of"
                f" {source.attribution} ({source.license}): get it, and give --permission TEXT."
            )


def _push(root: Path, repo: str, report: Report, *, private: bool, endpoint: str | None) -> str:
    from huggingface_hub import HfApi  # noqa: PLC0415 - slow to import, and only needed here
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # noqa: PLC0415

    api = HfApi(endpoint=endpoint, token=_token())
    try:
        return _upload(api, root, repo, report, private=private)
    except HfHubHTTPError as error:
        status = error.response.status_code
        reason = _STATUS.get(status, "the service has a problem: publish again later")
        raise ServiceError(
            f"{api.endpoint} answered HTTP {status} for {repo}: {reason}."
        ) from error
    except (httpx.HTTPError, OSError, RuntimeError, ValueError) as error:
        what = " ".join(str(error).split()) or type(error).__name__
        raise ServiceError(
            f"Pushing {repo} to {api.endpoint} failed ({what}): mend that, or check the network,"
            " and publish again; what is there already is not sent twice."
        ) from error


def _token() -> str:
    from huggingface_hub import get_token  # noqa: PLC0415 - slow to import

    token = get_token()
    if not token:
        raise UsageError("There is no token for the Hub: set HF_TOKEN, or run `hf auth login`.")
    if not _TOKEN_PATTERN.fullmatch(token):
        raise UsageError("HF_TOKEN holds a blank or a sign that no token has: set it again.")
    return token


def _upload(api: HfApi, root: Path, repo: str, report: Report, *, private: bool) -> str:
    url = api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
    api.upload_folder(
        repo_id=repo,
        repo_type="dataset",
        folder_path=root,
        commit_message=f"Dataset {report.fingerprint} by socioseg {report.socioseg}",
        allow_patterns=[*TEXTS, *PICTURES, *(file.path for file in report.files)],
        delete_patterns=_STALE,
    )
    return str(url)
