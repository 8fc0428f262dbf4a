"""Which listed vehicles a single read fits."""

from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from custom_components.plate_gate.decision.likelihood import Likelihood
from custom_components.plate_gate.decision.match import candidates
from custom_components.plate_gate.decision.policy import Policy
from custom_components.plate_gate.decision.vehicles import VehicleIndex
from custom_components.plate_gate.models import (
    ALPHABET,
    BLANK,
    Plate,
    PlateRead,
    Reason,
)

from .scene import plain_read, probabilities, read, vehicle

LIST: Final = VehicleIndex(
    [vehicle("AB12CDE"), vehicle("AB12GDE"), vehicle("KN10RTX"), vehicle("A1")]
)


def fits(read: PlateRead, policy: Policy | None = None) -> list[tuple[str, Reason]]:
    """Return the plates that a read fits, and how."""
    found = candidates(read, LIST, policy or Policy())
    return [(c.vehicle.plate.reveal(), c.how) for c in found]


def test_exact_text() -> None:
    """The text of a listed plate fits it, and no other."""
    assert fits(plain_read("AB12CDE")) == [("AB12CDE", Reason.EXACT_TEXT)]
    assert fits(read("AB12CDE")) == [("AB12CDE", Reason.EXACT_TEXT)]


def test_exact_text_comes_first() -> None:
    """Where two fit, the one that was read leads, whatever the likelihood."""
    doubtful = read("AB12CDE", doubts={4: {"C": 0.55, "G": 0.45}})
    assert fits(doubtful) == [
        ("AB12CDE", Reason.EXACT_TEXT),
        ("AB12GDE", Reason.LIKELIHOOD),
    ]


def test_likelihood_bridges_a_doubt() -> None:
    """A character between two fits both; a sharp one fits only itself."""
    assert fits(read("KN10RTX", doubts={3: {"8": 0.6, "0": 0.4}})) == [
        ("KN10RTX", Reason.LIKELIHOOD)
    ]
    assert fits(read("KN18RTX")) == []


@pytest.mark.parametrize(("share", "fitting"), [(0.16, True), (0.08, False)])
def test_likelihood_ends_at_the_limit(share: float, fitting: bool) -> None:
    """A character that is seven times less likely is too much."""
    doubts = {3: {"8": 1 - share, "0": share}}
    assert bool(fits(read("KN10RTX", doubts=doubts))) is fitting


@pytest.mark.parametrize(("misread", "fitting"), [(2, True), (3, False)])
def test_likelihood_bridges_two_characters(misread: int, fitting: bool) -> None:
    """A plate in which three were misread is another one, each doubt being small."""
    doubts = {n: {"Z": 0.55, "KN10RTX"[n]: 0.44} for n in range(misread)}
    assert bool(fits(read("KN10RTX", doubts=doubts))) is fitting


def test_likelihood_bridges_an_extra_character() -> None:
    """A crest that was taken for a letter does not shut a vehicle out."""
    with_crest = read("PAB12CDE", doubts={0: {"P": 0.6}})
    assert fits(with_crest) == [("AB12CDE", Reason.LIKELIHOOD)]


def test_text_only_does_not_forgive() -> None:
    """Without probabilities, O is not 0, unless the policy says so."""
    assert fits(plain_read("KN1ORTX")) == []
    assert fits(plain_read("KN1ORTX"), Policy(look_alikes=True)) == [
        ("KN10RTX", Reason.LOOK_ALIKE_TEXT)
    ]
    assert fits(plain_read("KN18RTX"), Policy(look_alikes=True)) == []


def test_probabilities_overrule_look_alikes() -> None:
    """A read that knows that it was an O is not taken for a 0."""
    assert fits(read("KN1ORTX"), Policy(look_alikes=True)) == []


@pytest.mark.parametrize("confidence", [0.0, 0.49, float("nan")])
def test_too_little_confidence_fits_nobody(confidence: float) -> None:
    """A guess counts for nothing, even if it is exactly a listed plate."""
    assert fits(plain_read("AB12CDE", confidence=confidence)) == []
    assert fits(replace(read("AB12CDE"), confidence=confidence)) == []


def test_noise_fits_nobody() -> None:
    """Where every path is as bad as the best, nothing is likely."""
    for steps in (2, 4, 8, 40):
        noise = np.full((steps, 37), 1 / 37, dtype=np.float32)
        guess = PlateRead(plate=Plate("AB12CDF"), confidence=0.99, characters=noise)
        assert fits(guess) == []


