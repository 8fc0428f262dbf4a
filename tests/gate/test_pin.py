"""PINs: what can be one, and that a digest gives nothing away by accident."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.plate_gate.errors import PinInvalidError
from custom_components.plate_gate.gate.pin import check_pin, hash_pin

DIGEST = hash_pin("2468")


@pytest.mark.parametrize("pin", ["0000", "2468", "12345", "00000000", "98765432"])
def test_right_and_wrong(pin: str) -> None:
    """A PIN of four to eight digits fits its own digest, and another does not."""
    digest = hash_pin(pin)

    assert check_pin(pin, digest)
    assert not check_pin(str(int(pin) + 1).zfill(len(pin)), digest)
    assert not check_pin(f"0{pin}", digest)


@pytest.mark.parametrize(
    "pin",
    ["", "123", "123456789", "12 34", "12a4", "-123", "1234\n", "١٢٣٤", "１２３４"],
)
def test_what_is_no_pin(pin: str) -> None:
    """Anything but four to eight digits from 0 to 9 is refused, and fits nothing."""
    with pytest.raises(PinInvalidError) as error:
        hash_pin(pin)
    assert str(error.value) == ""
    assert not check_pin(pin, DIGEST)


def test_a_digest() -> None:
    """It is Argon2id with its numbers, a salt of its own, and without the PIN."""
    other = hash_pin("2468")

    for digest in (DIGEST, other):
        assert digest.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert other != DIGEST
    assert check_pin("2468", other)


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "2468",
        "$argon2id$v=19$m=47104,t=1,p=1$",
        DIGEST[:-1],
        DIGEST + "$",
        DIGEST + "\n",
        DIGEST.replace("argon2id", "argon2i"),
        DIGEST.replace("v=19", "v=16"),
        DIGEST.replace("t=1", "t=2"),
        DIGEST.replace("t=1", "t=0"),
        DIGEST.replace("p=1", "p=0"),
        DIGEST.replace("p=1", "p=200"),
        DIGEST.replace("t=1", "t=999"),
        DIGEST.replace("m=47104", "m=1"),
        # Would take ten GB, were it believed.
        DIGEST.replace("m=47104", "m=9999999"),
        DIGEST.replace("m=47104", "m=99999999999999999999"),
    ],
)
def test_a_damaged_digest(digest: str) -> None:
    """What is no digest, or that of another cost, is nobody's PIN."""
    assert not check_pin("2468", digest)


@settings(max_examples=200)
@given(st.text(max_size=120))
def test_any_text_as_a_digest(text: str) -> None:
    """No text makes it fail or open."""
    assert not check_pin("2468", text)
    assert not check_pin("2468", f"$argon2id$v=19$m=64,t=1,p=1${text}")
