"""Tests of what all answers have in common, whichever system they are of."""

import json
from typing import Any

import pytest

from custom_components.plate_gate.errors import BackendProtocolError
from custom_components.plate_gate.models import Box, Frame, Plate
from custom_components.plate_gate.recognition.reads import (
    RESULTS_MAX,
    check_confidence,
    check_list,
    check_object,
    check_text,
    load_object,
    make_box,
    make_read,
    one_for_each_place,
    to_number,
    to_version,
)

from .answers import assert_silent, fixture
from .systems import SYSTEMS, System

FRAME = Frame(jpeg=b"", width=640, height=360, taken=0.0)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"{}", {}),
        (b' \n{"a": "AB12CDE"}\r\n', {"a": "AB12CDE"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "한12가3456"}'.encode(), {"a": "한12가3456"}),
        (b'{"a": [1, 2], "b": 3, "a": [1, 2]}', {"a": [1, 2], "b": 3}),
        (b'{"A": 1}', {"A": 1}),
    ],
)
def test_objects(body: bytes, answer: dict[str, Any]) -> None:
    """JSON is understood, with a byte order mark and with names that come twice."""
    assert load_object(body) == answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"AB12CDE",
        b"{'plate': 'AB12CDE'}",
        b'{"plate": "AB12CDE\xff"}',
        b'{"plate": "AB12CDE"} {"plate": "AB12CDE"}',
        b'{"plate": "AB12CDE", "plate": "KN18RTX"}',
        b'{"a": {"plate": "AB12CDE", "plate": null}}',
        '{"plate": "AB12CDE"}'.encode("utf-16"),
        b'["AB12CDE"]',
        b'"AB12CDE"',
        b"null",
        b"true",
        b"NaN",
        b'{"a": ' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_object(body: bytes) -> None:
    """Anything else is refused, and not quoted."""
    with pytest.raises(BackendProtocolError) as caught:
        load_object(body)
    assert_silent(caught.value, "AB12CDE")


def test_folding() -> None:
    """Where case does not matter, names are written small at all depths."""
    body = b'{"Success": true, "List": [{"Plate": "AB"}], "a": {"BcD": {"E": "F"}}}'
    assert load_object(body, fold=True) == {
        "success": True,
        "list": [{"plate": "AB"}],
        "a": {"bcd": {"e": "F"}},
    }
    with pytest.raises(BackendProtocolError):
        load_object(b'{"Success": true, "success": false}', fold=True)


@pytest.mark.parametrize("value", [None, [], "AB12CDE", 5, True])
def test_no_object(value: object) -> None:
    """Only a JSON object is one."""
    with pytest.raises(BackendProtocolError):
        check_object(value)


@pytest.mark.parametrize("value", [None, {}, "", "AB12CDE", 0, False])
def test_no_list(value: object) -> None:
    """Nothing counts as an empty list but an empty list."""
    with pytest.raises(BackendProtocolError):
        check_list(value)


def test_lists() -> None:
    """A list has as many results as there can be plates in a picture."""
    assert check_list([]) == []
    assert len(check_list([{}] * RESULTS_MAX)) == RESULTS_MAX
    with pytest.raises(BackendProtocolError):
        check_list([{}] * (RESULTS_MAX + 1))


@pytest.mark.parametrize("value", [None, 5, ["AB12CDE"], {"text": "AB12CDE"}, True])
def test_no_text(value: object) -> None:
    """Only a text is one."""
    with pytest.raises(BackendProtocolError):
        check_text(value)


@pytest.mark.parametrize(
    ("sent", "certain", "taken"),
    [
        (0, 1.0, 0.0),
        (1, 1.0, 1.0),
        (0.5, 1.0, 0.5),
        (1.0000001, 1.0, 1.0),
        (-1e-9, 1.0, 0.0),
        (0, 100.0, 0.0),
        (91.25, 100.0, 0.9125),
        (100, 100.0, 1.0),
        (100.00001, 100.0, 1.0),
        (0.5, 100.0, 0.005),
    ],
)
def test_confidence(sent: float, certain: float, taken: float) -> None:
    """A confidence ends from 0 to 1, save for what rounding adds."""
    assert check_confidence(sent, certain) == pytest.approx(taken, abs=1e-12)
    assert 0 <= check_confidence(sent, certain) <= 1


