"""The forms that open a vault again: a passphrase, a recovery code, or a person's word."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .errors import AllowlistError, KeyWrongError, RecordsError
from .issues import ISSUE_VAULT_KEY, ISSUE_VAULT_LOCKED, ISSUE_VAULT_NOT_NEWEST
from .memory import async_site_memory
from .messages import error_key
from .records import VaultKeeper

FIELD_PASSPHRASE: Final = "passphrase"
FIELD_CODE: Final = "recovery_code"

UNLOCK_SCHEMA = vol.Schema(
    {
        vol.Required(FIELD_PASSPHRASE): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD)
        )
    }
)
RECOVER_SCHEMA = vol.Schema({vol.Required(FIELD_CODE): TextSelector()})


class VaultRepairFlow(RepairsFlow):
    """Opens the vault of a site, and loads the site again."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Take the site that the issue names."""
        self._entry_id: str = data["entry_id"]

    @property
    def _is_gone(self) -> bool:
        return self.hass.config_entries.async_get_entry(self._entry_id) is None

    async def _open(self, way: Callable[[VaultKeeper], Awaitable[None]]) -> None:
        """Open the vault.

        Raises:
            RecordsError: It does not open.

        """
        await way(async_site_memory(self.hass, self._entry_id).keeper)
        self.hass.config_entries.async_schedule_reload(self._entry_id)


class UnlockFlow(VaultRepairFlow):
    """Asks for the passphrase, after a start."""

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_unlock()

    async def async_step_unlock(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask until it is the right one."""
        errors: dict[str, str] = {}
        if self._is_gone:
            return self.async_abort(reason="site_removed")
        if user_input is not None:
            passphrase = user_input[FIELD_PASSPHRASE]
            try:
                await self._open(lambda keeper: _open_by(keeper, passphrase))
            except RecordsError as err:
                errors["base"] = error_key(err)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="unlock", data_schema=UNLOCK_SCHEMA, errors=errors
        )


async def _open_by(keeper: VaultKeeper, text: str) -> None:
    """Open a vault by its passphrase, or by the recovery code in place of it.

    Raises:
        RecordsError: It is neither, or something else is wrong.

    """
    try:
        await keeper.open(text)
    except KeyWrongError:
        await keeper.recover(text)


class RecoverFlow(VaultRepairFlow):
    """Asks for the recovery code, where the key is gone or another one."""

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_recover()

    async def async_step_recover(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask until it is the right one."""
        errors: dict[str, str] = {}
        if self._is_gone:
            return self.async_abort(reason="site_removed")
        if user_input is not None:
            code = user_input[FIELD_CODE]
            try:
                await self._open(lambda keeper: keeper.recover(code))
            except RecordsError as err:
                errors["base"] = error_key(err)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="recover", data_schema=RECOVER_SCHEMA, errors=errors
        )


class AcceptFlow(VaultRepairFlow):
    """Asks whether what is there shall count, though it is not the newest."""

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_accept()

    async def async_step_accept(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, and then let it count."""
        errors: dict[str, str] = {}
        if self._is_gone:
            return self.async_abort(reason="site_removed")
        if user_input is not None:
            try:
                await self._open(VaultKeeper.accept)
            except (AllowlistError, RecordsError) as err:
                errors["base"] = error_key(err)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="accept", data_schema=vol.Schema({}), errors=errors
        )


VAULT_FLOWS: Final[dict[str, type[VaultRepairFlow]]] = {
    ISSUE_VAULT_LOCKED: UnlockFlow,
    ISSUE_VAULT_KEY: RecoverFlow,
    ISSUE_VAULT_NOT_NEWEST: AcceptFlow,
}
