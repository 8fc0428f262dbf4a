"""What happens at a lane, told without a plate."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_DIRECTION
from .entity import LaneEntity
from .models import Outcome, Passage
from .news import RequestKind, RequestNews
from .site import PlateGateConfigEntry

PARALLEL_UPDATES = 0

ATTR_VEHICLE: Final = "vehicle"
ATTR_VEHICLE_ID: Final = "vehicle_id"
ATTR_DIRECTION: Final = "direction"
ATTR_EXPIRES: Final = "expires"
ATTR_OPENED: Final = "opened"
ATTR_REASONS: Final = "reasons"
ATTR_REQUEST_ID: Final = "request_id"
ATTR_TIME_TO_OPEN: Final = "time_to_open_ms"

WAITING: Final = "waiting"
"""What the arrival of an unknown vehicle is called, at the entity of that name."""

_ANSWERS: Final = (RequestKind.CONFIRMED, RequestKind.IGNORED, RequestKind.EXPIRED)

ACCESS = EventEntityDescription(
    key="access",
    translation_key="access",
    event_types=[Outcome.GRANTED, Outcome.DENIED],
)
REQUEST = EventEntityDescription(
    key="request",
    translation_key="request",
    event_types=[RequestKind.CONFIRMATION_NEEDED, RequestKind.ANNOUNCED, *_ANSWERS],
)
UNKNOWN_VEHICLE = EventEntityDescription(
    key="unknown_vehicle",
    translation_key="unknown_vehicle",
    event_types=[WAITING, *_ANSWERS],
    # Whoever wants to be told of strangers has to say so.
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the events of each lane."""
    for subentry_id, lane in entry.runtime_data.lanes.items():
        async_add_entities(
            [
                AccessEvent(lane, ACCESS),
                RequestEvent(lane, REQUEST),
                UnknownVehicleEvent(lane, UNKNOWN_VEHICLE),
            ],
            config_subentry_id=subentry_id,
        )


class LaneEvent(LaneEntity, EventEntity):
    """An event of a lane. Its state changes with what happens and with nothing else."""

    @callback
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Go on under a new entity id (since Home Assistant 2026.11)."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Leave the state alone."""


class AccessEvent(LaneEvent):
    """A listed vehicle came. Of anyone else, nothing is told."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the lane."""
        await super().async_added_to_hass()
        self.async_on_remove(self.lane.subscribe_passages(self._async_passage))

    @callback
    def _async_passage(self, passage: Passage) -> None:
        self._trigger_event(
            passage.outcome,
            {
                ATTR_VEHICLE: passage.label,
                ATTR_VEHICLE_ID: passage.vehicle_id,
                ATTR_DIRECTION: self.coordinator.subentry.data[CONF_DIRECTION],
                ATTR_OPENED: passage.opened,
                ATTR_REASONS: [str(reason) for reason in passage.reasons],
                ATTR_TIME_TO_OPEN: passage.time_to_open_ms,
            },
        )
        self.async_write_ha_state()


class RequestEvent(LaneEvent):
    """A listed vehicle waits for a person, or has been answered."""

    # After a minute they are of no use to anyone.
    _unrecorded_attributes = frozenset({ATTR_REQUEST_ID, ATTR_EXPIRES})

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the lane."""
        await super().async_added_to_hass()
        self.async_on_remove(self.lane.subscribe_requests(self._async_news))

    @callback
    def _async_news(self, news: RequestNews) -> None:
        if news.unknown:
            return
        self._trigger_event(
            news.kind,
            {
                ATTR_REQUEST_ID: news.request_id,
                ATTR_VEHICLE: news.label,
                ATTR_VEHICLE_ID: news.vehicle_id,
                ATTR_EXPIRES: _expires(news),
                ATTR_REASONS: [str(reason) for reason in news.reasons],
            },
        )
        self.async_write_ha_state()


class UnknownVehicleEvent(LaneEvent):
    """Somebody who seems not to be on the list waits, or has been answered.

    Nothing is told of them but that they are there: the id is made up for the request,
    and forgotten with it. What Home Assistant records is when it was, and no more.
    """

    _unrecorded_attributes = frozenset({ATTR_REQUEST_ID, ATTR_EXPIRES})

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the lane."""
        await super().async_added_to_hass()
        self.async_on_remove(self.lane.subscribe_requests(self._async_news))

    @callback
    def _async_news(self, news: RequestNews) -> None:
        if not news.unknown:
            return
        self._trigger_event(
            WAITING if news.kind is RequestKind.UNKNOWN_WAITING else news.kind,
            {ATTR_REQUEST_ID: news.request_id, ATTR_EXPIRES: _expires(news)},
        )
        self.async_write_ha_state()


def _expires(news: RequestNews) -> str | None:
    """Return until when an answer counts, as automations compare times."""
    return None if news.expires is None else news.expires.isoformat()