@pytest.mark.parametrize("certain", [1.0, 100.0])
@pytest.mark.parametrize(
    "sent",
    [
        None,
        True,
        "0.93",
        [],
        {},
        float("nan"),
        float("inf"),
        float("-inf"),
        10**400,
        -(10**400),
        1e308,
        101,
        -0.5,
        -50,
    ],
    ids=lambda sent: str(sent)[:12],
)
def test_no_confidence(sent: object, certain: float) -> None:
    """What is out of its range is refused, not cut to it."""
    if sent == -0.5:
        sent = -0.5 * certain
    with pytest.raises(BackendProtocolError):
        check_confidence(sent, certain)


def test_percentage_where_none_is_due() -> None:
    """A percentage is not taken for certainty."""
    for percentage in (2, 50, 93.0, 100):
        with pytest.raises(BackendProtocolError):
            check_confidence(percentage)


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("AB12CDE", "AB12CDE"),
        ("ab-12 cde", "AB12CDE"),
        ("한12가3456", "한12가3456"),
        ("AB" + " " * 62, "AB"),
        ("AB" + " " * 63, None),
        ("", None),
        ("A", None),
        ("AB?12CDE", None),
        ("AB12CD*", None),
        ("#AB12CDE", None),
        ("A" * 13, None),
        ("A" * 1_000_000, None),
        ("\ud800\udfff", None),
    ],
    ids=lambda text: ascii(text)[:16],
)
def test_plates(text: str, plate: str | None) -> None:
    """What cannot be a plate is no read; anything else is one, written one way."""
    read = make_read(text, 0.5, None)
    if plate is None:
        assert read is None
    else:
        assert read is not None
        assert read.plate == Plate(plate)


def test_of_those_without_a_place_the_surest_counts() -> None:
    """A second guess at one plate does not stand beside the first."""
    box = Box(1, 2, 30, 10)
    placed = make_read("KN10RTX", 0.3, box)
    guesses = [make_read(f"AB12CD{c}", n, None) for c, n in (("F", 0.7), ("E", 0.9))]
    assert one_for_each_place([guesses[0], placed, None, guesses[1]]) == [
        placed,
        guesses[1],
    ]
    assert one_for_each_place([placed, placed]) == [placed, placed]
    assert one_for_each_place([None]) == []


@pytest.mark.parametrize(
    ("edges", "box"),
    [
        ((10.5, 20, 110, 50), Box(10.5, 20, 110, 50)),
        ((-4, -2, 110, 50), Box(0, 0, 110, 50)),
        ((600, 340, 700, 400), Box(600, 340, 640, 360)),
        ((-1e6, -1e6, 1e6, 1e6), Box(0, 0, 640, 360)),
        ((700, 20, 800, 50), None),
        ((110, 20, 10, 50), None),
        ((10, 50, 110, 50), None),
        ((None, 20, 110, 50), None),
        (("10", 20, 110, 50), None),
        ((10, True, 110, 50), None),
        ((10, 20, float("nan"), 50), None),
        ((10, 20, 110, float("inf")), None),
        ((10, 20, 10**400, 50), None),
    ],
    ids=lambda edges: str(edges)[:32],
)
def test_box(edges: tuple[Any, Any, Any, Any], box: Box | None) -> None:
    """A box is cut to the frame; one without sense is none."""
    assert make_box(*edges, FRAME) == box


def test_numbers() -> None:
    """A number is one of a sensible size."""
    assert to_number(5) == 5.0
    assert to_number(-0.5) == -0.5
    for value in (None, True, "5", 1e7, -(10**400), float("nan"), [5]):
        assert to_number(value) is None


def test_versions() -> None:
    """A version is short and harmless, or nothing."""
    for version in ("2.9.6", "0.3.5-beta+1", "v1"):
        assert to_version(version) == version
    for value in (None, 1, "", "-1", "1" * 33, "it is 10 o'clock", "1.0\n", "<b>"):
        assert to_version(value) is None


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
def test_nothing_is_not_no_plate(system: System) -> None:
    """In no system does a missing list of results look like an empty one."""
    assert system.parse(json.dumps(fixture(system.empty)).encode(), FRAME) == []
    holders = {"predictions", "results", "content", "data"}
    stand_ins: tuple[object, ...] = (None, {}, "", 0, False, "absent")
    for stand_in in stand_ins:
        answer = fixture(system.empty)
        (name,) = holders & answer.keys()
        if stand_in == "absent":
            del answer[name]
        else:
            answer[name] = stand_in
        with pytest.raises(BackendProtocolError):
            system.parse(json.dumps(answer).encode(), FRAME)
