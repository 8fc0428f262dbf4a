"""What outlives the reload of a site: a reload must not undo or repeat anything."""

from dataclasses import dataclass, field
import time

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .arming import Arming
from .const import DOMAIN
from .decision import Decider, Policy
from .gate import PinThrottle
from .records import Allowlist, Ledger
from .storage import AllowlistStore, PrivateStore

_MEMORIES: HassKey[dict[str, SiteMemory]] = HassKey(f"{DOMAIN}_memories")


@dataclass
class SiteMemory:
    """What a site keeps in memory for as long as its config entry exists."""

    allowlist: Allowlist
    """The same object before and after, so that a change which is being saved in
    between is not lost."""
    arming: Arming
    ledger: Ledger
    """What is counted of vehicles with a limit."""
    deciders: dict[str, Decider] = field(default_factory=dict)
    """By subentry id: a vehicle that waits at the gate is not let in twice."""
    throttles: dict[str, PinThrottle] = field(default_factory=dict)
    """By subentry id: a reload gives nobody new tries."""

    def throttle(self, subentry_id: str) -> PinThrottle:
        """Return what counts the wrong PINs of a lane."""
        return self.throttles.setdefault(subentry_id, PinThrottle(time.monotonic))

    def decider(self, subentry_id: str, policy: Policy) -> Decider:
        """Return the decider of a lane, which from now on follows this policy."""
        decider = self.deciders.setdefault(subentry_id, Decider(policy))
        decider.policy = policy
        return decider


@callback
def async_site_memory(hass: HomeAssistant, entry_id: str) -> SiteMemory:
    """Return the memory of a site."""
    memories = hass.data.setdefault(_MEMORIES, {})
    if entry_id not in memories:
        memories[entry_id] = SiteMemory(
            Allowlist(AllowlistStore(hass, entry_id)),
            Arming(hass, entry_id),
            Ledger(_ledger_store(hass, entry_id)),
        )
    return memories[entry_id]


async def async_forget_site(hass: HomeAssistant, entry_id: str) -> None:
    """Forget a site that was removed, also on the disk."""
    if memory := hass.data.get(_MEMORIES, {}).pop(entry_id, None):
        # A change that is just being saved would bring the file back.
        await memory.allowlist.close()
        await memory.ledger.close()
    arming = memory.arming if memory else Arming(hass, entry_id)
    await AllowlistStore(hass, entry_id).async_remove()
    await arming.remove()
    await _ledger_store(hass, entry_id).async_remove()


def _ledger_store(hass: HomeAssistant, entry_id: str) -> PrivateStore:
    return PrivateStore(hass, entry_id, "ledger")
