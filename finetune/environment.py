"""What must stand in the environment before torch and transformers are imported.

Called first by the console command and by the tests; knows nothing of models or training.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from schemas import UserError

BEFORE_IMPORT = {
    # OpenMP threads that spin while they wait cost an order of magnitude on a machine that is also busy
    # with something else: 0.9M parameters on two cores trained at 280 tokens/s, and at 3,900 with this.
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "false",
    # Local means local: TRL and the hub client report usage unless told not to.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "UNSLOTH_DISABLE_STATISTICS": "1",
    # Progress and warnings are ours to word.
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRL_EXPERIMENTAL_SILENCE": "1",
}


LOUD_LIBRARIES = ("trl", "accelerate", "transformers")


TRAINING_PACKAGES = (
    *("torch", "transformers", "trl", "datasets", "peft"),
    *("accelerate", "tokenizers", "safetensors", "gguf"),
)
"""What the `train` extra installs."""


def prepare(*, offline: bool = True) -> None:
    """Set what is not set yet; with `offline`, no model hub is asked for anything.

    Too late once torch is imported: OpenMP has read its settings by then.
    """
    if "torch" not in sys.modules:
        for name, value in BEFORE_IMPORT.items():
            os.environ.setdefault(name, value)
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def require_training_packages() -> None:
    """Raise `UserError` when the packages of the `train` extra are not all installed."""
    from importlib.util import find_spec

    missing = [name for name in TRAINING_PACKAGES if find_spec(name) is None]
    if missing:
        what = f"training needs packages that are not installed ({', '.join(missing)})"
        raise UserError(what, mend="pip install torch, then 'homegrown-llm[train]'")


def quieten() -> None:
    """Silence the libraries' progress bars and log lines: progress is shown in one place (`progress.py`)."""
    import logging

    from datasets.utils import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    disable_progress_bars()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    for name in LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR)


@contextmanager
def contained() -> Iterator[None]:
    """Quiet libraries for the block; behind it, random numbers and log levels are what they were before.

    Trainers seed every generator of the process: whoever trains twice in one process, or calls a stage from
    a program of theirs, shall not notice.
    """
    import logging
    import random

    import numpy
    import torch
    from transformers.utils import logging as transformers_logging

    python, array, verbosity = (
        random.getstate(),
        numpy.random.get_state(),
        transformers_logging.get_verbosity(),
    )
    levels = {name: logging.getLogger(name).level for name in LOUD_LIBRARIES}
    try:
        with torch.random.fork_rng():
            quieten()
            yield
    finally:
        random.setstate(python)
        numpy.random.set_state(array)
        transformers_logging.set_verbosity(verbosity)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
