"""The measurement of who is let in: its frames, its lists, its counts."""

import json
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from custom_components.plate_gate.models import PlateRead
from demo.bench.decision import lists
from demo.bench.decision.frames import arrival
from demo.bench.decision.measure import Visit, measure, weigh
from demo.bench.decision.rules import SINGLE, OneWrong
from demo.bench.decision.show import decision_text
from demo.bench.process import BenchError
from demo.bench.report import machine
from demo.plate_drawing import draw_plate
from tests.decision.scene import place, read

KEYS = {"n", "correct", "missed", "wrong", "stranger_random", "stranger_lookalike"}


def photograph() -> bytes:
    """Return a picture of a plate."""
    picture = np.full((240, 480, 3), 90, np.uint8)
    plate = np.asarray(draw_plate("KN18RTX", 36).convert("RGB"))
    picture[100 : 100 + plate.shape[0], 150 : 150 + plate.shape[1]] = plate
    return cv2.imencode(".jpg", picture)[1].tobytes()


def shown(*texts: str) -> list[list[PlateRead]]:
    """Return an arrival that moves, each text read without a doubt."""
    return [
        [read(text, box=place(300 + 20 * number))] for number, text in enumerate(texts)
    ]


def test_frames_are_changed_a_little_and_the_same_again() -> None:
    """The first is the photograph, the others differ, and a seed gives the same."""
    original = photograph()
    frames = arrival(original, 3, seed=7)
    assert frames[0] == original
    assert len(set(frames)) == 3
    assert frames == arrival(original, 3, seed=7)
    assert frames != arrival(original, 3, seed=8)
    before, after = (
        cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        for jpeg in frames[:2]
    )
    assert before is not None
    assert after is not None
    assert before.shape == after.shape
    assert arrival(b"no picture", 3, seed=7) == [b"no picture"]


def test_lists() -> None:
    """A list holds the plate and 99 others, made up where there are too few."""
    listed = lists.household("AB12CDE", ["AB12CDE", "KN18RTX"], Random(1))
    texts = [vehicle.plate.reveal() for vehicle in listed]
    assert texts[:2] == ["AB12CDE", "KN18RTX"]
    assert len(set(texts)) == lists.LISTED
    assert {len(text) for text in texts} == {7}
    strangers = lists.one_off("AB12CDE")
    assert len(set(strangers)) == 7 * 35
    assert "AB12CDE" not in strangers
    twins = lists.look_alikes("B0X")
    assert set(twins) == {"80X", "BOX", "BDX", "BQX"}
    assert set(lists.look_alikes("AB12CDE")) < set(strangers)


def test_what_is_counted() -> None:
    """One read right and one that is read as its look-alike: half of all is right."""
    visits = [
        Visit("AB12CDE", shown(*["AB12CDE"] * 5)),
        Visit("KN18RTX", shown(*["KN1BRTX"] * 5)),
    ]
    report = weigh(visits, seed=1)
    assert set(report["single"]) == {"exact", "o0i1", "edit1", "likelihood"}
    assert set(report["arrival"]) == {"fast", "balanced", "strict"}
    for one in (*report["single"].values(), *report["arrival"].values()):
        assert set(one) == KEYS
        assert one["n"] == 2
        assert one["missed"] == 1 - one["correct"]
        assert one["wrong"] == 0
    for name in ("exact", "likelihood"):
        one = report["single"][name]
        assert one["correct"] == 0.5
        assert one["stranger_random"] == round(1 / (2 * 7 * 35), 5)
        assert one["stranger_lookalike"] > one["stranger_random"]
    loose = report["single"]["edit1"]
    assert loose["correct"] == 1
    assert loose["stranger_random"] > 0.5
    strict = report["arrival_by_frames"]
    assert [strict[n]["strict"]["correct"] for n in "12345"] == [0, 0, 0.5, 0.5, 0.5]
    assert report["halves"]["even"]["arrival"]["balanced"]["correct"] == 1
    assert report["halves"]["odd"]["arrival"]["balanced"]["correct"] == 0


def test_another_vehicle_that_is_listed_is_wrong() -> None:
    """An opening for a car that is not the one in the photograph is counted."""
    visits = [
        Visit("AB12CDE", shown("KN18RTX", "KN18RTX")),
        Visit("KN18RTX", shown("KN18RTX", "KN18RTX")),
    ]
    balanced = weigh(visits, seed=1)["arrival"]["balanced"]
    assert (balanced["correct"], balanced["wrong"]) == (0.5, 0.5)


def test_strangers_one_by_one_and_all_at_once() -> None:
    """Leaving out those that no read fits changes nothing."""
    frames = [[read("AB12CDE", doubts={1: {"B": 0.6, "8": 0.39}})]]
    strangers = [lists.vehicle(text) for text in lists.one_off("AB12CDE")]
    for rule in SINGLE.values():
        one_by_one: dict[str, int] = {}
        for one in strangers:
            one_by_one |= rule.openings(frames, [one])
        assert rule.strangers(frames, strangers) == one_by_one
    assert "A812CDE" in SINGLE["likelihood"].strangers(frames, strangers)
    assert OneWrong().openings(frames, strangers[:1])


def test_photographs_from_a_folder(tmp_path: Path) -> None:
    """A labeled picture is read for real; the report says no plate, and no place."""
    (tmp_path / "one.jpg").write_bytes(photograph())
    (tmp_path / "one.txt").write_text("one.jpg\t150\t100\t160\t36\tKN18RTX\n")
    said: list[str] = []
    report = measure(tmp_path, seed=1, threads=1, say=said.append)
    assert report["single"]["exact"]["n"] == 1
    text = decision_text(report)
    for told in (json.dumps(report), text, " ".join(said)):
        assert "KN18RTX" not in told
        assert str(tmp_path) not in told
    assert "| likelihood" in text
    assert "| Balanced, 2 frames" in text
    assert report["machine"]["cores"] == machine()["cores"]


def test_nothing_to_measure(tmp_path: Path) -> None:
    """A folder without photographs is an error that says so."""
    with pytest.raises(BenchError, match="no pictures"):
        measure(tmp_path, seed=1, threads=1, say=lambda _: None)
