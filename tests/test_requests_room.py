"""More vehicles than people can be asked about: none is forgotten without a word."""

from datetime import UTC, datetime

import pytest

from custom_components.plate_gate.errors import ConfirmationGoneError
from custom_components.plate_gate.gate.confirmation import LIFETIME, REQUESTS_MAX
from custom_components.plate_gate.models import (
    Decision,
    Outcome,
    Plate,
    Reason,
    Vehicle,
)
from custom_components.plate_gate.news import RequestKind, RequestNews
from custom_components.plate_gate.requests import Pins, Requests

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MANY = 3 * REQUESTS_MAX


class Desk:
    """The requests of a lane, and what is told of them."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.clock = 100.0
        self.here = set(range(MANY))
        self.news: list[RequestNews] = []
        self.requests = Requests(
            pins=Pins(),
            is_here=lambda arrival: arrival in self.here,
            clock=lambda: self.clock,
            now=lambda: NOON,
        )
        self.requests.news.subscribe(self.news.append)

    def ask(self, arrival: int) -> None:
        """Ask about a listed vehicle."""
        vehicle = Vehicle(
            vehicle_id=str(arrival),
            label=f"Car {arrival}",
            plate=Plate(f"AB{arrival:02}CDE"),
        )
        decision = Decision(
            outcome=Outcome.GRANTED,
            reasons=(Reason.EXACT_TEXT,),
            vehicle=vehicle,
            arrival=arrival,
        )
        self.requests.ask(decision, vehicle)

    def told(self, kind: RequestKind) -> list[str]:
        """Return the ids of the vehicles of which something was told."""
        return [news.vehicle_id or "" for news in self.news if news.kind is kind]


def test_who_had_to_make_room_is_told_of() -> None:
    """Each request that is asked for ends with news, however many there are at once."""
    desk = Desk()
    for arrival in range(MANY):
        desk.ask(arrival)
    ended = desk.requests.lapse()
    expired = [str(n) for n in range(MANY - REQUESTS_MAX)]
    assert desk.told(RequestKind.EXPIRED) == expired
    assert [decision.arrival for decision in ended] == list(map(int, expired))
    assert desk.requests.lapse() == []

    desk.clock += LIFETIME
    assert len(desk.requests.lapse()) == REQUESTS_MAX
    assert sorted(desk.told(RequestKind.EXPIRED)) == sorted(map(str, range(MANY)))
    assert desk.requests.clear() == []


def test_what_is_dropped_is_handed_back() -> None:
    """A lane that stops can have all of them decided on again."""
    desk = Desk()
    for arrival in range(3):
        desk.ask(arrival)
    desk.requests.ask_about_unknown([3])
    assert [decision.arrival for decision in desk.requests.clear()] == [0, 1, 2]
    assert desk.told(RequestKind.EXPIRED) == []
    for news in desk.news:
        assert news.request_id is not None
        with pytest.raises(ConfirmationGoneError):
            desk.requests.take(news.request_id)


def test_one_that_was_recognized_is_not_unknown() -> None:
    """Nobody is asked twice about an arrival, once by its name and once without."""
    desk = Desk()
    desk.ask(1)
    desk.requests.ask_about_unknown([1])
    assert [news.kind for news in desk.news] == [RequestKind.CONFIRMATION_NEEDED]
