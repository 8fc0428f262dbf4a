"""How likely it is that a read shows a certain plate."""

from itertools import pairwise, product
from math import exp, inf, log
from random import Random

import numpy as np
import pytest

from custom_components.plate_gate.decision.likelihood import Likelihood, columns_of
from custom_components.plate_gate.models import (
    ALPHABET,
    BLANK,
    PLATE_MAX,
    Characters,
    Plate,
)

from .scene import one_off, probabilities, random_text


def noise(seed: int, steps: int) -> Characters:
    """Return probabilities in which anything is possible."""
    made = np.random.default_rng(seed).dirichlet(np.full(37, 0.3), steps)
    return made.astype(np.float32)


def by_paths(characters: Characters, text: str) -> float:
    """Return a likelihood the slow way: add up every path that leaves the text."""
    used = [BLANK, *{ALPHABET.index(c) + 1 for c in text}]
    total = 0.0
    for path in product(used, repeat=len(characters)):
        merged = [path[0], *(b for a, b in pairwise(path) if a != b)]
        if "".join(ALPHABET[c - 1] for c in merged if c != BLANK) == text:
            total += float(np.prod([characters[t, c] for t, c in enumerate(path)]))
    return total


@pytest.mark.parametrize("text", ["AB", "AA", "A1A", "BBB", "AB12", "11A1"])
@pytest.mark.parametrize("seed", range(3))
def test_adds_up_all_paths(text: str, seed: int) -> None:
    """The likelihood is the sum over all paths that leave the text."""
    characters = noise(seed, steps=7)
    score = Likelihood(characters).of_plates([Plate(text)])[0]
    assert exp(score) == pytest.approx(by_paths(characters, text), rel=1e-4)


def test_all_texts_together_are_certain() -> None:
    """The likelihoods of everything that could be there add up to 1."""
    steps = 5
    characters = np.full((steps, 37), 1e-9)
    characters[:, [0, 11, 12]] = np.random.default_rng(7).dirichlet([1, 1, 1], steps)
    likelihood = Likelihood(characters.astype(np.float32))
    texts = [
        "".join(letters)
        for length in range(1, steps + 1)
        for letters in product("AB", repeat=length)
    ]
    columns = np.zeros((len(texts), PLATE_MAX), dtype=np.int8)
    for row, text in enumerate(texts):
        columns[row, : len(text)] = [ALPHABET.index(c) + 1 for c in text]
    nothing = float(np.prod(characters[:, BLANK]))
    total = nothing + float(np.exp(likelihood.of(columns)).sum())
    assert total == pytest.approx(1, abs=2e-3)


def test_many_at_once_score_as_one_by_one() -> None:
    """Plates of mixed lengths, scored together, keep their scores and their order."""
    random = Random(3)
    plates = [Plate(random_text(random, random.randint(2, 12))) for _ in range(200)]
    likelihood = Likelihood(noise(1, steps=30))
    together = likelihood.of_plates(plates)
    alone = [likelihood.of_plates([plate])[0] for plate in plates]
    assert together == pytest.approx(alone)
    assert np.isfinite(together).all()


def test_best_path_is_the_clearest_character_of_each_step() -> None:
    """The best path's score is that of each step's most probable character."""
    characters = probabilities("AB12CDE", sharp=0.9)
    assert Likelihood(characters).best == pytest.approx(7 * log(0.9), abs=0.02)


def test_an_uncertain_character_costs_what_it_should() -> None:
    """Of a character read as 0.6 and 0.4, the second costs the ratio of the two."""
    likelihood = Likelihood(probabilities("AB12CDE", doubts={4: {"C": 0.6, "G": 0.4}}))
    first, second = likelihood.of_plates([Plate("AB12CDE"), Plate("AB12GDE")])
    assert first - second == pytest.approx(log(0.6 / 0.4), abs=0.01)


def test_a_double_letter_needs_a_step_between() -> None:
    """Two equal characters take three steps, two different ones take two."""
    likelihood = Likelihood(noise(2, steps=2))
    double, single = likelihood.of_plates([Plate("AA"), Plate("AB")])
    assert double == -inf
    assert single > -inf


