"""Who else on this machine could answer: Ollama, servers on their usual ports, models that lie about.

Only looks: one short question each, all at once. Driving a server is its engine's affair.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from datagen.engines.offline import LeavesMachineError, refuse_remote

OLLAMA_PORT = 11434
USUAL_PORTS = {8080: "llama-server", 1234: "LM Studio", 8000: "vLLM"}
"""Where servers that speak OpenAI's protocol listen unless told otherwise."""
ANSWER_S = 0.7
MOST_MODELS = 50


def ollama_url(host: str | None) -> str:
    """The address that `OLLAMA_HOST` means, as Ollama's own client reads it.

    >>> ollama_url(None), ollama_url("0.0.0.0"), ollama_url("https://box:443/")
    ('http://127.0.0.1:11434', 'http://127.0.0.1:11434', 'https://box:443')
    """
    from urllib.parse import urlsplit

    text = (host or "").strip() or "127.0.0.1"
    parts = urlsplit(text if "://" in text else f"http://{text}")
    name = parts.hostname or "127.0.0.1"
    # 0.0.0.0 is where a server listens; who connects means this machine.
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)
    usual = {"http": 80, "https": 443}.get(parts.scheme, 80) if "://" in text else OLLAMA_PORT
    port = parts.port or usual
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{port}"


def servers(*, offline: bool = False, ports: Mapping[int, str] = USUAL_PORTS) -> list[dict[str, Any]]:
    """Every server that was looked for: `engine` (how to name it), `url`, `answers`, and its `models`.

    With `offline`, one on another machine is not asked, and `note` says so.
    """
    looks: list[Callable[[], dict[str, Any]]] = [lambda: _ollama(offline)]
    looks += [lambda port=port, name=name: _openai(port, name) for port, name in ports.items()]  # type: ignore[misc]
    found: list[dict[str, Any] | None] = [None] * len(looks)

    def look(index: int) -> None:
        found[index] = looks[index]()

    # Threads of their own: a name server that does not answer must not hold up the others.
    threads = [threading.Thread(target=look, args=(index,), daemon=True) for index in range(len(looks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * ANSWER_S)
    return [entry for entry in found if entry is not None]


def cached_models(folders: tuple[Path, ...] | None = None) -> list[str]:
    """GGUF files in the cache of the Hugging Face hub, newest first; nothing is followed out of it."""
    places = hub_folders() if folders is None else folders
    files = [file for place in places for file in place.glob("models--*/snapshots/*/**/*.gguf")]
    files.sort(key=lambda file: file.stat().st_mtime if file.exists() else 0.0, reverse=True)
    return [str(file) for file in files[:MOST_MODELS]]


def hub_folders() -> tuple[Path, ...]:
    """Where `huggingface_hub` keeps what it downloads, by its own variables."""
    explicit = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    home = os.environ.get("HF_HOME")
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    place = explicit or (f"{home}/hub" if home else f"{cache}/huggingface/hub")
    return (Path(place).expanduser(),)


def _ollama(offline: bool) -> dict[str, Any]:
    from urllib.parse import urlsplit

    try:
        url = ollama_url(os.environ.get("OLLAMA_HOST"))
        host = urlsplit(url).hostname or ""
    except ValueError as error:
        return {
            "engine": "ollama",
            "url": os.environ.get("OLLAMA_HOST"),
            "answers": False,
            "note": str(error),
        }
    entry: dict[str, Any] = {"engine": "ollama", "name": "Ollama", "url": url, "answers": False, "models": []}
    try:
        if offline:
            refuse_remote(host, what="Ollama at OLLAMA_HOST")
    except LeavesMachineError as error:
        return {**entry, "note": str(error)}
    version, listed = _json(f"{url}/api/version"), _json(f"{url}/api/tags")
    if version is None and listed is None:
        return entry
    models = [model.get("name") for model in (listed or {}).get("models") or [] if isinstance(model, dict)]
    return {
        **entry,
        "answers": True,
        "version": (version or {}).get("version"),
        "models": models[:MOST_MODELS],
    }


def _openai(port: int, name: str) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/v1"
    listed = _json(f"{url}/models")
    models = [model.get("id") for model in (listed or {}).get("data") or [] if isinstance(model, dict)]
    return {
        "engine": "openai",
        "name": name,
        "url": url,
        "answers": listed is not None,
        "models": models[:MOST_MODELS],
    }


def _json(url: str) -> dict[str, Any] | None:
    """What `url` answers, if it is a JSON object; None for silence and for anything else.

    No proxy is asked and no redirection followed: either might lead off this machine.
    """
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_S)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        found = json.loads(answer.read(2**20)) if answer.status == 200 else None
    except (OSError, ValueError, HTTPException):
        return None
    finally:
        connection.close()
    return found if isinstance(found, dict) else None
