"""What holds at a lane, from what was typed of it and of its site."""

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from .admission import Terms
from .const import (
    CONF_AGREEING_FRAMES,
    CONF_ANTI_PASSBACK,
    CONF_ASSURANCE,
    CONF_ASSURANCE_REASON,
    CONF_DIRECTION,
    CONF_LOOK_ALIKES,
    CONF_MINIMUM_CONFIDENCE,
    CONF_MOVEMENT,
    CONF_OCCUPANCY,
    CONF_PRESENCE,
    CONF_PROFILE,
    CONF_RELATIVE,
    CONF_SINGLE_FRAME,
    CONF_TRIAL,
    MOVEMENTS,
)
from .decision import Policy, Profile, Rules, SiteRules
from .gate import Gate, PinThrottle, asked, check_pin, is_present, least_assurance
from .models import Assurance, Direction, Movement, Reason, Vehicle
from .records import Ledger
from .requests import Pins

_NUMBERS = (
    CONF_AGREEING_FRAMES,
    CONF_MINIMUM_CONFIDENCE,
    CONF_RELATIVE,
    CONF_SINGLE_FRAME,
)


def lane_policy(entry: ConfigEntry, subentry: ConfigSubentry) -> Policy:
    """Return how much evidence a lane asks for."""
    data = subentry.data
    profile = Profile(data.get(CONF_PROFILE, Profile.BALANCED))
    numbers = {key: data[key] for key in _NUMBERS if key in data}
    return Policy.of(
        profile,
        look_alikes=entry.options.get(CONF_LOOK_ALIKES, False),
        **(numbers if profile is Profile.CUSTOM else {}),
    )


def site_rules(entry: ConfigEntry) -> SiteRules:
    """Return what holds for all lanes of a site."""
    occupancy = entry.options.get(CONF_OCCUPANCY)
    return SiteRules(
        occupancy=None if occupancy is None else int(occupancy),
        anti_passback=entry.options.get(CONF_ANTI_PASSBACK, False),
    )


def lane_terms(
    hass: HomeAssistant,
    entry: ConfigEntry,
    subentry: ConfigSubentry,
    gate: Gate,
    ledger: Ledger,
    throttle: PinThrottle,
) -> Terms:
    """Return what holds at a lane for those who are recognized."""
    data = subentry.data
    typed = data.get(CONF_ASSURANCE)
    lane_level = None if typed is None else Assurance(typed)
    overridden = bool(data.get(CONF_ASSURANCE_REASON, "").strip())
    household = frozenset(data.get(CONF_PRESENCE, ()))
    movement = data.get(CONF_MOVEMENT, MOVEMENTS[0])

    def assurance(vehicle: Vehicle) -> Assurance:
        # What kind of entity it is may be known only after its integration has started.
        least = least_assurance(hass, gate.entity_id)
        return asked(vehicle, lane_level, least, overridden=overridden)

    def standing(vehicle: Vehicle) -> tuple[Reason, ...]:
        reasons = gate.refusals(vehicle.vehicle_id)
        if assurance(vehicle) is Assurance.PRESENCE and not is_present(
            hass, household | vehicle.presence
        ):
            return (*reasons, Reason.PRESENCE_MISSING)
        return reasons

    async def check(pin: str, digest: str) -> bool:
        return await hass.async_add_executor_job(check_pin, pin, digest)

    return Terms(
        rules=Rules(
            lane=subentry.subentry_id,
            direction=Direction(data[CONF_DIRECTION]),
            movement=None if movement == MOVEMENTS[0] else Movement(movement),
            site=site_rules(entry),
            usage=ledger,
            standing=standing,
        ),
        assurance=assurance,
        ledger=ledger,
        pins=Pins(check=check, throttle=throttle),
        trial=data.get(CONF_TRIAL, False),
    )
