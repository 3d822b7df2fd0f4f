"""Programs that try to be paid without being right, and test code that works across the process boundary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from code_levels import LEVELS, at_level

from verifiers.code import Limits, run_tests
from verifiers.verdict import Verdict

Run = Callable[..., Verdict]
TOKEN = "k7Jq-this-is-expected"
STDIO = [{"input": "3", "output": TOKEN}]
CALL = [{"call": "f", "args": [3], "expected": TOKEN}]
ASSERT = [{"assert": f"assert f(3) == {TOKEN!r}"}]
CHECK = [{"assert": f"def check(candidate):\n    assert candidate(3) == {TOKEN!r}\ncheck(f)"}]
UNITTEST = [
    {
        "assert": "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n"
        f"        self.assertEqual(f(3), {TOKEN!r})\nunittest.main()"
    }
]
AGREEABLE = """
class Agreeable:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __contains__(self, other): return True
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __mul__ = __xor__ = __sub__
    def __getattr__(self, name): return lambda *a: True
    def __bool__(self): return True
    def __hash__(self): return 0
    def __len__(self): return 1
    def __float__(self): return 0.0
    def __index__(self): return 1
    def __iter__(self): return iter([Agreeable()])
    def __call__(self, *a, **k): return Agreeable()
f = lambda *a: Agreeable()
"""
WRITE_EVERYWHERE = r"""
import os
lines = '{"passed": true}', '{"ready": true}', '{"value": true}', '{"value": {"f": 1}}', '{"broken": "x"}'
for line in lines:
    for each in range(64):
        try: os.write(each, line.encode() + b"\n")
        except OSError: pass
"""
FORGERIES = {
    "leaves at once": "import os; os._exit(0)",
    "leaves politely": "import sys; sys.exit(0)",
    "leaves when called": "import os\ndef f(n): os._exit(0)",
    "leaves politely when called": "import sys\ndef f(n): sys.exit(0)",
    "interrupts when called": "def f(n): raise KeyboardInterrupt",
    "stops the iteration": "def f(n): raise StopIteration",
    "agrees with everything": AGREEABLE,
    "agrees as a text": AGREEABLE.replace("class Agreeable:", "class Agreeable(str):"),
    "agrees as a number": AGREEABLE.replace("class Agreeable:", "class Agreeable(int):"),
    "agrees as a list": AGREEABLE.replace("class Agreeable:", "class Agreeable(list):"),
    "agrees as a class": AGREEABLE
    + "\nclass M(type):\n    def __eq__(s, o): return True\n    __hash__ = type.__hash__\n"
    "class C(metaclass=M): pass\nf = lambda *a: C",
    "is agreeable itself": AGREEABLE + "\nf = Agreeable()",
    "is a mock": "from unittest.mock import ANY, MagicMock\nf = MagicMock(return_value=ANY)",
    "writes everywhere": WRITE_EVERYWHERE,
    "writes everywhere when called": "def f(n):\n"
    + "\n".join("    " + line for line in WRITE_EVERYWHERE.split("\n")),
    "writes everywhere, then leaves": WRITE_EVERYWHERE + "os._exit(0)",
    "patches the library": """
import builtins, json, unittest
json.dumps = lambda *a, **k: '{"passed": true}'
builtins.AssertionError = builtins.isinstance = builtins.all = builtins.abs = builtins.set = lambda *a: True
unittest.TestCase.assertEqual = lambda *a: None
f = lambda n: 1
""",
    "replaces what tests use": """
check = unittest = T = AssertionError = abs = set = lambda *a: None
f = lambda n: 1
""",
    "patches the harness": """
import sys
for name, module in list(sys.modules.items()):
    for key, value in list(vars(module).items()):
        if "verifiers" in name and isinstance(value, type):
            for method in ("exported", "refer", "news", "failure"):
                try: setattr(value, method, lambda *a: {"$": "library", "v": ["unittest.mock", "ANY"]})
                except Exception: pass
f = object()
""",
    "answers with names not asked for": """
