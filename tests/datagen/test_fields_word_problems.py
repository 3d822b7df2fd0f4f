"""Word problems whose answers are worked by hand, through the proofs, and the helpers that write numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from datagen.problems.fields.word_problems.calendars import day_number, is_leap
from datagen.problems.fields.word_problems.phrases import clock, dollars, duration
from datagen.problems.register import find

BY_HAND: list[tuple[str, dict[str, Any], str]] = [
    # 60 km at 40 km/h and 60 km at 60 km/h: 2.5 hours for 120 km
    ("speed_distance_time", {"legs": [["dv", 60, 40], ["dv", 60, 60]], "breaks": [], "asked": "v"}, "48"),
    ("speed_distance_time", {"legs": [["vt", 90, 20]], "breaks": [5], "asked": "t"}, "25"),
    (
        "meeting_travellers",
        {"distance": 100, "speeds": [20, 30], "chase": False, "head_start": 0, "pause": 0, "asked": "where"},
        "40 km",
    ),
    (
        "meeting_travellers",
        {"distance": 10, "speeds": [5, 10], "chase": True, "head_start": 60, "pause": 0, "asked": "when"},
        "180 minutes",
    ),
    # a father four times as old as his son, in 20 years twice as old: 40 and 10
    ("ages", {"people": 2, "facts": [["times", 0, 1, 4, 0], ["times", 0, 1, 2, 20]], "asked": [0, 0]}, "40"),
    ("sharing_ratio", {"ratios": [[3, 5]], "total": 40, "asked": 1}, "25"),
    ("sharing_ratio", {"ratios": [[3, 1], [1, 1]], "gift": 10, "asked": 0}, "30"),
    # the Sunzi suanjing: 35 heads and 94 feet, 23 pheasants and 12 rabbits
    ("heads_and_legs", {"worth": [2, 4], "heads": 35, "legs": 94, "relation": [], "asked": 1}, "12"),
    ("consecutive_numbers", {"step": 1, "parity": 1, "count": 3, "place": 0, "squares": 365}, "10"),
    ("consecutive_numbers", {"step": 2, "parity": 1, "count": 2, "place": 1, "product": 143}, "13"),
    ("mixture", {"kind": "strength", "portions": [[1, 30], [2, 60]]}, "50%"),
    ("mixture", {"kind": "addition", "amount": 10, "strength": 40, "added": 0, "wanted": 25}, "6"),
    (
        "mixture",
        {"kind": "replacement", "tank": 10, "drawn": 5, "times": 3, "start": 80, "fill": 0},
        "10.0000%",
    ),
    ("work_together", {"workers": [[3, 0, False], [6, 0, False]]}, "2"),
    ("work_together", {"workers": [[4, 0, False], [12, 0, True]]}, "6"),
    ("shopping_change", {"bought": [[7, "1.5", 3]], "voucher": "0.5", "paid": "10"}, "$3.00"),
    ("discount_and_tax", {"kind": "before", "paid": 7500, "discount": 25}, "$100.00"),
    ("discount_and_tax", {"kind": "both", "price": 10000, "discount": 20, "tax": 10}, "$88.00"),
    (
        "simple_and_compound_interest",
        {"start": 10000, "rate": 10, "compound": True, "months": 24, "deposit": 0, "asked": "interest"},
        "$21.00",
    ),
    ("savings_schedule", {"kind": "growing", "start": 0, "first": 1, "more": 1, "weeks": 100}, "5050"),
    ("calendar_days", {"from": "2000-02-28", "to": "2000-03-01"}, "2"),
    ("calendar_days", {"from": "1900-02-28", "to": "1900-03-01"}, "1"),
    ("calendar_days", {"known": "2000-01-01", "weekday": "Saturday", "date": "1969-07-20"}, "Sunday"),
    ("clock_time", {"leaves": "23:50", "arrives": "00:10"}, "20"),
    ("clock_time", {"first": 360, "every": [12, 18], "after": 361, "ride": 10}, "06:46"),
    (
        "fencing",
        {"length": 30, "width": 20, "gap": 5, "wires": 1, "post_cents": 100, "wire_cents": 0},
        "$20.00",
    ),
    ("fencing", {"fence": 40, "times": 1, "more": 2, "free_sides": 0, "inner": 0}, "99 m^2"),
    ("recipe_scaling", {"people": 4, "amounts": [[400, 950], [100, 1000]]}, "9"),
    ("recipe_scaling", {"people": 2, "guests": 3, "packets": [[500, 500, 120]]}, "$2.40"),
    ("currency_exchange", {"kind": "once", "amount": 40, "rate": "1.25"}, "50.00"),
    (
        "currency_exchange",
        {"kind": "backwards", "fee": 10, "rate": "2", "spent": 30, "other": "0.5", "end": "75"},
        "100",
    ),
    ("multi_step_story", {"steps": [["groups", 4, 6], ["part", 1, 3], ["price", 2], ["spend", 5]]}, "27"),
    ("multi_step_story", {"steps": [["groups", 2, 5], ["times", 2], ["share", 4]]}, "5"),
]


@pytest.mark.parametrize(("name", "given", "answer"), BY_HAND)
def test_what_is_known_by_hand_is_what_the_proof_finds(name, given, answer):
    prover = find(name).prover
    assert prover is not None
    assert prover(given) == answer


def test_days_are_numbered_as_the_standard_library_numbers_them():
    day = date(1895, 1, 1)
    while day.year < 2105:
        assert day_number((day.year, day.month, day.day)) == day.toordinal()
        day += timedelta(days=17)


def test_centuries_are_leap_years_only_every_four_hundred_years():
    assert [year for year in (1800, 1900, 2000, 2100, 2024, 2023) if is_leap(year)] == [2000, 2024]


def test_money_time_and_clock_are_written_as_people_write_them():
    assert [dollars(cents) for cents in (5, 100, 1050)] == ["$0.05", "$1", "$10.50"]
    assert [duration(minutes) for minutes in (0, 1, 60, 61, 135)] == [
        "0 minutes",
        "1 minute",
        "1 hour",
        "1 hour 1 minute",
        "2 hours 15 minutes",
    ]
    assert [clock(minutes) for minutes in (0, 719, 1440, -1)] == ["00:00", "11:59", "00:00", "23:59"]


def test_two_sets_of_numbers_that_fit_are_no_riddle():
    given = {"worth": [2, 2], "heads": 3, "legs": 6, "relation": [], "asked": 0}
    with pytest.raises(ValueError, match="too many values"):
        find("heads_and_legs").prover(given)
