"""The steps in which an owner says where the key of the vault is."""

import os
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .errors import KeyMissingError, KeyWrongError, RecordsError
from .messages import error_key
from .records import PASSPHRASE_MIN, KeyMode, VaultKeeper
from .vehicle_flow import VehicleSteps

FIELD_AGAIN: Final = "again"
FIELD_PASSPHRASE: Final = "passphrase"
FIELD_PATH: Final = "path"

_SECRET = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))

PASSPHRASE_SCHEMA = vol.Schema(
    {vol.Required(FIELD_PASSPHRASE): _SECRET, vol.Required(FIELD_AGAIN): _SECRET}
)
PATH_SCHEMA = vol.Schema({vol.Required(FIELD_PATH): TextSelector()})


class VaultSteps(VehicleSteps):
    """Lets an owner move the key, and write a recovery code down."""

    @property
    def _keeper(self) -> VaultKeeper:
        return self._site.memory.keeper

    async def async_step_vault(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what can be done."""
        return self.async_show_menu(
            step_id="vault",
            menu_options=[
                "code",
                "key_file",
                "key_passphrase",
                "key_elsewhere",
                "init",
            ],
        )

    async def async_step_code(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the old recovery code shall be worth nothing."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                code = await self._keeper.new_recovery_code()
            except RecordsError as err:
                errors["base"] = error_key(err)
            else:
                return self.async_show_form(
                    step_id="code_shown",
                    data_schema=vol.Schema({}),
                    description_placeholders={"code": code},
                )
        return self.async_show_form(
            step_id="code", data_schema=vol.Schema({}), errors=errors
        )

    async def async_step_code_shown(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go back, once it was written down."""
        return await self.async_step_vault()

    async def async_step_key_file(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Put the key beside the data."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await self._keeper.move_key(KeyMode.FILE)
            except RecordsError as err:
                errors["base"] = error_key(err)
            else:
                return await self.async_step_vault()
        return self.async_show_form(
            step_id="key_file", data_schema=vol.Schema({}), errors=errors
        )

    async def async_step_key_passphrase(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Put the key behind a passphrase."""
        errors: dict[str, str] = {}
        if user_input is not None:
            passphrase: str = user_input[FIELD_PASSPHRASE]
            if len(passphrase) < PASSPHRASE_MIN:
                errors = {FIELD_PASSPHRASE: "passphrase_short"}
            elif passphrase != user_input[FIELD_AGAIN]:
                errors = {FIELD_AGAIN: "passphrase_differs"}
            else:
                try:
                    await self._keeper.move_key(
                        KeyMode.PASSPHRASE, passphrase=passphrase
                    )
                except RecordsError as err:
                    errors["base"] = error_key(err)
                else:
                    return await self.async_step_vault()
        return self.async_show_form(
            step_id="key_passphrase", data_schema=PASSPHRASE_SCHEMA, errors=errors
        )

    async def async_step_key_elsewhere(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Put the key into a file somewhere else."""
        errors: dict[str, str] = {}
        if user_input is not None:
            path = Path(os.path.normpath(user_input[FIELD_PATH]))
            if not path.is_absolute() or path.is_relative_to(
                self.hass.config.config_dir
            ):
                errors = {FIELD_PATH: "key_path"}
            else:
                try:
                    await self._keeper.move_key(KeyMode.EXTERNAL, external=path)
                except (KeyMissingError, KeyWrongError) as err:
                    errors[FIELD_PATH] = error_key(err)
                except RecordsError as err:
                    errors["base"] = error_key(err)
                else:
                    return await self.async_step_vault()
        return self.async_show_form(
            step_id="key_elsewhere",
            data_schema=self.add_suggested_values_to_schema(PATH_SCHEMA, user_input),
            errors=errors,
        )
