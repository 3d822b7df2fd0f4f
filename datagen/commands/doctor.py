"""`datagen doctor`: is this machine ready, and what can an engine really do?

The looking is in `datagen/engines/` (machine, versions, local_servers, probe, pace); here it is put together
and told.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

import typer

from datagen.engines import KINDS
from datagen.engines.settings import EngineSettings
from schemas import UserError
from schemas.command import app_command
from schemas.settings import checked, setting

EXIT_BROKEN = 1
DISTRIBUTION = "homegrown-llm"
BESIDES = ("triton", "xgrammar", "torchvision", "bitsandbytes", "vllm")
"""Packages that are not ours, and decide whether ours work."""
PACKAGE_OF = {
    "llama": "llama-cpp-python",
    "hf": "huggingface-hub",
    "xllama": "xllamacpp",
    "ollama": "ollama",
    "openai": "httpx",
}
"""What has to be installed for each kind of engine."""
LITTLE_DISK_GIB, LITTLE_MEMORY_GIB = 2.0, 1.0


@dataclass(frozen=True, kw_only=True)
class Doctor(EngineSettings):
    """Settings of `datagen doctor`."""

    engine: str | None = setting(
        None, help="an engine to open and probe, e.g. llama:FILE.gguf", positional=True, metavar="[ENGINE]"
    )
    json: bool = setting(False, help="one JSON object on standard output, for scripts", identity=False)


def doctor(settings: Doctor) -> int:
    """Look whether this machine is ready, or what an engine really does.

    Without an engine: versions and known-bad combinations, processor, memory, GPU, which engines can be
    used here and which models lie about. With one: it is opened and asked things that show whether schemas
    are enforced, whether samples, seeds, logprobs and stop strings work, what its context is, and how fast
    it is. The exit code is 0 when all is well, 1 when installed packages are known not to work together (only
    without an engine), and 2 when the engine cannot be opened or does not answer.
    """
    settings = checked(settings)
    if settings.engine is None:
        report = look(settings.offline)
        tell = _tell_machine
    else:
        report = examine(settings)
        tell = _tell_engine
    if settings.json:
        import orjson

        typer.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    else:
        tell(report)
    return EXIT_BROKEN if any(c["severity"] == "broken" for c in report.get("clashes", ())) else 0


def look(offline: bool = False) -> dict[str, Any]:
    """What there is on this machine, ready for JSON; no engine is opened."""
    from datagen.doctor.local_servers import cached_models, servers
    from datagen.doctor.machine import llama_build, machine
    from datagen.doctor.versions import clashes, unmet

    here = machine()
    try:
        build: dict[str, Any] = llama_build()
    except UserError as error:
        build = {"fault": str(error)}
    gpu = bool(here["gpus"]) or any(device["gpu"] for device in build.get("devices", ()))
    needed = requirements()
    packages = installed(needed)
    found = [*clashes(packages, gpu=gpu), *unmet(needed, packages)]
    report: dict[str, Any] = {
        "datagen": _version(DISTRIBUTION),
        "machine": here,
        "llama_cpp": build,
        "packages": packages,
        "clashes": [asdict(clash) for clash in found],
        "servers": servers(offline=offline),
        "models": cached_models(),
    }
    report["engines"] = usable(report)
    return {**report, "next": advice(report)}


def requirements() -> list[str]:
    """What this kit asks for, with the extras of those who use it; nothing where it is not installed."""
    try:
        told = requires(DISTRIBUTION) or ()
    except PackageNotFoundError:
        return []
    return [text for text in told if "extra == 'dev'" not in text.replace('"', "'")]


def installed(needed: list[str]) -> dict[str, str]:
    """The versions of all installed packages that matter here, without importing one."""
    import re

    from datagen.doctor.versions import KNOWN_BAD

    names = {re.split(r"[^\w.-]", text)[0] for text in needed}
    names |= {re.split(r"[^\w.-]", text)[0] for bad in KNOWN_BAD for text in (*bad.packages, *bad.without)}
    names |= {*BESIDES, *PACKAGE_OF.values()}
    found = {name: _version(name) for name in sorted(names, key=str.lower)}
    return {name: told for name, told in found.items() if told is not None}


def usable(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Each kind of engine, whether it can be used here, and why (not)."""
    found = []
    for kind in KINDS:
        package = PACKAGE_OF.get(kind)
        answering = [s for s in report["servers"] if s["engine"] == kind and s["answers"]]
        if package is not None and package not in report["packages"]:
            ok, why = False, f"pip install {package}"
        elif kind == "llama" and "fault" in report["llama_cpp"]:
            ok, why = False, report["llama_cpp"]["fault"]
        elif kind in ("ollama", "openai"):
            ok = bool(answering)
            why = ", ".join(s["url"] for s in answering) or "no server answers"
        else:
            ok, why = True, f"{package} {report['packages'][package]}" if package else "built in"
        found.append({"kind": kind, "usable": ok, "why": why})
    return found


