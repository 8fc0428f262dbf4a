"""Tells whether somebody or something of a vehicle was noticed here a moment ago.

What works, and what its "home" or "on" has to be younger than two minutes by:

- a **device tracker** that is `home`: a phone that has just entered the home zone, a
  router that lists it every few seconds, a Bluetooth beacon in the car;
- a **person** that is `home`, by what one of its trackers reports: the person itself is
  written anew whenever *any* of its trackers changes, also by one that leaves;
- a **binary sensor** or **toggle helper** that is `on`, and was switched on, or said so
  again, within that time: one that has been on for an hour has not noticed anybody just
  now. An automation may switch a helper on that is on already; that counts.

What an integration writes when it is loaded again is no report: it may be what it knew
last. The next one counts.

All else, among it groups, zones and rooms, counts for nobody. A phone at home tells that
the phone is at home, and not that it is in the car: a beacon in the car says more.
"""

from collections.abc import Iterable
from typing import Final

from homeassistant.const import (
    ATTR_RESTORED,
    EVENT_STATE_CHANGED,
    STATE_HOME,
    STATE_ON,
    Platform,
)
from homeassistant.core import (
    CoreState,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
    split_entity_id,
)
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

FRESH: Final = 120.0
"""Seconds for which a report counts: the age of 120 s does, that of 121 s does not."""

_PERSON: Final = "person"

PRESENCE_DOMAINS: Final = (
    _PERSON,
    str(Platform.DEVICE_TRACKER),
    str(Platform.BINARY_SENSOR),
    "input_boolean",
)
"""The kinds of entity that can tell of somebody's presence."""

_ATTR_TRACKERS: Final = "device_trackers"
"""The attribute of a person that names its trackers."""

_STARTED: HassKey[float] = HassKey(f"{DOMAIN}_started")
_RETURNED: HassKey[dict[str, float]] = HassKey(f"{DOMAIN}_returned")
"""When an entity was written anew by its own integration that was loaded again."""

_AWAY: Final = float("inf")
"""Of an entity that was removed and has not come back."""


@callback
def async_watch_start(hass: HomeAssistant) -> None:
    """Remember when states are written anew, to believe no report from before.

    While Home Assistant starts, and whenever an integration is loaded again, states of
    before are written as if they were of now: a phone that was at home yesterday, too.
    Called once, when the integration is set up.
    """
    returned = hass.data[_RETURNED] = {}

    @callback
    def started(hass: HomeAssistant) -> None:
        hass.data[_STARTED] = dt_util.utcnow().timestamp()

    @callback
    def comes_or_goes(data: EventStateChangedData) -> bool:
        return (
            data["new_state"] is None
            or data["old_state"] is None
            or ATTR_RESTORED in data["old_state"].attributes
        ) and split_entity_id(data["entity_id"])[0] in PRESENCE_DOMAINS

    @callback
    def came_or_went(event: Event[EventStateChangedData]) -> None:
        entity_id, old, new = (
            event.data["entity_id"],
            event.data["old_state"],
            event.data["new_state"],
        )
        if new is None:
            returned[entity_id] = _AWAY
        elif old is not None or entity_id in returned:
            returned[entity_id] = new.last_updated_timestamp

    async_at_started(hass, started)
    hass.bus.async_listen(EVENT_STATE_CHANGED, came_or_went, event_filter=comes_or_goes)


@callback
def is_present(hass: HomeAssistant, entity_ids: Iterable[str]) -> bool:
    """Tell whether one of these entities has just noticed somebody.

    An entity that is missing, unavailable, unknown or of another kind than
    `PRESENCE_DOMAINS` notices nobody. Neither does one whose report is of the future:
    the clock was wrong then or is now. While Home Assistant starts, nobody is present.

    Args:
        hass: Home Assistant.
        entity_ids: The entities; any one of them is enough.

    """
    return hass.state is CoreState.running and any(
        _notices(hass, one) for one in entity_ids
    )


def _notices(hass: HomeAssistant, entity_id: str) -> bool:
    state = hass.states.get(entity_id)
    if state is None or state.domain not in PRESENCE_DOMAINS:
        return False
    if state.domain == _PERSON:
        trackers = state.attributes.get(_ATTR_TRACKERS)
        return (
            state.state == STATE_HOME
            and isinstance(trackers, list | tuple)
            and any(
                _notices(hass, tracker)
                for tracker in trackers
                # A person that names a person would go in circles.
                if tracker.startswith(f"{Platform.DEVICE_TRACKER}.")
            )
        )
    there = STATE_HOME if state.domain == Platform.DEVICE_TRACKER else STATE_ON
    reported = state.last_reported_timestamp
    return (
        state.state == there
        and 0 <= dt_util.utcnow().timestamp() - reported <= FRESH
        and reported >= hass.data.get(_STARTED, 0.0)
        and not _has_only_returned(hass, state)
    )


def _has_only_returned(hass: HomeAssistant, state: State) -> bool:
    """Tell whether a state was written by a load of its integration, and not since."""
    returned = hass.data.get(_RETURNED, {}).get(state.entity_id)
    return returned is not None and state.last_reported_timestamp <= returned
