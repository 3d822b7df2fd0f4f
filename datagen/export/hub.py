"""An exported folder to a hub, for those who ask: private unless they say otherwise."""

from __future__ import annotations

import os
import re
from pathlib import Path

from datagen.engines.offline import SILENCE, LeavesMachineError
from schemas import UserError

REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def refuse_push(repository: str, *, offline: bool) -> None:
    """`UserError` for what is no name of a repository, `LeavesMachineError` where nothing may leave."""
    if not REPOSITORY.fullmatch(repository):
        raise UserError(f"'{repository}' is no repository", where="--push", mend="name it OWNER/NAME")
    if offline:
        what = f"--push would send the rows to {_host()}, and --offline allows this machine only"
        raise LeavesMachineError(what, mend="leave out one of the two")


def push(folder: Path, repository: str, *, private: bool) -> str:
    """Upload the folder as a dataset; its address. `UserError` when the hub refuses or is out of reach.

    A repository that is there keeps its visibility, and the files in it that the folder does not have.
    """
    os.environ.update(SILENCE)
    import httpx
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    hub = HfApi()
    try:
        place = hub.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
        hub.upload_folder(repo_id=repository, repo_type="dataset", folder_path=folder)
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", None)
        known = {401: "log in with: hf auth login", 403: f"check that you may write to {repository}"}
        what = f"the hub refused the upload ({str(error).strip().splitlines()[0]})"
        mend = known.get(status or 0, "the folder is written; try again later")
        raise UserError(what, where=repository, mend=mend) from None
    except (OSError, httpx.HTTPError) as error:
        lines = str(error).strip().splitlines()
        what = f"{_host()} cannot be reached ({lines[0] if lines else type(error).__name__})"
        raise UserError(what, where=repository, mend="the folder is written; try again later") from None
    return str(place)


def _host() -> str:
    address = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    return address.partition("://")[2].rstrip("/")
