"""The numbers behind a decision, in one place and each with its source.

"Measured" means: on 444 photographs of cars in the United States, Europe and Brazil,
read by the recognizer that comes with Plate Gate, against lists that hold the plate of
the car, and against lists that hold one that differs from it by a single character.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How much evidence opens a gate."""

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

    relative: float = -2.0
    """A plate fits if its log likelihood is at most this far below the best path's.

    Measured, on one frame: -2 opens for 88 to 91 % of listed cars, for 0.1 to 0.2 % of
    strangers with another character, and for 2 to 4 % of those whose other character
    looks alike. -3 adds one point of the first, and two points of the last.
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
    those up to 0.995, and an exact text opened for no stranger but those whose plate
    differs by a look-alike (0.6 %). It takes a read with character probabilities: how
    a backend without them counts its confidence is not known.
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

    def __post_init__(self) -> None:
        """Refuse numbers that would open for anyone.

        Raises:
            ValueError: A number is out of its range.

        """
        if not (
            0 < self.minimum_confidence <= 1
            and 0 < self.confident <= 1
            and self.relative < 0
            and self.likelihood < 0
            and self.single_frame_likelihood < 0
            and self.margin >= 0
            and self.likelihood_length >= 1
            and self.agreeing_frames >= 1
            and self.memory > 0
            and self.absence > 0
            and self.observed_gap > 0
            and self.unobserved_max >= 0
        ):
            raise ValueError("A number of the policy is out of its range")
