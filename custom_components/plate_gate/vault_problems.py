"""Tells what keeps the vault of a site shut, as a repair issue."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .errors import (
    KeyMissingError,
    KeyWrongError,
    PlateGateError,
    StoreDamagedError,
    VaultLockedError,
)
from .issues import (
    ISSUE_VAULT_KEY,
    ISSUE_VAULT_LOCKED,
    ISSUE_VAULT_NOT_NEWEST,
    issue_id,
)
from .site import PlateGateConfigEntry

_KINDS: Final[Mapping[type[PlateGateError], str]] = {
    VaultLockedError: ISSUE_VAULT_LOCKED,
    KeyMissingError: ISSUE_VAULT_KEY,
    KeyWrongError: ISSUE_VAULT_KEY,
    StoreDamagedError: ISSUE_VAULT_NOT_NEWEST,
}


@callback
def async_report_vault(
    hass: HomeAssistant, entry: PlateGateConfigEntry, error: PlateGateError | None
) -> None:
    """Raise the issue that fits, and withdraw those that do not.

    Args:
        hass: Home Assistant.
        entry: The site.
        error: What keeps the vault shut; None if nothing does.

    """
    wanted = next((known for known in _KINDS if isinstance(error, known)), None)
    for kind in _KINDS.values():
        if wanted is None or kind != _KINDS[wanted]:
            ir.async_delete_issue(hass, DOMAIN, issue_id(kind, entry))
    if wanted is not None:
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id(_KINDS[wanted], entry),
            is_fixable=True,
            severity=ir.IssueSeverity.CRITICAL,
            translation_key=_KINDS[wanted],
            data={"entry_id": entry.entry_id},
        )
