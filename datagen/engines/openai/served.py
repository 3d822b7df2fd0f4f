"""What a server says of itself when it is opened: its kind, its model, its context.

How a kind of server is recognised: llama-server by `owned_by` "llamacpp" (and then `/props`), vLLM by
`owned_by` "vllm", LM Studio by its own `/api/v0/models`, llama-cpp-python's server by the title of its
`/openapi.json`. Any other is of unknown kind: it is asked for nothing but what OpenAI's protocol has.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson

from datagen.engines.openai.flavours import (
    LLAMA_CPP_PYTHON,
    LLAMA_SERVER,
    LM_STUDIO,
    UNKNOWN,
    VLLM,
    Flavour,
)
from datagen.engines.openai.http_stream import Server
from datagen.engines.openai.patience import Fault
from schemas import UserError
from schemas.run import content_hash

KEY_VARIABLE = "HOMEGROWN_API_KEY"
# The file of a model is its tensors, and a vocabulary that has never been larger than this.
MOST_METADATA_BYTES = 256 << 20
MOST_NAMED = 8


@dataclass(frozen=True)
class Served:
    """One model of one server. `description`: what stays the same as long as the model does. `settings`:
    what else of the server changes its answers. `file`: the model's file, where it can be read from here;
    `written`: its size and the moment it was last written."""

    flavour: Flavour
    model: str
    context: int | None = None
    description: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    file: Path | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    written: tuple[int, int] | None = None

    @functools.cached_property
    def model_hash(self) -> str:
        """Hash of the file, read when first asked for; without it, of the description."""
        if self.file is not None:
            return content_hash(self.file)
        return _digest({"kind": self.flavour.name, "model": self.model, **self.description})

    def same_as(self, other: Served) -> bool:
        """Whether the same model is served in the same way. Some know its context only once it is loaded."""
        contexts = {self.context, other.context} - {None}
        mine, theirs = (
            (served.flavour, served.model, served.description, served.settings, served.file, served.written)
            for served in (self, other)
        )
        return mine == theirs and len(contexts) <= 1


def split_address(address: str) -> tuple[str, str | None]:
    """(URL of the API, model or None) of `URL#model`. Raises `UserError`.

    >>> split_address("http://127.0.0.1:8080#tiny")
    ('http://127.0.0.1:8080/v1', 'tiny')
    """
    example = "name it like openai:http://127.0.0.1:8080/v1#model"
    url, _, model = address.partition("#")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no number
        fault = None if parts.hostname else "an address without a host"
        if parts.scheme not in ("http", "https"):
            fault = "an address begins with http:// or https://"
    except ValueError as error:
        parts, fault = urlsplit(""), f"no address ({error})"
    if parts.username or parts.password:
        # Not repeated: it may be a password.
        raise UserError(
            "an address has no password in it", where="engine openai:", mend=f"use {KEY_VARIABLE}"
        )
    if fault or parts.query:
        raise UserError(fault or "an address has no query", where=f"engine 'openai:{address}'", mend=example)
    path = parts.path.rstrip("/") or "/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), model or None


async def describe(server: Server, wanted: str | None, *, local: bool) -> Served:
    """The model `wanted`, or the only one. `local`: the server is this machine, its files may be ours too.

    Raises `Fault` for a server that is not there (yet), `UserError` for a wrong address or model.
    """
    listed = await server.json("/models")
    entries = listed.get("data") if isinstance(listed, dict) else None
    if not isinstance(entries, list) or not all(isinstance(e, dict) and e.get("id") for e in entries):
        what = "no OpenAI-compatible server: there is no list of models under /models"
        raise UserError(
            what, where=server.name, mend="see that the address ends in /v1 or where its API begins"
        )
    entry = choose(entries, wanted, server.name)
    owner = entry.get("owned_by")
    if owner == "llamacpp":
        return await _llama_server(server, entry, local)
    if owner == "vllm":
        return await _vllm(server, entry)
    if isinstance(listing := await _ask(server, "/api/v0/models", "data"), list):
        return _lm_studio(entry, listing)
    if "llama.cpp Python" in str(_mapping(await _ask(server, "/openapi.json", "info")).get("title")):
        return Served(LLAMA_CPP_PYTHON, entry["id"])
    if await _ask(server, "/api/version", "version"):
        what = "this is Ollama, which truncates long prompts silently when asked by this way"
        raise UserError(what, where=server.name, mend=f"name it ollama:{entry['id']}")
    return Served(UNKNOWN, entry["id"], description=_known(entry, "owned_by", "root", "parent"))


def choose(entries: Sequence[Mapping[str, Any]], wanted: str | None, where: str) -> Mapping[str, Any]:
    """The entry of the model `wanted` (or alias), or the only one; `UserError` names what is there."""
    named = ", ".join(str(entry["id"]) for entry in entries[:MOST_NAMED])
    more = f" and {len(entries) - MOST_NAMED} more" if len(entries) > MOST_NAMED else ""
    if not entries:
        raise UserError("the server has no model", where=where, mend="load one there")
    if wanted is None:
        if len(entries) == 1:
            return entries[0]
        what = f"the server has {len(entries)} models ({named}{more})"
        raise UserError(what, where=where, mend=f"name one, like {where}#{entries[0]['id']}")
    for entry in entries:
        if wanted == entry["id"] or wanted in (entry.get("aliases") or ()):
            return entry
    # llama-server may call a model by the whole path of its file.
    by_file = [entry for entry in entries if str(entry["id"]).replace("\\", "/").split("/")[-1] == wanted]
    if len(by_file) == 1:
        return by_file[0]
    raise UserError(f"the server has no model '{wanted}'", where=where, mend=f"it has {named}{more}")


async def _llama_server(server: Server, entry: Mapping[str, Any], local: bool) -> Served:
    props = _mapping(await server.json("/props", root=True))
    meta = {name: value for name, value in _mapping(entry.get("meta")).items() if name != "n_ctx"}
    path, template = str(props.get("model_path") or ""), str(props.get("chat_template") or "")
    context = _mapping(props.get("default_generation_settings")).get("n_ctx")
    file = _readable(path, meta.get("size")) if local else None
    status = file.stat() if file else None
    return Served(
        LLAMA_SERVER,
        entry["id"],
        context=context if isinstance(context, int) and context > 0 else None,
        description={"file": Path(path).name, "ftype": props.get("model_ftype"), **meta},
        settings={"chat_template": _digest(template)[:16]} if template else {},
        file=file,
        written=(status.st_size, status.st_mtime_ns) if status else None,
        told={"build": props.get("build_info"), "slots": props.get("total_slots")},
    )


async def _vllm(server: Server, entry: Mapping[str, Any]) -> Served:
    context = entry.get("max_model_len")
    return Served(
        VLLM,
        entry["id"],
        context=context if isinstance(context, int) else None,
        description=_known(entry, "root", "parent"),
        told={"build": await _ask(server, "/version", "version")},
    )


def _lm_studio(entry: Mapping[str, Any], listing: Any) -> Served:
    found: dict[str, Any] = next((one for one in listing if _mapping(one).get("id") == entry["id"]), {})
    return Served(
        LM_STUDIO,
        entry["id"],
        context=found.get("loaded_context_length"),
        description=_known(found, "publisher", "arch", "compatibility_type", "quantization"),
    )


async def _ask(server: Server, path: str, name: str) -> Any:
    """`name` in the JSON under `path` beside `/v1`; None where there is nothing of the kind."""
    try:
        found = await server.json(path, root=True)
    except UserError:
        return None
    except Fault as fault:
        if fault.kind == "bad":  # a page of its own for every path there is
            return None
        raise
    return found.get(name) if isinstance(found, dict) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _known(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: entry[name] for name in names if entry.get(name) is not None}


def _readable(path: str, tensor_bytes: Any) -> Path | None:
    """The file the server names, if it is one here and its size fits what the server says."""
    try:
        size = Path(path).stat().st_size if path else 0
        with open(path, "rb"):
            pass
    except OSError:
        return None
    fits = isinstance(tensor_bytes, int) and tensor_bytes <= size <= tensor_bytes + MOST_METADATA_BYTES
    return Path(path).resolve() if fits else None


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
