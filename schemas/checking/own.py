"""The user's own JSON Schema: read from a file, with the files it refers to, and found to be one.

Local means local: a reference leads to a file beside the schema or nowhere. Knows nothing of rows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import url2pathname

from schemas.checking.checker import Checker
from schemas.checking.explain import nearest_of, root_node
from schemas.checking.faults import clipped, pointer
from schemas.errors import UserError

DRAFTS = (
    "Draft4Validator",
    "Draft6Validator",
    "Draft7Validator",
    "Draft201909Validator",
    "Draft202012Validator",
)
DYNAMIC = frozenset({"$dynamicRef", "$recursiveRef"})
MAX_MESSAGE_CHARACTERS = 300


def own_checker(path: str | Path, *, formats: bool = False) -> Checker:
    """The checker of a JSON Schema in a file: draft 2020-12, or what its `$schema` names, from draft 4 on.

    `format` is a note as it is to jsonschema; with `formats` it is checked. Raises `UserError`, naming the
    place in the schema, when the file is no JSON Schema or refers to what is not there.
    """
    path = Path(path)
    schema = _read(path)
    of_draft = _draft(schema, path)
    _refuse_invalid(schema, of_draft, path)
    files = _Files(path, schema)
    try:
        for dynamic in (_is_dynamic(schema), True):
            uri = path.resolve().as_uri()
            node = root_node(schema, of_draft, files.registry(), uri, formats=formats, dynamic=dynamic)
            made = Checker(node)
            if dynamic or not files.dynamic:  # which files there are is known only now
                break
    except UserError as error:
        raise UserError(error.what, where=error.where or path, mend=error.mend) from None
    except RecursionError:
        raise UserError("the schema is nested too deep", where=path) from None
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        # What lies where only a reference leads has not been held against the metaschema.
        what = f"a reference leads to what is no JSON Schema ({error})"
        raise UserError(what, where=path, mend="correct the reference") from error
    return made


class _Files:
    """The documents a schema refers to, read from its folder as they are asked for."""

    def __init__(self, path: Path, schema: Any) -> None:
        self.path, self.dynamic = path, False
        self._default = _draft(schema, path)
        identity = schema.get("$id", schema.get("id")) if isinstance(schema, dict) else None
        self._folder_uri = urljoin(identity, ".") if isinstance(identity, str) else ""
        self._read: dict[str, Any] = {}

    def registry(self) -> Any:
        from referencing import Registry

        return Registry(retrieve=self._retrieve)  # type: ignore[call-arg]

    def _retrieve(self, uri: str) -> Any:
        from referencing.jsonschema import specification_with

        file = self._file(uri)
        if uri not in self._read:
            schema = _read(file)
            _refuse_invalid(schema, _draft(schema, file, self._default), file)
            self.dynamic |= _is_dynamic(schema)
            self._read[uri] = schema
        of_draft = _draft(self._read[uri], file, self._default)
        return specification_with(of_draft.ID_OF(of_draft.META_SCHEMA)).create_resource(self._read[uri])

    def _file(self, uri: str) -> Path:
        """The local file of a reference: beside the schema where its `$id` says that it lives elsewhere."""
        parts = urlsplit(uri)
        if parts.scheme == "file":
            return Path(url2pathname(parts.path))
        if self._folder_uri and uri.startswith(self._folder_uri):
            beside = self.path.parent / unquote(uri.removeprefix(self._folder_uri))
            if beside.is_file():
                return beside
        mend = "save it beside the schema and refer to it by its file name"
        raise UserError(f"the reference to '{uri}' leads off this machine, or nowhere", mend=mend)


def _read(path: Path) -> Any:
    """The JSON of a file that should be a schema."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        schema = json.loads(text, parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise UserError("no such file", where=path, mend="check the path of the schema") from None
    except OSError as error:
        raise UserError(f"cannot read ({error.strerror})", where=path, mend="give a file in JSON") from None
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, ValueError) else "nested too deep"
        raise UserError(f"not JSON ({said})", where=path, mend="a schema is one JSON object") from None
    if not isinstance(schema, dict | bool):
        raise UserError("no JSON Schema", where=path, mend="a schema is one JSON object")
    return schema


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _draft(schema: Any, path: Path, default: Any = None) -> Any:
    """jsonschema's validator class of the draft that a schema names."""
    import jsonschema
    from jsonschema.validators import validator_for

    default = default or jsonschema.Draft202012Validator
    if not isinstance(schema, dict) or "$schema" not in schema:
        return default
    known = [getattr(jsonschema, name) for name in DRAFTS]
    named = schema["$schema"]
    found = validator_for(schema, default=None) if isinstance(named, str) else None  # type: ignore[arg-type]
    if found not in known:
        names = ", ".join(of_draft.ID_OF(of_draft.META_SCHEMA).rstrip("#") for of_draft in known)
        raise UserError(f"unknown $schema {named!r}", where=path, mend=f"known: {names}")
    return found


def _refuse_invalid(schema: Any, of_draft: Any, path: Path) -> None:
    """Refuse what the metaschema of its draft says is no schema."""
    from jsonschema.exceptions import best_match

    errors = of_draft(of_draft.META_SCHEMA, format_checker=of_draft.FORMAT_CHECKER).iter_errors(schema)
    try:
        error = best_match(errors)
    except RecursionError:
        raise UserError("the schema is nested too deep", where=path) from None
    if error is not None:
        place = pointer(error.absolute_path) or "/"
        message = clipped(error.message, MAX_MESSAGE_CHARACTERS)
        if nearest := nearest_of(error):
            message = f"{message} (nearest: {clipped(nearest, MAX_MESSAGE_CHARACTERS)})"
        draft = of_draft.__name__.removesuffix("Validator").removeprefix("Draft")
        raise UserError(f"no JSON Schema of draft {draft}: at {place}, {message}", where=path)


def _is_dynamic(schema: Any) -> bool:
    """Whether a reference whose target depends on the way to it stands anywhere."""
    if isinstance(schema, dict):
        return not DYNAMIC.isdisjoint(schema) or any(map(_is_dynamic, schema.values()))
    return isinstance(schema, list) and any(map(_is_dynamic, schema))
