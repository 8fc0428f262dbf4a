"""The measurements of what is kept: small ones, and what a report makes of them."""

from random import Random
from typing import Any

import pytest

from demo.bench import records
from demo.bench.leak import run as leak


def test_lists_of_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure is there, and the table shows it."""
    monkeypatch.setattr(records, "SIZES", (3, 20))
    monkeypatch.setattr(records, "_LOOK_UPS", 30)
    said: list[str] = []
    report = records.measure(1, said.append)

    assert said == ["3 vehicles", "20 vehicles"]
    for found in report["sizes"].values():
        assert len(found) == 10
        assert all(figure > 0 for figure in found.values())
    text = records.records_text(report)
    assert "goal: the longest list loads in 2 s: met" in text
    report["sizes"]["20"]["load_s"] = 2.1
    assert "in 2 s: missed" in records.records_text(report)


def test_made_up_plates() -> None:
    """No two are the same, and the same seed gives the same."""
    texts = leak.canaries(Random(1), 500)
    assert len(set(texts)) == 500
    assert {len(text) for text in texts} == {9}
    assert texts == leak.canaries(Random(1), 500)
    assert texts != leak.canaries(Random(2), 500)


GOOD: dict[str, Any] = {
    "strangers": 9900,
    "listed": 100,
    "opened": 100,
    "wrong_openings": 0,
    "counted": 9900,
    "stranger_hits": 0,
    "listed_hits_outside_vault": 0,
    "bytes_per_stranger": 0.0,
    "control_hits": 498,
    "control_places": ["home-assistant.log"],
    "not_searched": [],
    "scanned_mb": 40.0,
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("stranger_hits", 1),
        ("listed_hits_outside_vault", 1),
        ("bytes_per_stranger", 0.1),
        ("bytes_per_stranger", -0.1),
        ("control_hits", 0),
        ("opened", 99),
        ("wrong_openings", 1),
        ("counted", 9899),
        ("not_searched", ["home-assistant.log"]),
    ],
)
def test_what_fails(key: str, value: object) -> None:
    """Each finding fails the measurement, and so does a search that is blind."""
    assert leak.failures(GOOD) == []
    assert "FAILED" not in leak.leak_text({**GOOD, "failures": []})
    found = leak.failures({**GOOD, key: value})
    assert len(found) == 1
    text = leak.leak_text({**GOOD, key: value, "failures": found})
    assert text.endswith(f"FAILED: {found[0]}")
