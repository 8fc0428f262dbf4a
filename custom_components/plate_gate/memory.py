"""What outlives the reload of a site: a reload must not undo or repeat anything."""

from dataclasses import dataclass, field
import time

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .arming import Arming
from .const import DOMAIN
from .decision import Decider, Policy
from .errors import PlateGateError, VaultLockedError
from .gate import PinThrottle
from .records import Allowlist, Ledger, SealedAllowlist, SealedData, VaultKeeper
from .vaults import async_remove_old_files, vault_folder

_MEMORIES: HassKey[dict[str, SiteMemory]] = HassKey(f"{DOMAIN}_memories")


@dataclass
class SiteMemory:
    """What a site keeps in memory for as long as its config entry exists."""

    keeper: VaultKeeper
    """What opens the vault; once it was opened, no reload asks for a passphrase."""
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

    @property
    def problem(self) -> PlateGateError | None:
        """What keeps the list from being known, so that no plate opens; None if none."""
        return None if self.keeper.is_open else VaultLockedError()

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
        keeper = VaultKeeper(vault_folder(hass, entry_id), hass.async_add_executor_job)
        memories[entry_id] = SiteMemory(
            keeper,
            Allowlist(SealedAllowlist(keeper)),
            Arming(hass, entry_id),
            Ledger(SealedData(keeper, "ledger")),
        )
    return memories[entry_id]


async def async_forget_site(hass: HomeAssistant, entry_id: str) -> None:
    """Forget a site that was removed, also on the disk."""
    memory = async_site_memory(hass, entry_id)
    del hass.data[_MEMORIES][entry_id]
    # A change that is just being saved would bring a file back.
    await memory.allowlist.close()
    await memory.ledger.close()
    await memory.keeper.remove()
    await memory.arming.remove()
    await async_remove_old_files(hass, entry_id)
