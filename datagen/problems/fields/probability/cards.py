"""Cards drawn from a deck without replacement, by counting hands.

The question describes the deck. The proof deals card by card.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import comb, perm, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.probability.writing import LOWEST, final, plus, times, wrong
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import listing

DECKS = {4 * (15 - lowest): str(lowest) for lowest in range(2, 10)}
"""The number of cards, and the lowest rank of each suit."""
RANKS = ("ace", "king", "queen", "jack", "ten", "nine")
SUITS = ("heart", "spade", "diamond", "club")
HANDS = {1: (1, 1), 2: (2, 2), 3: (3, 5), 4: (4, 8), 5: (4, 8)}  # cards drawn, from and to


@family(
    name="cards",
    wordings=(
        "A deck has {deck} cards: {ranks}. {Draw} What is the probability that {event}? " + LOWEST,
        "{Draw} The deck has {deck} cards: {ranks}. Find the probability that {event}. " + LOWEST,
        "How likely is it that {event}? {Draw} There are {deck} cards in the deck: {ranks}. " + LOWEST,
    ),
)
def cards(rng: random.Random, level: int) -> Problem:
    """How many cards of some suits or ranks are drawn, by counting hands."""
    deck = rng.choice(tuple(DECKS))
    drawn = rng.randint(*HANDS[level])
    if level == 1:
        event, given, lines, value = _one_card(rng, deck)
    else:
        event, given, lines, value = _hand(rng, level, deck, drawn)
    number = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight")[drawn - 1]
    draw = f"{number} {'card is' if drawn == 1 else 'cards are'} drawn at random"
    draw += "." if drawn == 1 else ", without replacement."
    return Problem(
        question=cards.ask(rng, deck=deck, ranks=_ranks_text(deck), Draw=draw, event=event),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"deck": deck, "drawn": drawn, **given},
        key=("cards", deck, drawn, *_hand_key(given)),
    )


def _ranks_text(deck: int) -> str:
    low = f"{DECKS[deck]} to 10" if deck > 24 else "9, 10"
    return (
        f"the ranks {low}, jack, queen, king and ace in each of the suits hearts, diamonds, clubs and spades"
    )


def _hand_key(given: Given) -> tuple[object, ...]:
    if "suits" in given:
        return ("one", given["suits"], given["ranks"], given["both"])
    groups = list(zip(given["sizes"], given["takes"], strict=True))
    if not (given["at_least"] or given["in_order"]):  # then nothing tells the groups apart
        groups.sort()
    return (*groups, given["at_least"], given["in_order"])


def _one_card(rng: random.Random, deck: int) -> tuple[str, Given, list[str], Fraction]:
    suits, ranks = rng.sample(SUITS, rng.randint(1, 3)), rng.sample(RANKS, rng.randint(1, 3))
    both = rng.random() < 0.4
    each = deck // 4
    suit_text, rank_text = (listing([_a(name) for name in names], "or") for names in (suits, ranks))
    in_suits, in_ranks, overlap = len(suits) * each, 4 * len(ranks), len(suits) * len(ranks)
    if both:
        count = in_suits - overlap
        event = f"it is {suit_text} but not {rank_text}"
        lines = [f"There are {len(suits)} * {each} = {in_suits} cards of the wanted suits."]
        lines.append(
            f"Of these, {len(suits)} * {len(ranks)} = {overlap} have an excluded rank: "
            f"{in_suits} - {overlap} = {count}."
        )
    else:
        count = in_suits + in_ranks - overlap
        event = f"it is {suit_text} or {rank_text}"
        lines = [
            f"Suits: {len(suits)} * {each} = {in_suits} cards. Ranks: {len(ranks)} * 4 = {in_ranks} cards."
        ]
        lines.append(
            f"Both at once: {overlap}. Together {in_suits} + {in_ranks} - {overlap} = {count} cards."
        )
    value = Fraction(count, deck)
    given = {"suits": len(suits), "ranks": len(ranks), "both": both}
    return event, given, [*lines, final(f"{count}/{deck}", value)], value


def _a(name: str) -> str:
    return f"{'an' if name.startswith('ace') else 'a'} {name}"


def _groups(rng: random.Random, number: int, each: int) -> list[tuple[str, str, int]]:
    """Groups of cards that share none: each in the singular and the plural, and how many cards it has."""
    if rng.random() < 0.4:
        if number < 3 and rng.random() < 0.5:
            made = [("red card", "red cards", 2 * each), ("spade", "spades", each), ("club", "clubs", each)]
            return rng.sample(made, number)
        return [(suit, f"{suit}s", each) for suit in rng.sample(SUITS, number)]
    ranks, made = rng.sample(RANKS, len(RANKS)), []
    for _ in range(number):
        names = sorted(ranks.pop() for _ in range(rng.randint(1, 5 if number == 1 else 3)))
        singular = listing([_a(name) for name in names], "or").partition(" ")[2]
        made.append((singular, listing([f"{name}s" for name in names], "or"), 4 * len(names)))
    return made


def _hand(rng: random.Random, level: int, deck: int, drawn: int) -> tuple[str, Given, list[str], Fraction]:
    groups = _groups(rng, {2: 2, 3: 2, 4: 1, 5: 2}[level], deck // 4)
    sizes = [size for _, _, size in groups]
    if level == 2:
        return _first_second(deck, groups)
    at_least = level > 3
    while True:
        takes = [rng.randint(1, drawn - 2 * (level > 3)) for _ in groups]
        if sum(takes) + 2 * (level == 5) <= drawn and all(
            take <= size for take, size in zip(takes, sizes, strict=True)
        ):
            break
    few = ["at least" if at_least else "exactly", "exactly"]
    parts = [_wanted(*each) for each in zip(few, takes, groups, strict=False)]
    lines = [f"There are C({deck}, {drawn}) = {comb(deck, drawn)} hands."]
    rest = deck - sum(sizes)
    names = [many for _, many, _ in groups]
    lines.append(
        f"The deck has {listing([f'{size} {name}' for size, name in zip(sizes, names, strict=True)])}, "
        f"and {rest} other cards."
    )
    ways = []
    for more in range(drawn - sum(takes) + 1) if at_least else (0,):
        chosen = [takes[0] + more, *takes[1:]]
        left = drawn - sum(chosen)
        if chosen[0] > sizes[0] or left > rest:
            continue
        values = [comb(size, take) for size, take in zip([*sizes, rest], [*chosen, left], strict=True)]
        choices = [f"C({size}, {take})" for size, take in zip([*sizes, rest], [*chosen, left], strict=True)]
        ways.append(prod(values))
        lines.append(
            f"{listing([str(take) for take in chosen])} of the wanted kind and {left} of the others: "
            f"{times(choices)} = {times(values)} = {ways[-1]}"
        )
    if len(ways) < (3 if level > 3 else 1) or len(ways) > 6:
        return _hand(rng, level, deck, drawn)
    value = Fraction(sum(ways), comb(deck, drawn))
    work = (
        f"({plus(ways)})/{comb(deck, drawn)} = {sum(ways)}/{comb(deck, drawn)}"
        if len(ways) > 1
        else f"{ways[0]}/{comb(deck, drawn)}"
    )
    given = {"sizes": sizes, "takes": takes, "at_least": at_least, "in_order": False}
    return listing(parts), given, [*lines, final(work, value)], value


def _wanted(few: str, take: int, group: tuple[str, str, int]) -> str:
    """`exactly 2 of the cards are kings`."""
    one, many, _ = group
    return f"{few} {take} of the cards {'is' if take == 1 else 'are'} {_a(one) if take == 1 else many}"


def _first_second(deck: int, groups: list[tuple[str, str, int]]) -> tuple[str, Given, list[str], Fraction]:
    (one, _, first), (other, _, second) = groups
    event = f"the first card is {_a(one)} and the second {_a(other)}"
    lines = [f"The first card is right with probability {first}/{deck}."]
    lines.append(
        f"Of the {deck - 1} cards left {second} are right for the second: probability {second}/{deck - 1}."
    )
    value = Fraction(first * second, deck * (deck - 1))
    work = f"{first}/{deck} * {second}/{deck - 1} = {first * second}/{deck * (deck - 1)}"
    given = {"sizes": [first, second], "takes": [1, 1], "at_least": False, "in_order": True}
    return event, given, [*lines, final(work, value)], value


@cards.proof
def _cards(given: Given) -> str:
    """One card: a deck of suits and ranks, one by one. Hands: dealt card by card, keeping what was drawn."""
    deck = given["deck"]
    if "suits" in given:
        good = 0
        for suit in range(4):
            for rank in range(deck // 4):
                wanted, listed = suit < given["suits"], rank < given["ranks"]
                good += (wanted and not listed) if given["both"] else (wanted or listed)
        return str(Fraction(good, deck))
    sizes = [*given["sizes"], deck - sum(given["sizes"])]
    hands = {(0,) * len(sizes): 1}
    for draw in range(given["drawn"]):
        after: dict[tuple[int, ...], int] = {}
        for hand, ways in hands.items():
            for place, size in enumerate(sizes):
                if given["in_order"] and place != draw:
                    continue
                more = (*hand[:place], hand[place] + 1, *hand[place + 1 :])
                after[more] = after.get(more, 0) + ways * max(0, size - hand[place])
        hands = after
    good = 0
    for hand, ways in hands.items():
        pairs = list(zip(hand, given["takes"], strict=False))
        right = [have == want for have, want in pairs]
        right[0] |= given["at_least"] and pairs[0][0] >= pairs[0][1]
        good += ways * all(right)
    return str(Fraction(good, perm(deck, given["drawn"])))


@cards.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    value, deck = Fraction(answer), given["deck"]
    return [], wrong(
        answer, 1 - value, value * Fraction(deck - 1, deck), value / 2, value + Fraction(1, deck)
    )