def test_a_smeared_read_does_not_make_a_stranger_likely() -> None:
    """Where every path is bad, what is far less likely than the text does not fit."""
    steps = np.full((23, 37), 1e-5)
    steps[:, BLANK] = 1
    for number, character in enumerate("AB12CDF"):
        three = slice(3 * number + 1, 3 * number + 4)
        steps[three, BLANK] = steps[three, ALPHABET.index(character) + 1] = 0.5
    last = slice(19, 22)
    steps[last, ALPHABET.index("E") + 1] = 0.005  # an E is a hundred times less likely
    steps /= steps.sum(axis=1, keepdims=True)
    smeared = PlateRead(
        plate=Plate("AB12CDF"), confidence=0.9, characters=steps.astype(np.float32)
    )
    likelihood = Likelihood(steps.astype(np.float32))
    assert likelihood.of_plates([Plate("AB12CDE")])[0] > likelihood.best
    assert fits(smeared) == []


def test_a_text_counts_for_what_its_probabilities_say() -> None:
    """A text that its own probabilities deny is neither exact nor likely."""
    split = PlateRead(
        plate=Plate("AB12CDE"), confidence=0.99, characters=probabilities("AB12GDE")
    )
    assert fits(split) == [("AB12GDE", Reason.LIKELIHOOD)]


def test_a_text_that_was_chosen_is_likely_at_most() -> None:
    """Of two about equal spellings the less likely one is no exact text."""
    doubted = probabilities("AB12CDE", doubts={4: {"C": 0.4, "G": 0.6}})
    chosen = PlateRead(plate=Plate("AB12CDE"), confidence=0.9, characters=doubted)
    found = {c.vehicle.plate.reveal(): c for c in candidates(chosen, LIST, Policy())}
    assert {c.how for c in found.values()} == {Reason.LIKELIHOOD}
    assert found["AB12CDE"].relative < found["AB12GDE"].relative


def test_what_are_no_probabilities_is_text_only() -> None:
    """Ones everywhere would make every plate likely; the text alone decides."""
    broken = np.ones((30, 37), dtype=np.float32)
    stranger = PlateRead(plate=Plate("AB12CDF"), confidence=0.99, characters=broken)
    known = PlateRead(plate=Plate("AB12CDE"), confidence=0.99, characters=broken)
    assert fits(stranger) == []
    assert fits(known) == [("AB12CDE", Reason.EXACT_TEXT)]


def test_short_plates_fit_by_text_only() -> None:
    """Two characters are too few to be unlikely."""
    assert fits(read("A1")) == [("A1", Reason.EXACT_TEXT)]
    assert fits(read("A1", doubts={1: {"7": 0.6, "1": 0.4}})) == []


def test_text_and_probabilities_must_be_near() -> None:
    """Probabilities of quite another plate than the text open for nobody."""
    mixed = PlateRead(
        plate=Plate("XYZ987"), confidence=0.99, characters=probabilities("AB12CDE")
    )
    assert fits(mixed) == []


@pytest.mark.parametrize(
    ("one", "enough"),
    [
        (read("AB12CDE", sharp=0.99), True),
        (read("AB12CDE", sharp=0.97), False),
        (read("AB12CDE", doubts={4: {"C": 0.8, "G": 0.2}}), False),
        (plain_read("AB12CDE", confidence=1.0), False),
        (
            PlateRead(
                plate=Plate("AB12CDE"),
                confidence=1.0,
                characters=probabilities("AB12GDE"),
            ),
            False,
        ),
    ],
    ids=["sharp", "less sharp", "one in doubt", "text only", "contradiction"],
)
def test_a_single_frame_is_enough_only_if_it_is_sharp(
    one: PlateRead, enough: bool
) -> None:
    """It takes the exact text, a high confidence and probabilities that agree."""
    found = candidates(one, LIST, Policy())
    assert any(c.enough for c in found) == enough
    never = candidates(one, LIST, Policy(single_frame_confidence=None))
    assert not any(c.enough for c in never)


def test_repr_shows_no_plate_and_no_probability() -> None:
    """What is printed has the label, and neither text nor score."""
    (found,) = candidates(read("KN10RTX"), LIST, Policy())
    assert "KN10RTX" not in repr(found).replace("id of KN10RTX", "")
    assert "relative" not in repr(found)


@pytest.mark.parametrize(
    "numbers",
    [
        {"minimum_confidence": 0.0},
        {"relative": 0.0},
        {"likelihood": 1.0},
        {"agreeing_frames": 0},
        {"absence": 0.0},
        {"likelihood_length": 0},
    ],
)
def test_policy_refuses_what_would_open_for_anyone(numbers: dict[str, float]) -> None:
    """Numbers that switch a safeguard off are an error, not a setting."""
    with pytest.raises(ValueError, match="out of its range"):
        Policy(**numbers)  # type: ignore[arg-type]  # ints where ints belong
