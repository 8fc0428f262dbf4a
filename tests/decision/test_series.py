"""The forms of plates that are issued."""

import pytest

from custom_components.plate_gate.decision.series import SHAPES, is_issued
from plate_gate_recognizer import formats


@pytest.mark.parametrize(
    ("text", "issued"),
    [
        ("AB12CDE", True),
        ("RK857AI", True),
        ("RK857A1", False),
        ("4ABC123", True),
        ("GWAGEN", False),
        ("", False),
        ("ÖB12CDE", False),
    ],
)
def test_forms(text: str, issued: bool) -> None:
    """Letters and digits have to stand where some series has them."""
    assert is_issued(text) is issued


def test_the_recognizer_has_the_same() -> None:
    """Both see the same plates, or one would undo what the other does."""
    assert formats._SHAPES == SHAPES
