"""What waits for a yes or a PIN: once, for a minute, for one arrival."""

import asyncio
from collections.abc import Callable

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.plate_gate.errors import (
    ConfirmationGoneError,
    PinLockedError,
    PinWrongError,
)
from custom_components.plate_gate.gate.confirmation import (
    LIFETIME,
    PIN_TRIES,
    PIN_WINDOW,
    REQUESTS_MAX,
    Confirmations,
    PinThrottle,
    Request,
)
from custom_components.plate_gate.gate.pin import check_pin, hash_pin
from custom_components.plate_gate.models import Plate, Vehicle


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        """Begin some time after the start of the machine."""
        self.time = 5000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.time


def vehicle(vehicle_id: str = "1", pin: str | None = None) -> Vehicle:
    """Return a vehicle, its digest being its PIN: `same` compares them."""
    return Vehicle(
        vehicle_id=vehicle_id,
        label=f"Car {vehicle_id}",
        plate=Plate("AB12CDE"),
        pin=pin,
    )


async def same(pin: str, digest: str) -> bool:
    """Compare a PIN with what stands for its digest, after a turn of the loop."""
    await asyncio.sleep(0)
    return pin == digest


@pytest.fixture
def clock() -> Clock:
    """Return a clock."""
    return Clock()


@pytest.fixture
def confirmations(clock: Clock) -> Confirmations:
    """Return what waits at a lane: nobody yet."""
    return Confirmations(clock)


def gone(take: Callable[[], object]) -> None:
    """Expect that something does not wait any more."""
    with pytest.raises(ConfirmationGoneError) as error:
        take()
    assert str(error.value) == ""


def test_a_yes(confirmations: Confirmations, clock: Clock) -> None:
    """A request is what was asked for, and can be taken once."""
    request = confirmations.ask(7, vehicle(), 4999.5)

    assert request == Request(
        request_id=request.request_id,
        arrival=7,
        vehicle=vehicle(),
        first_read=4999.5,
        expires=clock.time + 60,
    )
    assert confirmations.waiting == (request,)
    assert confirmations.take(request.request_id) is request
    assert confirmations.waiting == ()
    gone(lambda: confirmations.take(request.request_id))
    assert confirmations.expire(lambda _: True) == []


def test_an_unknown_vehicle(confirmations: Confirmations) -> None:
    """A person's yes is enough for a vehicle that is not on the list."""
    request = confirmations.ask(7, None, 4999.5)

    assert confirmations.take(request.request_id).vehicle is None


def test_ids_cannot_be_guessed(confirmations: Confirmations) -> None:
    """No id is that of another, and none is short; another text is no id."""
    ids = {confirmations.ask(number, None, 1.0).request_id for number in range(200)}

    assert len(ids) == 200
    assert all(len(one) >= 22 for one in ids)
    for other in ("", "1", "None"):
        gone(lambda other=other: confirmations.take(other))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("after", "in_time"), [(0, True), (59.9, True), (60, False), (3600, False)]
)
def test_a_minute(
    confirmations: Confirmations, clock: Clock, after: float, in_time: bool
) -> None:
    """An answer counts for a minute, whether or not anybody has cleared up."""
    request = confirmations.ask(7, vehicle(), 1.0)
    clock.time += after

    assert (confirmations.waiting == (request,)) is in_time
    if in_time:
        assert confirmations.take(request.request_id) is request
    else:
        gone(lambda: confirmations.take(request.request_id))
        assert confirmations.expire(lambda _: True) == [request]
        assert confirmations.expire(lambda _: True) == []


def test_who_leaves(confirmations: Confirmations) -> None:
    """A request ends with its arrival, and no other's does."""
    left = confirmations.ask(1, vehicle("1"), 1.0)
    stays = confirmations.ask(2, vehicle("2"), 1.0)
    here = {2}.__contains__

    gone(lambda: confirmations.take(left.request_id, here))
    assert confirmations.expire(here) == [left]
    assert confirmations.waiting == (stays,)
    assert confirmations.take(stays.request_id, here) is stays


