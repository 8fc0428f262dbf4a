"""What all lanes share that open the same gate."""

from collections.abc import Callable
from dataclasses import dataclass, field

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .interlocks import Interlocks
from .latch import Latch
from .steady import SteadyClock


@dataclass(slots=True)
class SharedGate:
    """One gate, whoever opens it. It outlives the lanes, which may be reloaded."""

    clock: Callable[[], float]
    """Seconds that are never set back."""
    latch: Latch
    interlocks: Interlocks
    visits: set[Callable[[], bool]] = field(default_factory=set)
    """Of each vehicle that was let in: whether it is still there."""
    openings: int = 0
    """How often somebody wanted it open and got it, acted or not."""
    answered: dict[str, float] = field(default_factory=dict)
    """For which activation of an entity of `opens_when` the gate was opened."""

    def is_anybody_here(self) -> bool:
        """Tell whether a vehicle that was let in is still there, and forget the others.

        A vehicle that has gone once counts as gone.
        """
        self.visits = {here for here in self.visits if here()}
        return bool(self.visits)


_GATES: HassKey[dict[str, SharedGate]] = HassKey(f"{DOMAIN}_gates")


@callback
def async_shared_gate(hass: HomeAssistant, entity_id: str) -> SharedGate:
    """Return what is shared of a gate, the same for all lanes that open it."""
    gates = hass.data.setdefault(_GATES, {})
    if (gate := gates.get(entity_id)) is None:
        # The loop's clock has nothing to do with the time of day, so nobody sets it.
        clock = SteadyClock(hass.loop.time)
        gate = gates[entity_id] = SharedGate(
            clock, Latch(clock), Interlocks(hass, clock)
        )
    return gate
