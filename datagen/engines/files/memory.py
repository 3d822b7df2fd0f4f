"""How much memory is free, on this machine and on its GPUs. What to do with it: `offload.py`."""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# ggml_backend_dev_type
CPU, GPU, INTEGRATED_GPU = 0, 1, 2
MIB = 1 << 20
QUERY_S = 10
GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Device:
    """One of ggml's devices: its kind, its name and what it is, and bytes free and in all."""

    kind: int
    name: str
    description: str
    free: int
    total: int

    @property
    def is_gpu(self) -> bool:
        """Whether it is a GPU, of its own memory or of the machine's."""
        return self.kind in (GPU, INTEGRATED_GPU)


def gpu_memory(library: Any) -> list[int]:
    """Bytes free on each GPU that llama.cpp (the module `llama_cpp`) can use; none in a build without."""
    if not library.llama_supports_gpu_offload():
        return []
    try:
        return [device.free for device in devices() if device.is_gpu]
    except (AttributeError, ImportError, OSError):  # a version that keeps ggml to itself
        return nvidia_memory()


def devices() -> Iterator[Device]:
    """What ggml can compute on. Raises AttributeError where ggml's functions cannot be reached."""
    from llama_cpp._ggml import libggml

    count, get = libggml.ggml_backend_dev_count, libggml.ggml_backend_dev_get
    told = ("name", "description", "type", "memory")
    name, description, kind, memory = (getattr(libggml, f"ggml_backend_dev_{what}") for what in told)
    count.restype, get.restype = ctypes.c_size_t, ctypes.c_void_p
    name.restype = description.restype = ctypes.c_char_p
    get.argtypes = [ctypes.c_size_t]
    name.argtypes = description.argtypes = kind.argtypes = [ctypes.c_void_p]
    memory.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_size_t)]
    memory.restype = None
    for index in range(count()):
        device, free, total = get(index), ctypes.c_size_t(), ctypes.c_size_t()
        memory(device, ctypes.byref(free), ctypes.byref(total))
        called, described = ((tell(device) or b"").decode() for tell in (name, description))
        yield Device(kind(device), called, described, free.value, total.value)


def nvidia_memory() -> list[int]:
    """Bytes free on each NVIDIA GPU by its driver's own tool; none when there is no such tool."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    command = [tool, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    with contextlib.suppress(OSError, subprocess.SubprocessError, ValueError):
        told = subprocess.run(command, capture_output=True, text=True, timeout=QUERY_S, check=True).stdout
        return [int(line) * MIB for line in told.split()]
    return []


def available_memory() -> int | None:
    """Bytes this process could still take without swapping or being killed; None when nobody says."""
    if sys.platform != "linux":
        return None
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        return min([free, *_group_memory()])
    return None


def _group_memory() -> list[int]:
    """Bytes left under the limit of the control group (containers have one), version 2."""
    with contextlib.suppress(OSError, ValueError):
        path = next(
            line.split(":", 2)[2].lstrip("/")
            for line in Path("/proc/self/cgroup").read_text().splitlines()
            if line.startswith("0::")
        )
        group = GROUPS / path if (GROUPS / path / "memory.max").exists() else GROUPS
        limit = (group / "memory.max").read_text().strip()
        if limit != "max":
            return [max(0, int(limit) - _held(group))]
    return []


def _held(group: Path) -> int:
    """What the group holds and could not drop: pages of files go when others need the room."""
    held = int((group / "memory.current").read_text())
    with contextlib.suppress(OSError, ValueError):
        for line in (group / "memory.stat").read_text().splitlines():
            name, value = line.split()
            if name in ("inactive_file", "active_file"):
                held -= int(value)
    return held
