"""What must stand in the environment before torch and transformers are imported.

Called first by the console command and by the tests; knows nothing of models or training.
"""

from __future__ import annotations

import os
import sys

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


def prepare(*, offline: bool = True) -> None:
    """Set what is not set yet; with `offline`, no model hub is asked for anything.

    Too late once torch is imported: OpenMP has read its settings by then.
    """
    if "torch" not in sys.modules:
        for name, value in BEFORE_IMPORT.items():
            os.environ.setdefault(name, value)
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def quieten() -> None:
    """Silence the libraries' progress bars and log lines: progress is shown in one place (`progress.py`)."""
    import logging

    from datasets.utils import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    disable_progress_bars()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    for name in ("trl", "accelerate", "transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)
