"""For all tests: nothing leaves the machine, and what must stand in the environment before torch is there."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = ROOT / "tests" / "offline"

sys.path.insert(0, str(OFFLINE))
import sitecustomize  # noqa: E402

if Path(sitecustomize.__file__ or "").resolve().parent != OFFLINE:  # the machine has one of its own
    del sys.modules["sitecustomize"]
    import sitecustomize

before = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([str(ROOT), str(OFFLINE), *before]))

from finetune.environment import prepare  # noqa: E402

prepare()
