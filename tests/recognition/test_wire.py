"""Tests of understanding CodeProject.AI's answers."""

import copy
import json
import random
from typing import Any

import pytest

from custom_components.plate_gate.errors import (
    BackendError,
    BackendProtocolError,
    BackendRejectedError,
)
from custom_components.plate_gate.models import Box, Frame, Plate, PlateRead
from custom_components.plate_gate.recognition.wire import (
    load_answer,
    parse_reads,
    parse_version,
)

from .answers import assert_silent, fixture, fixture_bytes, pack, spell

FRAME = Frame(jpeg=b"", width=640, height=360, taken=0.0)


def one(**changes: object) -> dict[str, Any]:
    """Return an answer with one prediction, with some of its fields changed."""
    answer = fixture("alpr_two_plates")
    answer["predictions"] = [answer["predictions"][0] | changes]
    return answer


def without(name: str) -> dict[str, Any]:
    """Return an answer with one prediction that lacks a field."""
    answer = one()
    del answer["predictions"][0][name]
    return answer


def test_reads_of_a_full_answer() -> None:
    """Every plate becomes a read with its confidence and box, in the order sent."""
    answer = load_answer(fixture_bytes("alpr_two_plates"))
    assert parse_reads(answer, FRAME) == [
        PlateRead(plate=Plate("AB12CDE"), confidence=0.93, box=Box(310, 220, 420, 252)),
        PlateRead(plate=Plate("KN18RTX"), confidence=0.71, box=Box(560, 240, 640, 268)),
    ]


def test_nothing_in_the_picture() -> None:
    """An empty list is an answer, not an error."""
    assert parse_reads(load_answer(fixture_bytes("alpr_empty")), FRAME) == []


def test_label_only() -> None:
    """Without a text the label counts, but only with its prefix."""
    (read,) = parse_reads(load_answer(fixture_bytes("alpr_label_only")), FRAME)
    assert read.plate == Plate("AB12CDE")


@pytest.mark.parametrize("text", ["", " - ", "A", "A" * 13])
def test_texts_that_are_no_plates(text: str) -> None:
    """What cannot be a plate is left out, and the others stay."""
    answer = fixture("alpr_two_plates")
    answer["predictions"][0]["plate"] = text
    assert [read.plate for read in parse_reads(answer, FRAME)] == [Plate("KN18RTX")]


@pytest.mark.parametrize(
    "name", ["alpr_module_error", "server_timeout", "mesh_failure"]
)
def test_failures_with_http_200(name: str) -> None:
    """A failure is a failure whatever the HTTP status, in either spelling."""
    with pytest.raises(BackendRejectedError) as caught:
        load_answer(fixture_bytes(name))
    assert_silent(caught.value, *(str(v) for v in fixture(name).values() if v))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"AB12CDE",
        b"<!DOCTYPE html><title>AB12CDE</title>",
        b'{"success": true, "predictions": [{"plate": "AB12CDE"',
        b'{"plate": "AB12CDE\xff"}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"success": ' + b"9" * 5000 + b"}",
        b"null",
        b"[]",
        b'"AB12CDE"',
        b"{}",
        b'{"success": "true"}',
        b'{"success": 1}',
        b'{"success": null, "predictions": []}',
        b'{"status": "ok", "plate": "AB12CDE"}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_answer(body: bytes) -> None:
    """What does not tell of success is refused, and not quoted."""
    with pytest.raises(BackendProtocolError) as caught:
        load_answer(body)
    assert_silent(caught.value, "AB12CDE")


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True},
        {"Success": True, "Predictions": []},
        {"success": True, "predictions": None},
        {"success": True, "predictions": {}},
        {"success": True, "predictions": "AB12CDE"},
        {"success": True, "predictions": ["AB12CDE"]},
        {"success": True, "predictions": [None]},
        one(plate=5),
        one(plate=["AB12CDE"]),
        one(plate={"text": "AB12CDE"}),
        one(plate=None, label=7),
        one(confidence=None),
        one(confidence="0.93"),
        one(confidence=True),
        one(confidence=float("nan")),
        one(confidence=float("inf")),
        one(confidence=93),
        one(confidence=-0.5),
        one(confidence=10**400),
        without("confidence"),
    ],
    ids=str,
)
def test_wrong_types(answer: dict[str, Any]) -> None:
    """A field of a wrong type means that something else is talking."""
    with pytest.raises(BackendProtocolError) as caught:
        parse_reads(answer, FRAME)
    assert_silent(caught.value, "AB12CDE", "ab12 cde")


@pytest.mark.parametrize(
    ("sent", "taken"), [(0, 0.0), (1, 1.0), (1.0000001, 1.0), (-1e-9, 0.0), (0.5, 0.5)]
)
def test_confidence(sent: float, taken: float) -> None:
    """A confidence is from 0 to 1, save for what rounding adds."""
    (read,) = parse_reads(one(confidence=sent), FRAME)
    assert read.confidence == taken