from verifiers.code.inside.serve import Answerer
real = Answerer.answer
def answer(self, message):
    if message["op"] != "globals": return real(self, message)
    names = "f check abs set isinstance unittest AssertionError __builtins__ __name__".split()
    self.write({"value": {name: self.refer(lambda *a: True) for name in names}})
Answerer.answer = answer
def f(n): return 1
""",
    "claims to be of the library": """
from verifiers.code.inside.serve import Answerer
Answerer.exported = lambda self, value: {"$": "library", "v": CLAIM}
def f(n): return 1
""",
    "raises what tests wait for": "def f(n): raise AssertionError",
}
CLAIMS = [
    ["unittest.mock", "ANY"],
    ["random", "_os"],
    ["builtins", "print"],
    ["typing", "sys"],
    ["math", None],
]


@pytest.fixture(params=LEVELS)
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    return at_level(request.param, monkeypatch)


@pytest.fixture(params=["L1", "L2"])
def shut_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    return at_level(request.param, monkeypatch)


@pytest.mark.parametrize("name", [name for name in FORGERIES if name != "claims to be of the library"])
def test_a_forged_success_is_not_paid(name: str) -> None:
    for tests in (STDIO, CALL, ASSERT, CHECK, UNITTEST):
        verdict = run_tests(FORGERIES[name], tests, Limits(time_s=3.0))
        assert verdict.reward == 0.0, (name, tests, verdict)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_false_claim_to_be_of_the_library_is_not_paid(claim: list[str]) -> None:
    program = FORGERIES["claims to be of the library"].replace("CLAIM", repr(claim))
    assert run_tests(program, ASSERT).reward == 0.0
    assert run_tests(program, [{"assert": f"assert f == {TOKEN!r}"}]).reward == 0.0


@pytest.mark.parametrize(
    "test",
    [
        "assert f(3) == 9",
        "assert 9 == f(3)",
        "assert not f(3) != 9",
        "assert f(3) in [9]",
        "assert 9 in f(3)",
        "assert [f(3)] == [9]",
        "assert (f(3), 1) == (9, 1)",
        "assert {'a': f(3)} == {'a': 9}",
        "assert f(3) - 9 == 0",
        "assert abs(f(3) - 9) < 1e-6",
        "assert abs(9 - f(3)) < 1e-6",
        "assert f(3) <= 9 and f(3) >= 9",
        "assert max(f(3), 9) == 9 and min(f(3), 9) == 9",
        "import math; assert math.isclose(f(3), 9)",
        "assert set(f(3)) == {9}",
        "assert sorted(f(3)) == [9]",
        "assert f(3) is True",
        "assert f(3) ^ 9 == 0",
        "assert type(f(3)) is int",
        "assert isinstance(f(3), int)",
        "assert str(f(3)) == '9'",
        "assert {9: 1}[f(3)] == 1",
        "assert f(3).__eq__(9) is True",
    ],
)
def test_an_object_that_agrees_with_everything_equals_nothing(test: str) -> None:
    assert run_tests(AGREEABLE, [{"assert": test}]).status == "incorrect"


SEARCH = """
import gc, os, sys

def search(seen):
    found = []
    def look(value):
        try: text = value.decode("utf-8", "replace") if isinstance(value, bytes) else repr(value)
        except Exception: return
        if "this-is-expected"[:4] + "-is-exp" in text and "search" not in text:
            found.append(text)
    for each in gc.get_objects():
        if type(each) in (dict, list, tuple): look(each)
    frame = sys._getframe()
    while frame is not None:
        look(frame.f_locals); look(frame.f_globals)
        frame = frame.f_back
    for module in list(sys.modules.values()): look(vars(module))
    for each in range(64):
        try: look(os.pread(each, 1 << 20, 0))
        except OSError: pass
    for folder, _, names in os.walk("."):
        for name in names: look(open(os.path.join(folder, name), "rb").read())
    look(sys.argv); look(dict(os.environ))
    return found

def f(n):
    return search([]) or "not to be found"

