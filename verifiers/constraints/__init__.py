"""Instructions about the text of a response that can be checked without a model, in the manner of IFEval.

    base.py counted.py         what a constraint is; the ones that compare a number with a limit
    text.py matching.py        words, sentences, paragraphs; where a keyword occurs
    scripts.py                 letters by script
    lengths.py ... entire.py   a file a field; `CONSTRAINTS` names them all by id
    fill.py examples.py        prose and JSON to make satisfying and violating texts of
    registry.py ifeval.py      rows into constraints, also with IFEval's ids; compatible samples
    checking.py reward.py      many constraints, strict or loose; the reward

Every check is deterministic and linear in the length of the response. Source: Zhou et al. 2023
(arXiv:2311.07911).
"""

from verifiers.constraints.base import Constraint
from verifiers.constraints.checking import Report, check_all, variants
from verifiers.constraints.counted import RELATIONS
from verifiers.constraints.ifeval import IFEVAL, ifeval_rows
from verifiers.constraints.registry import CONSTRAINTS, constraint, sample
from verifiers.constraints.reward import Follows, follows

__all__ = [
    "CONSTRAINTS",
    "IFEVAL",
    "RELATIONS",
    "Constraint",
    "Follows",
    "Report",
    "check_all",
    "constraint",
    "follows",
    "ifeval_rows",
    "sample",
    "variants",
]
