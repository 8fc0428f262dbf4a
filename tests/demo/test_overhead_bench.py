"""Measuring the overhead: a tiny run with all of its parts, and what is made of it."""

import json
from random import Random
from typing import Any

import pytest

from custom_components.plate_gate.decision.likelihood import Likelihood
from custom_components.plate_gate.models import Plate
from demo.bench.overhead import arrivals, plates, run, scoring
from demo.bench.overhead.growth import growth
from demo.bench.overhead.show import overhead_text

TINY = run.Effort(arrivals=2, scored=10, observed=400)


class Done:
    """Takes the place of `Worker`: does the work at once."""

    def __init__(self, module: str, task: str, **arguments: Any) -> None:
        """Do it."""
        assert (module, task) == ("overhead.growth", "growth")
        self._answer = growth(**arguments)

    def result(self) -> dict[str, Any]:
        """Return what came out."""
        return self._answer


def test_overhead(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report has the keys that it promises, and a table for people."""
    monkeypatch.setattr(run, "Worker", Done)
    monkeypatch.setattr(scoring, "SIZES", (100, 1000))
    monkeypatch.setattr(run, "SCORE_GOALS", {"100": 1.0})
    said: list[str] = []
    report = run.measure(TINY, said.append)
    assert said[0] == "2 arrivals at a house at rest"
    assert report["failures"] == []
    assert 0 < report["overhead_ms_p50"] <= report["overhead_ms_p99"]
    assert 0 < report["overhead_loaded_ms_p50"] <= report["overhead_loaded_ms_p99"]
    assert report["state_changes"] > 0
    for key in ("score_ms", "score_ms_p99", "score_worst_ms", "index_ms", "edit1_ms"):
        assert set(report[key]) == {"100", "1000"}
    assert report["reads_observed"] >= 400
    assert report["observed"]["visits"] == report["observed"]["granted"] > 0
    assert report["observed"]["strangers"] > 0
    assert isinstance(report["rss_growth_mb"], float)
    assert json.loads(json.dumps(report)) == report

    shown = overhead_text(report)
    assert "house at rest" in shown
    assert "WRONG" not in shown
    for goal in run.goals(report):
        assert goal.name in shown


def test_a_missing_opening_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong is told, and counts as a failure."""

    async def measure(*_: object) -> dict[str, Any]:
        times = dict.fromkeys(("p50", "p99", "max"))
        return {
            "arrivals": 1,
            **{f"overhead_ms_{part}": time for part, time in times.items()},
            **{f"overhead_loaded_ms_{part}": time for part, time in times.items()},
            "wrong": ["arrival 0 led to 0 openings"],
        }

    monkeypatch.setattr(arrivals, "measure", measure)
    monkeypatch.setattr(run, "Worker", Done)
    monkeypatch.setattr(scoring, "SIZES", (100,))
    monkeypatch.setattr(run, "SCORE_GOALS", {"100": 1.0})
    report = run.measure(TINY, lambda _: None)
    assert report["failures"] == ["arrival 0 led to 0 openings"]
    assert "WRONG: arrival 0 led to 0 openings" in overhead_text(report)


def test_reads_are_of_their_plates() -> None:
    """A made up read says the plate that it is of, with probabilities that add up."""
    random = Random(2)
    for text in plates.plate_texts(random, 20):
        for made in (plates.read(random, text), plates.clear_read(text)):
            assert made.plate == Plate(text)
            assert made.characters is not None
            assert made.characters.shape == (plates.STEPS, 37)
            assert made.characters.sum(axis=1) == pytest.approx(1.0, abs=1e-4)
        clear = plates.clear_read(text).characters
        assert clear is not None
        likelihood = Likelihood(clear)
        assert likelihood.of_plates([Plate(text)])[0] > -0.1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AB12CDE", {"AB12CDE", "AB12CDF", "AB12CD"}),
        ("AB12CD", {"AB12CDE", "AB12CDF", "AB12CD"}),
        ("XB12CDE", {"AB12CDE"}),
        ("AB21CDE", set()),
    ],
)
def test_within_one(text: str, expected: set[str]) -> None:
    """The peer finds what one insertion, deletion or replacement away is."""
    listed = ["AB12CDE", "AB12CDF", "AB12CD", "KN18RTX"]
    assert set(scoring.within_one(Plate(text), listed)) == expected
