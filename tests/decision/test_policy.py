"""The numbers behind the profiles."""

from typing import Any

import pytest

from custom_components.plate_gate.decision.policy import Policy, Profile


def test_balanced_is_the_default() -> None:
    """Who chooses nothing has Balanced."""
    assert Policy.of(Profile.BALANCED) == Policy()
    assert Policy.of(Profile.CUSTOM) == Policy()


def test_fast_and_strict() -> None:
    """Fast asks for one frame, Strict for three; both for the exact text."""
    fast, strict = Policy.of(Profile.FAST), Policy.of(Profile.STRICT)
    assert (fast.agreeing_frames, fast.exact_only, fast.sure) == (1, True, 0.9)
    assert (strict.agreeing_frames, strict.exact_only) == (3, True)
    assert strict.character_floor > 0
    assert strict.single_frame_confidence is None


@pytest.mark.parametrize(
    ("profile", "forgiven"),
    [
        (Profile.FAST, False),
        (Profile.BALANCED, True),
        (Profile.STRICT, False),
        (Profile.CUSTOM, True),
    ],
)
def test_look_alikes(profile: Profile, forgiven: bool) -> None:
    """Those that ask for the exact text forgive nothing."""
    assert Policy.of(profile, look_alikes=True).look_alikes is forgiven
    assert not Policy.of(profile).look_alikes


def test_numbers_of_ones_own() -> None:
    """They replace those of Balanced; a slider's 3.0 is 3."""
    policy = Policy.of(
        Profile.CUSTOM,
        agreeing_frames=3.0,
        minimum_confidence=0.7,
        relative=-3.5,
        single_frame=False,
    )
    assert policy.agreeing_frames == 3
    assert isinstance(policy.agreeing_frames, int)
    assert policy.minimum_confidence == 0.7
    assert policy.relative == policy.reach == -3.5
    assert policy.single_frame_confidence is None
    assert Policy.of(Profile.CUSTOM, single_frame=True) == Policy()


def test_a_stricter_number_holds_for_those_that_stand_still() -> None:
    """Standing still never makes it easier."""
    policy = Policy.of(Profile.CUSTOM, relative=-0.5)
    assert policy.relative_still == -0.5


@pytest.mark.parametrize(
    "numbers",
    [
        {"agreeing_frames": 0},
        {"agreeing_frames": 1.5},
        {"agreeing_frames": 11},
        {"agreeing_frames": float("nan")},
        {"minimum_confidence": 0.0},
        {"minimum_confidence": 1.1},
        {"relative": 0.0},
        {"relative": -6.1},
        {"relative": float("nan")},
    ],
)
def test_numbers_out_of_range(numbers: dict[str, Any]) -> None:
    """They are an error, not a setting."""
    with pytest.raises(ValueError, match="out of its range"):
        Policy.of(Profile.CUSTOM, **numbers)


@pytest.mark.parametrize("numbers", [{"relative": -1.0}, {"single_frame": False}])
def test_a_profile_has_its_own_numbers(numbers: dict[str, Any]) -> None:
    """Whoever wants others chooses a profile of one's own."""
    with pytest.raises(ValueError, match="one's own"):
        Policy.of(Profile.BALANCED, **numbers)