def test_too_few_steps_for_the_plate() -> None:
    """A plate that is longer than the read cannot be."""
    assert Likelihood(noise(2, steps=4)).of_plates([Plate("AB12C")])[0] == -inf


def test_a_character_that_the_reader_does_not_know() -> None:
    """A plate with a letter like no other cannot be, and does no harm to the others."""
    plates = [Plate("AB12CDE"), Plate("БB12CDE"), Plate("AB12CD京")]
    scores = Likelihood(probabilities("AB12CDE")).of_plates(plates)
    assert scores[0] > -1
    assert list(scores[1:]) == [-inf, -inf]


def test_half_precision_is_good_enough() -> None:
    """Probabilities that travelled as float16 score the same."""
    characters = probabilities("KN18RTX", sharp=0.93)
    plates = [Plate("KN18RTX"), Plate("KN1BRTX")]
    whole = Likelihood(characters).of_plates(plates)
    half = Likelihood(characters.astype(np.float16)).of_plates(plates)
    assert half[0] == pytest.approx(whole[0], abs=0.01)
    assert half[1] == pytest.approx(whole[1], abs=0.7)  # it lives on the floor


def test_nobody_to_score() -> None:
    """No plates have no scores."""
    assert columns_of([]).shape == (0, PLATE_MAX)
    assert Likelihood(probabilities("AB12CDE")).of_plates([]).shape == (0,)


@pytest.mark.parametrize(
    "characters",
    [
        np.zeros((0, 37)),
        np.full((4, 36), 1 / 36),
        np.full((4, 37), 1.0),
        np.full((4, 37), np.nan),
        np.full(37, 1 / 37),
        np.full((513, 37), 1 / 37),
        np.concatenate([[[-1.0, 2.0]], np.zeros((1, 35))], axis=1),
    ],
    ids=["empty", "narrow", "not 1", "not a number", "flat", "endless", "negative"],
)
def test_what_are_no_probabilities(characters: Characters) -> None:
    """Anything else is refused, so that it cannot make a plate likely."""
    with pytest.raises(ValueError, match="probabilities"):
        Likelihood(characters)


@pytest.mark.parametrize("sharp", [0.99, 0.9, 0.7, 0.55])
def test_bounds_leave_out_nothing_likely(sharp: float) -> None:
    """Every plate as likely as the floor is made of what the bounds ask for."""
    random = Random(int(sharp * 100))
    likely = 0
    for _ in range(40):
        text = random_text(random)
        spot = random.randrange(7)
        other = one_off(random, text, spot)[spot]
        doubts = {spot: {text[spot]: sharp * 0.6, other: sharp * 0.4}}
        likelihood = Likelihood(probabilities(text, sharp=sharp, doubts=doubts))
        floor = likelihood.best - 2
        bounds = likelihood.bounds(floor)
        texts = [text, text[:spot] + other + text[spot + 1 :]]
        texts += [one_off(random, text) for _ in range(50)]
        texts += [text[:k] + text[k + 1 :] for k in range(7)]
        texts += [random_text(random) for _ in range(50)]
        scores = likelihood.of_plates([Plate(t) for t in texts])
        for one, score in zip(texts, scores, strict=True):
            if score >= floor:
                likely += 1
                bits = {ALPHABET.index(c) + 1 for c in one}
                assert all(bounds.allowed >> bit & 1 for bit in bits)
                assert all(
                    bit in bits for bit in range(1, 37) if bounds.required >> bit & 1
                )
    assert likely >= 80


def test_bounds_of_a_sharp_read_are_its_characters() -> None:
    """Where nothing is in doubt, only the same characters will do."""
    likelihood = Likelihood(probabilities("AB12CDE"))
    bounds = likelihood.bounds(likelihood.best - 2)
    bits = sum(1 << (ALPHABET.index(c) + 1) for c in "AB12CDE")
    assert bounds == (bits, bits)


def test_prints_nothing_of_what_it_read() -> None:
    """What the best path spells is a plate: it must not get into a log by accident."""
    likelihood = Likelihood(probabilities("AB12CDE"))
    assert likelihood.text == "AB12CDE"
    assert "AB12CDE" not in f"{likelihood!r} {likelihood}"
    assert "steps" in repr(likelihood)
