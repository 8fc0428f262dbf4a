"""The numbers behind a decision, in one place and each with its source.

"Measured" means: on 444 photographs of cars in the United States, Europe and Brazil,
read by the recognizer that comes with Plate Gate, against lists that hold the plate of
the car, and against lists that hold one that differs from it by a single character.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

RELATIVE_MIN: Final = -6.0
"""Less than 1 in 400 is what a frame that shows something else weighs, see `decide`."""
AGREEING_FRAMES_MAX: Final = 10
"""More do not fit into `Policy.memory` where a camera makes one frame in a second."""


class Profile(StrEnum):
    """How much evidence a lane asks for, in a word."""

    FAST = "fast"
    """One frame whose text is that of the list, and that is sure."""
    BALANCED = "balanced"
    """Two frames that agree, or one that leaves no doubt."""
    STRICT = "strict"
    """Three frames with the text of the list, no character of it in doubt."""
    CUSTOM = "custom"
    """Balanced with numbers of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How much evidence opens a gate. As it comes, it is `Profile.BALANCED`."""

    minimum_confidence: float = 0.5
    """A read below this counts for nothing.

    Of the recognizer's reads below 0.9, 36 % are right; below 0.5 it is guessing. Some
    backends give the confidence that there *is* a plate, and are modest about it, so a
    stricter number would shut them out. What a listed plate needs is asked below.
    """

    confident: float = 0.9
    """From here on, a text speaks against vehicles that it does not fit.

    Measured: 60 % of the reads from 0.9 to 0.95 are right, more than 90 % above 0.98.
    Being generous here errs on the side of a closed gate.
    """

    sure: float = 0.0
    """The confidence that a read needs to speak for a vehicle.

    For profiles that ask for one frame. Measured for the exact text on the first of
    five frames that is sure: 0.9 lets 87 % in and 1.8 % of look-alike strangers, 0.97
    79 % and 1.1 %.
    """

    exact_only: bool = False
    """Whether only the text of a listed plate speaks for it, and no likelihood."""

    character_floor: float = 0.0
    """How sure each character has to be, from 0 to 1; where a backend gives no
    probabilities, the text as a whole.

    Measured for three frames with the exact text: 0.7 lets 80 % in and 0.9 % of
    look-alike strangers, 0.5 lets 83 % in and 1.3 %.
    """

    relative: float = -2.0
    """A plate fits if its evidence is at most this far below that of the best text.

    In natural logarithm. For one frame, and for the sum over frames; see
    docs/decision.md, which has the table that this comes from. A lower number lets in
    more listed vehicles that are misread, and more strangers with them.
    """

    relative_still: float = -1.0
    """The same where all frames are one look: a vehicle that stands still.

    Whatever misled the reader misleads it again on the same pixels, so that frames
    that repeat each other count once, and the one look has to be better.
    """

    series: float = 3.0
    """How much likelier a text is that has the form of plates that are issued.

    In natural logarithm. Of 120 labels, five that are right have none of the forms in
    `decision.series`, personal plates mostly; the logarithm of 20 is 3. It is what
    tells `RK857AI` from `RK857A1` where the reader cannot.
    """

    reach: float = -3.0
    """And at most this far, whatever the form, in each frame that speaks for it.

    What the reader sees clearly stays: a character of which it is sure with 95 % is not
    given up because another would make a plate that is issued.
    """

    likelihood: float = -12.0
    """A plate fits if its log likelihood is at least this, in natural logarithm.

    Measured together with `relative`: -8 and -12 do the same, so it only stands guard
    against noise, where every path is bad and the best one says nothing.
    """

    likelihood_length: int = 4
    """Plates shorter than this fit by exact text only: too little to be unlikely."""

    distance: int = 4
    """How many characters a plate may have more and fewer than the text, together.

    One misread character is two: one fewer, one more. Two misread ones, or up to four
    that come from a crest or a sticker, are all that likelihood may bridge.
    """

    margin: float = 1.0
    """Two listed vehicles fit about equally if their evidence differs by less.

    In natural logarithm: one is less than 2.7 times as likely as the other.
    """

    agreeing_frames: int = 2
    """How many frames have to support the same vehicle."""

    single_frame_confidence: float | None = 0.98
    """A single frame is enough from here on, for an exact text; None: it never is.

    Measured: 70 % of the reads from 0.95 to 0.98 are right to the character, 91 % of
    those up to 0.995. It takes a read with character probabilities: how a backend
    without them counts its confidence is not known.
    """

    single_frame_likelihood: float = -0.25
    """And the log likelihood that a single frame needs: a probability of 78 %.

    It is what twelve characters, the longest plate, have at 0.98 each. It sees to it
    that the text is what the probabilities say.
    """

    look_alikes: bool = False
    """Whether reads without character probabilities match with O as 0 and I as 1.

    Measured: it opens for 6 % more listed cars, and for 9 to 11 % of strangers whose
    plate differs by a look-alike.
    """

    memory: float = 10.0
    """Seconds for which evidence counts.

    Agreeing frames have to fall within it, at two to five frames a second or with a
    slow camera that manages one in three seconds. It also bounds for how long a read is
    kept.
    """

    absence: float = 10.0
    """Seconds without a read after which a vehicle has gone.

    What was told of a listed vehicle is remembered until it has been absent for so long
    in frames: a camera that is away has not seen it leave. Reads are forgotten after as
    many seconds of the clock, whether or not there were frames.
    """

    observed_gap: float = 2.0
    """Seconds between two frames within which nothing escapes.

    Frames come two to five a second, and a vehicle takes longer than this to drive off.
    Of a longer gap, the rest counts neither as presence nor as absence.
    """

    unobserved_max: float = 60.0
    """Seconds without frames that are no absence, in all since a vehicle was last seen.

    A reload takes up to 30 s, and a camera that restarts about a minute. A second
    signal may stop or close a gate with one button on the car below it, so in doubt the
    vehicle counts as still there; but not for good, or one that comes home after a long
    outage would stay outside.
    """

    movement_wait: float = 1.0
    """Seconds after which a vehicle whose movement is not clear counts as standing.

    It is waited for where the movement matters, as far as the backend says where plates
    are: one that leaves must not open the gate with its first two frames.
    """

    movement_wait_max: float = 3.0
    """Seconds after which it does though there were too few frames to tell.

    It takes four, for which a camera that makes two in a second needs longer than
    `movement_wait`. One that makes fewer than one in a second cannot tell, and who
    stands at its gate is not kept waiting for ever.
    """

    patience: float = 180.0
    """Seconds for which a vehicle that was refused may still be let in.

    Somebody waits for the schedule to begin, or for their phone to be noticed. A vehicle
    that has stood in view for longer has parked, and must not open the gate in the
    morning because its schedule does.
    """

    def __post_init__(self) -> None:
        """Refuse numbers that would open for anyone.

        Raises:
            ValueError: A number is out of its range.

        """
        single = self.single_frame_confidence
        if not (
            0 < self.minimum_confidence <= 1
            and 0 < self.confident <= 1
            and 0 <= self.sure <= 1
            and 0 <= self.character_floor < 1
            and RELATIVE_MIN <= self.relative < 0
            and RELATIVE_MIN <= self.relative_still < 0
            and self.reach < 0
            and 0 <= self.series <= -RELATIVE_MIN
            and self.likelihood < 0
            and self.single_frame_likelihood < 0
            and (single is None or 0 < single <= 1)
            and self.margin >= 0
            and self.likelihood_length >= 1
            and 1 <= self.agreeing_frames <= AGREEING_FRAMES_MAX
            and self.agreeing_frames == int(self.agreeing_frames)
            and self.memory > 0
            and self.absence > 0
            and self.observed_gap > 0
            and self.unobserved_max >= 0
            and self.patience > 0
            and 0 <= self.movement_wait <= self.movement_wait_max
        ):
            raise ValueError("A number of the policy is out of its range")

    @classmethod
    def of(
        cls,
        profile: Profile,
        *,
        look_alikes: bool = False,
        agreeing_frames: float | None = None,
        minimum_confidence: float | None = None,
        relative: float | None = None,
        single_frame: bool | None = None,
    ) -> Self:
        """Return the numbers behind a profile.

        Args:
            profile: Which one.
            look_alikes: Whether reads without character probabilities match with O as 0
                and I as 1. Only Balanced and one's own numbers do: the others ask for
                the exact text.
            agreeing_frames: How many frames have to agree, from 1 to 10; a whole
                number. This and the following are for `Profile.CUSTOM`, and None stands
                for what Balanced has.
            minimum_confidence: Below which a read counts for nothing, from above 0 to 1.
            relative: How far below the best text a plate may be, from -6 to below 0.
            single_frame: Whether a single frame that leaves no doubt is enough.

        Raises:
            ValueError: A number is out of its range, or the profile has numbers of its
                own.

        """
        numbers: dict[str, Any] = {
            "agreeing_frames": agreeing_frames,
            "minimum_confidence": minimum_confidence,
            "relative": relative,
        }
        given = {name: number for name, number in numbers.items() if number is not None}
        if profile is not Profile.CUSTOM:
            if given or single_frame is not None:
                raise ValueError("Only a profile of one's own takes numbers")
            policy = cls(**_PROFILES[profile])
            return replace(policy, look_alikes=look_alikes and not policy.exact_only)
        policy = cls(look_alikes=look_alikes, **given)
        # 2.0 is how a slider says 2.
        policy = replace(policy, agreeing_frames=int(policy.agreeing_frames))
        policy = replace(
            policy,
            relative_still=max(policy.relative, policy.relative_still),
            reach=min(policy.relative, policy.reach),
        )
        if single_frame is False:
            policy = replace(policy, single_frame_confidence=None)
        return policy


_PROFILES: Final[dict[Profile, dict[str, Any]]] = {
    Profile.FAST: {"agreeing_frames": 1, "exact_only": True, "sure": 0.9},
    Profile.BALANCED: {},
    Profile.STRICT: {
        "agreeing_frames": 3,
        "exact_only": True,
        "character_floor": 0.7,
        "single_frame_confidence": None,
    },
}
