"""The memory of a lane: each decision is told once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from custom_components.plate_gate.decision import Decider, Policy, VehicleIndex
from custom_components.plate_gate.models import (
    Decision,
    Outcome,
    Plate,
    PlateRead,
    Reason,
    Vehicle,
)

from .lane import GRANTED, LIST, OURS, Lane
from .scene import (
    NOON,
    one_off,
    outcomes,
    place,
    plain_read,
    random_text,
    read,
    vehicle,
)


def test_an_arrival_is_granted_once() -> None:
    """A vehicle that stands at the gate opens it once, however long it stands."""
    lane = Lane()
    assert lane.see(plain_read("AB12CDE")) == []
    (granted,) = lane.see(plain_read("AB12CDE"))
    assert granted == Decision(
        outcome=Outcome.GRANTED,
        reasons=(Reason.EXACT_TEXT, Reason.AGREEING_FRAMES),
        vehicle=OURS,
        first_read=1000.3,
        arrival=1,
    )
    assert lane.see(plain_read("AB12CDE"), frames=500) == []
    assert lane.decider.open_arrivals == 1


def test_it_counts_again_after_it_was_gone() -> None:
    """After ten seconds of absence the same vehicle arrives anew, not before."""
    lane = Lane()
    assert outcomes(lane.see(plain_read("AB12CDE"), frames=3)) == GRANTED
    lane.see(frames=32)  # 9.6 s
    assert lane.see(plain_read("AB12CDE"), frames=3) == []
    lane.see(frames=34)  # 10.2 s
    assert outcomes(lane.see(plain_read("AB12CDE"), frames=3)) == GRANTED


def test_two_vehicles_in_one_frame() -> None:
    """Two plates side by side are two arrivals, each let in."""
    lane = Lane()
    decisions = lane.see(
        plain_read("AB12CDE", box=place(300)),
        plain_read("KN18RTX", box=place(900)),
        frames=3,
    )
    assert outcomes(decisions) == [("granted", "AB12CDE"), ("granted", "KN18RTX")]
    assert lane.decider.open_arrivals == 2


def test_a_queue() -> None:
    """Who comes right behind, into the same place, is let in too."""
    lane = Lane()
    assert (
        outcomes(lane.see(plain_read("AB12CDE", box=place(500)), frames=3)) == GRANTED
    )
    next_one = lane.see(plain_read("KN18RTX", box=place(500)), frames=3)
    assert outcomes(next_one) == [("granted", "KN18RTX")]


def test_a_queue_before_a_modest_backend() -> None:
    """That a text is listed makes it sure, also where the confidence is low."""
    expired = vehicle("AB12CDE", valid_until=NOON)
    lane = Lane(VehicleIndex([expired, vehicle("KN18RTX")]))
    first = plain_read("AB12CDE", box=place(500), confidence=0.7)
    assert outcomes(lane.see(first, frames=3)) == [("denied", "AB12CDE")]
    second = plain_read("KN18RTX", box=place(500), confidence=0.7)
    assert outcomes(lane.see(second, frames=3)) == [("granted", "KN18RTX")]


def test_an_arrival_opens_for_one_vehicle() -> None:
    """Once let in, a vehicle that is then taken for another one opens no more."""
    lane = Lane(VehicleIndex([OURS, vehicle("AB12GDE")]))
    assert outcomes(lane.see(read("AB12CDE", box=place(500)), frames=3)) == GRANTED
    doubts = {4: {"6": 0.5, "G": 0.4}}
    misread = read("AB12CDE", doubts=doubts, box=place(500))
    assert lane.see(misread, frames=60) == []
    assert lane.decider.open_arrivals == 1


def test_a_stranger_in_between_is_not_let_in() -> None:
    """Between two listed vehicles, a stranger is decided about by itself."""
    lane = Lane()
    lane.see(plain_read("AB12CDE", box=place(500)), frames=3)
    assert lane.see(plain_read("QRS456", box=place(500)), frames=20) == []


def test_the_same_plate_in_two_places_opens_once() -> None:
    """A reflection makes two arrivals of one vehicle, and still one opening."""
    lane = Lane()
    decisions = lane.see(
        plain_read("AB12CDE", box=place(300)),
        plain_read("AB12CDE", box=place(900), confidence=0.8),
        frames=10,
    )
    assert outcomes(decisions) == GRANTED
    # The first of the two goes; the second is still no new vehicle.
    later = lane.see(plain_read("AB12CDE", box=place(900)), frames=60)
    assert later == []


def test_denied_once_and_granted_when_it_is_time() -> None:
    """Who is too early is denied once, and let in when the hour has come."""
    early = vehicle("AB12CDE", valid_from=NOON + timedelta(seconds=30))
    lane = Lane(VehicleIndex([early]))
    denied = lane.see(plain_read("AB12CDE"), frames=50)
    assert outcomes(denied) == [("denied", "AB12CDE")]
    assert denied[0].reasons[-1] is Reason.NOT_YET_VALID
    assert outcomes(lane.see(plain_read("AB12CDE"), frames=100)) == GRANTED


def test_a_doubt_between_two_is_told_once() -> None:
    """It is a denial without a vehicle; once it is clear who it is, that one gets in."""
    late = vehicle("AB12GDE", valid_until=NOON)
    lane = Lane(VehicleIndex([OURS, late]))
    doubt = read("AB12CDE", doubts={4: {"C": 0.55, "G": 0.44}}, box=place(500))
    (denied,) = lane.see(doubt, frames=20)
    assert denied.outcome is Outcome.DENIED
    assert denied.vehicle is None
    assert denied.reasons[-1] is Reason.AMBIGUOUS
    assert lane.decider.is_here(denied.arrival)
    clear = read("AB12CDE", box=place(520))
    decisions = lane.see(clear, frames=20)
    assert outcomes(decisions) == GRANTED
    assert decisions[0].arrival == denied.arrival


def test_denied_and_granted_as_the_list_changes() -> None:
    """A changed list ends a doubt at once, and an arrival is granted once."""
    lane = Lane(VehicleIndex([OURS, vehicle("AB12GDE", valid_until=NOON)]))
    doubt = read("AB12CDE", doubts={4: {"C": 0.55, "G": 0.44}}, box=place(500))
    assert [d.outcome for d in lane.see(doubt, frames=5)] == [Outcome.DENIED]
    lane.vehicles = VehicleIndex([OURS])
    assert outcomes(lane.see(doubt, frames=20)) == GRANTED


def test_taken_for_another_after_it_was_let_in() -> None:
    """A read that fits the vehicle that was let in is no other one behind it."""
    lane = Lane(VehicleIndex([OURS, vehicle("AB12GDE")]))
    assert outcomes(lane.see(read("AB12CDE", box=place(500)), frames=3)) == GRANTED
    wavering = read("AB12CDE", doubts={4: {"G": 0.6, "C": 0.39}}, box=place(500))
    assert lane.see(wavering, frames=30) == []
    assert lane.decider.open_arrivals == 1


def test_a_repeated_frame_says_nothing_new() -> None:
    """A frame that is handed in again, or late, is no second frame."""
    decider = Decider()
    reads = [plain_read("AB12CDE")]
    for taken in (5.0, 5.0, 4.0, 5.0, float("nan")):
        assert decider.observe(reads, taken=taken, now=NOON, vehicles=LIST) == []
    decisions = decider.observe(reads, taken=5.2, now=NOON, vehicles=LIST)
    assert outcomes(decisions) == GRANTED


def test_removed_while_it_waits() -> None:
    """Old evidence does not let in who was removed from the list."""
    lane = Lane()
    assert lane.see(plain_read("AB12CDE")) == []
    lane.vehicles = VehicleIndex([vehicle("KN18RTX")])
    assert lane.see(plain_read("AB12CDE"), frames=5) == []
    lane.vehicles = LIST
    assert lane.see(plain_read("AB12CDE")) == []  # begins anew, with one frame
    assert outcomes(lane.see(plain_read("AB12CDE"))) == GRANTED


def test_added_while_it_waits() -> None:
    """Who is put on the list while waiting is let in on frames from then on."""
    lane = Lane(VehicleIndex(()))
    assert lane.see(plain_read("AB12CDE"), frames=20) == []
    lane.vehicles = LIST
    assert lane.see(plain_read("AB12CDE")) == []
    assert outcomes(lane.see(plain_read("AB12CDE"))) == GRANTED


def test_changed_while_it_waits() -> None:
    """A new label or validity counts at once; the evidence stays."""
    lane = Lane(VehicleIndex([vehicle("AB12CDE", valid_until=NOON)]))
    lane.see(plain_read("AB12CDE"))
    relabeled = vehicle("AB12CDE", "New label")
    lane.vehicles = VehicleIndex([relabeled])
    (granted,) = lane.see(plain_read("AB12CDE"))
    assert granted.vehicle == relabeled


def test_unknown_vehicles_are_counted_when_they_have_gone() -> None:
    """Each stranger counts once, after it has gone, and leaves nothing behind."""
    lane = Lane()
    for step in range(5):
        lane.see(plain_read("QRS456", box=place(200 + 60 * step)))
    assert lane.decider.end_quiet(lane.clock + 10.0) == 0
    assert lane.decider.open_arrivals == 1
    assert lane.decider.end_quiet(lane.clock + 10.1) == 1
    assert lane.decider.open_arrivals == 0
    assert lane.decider.end_quiet(lane.clock + 20.0) == 0


def test_unknown_vehicles_are_counted_though_frames_go_on() -> None:
    """Who has gone is counted at the next chance, even if others came since."""
    lane = Lane()
    for step in range(3):
        lane.see(plain_read("QRS456", box=place(200 + 60 * step)))
    lane.pause(11.0)
    lane.see(plain_read("AB12CDE"), frames=3)
    assert lane.decider.open_arrivals == 1
    assert lane.decider.end_quiet(lane.clock) == 1


def test_listed_vehicles_are_not_unknown() -> None:
    """Nobody on the list is counted, let in or not."""
    expired = vehicle("AB12CDE", valid_until=NOON)
    lane = Lane(VehicleIndex([expired]))
    lane.see(plain_read("AB12CDE"), frames=3)
    assert lane.decider.end_quiet(lane.clock + 60) == 0


def test_a_frame_in_flight_while_the_arrival_ends() -> None:
    """A frame taken in time but read late does not open for the same vehicle again."""
    lane = Lane()
    assert outcomes(lane.see(plain_read("AB12CDE"), frames=3)) == GRANTED
    last = lane.clock
    lane.decider.end_quiet(last + 10.2)
    assert lane.decider.open_arrivals == 0
    for taken in (last + 9.8, last + 10.1):
        again = lane.decider.observe(
            [plain_read("AB12CDE")], taken=taken, now=NOON, vehicles=LIST
        )
        assert again == []


def test_reset() -> None:
    """After a reset nothing is remembered, not even what was told."""
    lane = Lane()
    for step in range(3):
        lane.see(plain_read("AB12CDE"), plain_read("QRS456", box=place(60 * step)))
    lane.decider.reset()
    assert lane.decider.open_arrivals == 0
    assert lane.decider.end_quiet(lane.clock + 60) == 0
    assert outcomes(lane.see(plain_read("AB12CDE"), frames=2)) == GRANTED


def test_guesses_leave_no_trace() -> None:
    """Reads below the least confidence make no arrival."""
    lane = Lane()
    assert lane.see(plain_read("AB12CDE", confidence=0.4), frames=5) == []
    assert lane.decider.open_arrivals == 0


def test_a_wall_of_texts() -> None:
    """Frames full of texts do not fill the memory, and a listed vehicle gets in."""
    random = Random(2)
    lane = Lane()
    decisions: list[Decision] = []
    for frame in range(40):
        texts = [
            plain_read(random_text(random), box=place(100 * n, 100)) for n in range(12)
        ]
        decisions += lane.see(
            *texts, *([plain_read("AB12CDE", box=place(600))] if frame > 30 else [])
        )
    assert outcomes(decisions) == GRANTED
    assert lane.decider.open_arrivals <= 64


def test_naive_time_opens_for_nobody() -> None:
    """A time without a zone cannot be held against a validity: it is an error."""
    pass_ = vehicle("AB12CDE", valid_until=NOON + timedelta(days=1))
    index = VehicleIndex([pass_])
    decider = Decider()
    reads = [plain_read("AB12CDE")]
    naive: datetime = NOON.replace(tzinfo=None)
    decider.observe(reads, taken=1.0, now=naive, vehicles=index)
    with pytest.raises(TypeError):
        decider.observe(reads, taken=2.0, now=naive, vehicles=index)


def test_repr_shows_no_plate() -> None:
    """What is printed says how many, and nothing else."""
    lane = Lane()
    lane.see(plain_read("AB12CDE"))
    assert repr(lane.decider) == "Decider(1 open arrivals)"


def test_policy_is_followed() -> None:
    """A stricter policy asks for more, a shorter absence forgets sooner."""
    lane = Lane()
    lane.decider = Decider(Policy(agreeing_frames=4, absence=2.0))
    assert lane.see(plain_read("AB12CDE"), frames=3) == []
    assert outcomes(lane.see(plain_read("AB12CDE"))) == GRANTED
    lane.see(frames=8)
    assert outcomes(lane.see(plain_read("AB12CDE"), frames=4)) == GRANTED


def chaos(random: Random, texts: Sequence[str]) -> Iterable[list[PlateRead]]:
    """Return frames on which anything may be seen, in any quality, anywhere."""
    here: list[str] = []
    for _ in range(150):
        if random.random() < 0.25:
            here = random.sample(texts, random.choice([0, 1, 1, 2, 3]))
        frame: list[PlateRead] = []
        for seen in here:
            text = one_off(random, seen) if random.random() < 0.2 else seen
            box = place(random.randrange(100, 1200), width=random.randrange(40, 200))
            if random.random() < 0.5:
                frame.append(
                    plain_read(
                        text,
                        confidence=random.random(),
                        box=random.choice([box, None]),
                    )
                )
            else:
                frame.append(read(text, sharp=random.uniform(0.6, 0.999), box=box))
        yield frame


@pytest.mark.parametrize("seed", range(8))
def test_nothing_opens_that_must_not(seed: int) -> None:
    """Whatever is seen: only listed, valid vehicles, and each once per visit."""
    random = Random(seed)
    listed = [random_text(random) for _ in range(4)]
    expired = vehicle(random_text(random), valid_until=NOON)
    strangers = [random_text(random) for _ in range(4)]
    all_of_them = [*map(vehicle, listed), expired]
    decider = Decider()
    index = VehicleIndex(all_of_them)
    current: list[Vehicle] = all_of_them
    taken = 0.0
    granted_at: dict[Plate, float] = {}
    grants = 0
    for frame in chaos(random, [*listed, *strangers, expired.plate.reveal()]):
        taken += random.choice([0.0, 0.2, 0.2, 0.5, 0.5, 4.0, 12.0])
        if random.random() < 0.1:
            current = random.sample(all_of_them, random.randint(2, 5))
            index = VehicleIndex(current)
        decisions = decider.observe(frame, taken=taken, now=NOON, vehicles=index)
        for decision in decisions:
            assert decision.vehicle in current
            plate = decision.vehicle.plate
            assert decision.first_read <= taken
            if decision.outcome is Outcome.DENIED:
                assert decision.vehicle == expired
                continue
            assert decision.outcome is Outcome.GRANTED
            assert decision.vehicle != expired
            assert plate in {r.plate for r in frame} or any(
                r.characters is not None for r in frame
            )
            if plate in granted_at:
                assert taken - granted_at[plate] > 10
            granted_at[plate] = taken
            grants += 1
        if random.random() < 0.2:
            decider.end_quiet(taken + random.choice([0.0, 1.0, 15.0]))
    assert grants > 0
    assert decider.end_quiet(taken + 11) >= 0
    assert decider.open_arrivals == 0
