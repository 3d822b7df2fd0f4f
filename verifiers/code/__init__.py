"""Is this program right? Runs a model's Python on tests, shut in as well as the machine allows.

    blocks.py      a response -> the one program it commits to
    cases.py compare.py   tests as data; printed lines and returned values compared
    limits.py isolation.py   what a program may use; what was seen to hold on this machine
    sandbox.py inside/   the caller's side of the keeper, and what runs on the other side
    run.py reward.py   verdicts and rewards

A program never runs in the caller's process, and what a test expects never goes into the program's.
`code` is also a module of the standard library: import this one as `verifiers.code`.
"""

from verifiers.code.cases import AssertTest, CallTest, InputTest, as_tests
from verifiers.code.isolation import Isolation, probe
from verifiers.code.limits import LEVELS, Limits
from verifiers.code.reward import Passes, passes
from verifiers.code.run import run_tests, verify_code
from verifiers.code.sandbox import SandboxError

__all__ = [
    "LEVELS",
    "AssertTest",
    "CallTest",
    "InputTest",
    "Isolation",
    "Limits",
    "Passes",
    "SandboxError",
    "as_tests",
    "passes",
    "probe",
    "run_tests",
    "verify_code",
]
