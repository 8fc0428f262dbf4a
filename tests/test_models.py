"""The vocabulary, and above all that a plate does not leave by accident."""

import copy
from dataclasses import asdict
from datetime import UTC, datetime
import json
import logging
import pickle

from homeassistant.helpers.json import json_bytes
from hypothesis import given, settings, strategies as st
import orjson
import pytest

from custom_components.plate_gate.errors import PlateInvalidError
from custom_components.plate_gate.models import (
    ALPHABET,
    Decision,
    Frame,
    Outcome,
    Plate,
    PlateRead,
    Reason,
    Vehicle,
)

TEXT = "AB12CDE"


@pytest.fixture
def plate() -> Plate:
    """Return a plate to keep quiet about."""
    return Plate(TEXT)


@pytest.mark.parametrize(
    "written", ["AB12CDE", "ab12 cde", " AB-12-CDE ", "ＡＢ１２ＣＤＥ", "AB·12·CDE"]
)
def test_the_same_plate_however_it_is_written(plate: Plate, written: str) -> None:
    """Case, spaces, dashes and full-width letters make no difference."""
    assert Plate(written) == plate
    assert hash(Plate(written)) == hash(plate)
    assert Plate(written).reveal() == TEXT


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        # What CodeProject.AI puts before it, and a plate that begins like it.
        ("Plate: AB12 CDE", "AB12CDE"),
        (" plate:ab12cde", "AB12CDE"),
        ("PLATE：AB12CDE", "AB12CDE"),
        ("Plate 12", "PLATE12"),
        ("PLATE1", "PLATE1"),
        # Separators of all kinds, and marks that belong to no letter.
        ("AB.12.CDE", "AB12CDE"),
        ("AB–12—CDE", "AB12CDE"),
        ("AB•12|CDE\u200b", "AB12CDE"),
        ("A\u0300\u0323B12", "ẠB12"),
        ("Q\u0308 12", "Q12"),
        ("دـ١٢", "د12"),
        # Letters that Latin has as well, typed in Cyrillic and in Greek.
        ("А 123 ВС 77", "A123BC77"),
        ("авекмнорстух", "ABEKMHOPCTYX"),
        ("іјѕ", "IJS"),
        ("ΑΒΕΖΗΙΚΜ 12", "ABEZHIKM12"),
        ("νορτυχ", "NOPTYX"),
        ("ιζμ 1234", "IZM1234"),
        # Letters that are letters of their own.
        ("gö-ab 123", "GÖAB123"),
        ("GO\u0308 AB 123", "GÖAB123"),
        ("čšžđć", "ČŠŽĐĆ"),
        ("æøå", "ÆØÅ"),
        ("бгджилпф", "БГДЖИЛПФ"),
        ("ΓΔΘΛ", "ΓΔΘΛ"),
        ("京A·12345", "京A12345"),
        ("กข 1234", "กข1234"),
        # Digits of other scripts, and letters of other shapes.
        ("د ١٢٣٤", "د1234"),
        ("بﺕ۱۲۳", "بت123"),
        ("ก१२३", "ก123"),
        ("𝐀𝐁１２", "AB12"),
        # Turkish keyboards have two letters i, Turkish plates one.
        ("ıi 34", "II34"),
        ("İ 34", "I34"),
        # No plate has an ß, and two letters S are another plate.
        ("GRoß 1", "GROẞ1"),
    ],
)
def test_normal_form(written: str, normal: str) -> None:
    """What means the same is the same; what a country tells apart stays apart."""
    assert Plate(written).reveal() == normal


@settings(deadline=None)
@given(st.text(max_size=16))
def test_normal_form_is_final(written: str) -> None:
    """Taking a plate's own text again, in any case, changes nothing."""
    try:
        text = Plate(written).reveal()
    except PlateInvalidError:
        return
    assert Plate(text).reveal() == text
    assert Plate(text.lower()).reveal() == text
    assert 2 <= len(text) <= 12
    assert text.isalnum()


