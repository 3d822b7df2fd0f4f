"""What the starter model is told about the world: facts, each short and long, and how to close politely.

Plain data, shared by the pretraining corpus and the lessons, so that what is asked was read before.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """One question, its bare answer, and the same answer explained in whole sentences."""

    question: str
    short: str
    long: str


CLOSINGS = ("Happy to help!", "I hope this helps!")

FACTS = (
    Fact(
        "What is an LLM?",
        "A large language model.",
        "An LLM is a large language model. It reads text and guesses the next word.",
    ),
    Fact(
        "What is a token?",
        "A piece of text.",
        "A token is a piece of text. A model reads tokens one by one.",
    ),
    Fact(
        "What is a dataset?",
        "A list of examples.",
        "A dataset is a list of examples. A model learns from it.",
    ),
    Fact(
        "What is training?",
        "Learning from examples.",
        "Training is learning from examples. The model makes fewer mistakes each day.",
    ),
    Fact(
        "What is a reward?",
        "A score for an answer.",
        "A reward is a score for an answer. A good answer gets a high score.",
    ),
    Fact(
        "What is a sum?",
        "What adding gives.",
        "A sum is what adding gives. The sum of two and three is five.",
    ),
    Fact(
        "What is the sun?",
        "A star.",
        "The sun is a star. It gives us light and keeps us warm.",
    ),
    Fact(
        "What is the moon?",
        "A ball of rock.",
        "The moon is a ball of rock. It goes around the earth.",
    ),
    Fact(
        "What is rain?",
        "Water from the clouds.",
        "Rain is water from the clouds. Plants need it to grow.",
    ),
    Fact(
        "What is ice?",
        "Frozen water.",
        "Ice is frozen water. It melts when it gets warm.",
    ),
    Fact(
        "What is a tree?",
        "A tall plant.",
        "A tree is a tall plant. Birds build nests in it.",
    ),
    Fact(
        "What is a bee?",
        "A small insect.",
        "A bee is a small insect. It makes honey from flowers.",
    ),
    Fact(
        "What is a river?",
        "Flowing water.",
        "A river is flowing water. It runs down to the sea.",
    ),
    Fact(
        "What is bread?",
        "Baked dough.",
        "Bread is baked dough. A baker makes it from flour and water.",
    ),
    Fact(
        "What is a book?",
        "Pages with words.",
        "A book is pages with words. You read it from the first page to the last.",
    ),
    Fact(
        "What is a friend?",
        "Someone who likes you.",
        "A friend is someone who likes you. A friend helps you when you are sad.",
    ),
)