def advice(report: dict[str, Any]) -> list[str]:
    """What to do next, the most urgent first."""
    here, build = report["machine"], report["llama_cpp"]
    said = [clash["mend"] for clash in report["clashes"] if clash["severity"] == "broken"]
    if here["disk_free_gib"] < LITTLE_DISK_GIB:
        said.append(f"only {here['disk_free_gib']} GiB of disk are free: make room for models and journals")
    if (here["memory_available_gib"] or LITTLE_MEMORY_GIB) < LITTLE_MEMORY_GIB:
        said.append(f"only {here['memory_available_gib']} GiB of memory are free: close what you can")
    if here["gpus"] and not build.get("gpu_offload", True):
        said.append(
            "llama.cpp was built without GPU support: CMAKE_ARGS=-DGGML_CUDA=on pip install"
            " --force-reinstall --no-cache-dir llama-cpp-python"
        )
    missing = [name for name in here["features"] if name not in build.get("features", here["features"])]
    if missing and "fault" not in build:
        said.append(
            f"llama.cpp was built without {', '.join(missing)}, which this processor has: pip install"
            " --force-reinstall --no-cache-dir --no-binary llama-cpp-python llama-cpp-python"
        )
    if not any(engine["usable"] for engine in report["engines"]):
        said.append("no engine can be used: pip install llama-cpp-python (needs a C++ compiler)")
    return [*dict.fromkeys(said), f"see what an engine really does: datagen doctor {_an_engine(report)}"]


def examine(settings: Doctor) -> dict[str, Any]:
    """Open the engine, probe and time it; ready for JSON. Raises `UserError` when that cannot be."""
    from datagen.doctor.pace import pace
    from datagen.engines import run_coroutine
    from datagen.engines.probing.card import in_words
    from datagen.engines.probing.probe import probe, shown

    with settings.open(settings.engine) as engine, shown() as report:

        async def ask() -> Any:
            return await probe(engine, report=report), await pace(engine)

        card, measured = run_coroutine(ask())
        return {
            "datagen": _version(DISTRIBUTION),
            "engine": engine.name,
            "details": engine.details(),
            "card": card.as_dict(),
            "modes": {str(think).lower(): card.mode(think) for think in (None, False, True)},
            "means": in_words(card),
            "pace": asdict(measured),
        }


def _an_engine(report: dict[str, Any]) -> str:
    """An engine that would answer here, or how one is named."""
    for server in report["servers"]:
        if server["answers"] and server["models"]:
            model = server["models"][0]
            return f"ollama:{model}" if server["engine"] == "ollama" else f"'openai:{server['url']}#{model}'"
    return f"llama:{report['models'][0]}" if report["models"] else "llama:FILE.gguf"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


# ---- told to people ----


