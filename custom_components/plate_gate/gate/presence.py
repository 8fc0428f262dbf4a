"""Tells whether somebody or something of a vehicle was noticed here a moment ago.

What works, and what its "home" or "on" has to be younger than two minutes by:

- a **device tracker** that is `home`: a phone that has just entered the home zone, a
  router that lists it every few seconds, a Bluetooth beacon in the car;
- a **person** that is `home`, by what one of its trackers reports: the person itself is
  written anew whenever *any* of its trackers changes, also by one that leaves;
- a **binary sensor** or **toggle helper** that is `on`, and was switched on, or said so
  again, within that time: one that has been on for an hour has not noticed anybody just
  now. An automation may switch a helper on that is on already; that counts.

All else, among it groups, zones and rooms, counts for nobody. A phone at home tells that
the phone is at home, and not that it is in the car: a beacon in the car says more.
"""

from collections.abc import Iterable
from typing import Final

from homeassistant.const import STATE_HOME, STATE_ON, Platform
from homeassistant.core import CoreState, HomeAssistant, callback
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


@callback
def async_watch_start(hass: HomeAssistant) -> None:
    """Remember when Home Assistant has started, to believe no report from before.

    While it starts, states of before are written anew, as if they were of now: a phone
    that was at home yesterday, too. Called once, when the integration is set up.
    """

    @callback
    def started(hass: HomeAssistant) -> None:
        hass.data[_STARTED] = dt_util.utcnow().timestamp()

    async_at_started(hass, started)


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
    )