def test_asked_again(confirmations: Confirmations, clock: Clock) -> None:
    """To ask again gives neither another id nor more time."""
    request = confirmations.ask(7, vehicle(), 1.0)
    clock.time += 30

    assert confirmations.ask(7, vehicle(), 2.0) is request
    assert confirmations.ask(7, None, 2.0) is request
    assert confirmations.waiting == (request,)


def test_a_vehicle_that_is_recognized_late(confirmations: Confirmations) -> None:
    """A yes to an unknown vehicle is none to the one that it turns out to be."""
    unknown = confirmations.ask(7, None, 1.0)
    known = confirmations.ask(7, vehicle(), 1.0)

    assert confirmations.waiting == (known,)
    gone(lambda: confirmations.take(unknown.request_id))
    assert confirmations.expire(lambda _: True) == [unknown]


def test_asked_after_it_was_too_late(
    confirmations: Confirmations, clock: Clock
) -> None:
    """Whoever still waits after a minute can be asked for anew."""
    old = confirmations.ask(7, vehicle(), 1.0)
    clock.time += LIFETIME
    new = confirmations.ask(7, vehicle(), 1.0)

    assert new.request_id != old.request_id
    assert confirmations.waiting == (new,)


def test_a_no(confirmations: Confirmations) -> None:
    """A request that somebody said no to is gone, and is not told of as expired."""
    request = confirmations.ask(7, vehicle(), 1.0)
    confirmations.drop(request.request_id)
    confirmations.drop(request.request_id)
    confirmations.drop("nonsense")

    gone(lambda: confirmations.take(request.request_id))
    assert confirmations.expire(lambda _: True) == []


def test_there_are_never_too_many(confirmations: Confirmations) -> None:
    """A wall of plates pushes out unknown vehicles, before listed ones."""
    listed = confirmations.ask(0, vehicle(), 1.0)
    unknown = [confirmations.ask(n, None, 1.0) for n in range(1, 1000)]

    assert len(confirmations.waiting) == REQUESTS_MAX
    assert confirmations.waiting == (listed, *unknown[-REQUESTS_MAX + 1 :])
    assert len(confirmations.expire(lambda _: True)) <= REQUESTS_MAX


def test_a_lane_that_stops(confirmations: Confirmations) -> None:
    """Nothing can be answered after it, and nothing is told of."""
    request = confirmations.ask(7, vehicle(), 1.0)
    confirmations.clear()

    gone(lambda: confirmations.take(request.request_id))
    assert confirmations.expire(lambda _: True) == []


def test_nothing_is_shown(confirmations: Confirmations) -> None:
    """Neither an id nor a digest nor a number of tries is in what is printed."""
    request = confirmations.ask(7, vehicle(pin="$argon2id$"), 1.0)
    shown = f"{request!r} {confirmations!r} {PinThrottle(Clock())!r}"

    assert request.request_id not in shown
    assert "argon2id" not in shown
    assert "AB12CDE" not in shown


# -- PINs ------------------------------------------------------------------------------


async def test_a_real_pin(confirmations: Confirmations) -> None:
    """A PIN opens for its vehicle, once, and for no other that waits."""
    confirmations.ask(1, vehicle("1"), 1.0)
    confirmations.ask(2, vehicle("2", hash_pin("1357")), 1.0)
    request = confirmations.ask(3, vehicle("3", hash_pin("2468")), 1.0)

    async def check(pin: str, digest: str) -> bool:
        return await asyncio.to_thread(check_pin, pin, digest)

    assert await confirmations.take_by_pin("2468", check) is request
    with pytest.raises(PinWrongError):
        await confirmations.take_by_pin("2468", check)
    assert len(confirmations.waiting) == 2


async def test_nobody_with_a_pin(confirmations: Confirmations) -> None:
    """Where no PIN could be right none is wrong, so none is counted."""
    confirmations.ask(1, vehicle("1"), 1.0)
    confirmations.ask(2, None, 1.0)
    for _ in range(2 * PIN_TRIES):
        with pytest.raises(ConfirmationGoneError):
            await confirmations.take_by_pin("1111", same)

    assert not confirmations.pins_locked