def _tell_machine(report: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(show_header=False, box=None, pad_edge=False)
    for name, told in _machine_lines(report).items():
        table.add_row(name, told)
    engines = Table("engine", "usable", "", box=None, pad_edge=False)
    for engine in report["engines"]:
        engines.add_row(engine["kind"], "yes" if engine["usable"] else "no", engine["why"])
    console = _console()
    console.print(table)
    console.print()
    console.print(engines)
    for clash in report["clashes"]:
        word = "BROKEN" if clash["severity"] == "broken" else "caution"
        told = f"{word}: {', '.join(clash['packages'])}: {clash['what']}; {clash['mend']}"
        console.print(f"\n{told} [{clash['source']}]", markup=False)
    console.print("\nnext:")
    for line in report["next"]:
        console.print(f"  {line}", markup=False)


def _machine_lines(report: dict[str, Any]) -> dict[str, str]:
    here, build = report["machine"], report["llama_cpp"]
    gpus = [
        f"{gpu['name']} ({gpu['memory_free_gib']} of {gpu['memory_gib']} GiB free)" for gpu in here["gpus"]
    ]
    devices = [d["description"] for d in build.get("devices", ()) if d["gpu"]]
    built = "no GPU support" if not build.get("gpu_offload") else f"sees {', '.join(devices) or 'no GPU'}"
    models = [model for server in report["servers"] for model in server["models"]] + report["models"]
    load = "" if here["load"] is None else f", load {here['load']}"
    openmp = ", ".join(f"{name}={value}" for name, value in here["openmp"].items())
    return {
        "datagen": f"{report['datagen'] or 'not installed'}, Python {here['python']}, {here['system']}",
        "processor": f"{here['processor']} ({', '.join(here['features']) or 'features unknown'})",
        "cores": f"{here['cores']:g} to be used{load}",
        "memory": f"{here['memory_available_gib']} of {here['memory_gib']} GiB available",
        "disk": f"{here['disk_free_gib']} GiB free here",
        "GPU": ", ".join(gpus) or "none that nvidia-smi tells of",
        "llama.cpp": build.get("fault") or f"{built}, {', '.join(build['features'])}",
        "OpenMP": openmp or "as it comes (waiting threads sleep: the llama: engine sees to that)",
        "packages": ", ".join(f"{name} {told}" for name, told in report["packages"].items()),
        "models": ", ".join(models[:12]) + (" ..." if len(models) > 12 else "") if models else "none found",
    }


def _tell_engine(report: dict[str, Any]) -> None:
    from rich.table import Table

    details = Table(show_header=False, box=None, pad_edge=False)
    for name, value in report["details"].items():
        details.add_row(name, _plain(value))
    facts = Table("fact", "verdict", "asked", "came", "s", box=None, pad_edge=False)
    for fact in report["card"]["facts"]:
        cells = (fact["name"], fact["verdict"], fact["asked"], fact["came"], f"{fact['seconds']:.2f}")
        facts.add_row(*map(_escaped, cells))
    console = _console()
    console.print(f"{report['engine']}\n", markup=False)
    console.print(details)
    console.print()
    console.print(facts)
    console.print()
    for sentence in report["means"]:
        console.print(sentence, markup=False)
    console.print(_pace_in_words(report["pace"]), markup=False)


def _pace_in_words(pace: dict[str, Any]) -> str:
    words = {
        "prefill_tokens_per_s": "reads",
        "decode_tokens_per_s": "writes one answer at",
        "together_tokens_per_s": "writes eight answers at",
    }
    parts = [f"{said} {pace[name]:,.0f} tokens/s" for name, said in words.items() if pace[name] is not None]
    return f"It {', '.join(parts)}." if parts else "Its pace could not be told: its answers are too short."


def _console() -> Any:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = 110
    return console


def _plain(value: Any) -> str:
    """A detail as a cell: numbers with separators, mappings as `name value`."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    return _escaped(str(value))


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def add(app: typer.Typer) -> None:
    """Add `doctor` to the program."""
    app_command(
        app,
        Doctor,
        doctor,
        name="doctor",
        examples=[
            "datagen doctor",
            "datagen doctor llama:model.gguf",
            "datagen doctor llama:model.gguf --json",
        ],
    )