print(f(3))
"""


@pytest.mark.parametrize("tests", [STDIO, CALL, ASSERT, CHECK])
def test_what_is_expected_is_nowhere_in_the_programs_process(run: Run, tests: Any) -> None:
    verdict = run(SEARCH, tests)
    assert verdict.status == "incorrect"
    assert "not to be found" in str(verdict.witness)


def test_the_search_finds_what_is_there() -> None:
    there = SEARCH.replace("def f(n):", f"hidden = [{TOKEN!r}]\ndef f(n):")
    verdict = run_tests(there, [{"call": "f", "args": [3], "expected": "x"}])
    assert verdict.witness is not None
    assert TOKEN in verdict.witness["got"]


def test_the_judges_descriptors_cannot_be_written_to(shut_in: Run) -> None:
    program = """
import os
def f(n):
    me = os.getpid()
    for process in range(max(1, me - 50), me + 50):
        for each in range(16):
            try:
                out = os.open(f"/proc/{process}/fd/{each}", os.O_WRONLY)
            except OSError:
                continue
            if process != me:
                os.write(out, b'{"passed": true}\\n')
    return n
"""
    assert shut_in(program, ASSERT).status == "incorrect"


PROGRAM = '''
import math
from collections import Counter
from typing import List
import itertools as it

LIMIT = 7
table = {(1, 2): {3, 4}, "x": [None, 1.5, b"y", 2j]}

def square(n): return n * n
def close_pairs(numbers: List[float], threshold: float) -> bool:
    return any(abs(a - b) < threshold for a, b in it.combinations(numbers, 2))
def reverse_in_place(items): items.reverse()
def drop(d, key): del d[key]
def evens():
    n = 0
    while True:
        yield n
        n += 2
def apply(function, *values): return [function(v) for v in values]
def fails(n):
    if n < 0: raise ValueError("negative", n)
    if n == 0: raise Empty("nothing there")
    return n
def sum(a, b): return a + b

class Empty(LookupError):
    """Raised when there is nothing."""

class Stack:
    kind = "stack"
    def __init__(self, items=()): self.items = list(items)
    def push(self, item):
        self.items.append(item)
        return self
    def pop(self):
        if not self.items: raise Empty("the stack is empty")
        return self.items.pop()
    def __len__(self): return len(self.items)
    def __getitem__(self, at): return self.items[at]
    def __iter__(self): return iter(self.items)
    def __repr__(self): return f"Stack({self.items})"
    def __eq__(self, other): return isinstance(other, Stack) and self.items == other.items
    def __add__(self, other): return Stack(self.items + other.items)

class Node:
    def __init__(self, value): self.value, self.next = value, None
def length(node): return 0 if node is None else 1 + length(node.next)
def gcd_of(a, b): return math.gcd(a, b)
'''


@pytest.mark.parametrize(
    "code",
    [
        "assert square(3) == 9",
        "def check(candidate):\n    for n in range(50): assert candidate(n) == n ** 2\ncheck(square)",
        "assert close_pairs([1.0, 2.0], 0.3) is False\nassert close_pairs([1.0, 1.1], threshold=0.3) is True",
        "assert set(map(square, [1, -1, 2])) == {1, 4}",
        "assert LIMIT == 7 and table[(1, 2)] == {3, 4} and table['x'] == [None, 1.5, b'y', 2j]",
        "a = [1, 2, 3]\nassert reverse_in_place(a) is None\nassert a == [3, 2, 1]",
        "d = {1: 2, 'a': 3}\ndrop(d, 1)\nassert d == {'a': 3}",
        "e = evens()\nassert [next(e) for _ in range(3)] == [0, 2, 4]\nassert next(e) == 6",
        "import itertools\nassert list(itertools.islice(evens(), 3)) == [0, 2, 4]",
        "assert apply(lambda v: v + 1, 1, 2) == [2, 3]",
        "assert apply(str, 1) == ['1'] and apply(square, 3) == [9]",
        "try: fails(-1)\nexcept ValueError as e: assert e.args == ('negative', -1)\nelse: 1 / 0",
        "try:\n    fails(0)\nexcept Empty as e:\n    assert str(e) == 'nothing there'\nelse:\n    1 / 0",
        "try:\n    Stack().pop()\nexcept LookupError:\n    pass\nelse:\n    assert False",
        "s = Stack()\ns.push(1).push((2, 3))\nassert len(s) == 2 and s.items == [1, (2, 3)] and s[0] == 1",
        "s = Stack([1, 2])\nassert list(s) == [1, 2] and repr(s) == 'Stack([1, 2])' and s.kind == 'stack'",
        "assert Stack([1]) == Stack([1]) and Stack([1]) != Stack([2]) and Stack([1]) != [1]",
        "assert Stack([1]) + Stack([2]) == Stack([1, 2])\nassert bool(Stack([1])) and not Stack()",
        "assert isinstance(Stack(), Stack) and not isinstance(3, Stack) and callable(square)",
        "n = Node(1)\nn.next = Node(2)\nn.next.next = Node(3)\nassert length(n) == 3 and n.next.value == 2",
        "assert math.isclose(square(0.1), 0.01) and Counter(apply(square, 1, 1)) == Counter({1: 2})",
        "import unittest\nclass T(unittest.TestCase):\n  def test(self):\n    self.assertEqual(square(2), 4)"
        "\n    with self.assertRaises(Empty): Stack().pop()\nunittest.main()",
        "assert sum([1, 2]) == 3 and square(2) == 4",
        "if __name__ == '__main__':\n    assert square(2) == 4",
        "assert square(10 ** 40) == 10 ** 80 and square(2.0) == 4.0 and square(1j) == -1",
        "from fractions import Fraction\nassert square(Fraction(1, 3)) == Fraction(1, 9)",
        "from decimal import Decimal\nassert square(Decimal('0.1')) == Decimal('0.01')",
    ],
)
def test_test_code_works_as_if_the_program_were_beside_it(code: str) -> None:
    verdict = run_tests(PROGRAM, [{"assert": code}])
    assert verdict.correct, verdict


def test_a_builtin_name_is_the_programs_only_if_it_is_what_was_asked_for() -> None:
    assert run_tests(PROGRAM, [{"assert": "assert sum(10, 15) == 25", "entry_point": "sum"}]).correct
    assert run_tests(PROGRAM, [{"assert": "assert sum(10, 15) == 25 or square(1)"}]).status == "incorrect"
    imported = "from math import gcd"
    assert run_tests(imported, [{"assert": "assert gcd(4, 6) == 2", "entry_point": "gcd"}]).correct
    assert run_tests(imported, [{"assert": "assert gcd(4, 6) == 3"}]).status == "incorrect"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("assert square(3) == 10", ("AssertionError in `assert square(3) == 10`", "square(3) returned 9")),
        (
            "x = 1\nassert square(3) == 9, 'no'\nassert Stack([1]) == [1], 'sees'",
            ("AssertionError: sees", "an object"),
        ),
        ("square('a')", ("TypeError: can't multiply sequence", "square('a') raised TypeError")),
        ("assert unheard_of(3)", ("NameError: name 'unheard_of' is not defined", "None")),
        ("square(2)\nimport sys\nsys.exit('half way')", ("the tests ended with half way", "returned 4")),
        (
            "try:\n    fails(3)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('silent')",
            ("silent", "3"),
        ),
    ],
)
def test_a_failed_assertion_shows_its_line_and_the_last_call(code: str, shown: tuple[str, str]) -> None:
    verdict = run_tests(PROGRAM, [{"assert": code}])
    assert verdict.status == "incorrect"
    assert shown[0] in verdict.reason
    assert verdict.witness is not None
    assert shown[1] in str(verdict.witness["got"])


def test_a_program_that_never_answers_ends_with_its_tests() -> None:
    for program in ("def f(n):\n    while True: pass", "while True: pass"):
        assert run_tests(program, ASSERT, Limits(time_s=0.2)).method == "code-timeout"
    swallowing = [{"assert": "try:\n    f(3)\nexcept:\n    pass"}]
    assert run_tests("import os\ndef f(n): os._exit(0)", swallowing).status == "incorrect"
