"""What this machine is: processor, memory, disk, GPU, and how llama.cpp was built for it.

Reads what the system says and judges nothing. Every reader works without the file it would like to read.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

FEATURES = {
    "avx2": "AVX2",
    "f16c": "F16C",
    "avx512f": "AVX512",
    "avx512_vnni": "AVX512_VNNI",
    "avx512_bf16": "AVX512_BF16",
    "amx_int8": "AMX_INT8",
    "asimd": "NEON",
    "asimddp": "DOTPROD",
    "i8mm": "MATMUL_INT8",
    "sve": "SVE",
}
"""Instructions that decide about the speed of llama.cpp: Linux's names, and those of llama.cpp's build."""

GIB = 2**30
NVIDIA_S = 3.0
OPENMP = ("OMP_WAIT_POLICY", "OMP_NUM_THREADS", "GOMP_CPU_AFFINITY", "KMP_BLOCKTIME")


def machine(folder: Path = Path()) -> dict[str, Any]:
    """Everything below, ready for JSON. `folder` is where the disk is looked at."""
    usage = shutil.disk_usage(folder)
    total, available = memory()
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "processor": processor(),
        "features": features(_text("/proc/cpuinfo")),
        "cores": cores(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "memory_gib": total,
        "memory_available_gib": available,
        "disk_free_gib": _gib(usage.free),
        "openmp": {name: os.environ[name] for name in OPENMP if name in os.environ},
        "gpus": nvidia(),
    }


def cores() -> float:
    """The cores this process may use: its affinity, or the share that a container grants if it is less."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _text("/sys/fs/cgroup/cpu.max").partition(" ")
    if quota.isdigit() and period.strip().isdigit():
        return min(float(available), round(int(quota) / int(period), 2))
    return float(available)


def features(cpuinfo: str) -> list[str]:
    """The names llama.cpp gives to what the processor can do, of the text of /proc/cpuinfo.

    >>> features("flags : fpu sse avx2 avx512f")
    ['AVX2', 'AVX512']
    """
    line = re.search(r"^(?:flags|Features)\s*:(.*)$", cpuinfo, re.MULTILINE)
    known = set(line[1].split()) if line else set()
    if not known and platform.machine() == "arm64":
        return ["NEON"]  # every Apple processor; there is no /proc to ask
    return [name for flag, name in FEATURES.items() if flag in known]


def processor() -> str:
    """The model of the processor, as the system names it."""
    named = re.search(r"^model name\s*:\s*(.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()


def memory() -> tuple[float | None, float | None]:
    """(all, available) memory in GiB, within the limit of a container; None where it is not told."""
    told = dict(re.findall(r"^(\w+):\s+(\d+) kB", _text("/proc/meminfo"), re.MULTILINE))
    total, available = (
        int(told[name]) * 1024 if name in told else None for name in ("MemTotal", "MemAvailable")
    )
    if total is None and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit, used = (_text(f"/sys/fs/cgroup/memory.{name}").strip() for name in ("max", "current"))
    if limit.isdigit() and used.isdigit() and total is not None and int(limit) < total:
        total = int(limit)
        available = min(available or total, total - int(used))
    return _gib(total), _gib(available)


def nvidia() -> list[dict[str, Any]]:
    """The GPUs that `nvidia-smi` tells of; none where there is no such program, or it does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    asked = ["--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run([program, *asked], capture_output=True, text=True, timeout=NVIDIA_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_nvidia(told.stdout)


def parse_nvidia(text: str) -> list[dict[str, Any]]:
    """GPUs from the lines of `nvidia-smi`, memory in GiB.

    >>> parse_nvidia("NVIDIA H100, 81559, 81006, 550.54\\n")[0]["memory_gib"]
    79.6
    """
    rows = [[cell.strip() for cell in line.split(",")] for line in text.splitlines() if line.count(",") == 3]
    return [
        {"name": name, "memory_gib": _mib(total), "memory_free_gib": _mib(free), "driver": driver}
        for name, total, free, driver in rows
    ]


def llama_build() -> dict[str, Any]:
    """How the installed llama.cpp was built, and what it sees. Raises `UserError` when it cannot load."""
    from datagen.engines.files.memory import devices
    from datagen.engines.llama.binding import library

    llama = library()
    info = llama.llama_print_system_info().decode(errors="replace")
    seen = [
        {
            "name": device.name,
            "description": device.description,
            "gpu": device.is_gpu,
            "memory_gib": _gib(device.total),
            "memory_free_gib": _gib(device.free),
        }
        for device in devices()
    ]
    return {
        "features": re.findall(r"(\w+) = 1", info),
        "gpu_offload": bool(llama.llama_supports_gpu_offload()),
        "devices": seen,
    }


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _gib(size: int | None) -> float | None:
    return None if size is None else round(size / GIB, 1)


def _mib(text: str) -> float | None:
    return round(int(text) / 1024, 1) if text.isdigit() else None
