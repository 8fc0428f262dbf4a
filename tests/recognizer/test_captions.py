"""What is a clock or another caption, and what is a plate."""

import pytest

from plate_gate_recognizer.captions import is_caption


@pytest.mark.parametrize(
    "text",
    [
        "15:13:09",
        "7:41",
        "07:41 PM",
        "7:41p.m.",
        "2026-01-31",
        "31.1.2026",
        "01/31/26",
        "2026-01-31 15:13:09",
        "31/01/2026·15:13",
        "-05-22",
        "/31/2026",
        "2.0",
        "80 km/h",
        "55MPH",
        "21°C",
        "$4.99",
        "www.plates.example",
        "plates.com",
        "me@plates",
    ],
)
def test_caption(text: str) -> None:
    """Clocks, dates, also parts of them, speeds, prices and addresses are captions."""
    assert is_caption(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AB12CDE",
        "AB-123 CD",
        "AB:123CD",
        "1A2:3456",
        "ABC·1234",
        "&AB-123CD",
        "ABC-12.34",
        "12-AB-34",
        "12-345-67",
        "123-45-678",
        "1234·567",
        "123 456",
        "RKM 42",
        "123456",
    ],
)
def test_plate(text: str) -> None:
    """What stands between the groups of a plate, or is read there, makes it no clock."""
    assert not is_caption(text)