@pytest.mark.parametrize(
    ("written", "readable"),
    [
        ("AB12CDE", "AB12CDE"),
        ("GÖ-AB 123", "GOAB123"),
        ("ÄÜČŠŽĆÅÉÑ", "AUCSZCAEN"),
        ("ĐØŁ", "DOL"),
        ("ÆŒ", "AEOE"),
        ("ЁЇ", "EI"),
        ("Б 123", None),
        ("京A12345", None),
        ("GROẞ", None),
        ("Æ" * 7, None),
    ],
)
def test_readable(written: str, readable: str | None) -> None:
    """A reader of A to Z sees the bare letter, if there is one."""
    assert Plate(written).readable() == readable


@settings(deadline=None)
@given(st.text(max_size=16))
def test_readable_is_a_plate_of_plain_letters(written: str) -> None:
    """What can be read is made of the reader's characters, and is read as itself."""
    try:
        readable = Plate(written).readable()
    except PlateInvalidError:
        return
    if readable is not None:
        assert set(readable) <= set(ALPHABET)
        assert Plate(readable).readable() == Plate(readable).reveal() == readable


@pytest.mark.parametrize(
    "written", ["", "-", "A", " 1 ", "A" * 13, "🚗🚗🚗", "Plate: A"]
)
def test_what_is_no_plate_is_refused(written: str) -> None:
    """Fewer than 2 or more than 12 letters and digits cannot be a plate."""
    with pytest.raises(PlateInvalidError) as caught:
        Plate(written)
    assert str(caught.value) == ""


def test_letters_of_other_alphabets_stay() -> None:
    """Umlauts belong to a German plate."""
    assert Plate("mü-kö 123").reveal() == "MÜKÖ123"


def test_a_plate_is_not_its_text(plate: Plate) -> None:
    """Comparing with a text is a mistake that must not seem to work."""
    assert plate != TEXT
    assert {plate: 1}.get(TEXT) is None  # type: ignore[call-overload]


def test_a_plate_does_not_print(plate: Plate, caplog: pytest.LogCaptureFixture) -> None:
    """No way of turning it into text shows anything of it."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger(__name__).debug("%s %r %s", plate, plate, [plate])
    shown = [
        str(plate),
        repr(plate),
        f"{plate} {plate!r} {plate:>20}",
        "%s" % plate,  # noqa: UP031
        caplog.text,
        repr(Vehicle(vehicle_id="1", label="Anna", plate=plate)),
        repr(PlateRead(plate=plate, confidence=0.9)),
    ]
    for text in shown:
        assert TEXT not in text


def test_a_plate_does_not_serialize(plate: Plate) -> None:
    """Neither pickle nor JSON take it, alone or inside of something."""
    for thing in (plate, Vehicle(vehicle_id="1", label="Anna", plate=plate)):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(thing)
        assert TEXT not in str(caught.value)
    for dump in (json.dumps, orjson.dumps, json_bytes):
        with pytest.raises(TypeError) as refused:
            dump({"plate": plate})
        assert TEXT not in str(refused.value)


def test_a_plate_does_not_change(plate: Plate) -> None:
    """Nobody can put another text into it, and a copy is the plate itself."""
    with pytest.raises(AttributeError):
        plate._text = "XY99ZZZ"
    with pytest.raises(AttributeError):
        plate.other = 1
    assert copy.copy(plate) is plate
    assert copy.deepcopy([plate])[0] is plate
    vehicle = Vehicle(vehicle_id="1", label="Anna", plate=plate)
    assert asdict(vehicle)["plate"] is plate


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("AB12CDE", "AB•••DE"),
        ("AB12CD", "AB•••CD"),
        ("AB123", "A•••3"),
        ("AB12", "A•••2"),
        ("AB1", "•••"),
        ("AB", "•••"),
    ],
)
def test_masked(written: str, masked: str) -> None:
    """Enough to recognize one's own plate by, nothing of a short one."""
    assert Plate(written).masked() == masked


def test_a_frame_does_not_show_its_picture() -> None:
    """A picture in a log would be a plate in a log."""
    frame = Frame(jpeg=b"picture", width=1, height=1, taken=0.0)
    assert "picture" not in repr(frame)


def test_a_decision_shows_no_plate(plate: Plate) -> None:
    """Neither does what is decided about it."""
    vehicle = Vehicle(
        vehicle_id="1", label="Anna", plate=plate, valid_until=datetime.now(UTC)
    )
    decision = Decision(
        outcome=Outcome.DENIED, reasons=(Reason.EXPIRED,), vehicle=vehicle
    )
    assert TEXT not in repr(decision)