@pytest.mark.parametrize(
    ("edges", "box"),
    [
        ((10.5, 20, 110, 50), Box(10.5, 20, 110, 50)),
        ((-4, -2, 110, 50), Box(0, 0, 110, 50)),
        ((600, 340, 700, 400), Box(600, 340, 640, 360)),
        ((700, 20, 800, 50), None),
        ((110, 20, 10, 50), None),
        ((10, 50, 110, 50), None),
        ((None, 20, 110, 50), None),
        (("10", 20, 110, 50), None),
        ((10, True, 110, 50), None),
        ((10, 20, float("nan"), 50), None),
        ((10, 20, float("inf"), 50), None),
        ((10, 20, 10**400, 50), None),
    ],
    ids=str,
)
def test_box(edges: tuple[Any, Any, Any, Any], box: Box | None) -> None:
    """A box is cut to the frame; one without sense costs the box, not the read."""
    names = ("x_min", "y_min", "x_max", "y_max")
    (read,) = parse_reads(one(**dict(zip(names, edges, strict=True))), FRAME)
    assert read.plate == Plate("AB12CDE")
    assert read.box == box


def test_no_box() -> None:
    """A read without a box is a read."""
    (read,) = parse_reads(without("x_max"), FRAME)
    assert read.box is None


def test_characters() -> None:
    """Our own recognizer's extension becomes part of the read."""
    (read,) = parse_reads(one(characters=pack(spell("AB12CDE"))), FRAME)
    assert read.characters is not None
    assert read.characters.shape == (14, 37)


def test_broken_characters() -> None:
    """A broken extension costs the extension, not the read."""
    (read,) = parse_reads(one(characters={"version": 1}), FRAME)
    assert read.plate == Plate("AB12CDE")
    assert read.characters is None


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        (fixture("ping"), "2.9.6"),
        ({"version": {"versionNumber": "2.6.5"}}, "2.6.5"),
        ({"version": "0.1.0"}, "0.1.0"),
        ({"message": "2.9.6-beta+1"}, "2.9.6-beta+1"),
        ({"message": "Welcome, it is 10 o'clock"}, None),
        ({"version": {"version": ["2"]}}, None),
        ({"version": "1" * 33}, None),
        ({"version": 2}, None),
        ({}, None),
    ],
)
def test_version(answer: dict[str, Any], version: str | None) -> None:
    """The version is found where servers put it, and is harmless to show."""
    assert parse_version(answer) == version


def anything(chance: random.Random, depth: int = 0) -> Any:
    """Return a random JSON value."""
    kind = chance.randrange(7 if depth < 4 else 5)
    if kind == 5:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 6:
        names = ["success", "predictions", "plate", "label", "characters", "steps", "x"]
        return {
            chance.choice(names): anything(chance, depth + 1)
            for _ in range(chance.randrange(5))
        }
    numbers = [0, 1, -1, 37, 0.5, 1e308, -1e308, 10**400, float("nan"), float("inf")]
    texts = ["", "AB12CDE", "Plate: ", "AAAA", "\x00", "\ud800", "ﬁ½Ⅷ", "한12가3456"]
    kinds = [None, chance.choice([True, False]), chance.choice(numbers)]
    return chance.choice([*kinds, chance.choice(texts)])


def damage(value: Any, chance: random.Random) -> Any:
    """Return an answer with something in it replaced by anything."""
    if isinstance(value, dict | list) and value and chance.random() < 0.85:
        changed = copy.copy(value)
        key = chance.choice(
            list(value) if isinstance(value, dict) else range(len(value))
        )
        changed[key] = damage(value[key], chance)
        return changed
    return anything(chance)


@pytest.mark.parametrize("seed", range(20))
def test_no_answer_breaks_the_parser(seed: int) -> None:
    """Whatever is sent leads to sound reads or to an error of ours, never to another."""
    chance = random.Random(seed)
    whole = one(characters=pack(spell("AB12CDE")))
    for _ in range(100):
        answer = damage(whole, chance) if chance.random() < 0.8 else anything(chance)
        try:
            body = json.dumps(answer).encode()
            reads = parse_reads(load_answer(body), FRAME)
        except BackendError as err:
            assert_silent(err, "AB12CDE", "ab12 cde")
            continue
        for read in reads:
            assert 0 <= read.confidence <= 1
            if read.box is not None:
                assert 0 <= read.box.x_min < read.box.x_max <= FRAME.width
                assert 0 <= read.box.y_min < read.box.y_max <= FRAME.height
            if read.characters is not None:
                assert read.characters.shape == (14, 37)


@pytest.mark.parametrize("seed", range(5))
def test_no_bytes_break_the_parser(seed: int) -> None:
    """A damaged answer is refused or still makes sense."""
    chance = random.Random(seed)
    whole = fixture_bytes("alpr_two_plates")
    for _ in range(100):
        body = bytearray(whole[: chance.randrange(1, len(whole) + 1)])
        for _ in range(chance.randrange(4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        try:
            parse_reads(load_answer(bytes(body)), FRAME)
        except BackendError as err:
            assert_silent(err, "KN18RTX")
