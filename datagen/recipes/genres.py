"""More kinds of procedural text than the starter model reads: longer tales, talk, letters, worked examples.

Every text is put together by rules from word lists; what is stated as a fact (a number, a solution) is true.
Which genre comes how often, and what keeps the splits apart, is `corpus.py`'s affair.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from datagen.problems.generate import draw
from datagen.problems.render import corpus_row

NAMES = (
    *(
        "Ada",
        "Amir",
        "Bea",
        "Carlos",
        "Chen",
        "Dina",
        "Elif",
        "Femi",
        "Greta",
        "Hugo",
        "Ida",
        "Ivan",
        "Jonas",
    ),
    *("Kaya", "Lena", "Malik", "Nora", "Omar", "Paula", "Quinn", "Rosa", "Samir", "Tilda", "Uma", "Viktor"),
    *("Wanda", "Yara", "Zeno"),
)
ANIMALS = (
    *("fox", "owl", "hedgehog", "badger", "otter", "goat", "donkey", "heron", "squirrel", "toad", "beaver"),
    *("raven", "mole", "hare", "goose", "tortoise"),
)
MOODS = (
    *("brave", "curious", "shy", "stubborn", "clever", "lonely", "cheerful", "impatient", "gentle", "proud"),
    *("careful", "absent-minded"),
)
HOMES = (
    *("under an old bridge", "at the edge of the forest", "behind the windmill", "in a hollow oak"),
    *("beside the quiet lake", "on the windy hill", "near the railway line", "in the ruins of a castle"),
    *("below the waterfall", "between two fields of barley"),
)
TREASURES = (
    *("a silver whistle", "a box of buttons", "a broken clock", "a map without names", "a blue lantern"),
    *("a key with no lock", "a jar of honey", "a wooden flute", "a sack of seeds", "a letter in a bottle"),
    *("a pair of spectacles", "a red kite"),
)
TROUBLES = (
    (
        "a storm carried it away",
        "searched every ditch until the rain stopped",
        "found it hanging in a thorn bush",
    ),
    ("it fell into the well", "tied seven belts together to make a rope", "pulled it up, dripping but whole"),
    ("a magpie stole it", "climbed three trees and called at each nest", "traded it back for a shiny spoon"),
    (
        "nobody could say what it was for",
        "asked the miller, the smith and the baker",
        "learned it by mere chance",
    ),
    (
        "it was buried under the snow",
        "dug from breakfast until dusk",
        "saw one corner of it glitter in the thaw",
    ),
    ("it was left on the night train", "wrote to every station on the line", "got it back in a parcel"),
    (
        "the river rose and took it",
        "walked along the bank for two days",
        "discovered it beside the sleeping ducks",
    ),
)
LESSONS = (
    *("Some things are found only by those who keep looking.", "A thing is worth more when it is shared."),
    *("Asking is quicker than guessing.", "Even small hands can do great work together."),
    *("It is better to be late than to be careless.", "Whoever listens learns twice."),
)
GREETINGS = ("Good morning", "Hello", "Good evening", "There you are")
TASKS = (
    ("mend the fence", "a hammer and nine nails", "the goats will be in the cabbages by noon"),
    ("bake the bread", "flour, water and a little patience", "there will be nothing to eat tonight"),
    ("paint the boat", "two brushes and a tin of blue paint", "the wood will rot before the summer"),
    ("water the garden", "a can without holes", "the beans will hang their heads"),
    ("sharpen the saw", "a file and a steady hand", "we shall be cutting until midnight"),
    ("repair the clock", "a very small screwdriver", "nobody will know when to stop working"),
    ("feed the hens", "a bucket of corn", "they will follow us into the kitchen"),
)
WEATHERS = (
    *("It has rained for a week", "The sun shines from morning to night", "A cold wind blows from the east"),
    *("The first snow fell on Sunday", "There is fog in the mornings", "It is warm for the time of year"),
)
ERRANDS = (
    *("the apples are ripe, and we cannot eat them all", "the roof of the barn has been repaired at last"),
    *("the old dog has learned to open the gate", "our street will have a market on Saturday"),
    *("I have begun to learn the violin", "the library is looking for somebody to read aloud"),
)
DISHES = (
    ("Vegetable soup", (("carrot", "carrots"), ("potato", "potatoes"), ("onion", "onions")), "simmer", 30),
    (
        "Pancakes",
        (("egg", "eggs"), ("cup of flour", "cups of flour"), ("cup of milk", "cups of milk")),
        "fry",
        3,
    ),
    ("Fruit salad", (("apple", "apples"), ("pear", "pears"), ("orange", "oranges")), "chill", 20),
    (
        "Baked beans",
        (("cup of beans", "cups of beans"), ("tomato", "tomatoes"), ("onion", "onions")),
        "bake",
        50,
    ),
    ("Rice pudding", (("cup of rice", "cups of rice"), ("cup of milk", "cups of milk")), "simmer", 35),
)


@dataclass(frozen=True)
class Subject:
    """A family of problems, and what a textbook says before its examples."""

    family: str
    title: str
    idea: str


SUBJECTS = (
    Subject("fraction_sum", "Adding fractions", "Fractions are added over a common denominator."),
    Subject("percent_of", "Percentages", "A percentage is a number of hundredths."),
    Subject(
        "unit_conversion", "Units", "A quantity stays the same when its unit changes; only its number does."
    ),
    Subject("order_of_operations", "Order of operations", "Products and quotients come before sums."),
    Subject(
        "ratio_sharing",
        "Sharing in a ratio",
        "The parts of a ratio are counted first, then one part is found.",
    ),
    Subject("linear_equation", "Linear equations", "Whatever is done to one side is done to the other."),
    Subject("arithmetic_sequence", "Sequences", "In an arithmetic sequence the step is always the same."),
    Subject(
        "greatest_common_divisor", "Common divisors", "The greatest common divisor divides both numbers."
    ),
    Subject("prime_factorization", "Prime factors", "Every whole number above one is a product of primes."),
    Subject("mean", "The mean", "The mean is the total divided by how many numbers there are."),
    Subject("median", "The median", "The median stands in the middle when the numbers are in order."),
    Subject("speed_distance_time", "Speed", "Distance is speed times time."),
    Subject("shopping_change", "Money", "What is paid is the price and the change together."),
    Subject("ages", "Ages", "The difference of two ages never changes."),
    Subject("clock_time", "The clock", "An hour has sixty minutes, and a day twenty-four hours."),
    Subject("sharing_ratio", "Fair shares", "A share is a fraction of the whole."),
)
"""Families whose first levels can be read by a beginner."""


def tale(rng: random.Random) -> str:
    """A little story of six or seven sentences: somebody, a treasure, a trouble, a way out, a lesson."""
    hero, helper = rng.sample(ANIMALS, 2)
    name, friend = rng.sample(NAMES, 2)
    mood, treasure = rng.choice(MOODS), rng.choice(TREASURES)
    trouble, effort, ending = rng.choice(TROUBLES)
    thing = treasure.split(" ", 1)[1]
    opening = f"{_a(mood).capitalize()} {hero} named {name} lived {rng.choice(HOMES)}."
    if rng.random() < 0.5:
        middle = f'"What shall I do?" asked {name}. "Do not give up," said {friend} the {helper}.'
    else:
        middle = f"{friend}, {_a('old')} {helper}, promised to help."
    sentences = [
        opening,
        f"One day {name} was given {treasure}, and kept the {thing} close by day and night.",
        f"But then {trouble}.",
        middle,
        f"Together they {effort}.",
        f"In the end {name} {ending}.",
        rng.choice(LESSONS),
    ]
    return " ".join(sentences)


def dialogue(rng: random.Random) -> str:
    """Two people about a piece of work, a line each."""
    first, second = rng.sample(NAMES, 2)
    work, tools, danger = rng.choice(TASKS)
    hours = rng.randint(2, 5)
    lines = [
        f"{first}: {rng.choice(GREETINGS)}, {second}. Have you time to {work}?",
        f"{second}: That depends. What do we need for it?",
        f"{first}: Only {tools}.",
        f"{second}: And if we leave it until tomorrow?",
        f"{first}: Then {danger}.",
        f"{second}: In that case let us begin. With two of us it takes {hours} hours, not {2 * hours}.",
    ]
    return "\n".join(lines)


def counting(rng: random.Random) -> str:
    """A row of numbers with one step, up or down, said in words and shown."""
    step, start, count = rng.randint(1, 12), rng.randint(0, 60), rng.randint(5, 9)
    if rng.random() < 0.5:
        numbers = [start + step * n for n in range(count)]
        way = "up"
    else:
        numbers = [start + step * (count - 1 - n) for n in range(count)]
        way = "down"
    row = ", ".join(map(str, numbers))
    said = f"Counting {way} from {numbers[0]} in steps of {step}: {row}."
    return f"{said} That is {count} numbers, and the last one is {numbers[-1]}."


def letter(rng: random.Random) -> str:
    """A short letter with news, a question and a greeting."""
    sender, receiver = rng.sample(NAMES, 2)
    news, more = rng.sample(ERRANDS, 2)
    day, month = rng.randint(1, 28), rng.choice(("March", "April", "June", "August", "October", "November"))
    asked = rng.choice(
        ("Will you visit us soon?", "How are you all?", "Do you remember the last summer here?")
    )
    body = f"{rng.choice(WEATHERS)}. You will like to hear that {news}. Also, {more}. {asked}"
    return f"{day} {month}\n\nDear {receiver},\n\n{body}\n\nYours,\n{sender}"


def cooking(rng: random.Random) -> str:
    """A recipe for some people, and the same for twice as many."""
    dish, parts, verb, minutes = rng.choice(DISHES)
    people = rng.randint(1, 4)
    amounts = [rng.randint(1, 5) for _ in parts]
    lines = [f"{dish} for {people if people > 1 else 'one'}", ""]
    lines += [f"- {n} {one if n == 1 else many}" for n, (one, many) in zip(amounts, parts, strict=True)]
    names = [many.split(" of ")[-1] for _, many in parts]
    together = f"{', '.join(names[:-1])} and {names[-1]}"
    doubled = ", ".join(f"{2 * n} {many}" for n, (_, many) in zip(amounts, parts, strict=True))
    lines += [
        "",
        f"Put {together} into a large bowl or pot. Then {verb} for {minutes} minutes.",
        f"For {2 * people} people take twice as much: {doubled}.",
    ]
    return "\n".join(lines)


def textbook(rng: random.Random, split: str) -> str:
    """A heading, an idea and two worked examples of one family of problems, all of the split."""
    subject = rng.choice(SUBJECTS)
    parts = [f"{subject.title}\n\n{subject.idea}"]
    for number in (1, 2):
        row = draw(subject.family, number, split, rng.getrandbits(32), 0)
        parts.append(f"Example {number}. {corpus_row(row)['text']}")
    return "\n\n".join(parts)


def _a(word: str) -> str:
    """A word with its article."""
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
