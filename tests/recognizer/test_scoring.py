"""How reads are judged."""

import pytest

from plate_gate_recognizer.geometry import Box
from plate_gate_recognizer.labels import Plate
from plate_gate_recognizer.scoring import (
    Outcome,
    distance,
    figures,
    judge,
    percentile,
    unread,
)

HERE, THERE = Box(100, 100, 200, 140), Box(400, 300, 500, 340)
NOWHERE = Box(0, 500, 50, 520)
ONE, OTHER = Plate("AB12CDE", HERE), Plate("KN18RTX", THERE)


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("", "", 0),
        ("", "AB1", 3),
        ("AB12CDE", "AB12CDE", 0),
        ("AB12CDE", "AB12CE", 1),
        ("AB12CDE", "XAB12CDE", 1),
        ("AB12CDE", "AB13CDF", 2),
        ("ABC", "CAB", 2),
    ],
)
def test_distance(one: str, other: str, steps: int) -> None:
    """Insertions, deletions and replacements count one each, in both directions."""
    assert distance(one, other) == distance(other, one) == steps


def test_judge() -> None:
    """The first read counts, wherever it stands; places count, whatever was read."""
    reads = [("KN18RTX", NOWHERE), ("AB12CDE", Box(90, 95, 180, 138))]
    assert judge([ONE], reads, 5.0) == Outcome(("AB12CDE",), "KN18RTX", True, 1, 5.0)
    assert judge([ONE], [], 5.0) == Outcome(("AB12CDE",), "", False, 0, 5.0)


def test_judge_several_plates() -> None:
    """Where several plates are labeled, a read on any of them is none too many."""
    outcome = judge([ONE, OTHER], [("KN18RTX", THERE), ("AB12CDE", HERE)], 5.0)
    assert (outcome.detected, outcome.false_reads) == (True, 0)
    assert figures([outcome])["exact"] == 1


def test_judge_what_was_found() -> None:
    """What was found but counts as no read is a detection and no false read."""
    outcome = judge([ONE], [], 5.0, found=[NOWHERE, HERE])
    assert (outcome.detected, outcome.false_reads) == (True, 0)
    assert not judge([ONE], [("AB12CDE", HERE)], 5.0, found=[]).detected


def test_figures() -> None:
    """Shares are of all pictures; times are of those that could be decoded."""
    outcomes = [
        judge([ONE], [("AB12CDE", HERE)], 10.0),
        judge([ONE], [("ABI2CDE", HERE), ("X1234", NOWHERE)], 20.0),
        judge([ONE], [("AB12CDF", HERE)], 30.0),
        unread([ONE]),
    ]
    assert figures(outcomes) == {
        "n": 4,
        "exact": 0.25,
        "exact_o0i1": 0.5,
        "ed1": 0.75,
        "detected": 0.75,
        "false_per_picture": 0.25,
        "ms_p50": 20.0,
        "ms_p95": 30.0,
    }


def test_nothing_read_is_near_nothing() -> None:
    """An empty answer is no near miss of a label of one character."""
    assert figures([judge([Plate("A", HERE)], [], 1.0)])["ed1"] == 0


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1), (25, 1), (26, 2), (50, 2), (95, 4), (100, 4)]
)
def test_percentile(percent: int, expected: float) -> None:
    """It is the smallest value that so many percent do not exceed."""
    assert percentile([1, 2, 3, 4], percent) == expected
    assert percentile([], percent) == 0
