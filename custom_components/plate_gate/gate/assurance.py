"""What it takes besides the plate, as the vehicle, the lane and the gate ask for it."""

from collections.abc import Iterable
from typing import Final

from homeassistant.components.cover import CoverDeviceClass
from homeassistant.components.lock import DOMAIN as LOCK_DOMAIN
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_ENTITY_ID, Platform
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import entity_registry as er

from ..models import Assurance, Vehicle

_HOUSE: Final = frozenset({CoverDeviceClass.DOOR, CoverDeviceClass.GARAGE})
"""Covers behind which somebody lives, or keeps what is theirs."""


@callback
def least_assurance(hass: HomeAssistant, entity_id: str) -> Assurance:
    """Return what a gate of this kind asks for, unless somebody says why it does not.

    A lock, a garage and a house door ask for presence, since anybody can print a plate.
    So do a group and a scene that one of these is part of, and a cover of which nothing
    is known yet. Of a switch, a button or a script nobody can tell what they open:
    whoever has a garage behind one raises what the lane asks for.

    Args:
        hass: Home Assistant.
        entity_id: What opens the gate, or will.

    """
    return _least(hass, entity_id, frozenset())


def asked(
    vehicle: Vehicle,
    lane: Assurance | None,
    least: Assurance,
    *,
    overridden: bool = False,
) -> Assurance:
    """Return what it takes besides the plate: the most that anyone asks for.

    Args:
        vehicle: Who is to be let in.
        lane: What the lane asks for; None for what the kind of gate does.
        least: What `least_assurance` says of the gate.
        overridden: Whether it is written down why the lane may ask for less than that.

    """
    found = [] if overridden and lane is not None else [least]
    found += [level for level in (lane, vehicle.assurance) if level is not None]
    return _most(found)


def _least(hass: HomeAssistant, entity_id: str, seen: frozenset[str]) -> Assurance:
    domain = split_entity_id(entity_id)[0]
    if domain == LOCK_DOMAIN:
        return Assurance.PRESENCE
    state = hass.states.get(entity_id)
    own = Assurance.PLATE
    if domain == Platform.COVER:
        device_class = state and state.attributes.get(ATTR_DEVICE_CLASS)
        entry = er.async_get(hass).async_get(entity_id)
        if device_class is None and entry is not None:
            device_class = entry.device_class or entry.original_device_class
        if device_class in _HOUSE or (state is None and entry is None):
            own = Assurance.PRESENCE
    parts = state.attributes.get(ATTR_ENTITY_ID) if state else None
    if not isinstance(parts, list | tuple):
        return own
    # A group may hold itself by way of others.
    seen |= {entity_id}
    return _most([own, *(_least(hass, p, seen) for p in parts if p not in seen)])


def _most(levels: Iterable[Assurance]) -> Assurance:
    return max(levels, key=lambda level: level.rank)