async def test_who_has_left_has_no_pin(
    confirmations: Confirmations, clock: Clock
) -> None:
    """The PIN of a vehicle that is not there any more opens nothing."""
    confirmations.ask(1, vehicle("1", "2468"), 1.0)
    with pytest.raises(ConfirmationGoneError):
        await confirmations.take_by_pin("2468", same, lambda _: False)
    clock.time += LIFETIME
    with pytest.raises(ConfirmationGoneError):
        await confirmations.take_by_pin("2468", same)


@pytest.mark.parametrize("ended", ["left", "late", "taken", "dropped"])
async def test_what_ends_while_a_pin_is_compared(
    confirmations: Confirmations, clock: Clock, ended: str
) -> None:
    """The right PIN for what does not wait any more opens nothing, and is not wrong."""
    request = confirmations.ask(1, vehicle("1", "2468"), 1.0)
    here = {1}

    async def check(pin: str, digest: str) -> bool:
        match ended:
            case "left":
                here.clear()
            case "late":
                clock.time += LIFETIME
            case "taken":
                confirmations.take(request.request_id)
            case "dropped":
                confirmations.drop(request.request_id)
        return pin == digest

    for _ in range(PIN_TRIES + 1):
        with pytest.raises(ConfirmationGoneError):
            await confirmations.take_by_pin("2468", check, here.__contains__)


async def test_one_pin_typed_twice(confirmations: Confirmations) -> None:
    """Of two who type the right PIN at the same time, one opens."""
    request = confirmations.ask(1, vehicle("1", "2468"), 1.0)
    results = await asyncio.gather(
        *(confirmations.take_by_pin("2468", same) for _ in range(3)),
        return_exceptions=True,
    )

    assert results.count(request) == 1
    assert [type(r) for r in results if r is not request] == [ConfirmationGoneError] * 2


async def wrong(confirmations: Confirmations, times: int = 1) -> None:
    """Type wrong PINs."""
    for _ in range(times):
        with pytest.raises(PinWrongError):
            await confirmations.take_by_pin("1111", same)


async def test_five_wrong_pins(confirmations: Confirmations, clock: Clock) -> None:
    """After five in a quarter of an hour not even the right one is looked at."""
    confirmations.ask(1, vehicle("1", "2468"), 1.0)
    await wrong(confirmations, PIN_TRIES - 1)
    assert not confirmations.pins_locked
    clock.time += 10
    await wrong(confirmations)
    assert confirmations.pins_locked

    looked: list[str] = []

    async def check(pin: str, digest: str) -> bool:
        looked.append(pin)
        return True

    for _ in range(3):
        with pytest.raises(PinLockedError):
            await confirmations.take_by_pin("2468", check)
    assert looked == []

    # What was tried meanwhile has not prolonged it.
    clock.time += PIN_WINDOW - 10
    assert not confirmations.pins_locked
    request = confirmations.ask(2, vehicle("1", "2468"), 1.0)
    assert await confirmations.take_by_pin("2468", same) is request


async def test_tries_come_back_one_by_one(
    confirmations: Confirmations, clock: Clock
) -> None:
    """There are never more than five in any quarter of an hour."""
    for number in range(PIN_TRIES):
        confirmations.ask(number, vehicle("1", "2468"), 1.0)
        await wrong(confirmations)
        clock.time += LIFETIME
    clock.time += PIN_WINDOW - PIN_TRIES * LIFETIME
    confirmations.ask(9, vehicle("1", "2468"), 1.0)
    await wrong(confirmations)
    with pytest.raises(PinLockedError):
        await confirmations.take_by_pin("2468", same)


async def test_a_right_pin_takes_nothing_back(confirmations: Confirmations) -> None:
    """Who knows one PIN does not get more tries at another by it."""
    confirmations.ask(1, vehicle("1", "2468"), 1.0)
    for number in range(2, 2 + PIN_TRIES - 1):
        await wrong(confirmations)
        mine = confirmations.ask(number, vehicle("2", "9999"), 1.0)
        assert await confirmations.take_by_pin("9999", same) is mine
    assert not confirmations.pins_locked
    await wrong(confirmations)

    with pytest.raises(PinLockedError):
        await confirmations.take_by_pin("2468", same)


