"""Models of a hub by name: `hf:OWNER/NAME/FILE.gguf`, downloaded once, then a file like any other.

Downloads are huggingface_hub's: made whole when the connection breaks, checked, cached where its other users
find them, begun anew when killed. What is there is never asked for again, though a branch may move on: name
a revision, `...FILE.gguf@REVISION`, to say which.
"""

from __future__ import annotations

import os
import socket
import urllib.parse
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

from datagen.engines.engine import Engine, EngineOptions
from datagen.engines.files.model_files import part_names
from datagen.engines.offline import SILENCE, LeavesMachineError
from schemas import UserError, nearest

USUAL_ENDPOINT = "https://huggingface.co"
CONNECT_S = 10
MOST_NAMED = 5


@dataclass(frozen=True)
class HubFile:
    """A file of a repository at a revision."""

    repo: str
    file: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"hf:{self.repo}/{self.file}" + (f"@{self.revision}" if self.revision else "")


def open_model(model: str, options: EngineOptions) -> Engine:
    """The engine of `hf:OWNER/NAME/FILE.gguf`, and of all its parts if it is split."""
    from datagen.engines.llama import engine as llama_cpp

    return llama_cpp.open_model(str(fetch(parse(model), offline=options.offline)), options)


def parse(model: str) -> HubFile:
    """What is named by `OWNER/NAME/FILE.gguf` or `OWNER/NAME/FOLDER/FILE.gguf@REVISION`.

    >>> parse("owner/name/q4/model.gguf@v1")
    HubFile(repo='owner/name', file='q4/model.gguf', revision='v1')
    """
    path, _, revision = model.partition("@")
    owner, _, rest = path.partition("/")
    name, _, file = rest.partition("/")
    if not owner or not name or ".." in path.split("/") or (file and not file.lower().endswith(".gguf")):
        what, mend = "a hub model is a repository and a .gguf file in it", "name it hf:OWNER/NAME/FILE.gguf"
        raise UserError(what, where=f"hf:{model}", mend=mend)
    return HubFile(f"{owner}/{name}", file, revision or None)


def fetch(wanted: HubFile, *, offline: bool = False) -> Path:
    """Where the file is on this machine, downloaded with all its parts if it is not there yet.

    Raises `UserError` for a repository or file that does not exist or may not be read, and
    `LeavesMachineError` when a download is needed and `offline` forbids it.
    """
    # No telemetry, asked or not; before the library is imported, because it reads its settings then.
    os.environ.update(SILENCE)
    folder, _, name = wanted.file.rpartition("/")
    parts = [f"{folder}/{part}" if folder else part for part in part_names(name)]
    found = [_cached(wanted, part) for part in parts] if wanted.file else [None]
    missing = [part for part, path in zip(parts, found, strict=True) if path is None]
    if not missing:
        return Path(str(found[0]))
    if offline:
        raise LeavesMachineError(
            f"{wanted} is not on this machine yet, and --offline forbids to download it from {_host()}",
            mend="run it once without --offline",
        )
    _refuse_unreachable(wanted)
    if not wanted.file:
        raise _no_such_file(wanted)
    first = _download(wanted, parts[0])
    # The other parts of the same commit, should the branch move on meanwhile.
    same = replace(wanted, revision=_commit(first) or wanted.revision)
    for part in parts[1:]:
        _download(same, part)
    return first


def _commit(path: Path) -> str | None:
    """The commit a cached file is of: .../snapshots/COMMIT/FILE."""
    parts = path.parts
    return parts[parts.index("snapshots") + 1] if "snapshots" in parts else None


def _cached(wanted: HubFile, file: str) -> str | None:
    """The path of a file that is here already; nobody is asked whether there is a newer one."""
    from huggingface_hub import try_to_load_from_cache

    try:
        found = try_to_load_from_cache(wanted.repo, file, revision=wanted.revision)
    except ValueError as error:  # what it says of names that no repository can have
        what = f"the hub has no such names ({_first_sentence(error)})"
        raise UserError(what, where=wanted, mend="name it hf:OWNER/NAME/FILE.gguf") from None
    return found if isinstance(found, str) else None


def _download(wanted: HubFile, file: str) -> Path:
    from huggingface_hub import errors, hf_hub_download

    try:
        return Path(hf_hub_download(wanted.repo, file, revision=wanted.revision))
    except errors.GatedRepoError:
        mend = f"ask for it at {_endpoint()}/{wanted.repo}, then log in with: hf auth login"
        raise UserError("the repository is gated", where=wanted, mend=mend) from None
    except errors.RepositoryNotFoundError:
        mend = "check the name; if it is private, log in with: hf auth login"
        raise UserError(f"{_host()} has no repository '{wanted.repo}'", where=wanted, mend=mend) from None
    except errors.RevisionNotFoundError:
        what = f"the repository has no revision '{wanted.revision}'"
        raise UserError(what, where=wanted, mend="leave it out, or name a branch, tag or commit") from None
    except errors.LocalEntryNotFoundError as error:
        raise _unreachable(wanted, error.__cause__ or error) from None
    except errors.EntryNotFoundError:
        raise _no_such_file(wanted, file) from None
    except OSError as error:  # the network's errors and the disk's
        if error.errno is not None and error.filename is not None:
            what = f"the download cannot be written ({error.strerror})"
            raise UserError(what, where=error.filename, mend="make room, or set HF_HOME elsewhere") from None
        raise _unreachable(wanted, error) from None


def _no_such_file(wanted: HubFile, file: str | None = None) -> UserError:
    """The sentence that names the file that was meant, or some that there are."""
    from huggingface_hub import HfApi

    try:
        files = HfApi().list_repo_files(wanted.repo, revision=wanted.revision)
    except OSError as error:  # all errors of the hub are
        return _unreachable(wanted, error)
    models = sorted(name for name in files if name.lower().endswith(".gguf"))
    what = f"the repository has no file '{file}'" if file else "no file of the repository is named"
    if not models:
        return UserError(what, where=wanted, mend="it has no GGUF files at all: name another repository")
    guess = nearest(file, models) if file else None
    if guess:
        return UserError(what, where=wanted, mend=f"did you mean '{guess}'?")
    named = ", ".join(models[:MOST_NAMED]) + (", ..." if len(models) > MOST_NAMED else "")
    return UserError(what, where=wanted, mend=f"it has {named}")


def _refuse_unreachable(wanted: HubFile) -> None:
    """Say at once that there is no network, where the library would try again for half a minute."""
    if urllib.request.getproxies():
        return
    address = urllib.parse.urlsplit(_endpoint())
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), CONNECT_S).close()
    except OSError as error:
        raise _unreachable(wanted, error) from None


def _unreachable(wanted: HubFile, error: BaseException) -> UserError:
    what = f"{_host()} cannot be reached ({_first_sentence(error)})"
    mend = "check the network and run the same command again"
    return UserError(what, where=wanted, mend=mend)


def _first_sentence(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", USUAL_ENDPOINT).rstrip("/")


def _host() -> str:
    return urllib.parse.urlsplit(_endpoint()).netloc