async def test_many_at_once_have_no_more_tries(confirmations: Confirmations) -> None:
    """A PIN counts as wrong while it is compared."""
    confirmations.ask(1, vehicle("1", "2468"), 1.0)
    results = await asyncio.gather(
        *(confirmations.take_by_pin(f"{n:04}", same) for n in range(100)),
        return_exceptions=True,
    )

    kinds = [type(result) for result in results]
    assert kinds.count(PinWrongError) == PIN_TRIES
    assert kinds.count(PinLockedError) == 100 - PIN_TRIES


async def test_a_comparison_that_breaks_off(confirmations: Confirmations) -> None:
    """A try that nobody sees the end of counts as wrong."""
    confirmations.ask(1, vehicle("1", "2468"), 1.0)

    async def breaks(pin: str, digest: str) -> bool:
        raise asyncio.CancelledError

    for _ in range(PIN_TRIES):
        with pytest.raises(asyncio.CancelledError):
            await confirmations.take_by_pin("2468", breaks)
    assert confirmations.pins_locked


async def test_a_reload_gives_no_new_tries(clock: Clock) -> None:
    """Wrong PINs are counted over a reload that keeps the count."""
    throttle = PinThrottle(clock)
    before = Confirmations(clock, throttle)
    before.ask(1, vehicle("1", "2468"), 1.0)
    await wrong(before, PIN_TRIES)
    after = Confirmations(clock, throttle)
    after.ask(1, vehicle("1", "2468"), 1.0)

    with pytest.raises(PinLockedError):
        await after.take_by_pin("2468", same)


# -- Whatever happens ------------------------------------------------------------------

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(1, 4), st.sampled_from(["a", "b", None])),
        st.tuples(st.just("leave"), st.integers(1, 4)),
        st.tuples(st.just("wait"), st.sampled_from([0.5, 20.0, 59.0, 60.0, 300.0])),
        st.tuples(st.just("yes"), st.integers(0, 30)),
        st.tuples(st.just("no"), st.integers(0, 30)),
        st.tuples(st.just("expire")),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(EVENTS)
def test_a_yes_opens_at_most_once_in_time_for_who_is_there(
    events: list[tuple[object, ...]],
) -> None:
    """No history lets a request be taken twice, too late, or without its arrival."""
    clock = Clock()
    confirmations = Confirmations(clock)
    asked: dict[str, tuple[Request, float]] = {}
    here: set[int] = set()
    answered: set[str] = set()
    for event in events:
        match event:
            case "ask", int(arrival), name:
                here.add(arrival)
                who = vehicle(name) if isinstance(name, str) else None
                request = confirmations.ask(arrival, who, clock.time)
                assert request.request_id not in answered
                asked.setdefault(request.request_id, (request, clock.time))
            case "leave", int(arrival):
                here.discard(arrival)
                confirmations.expire(here.__contains__)
            case "wait", float(seconds):
                clock.time += seconds
            case "yes", int(number) if asked:
                request_id = list(asked)[number % len(asked)]
                request, since = asked[request_id]
                try:
                    taken = confirmations.take(request_id, here.__contains__)
                except ConfirmationGoneError:
                    continue
                assert taken is request
                assert request_id not in answered
                assert clock.time - since < LIFETIME
                assert taken.arrival in here
                answered.add(request_id)
            case "no", int(number) if asked:
                request_id = list(asked)[number % len(asked)]
                # No is no answer to what has ended already: of that, `expire` tells.
                if request_id in {one.request_id for one in confirmations.waiting}:
                    answered.add(request_id)
                confirmations.drop(request_id)
            case ("expire",):
                for request in confirmations.expire(here.__contains__):
                    assert request.request_id not in answered
        arrivals = [request.arrival for request in confirmations.waiting]
        assert len(arrivals) == len(set(arrivals)) <= REQUESTS_MAX
