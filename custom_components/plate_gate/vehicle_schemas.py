"""The forms in which a vehicle of the list is described."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    DateTimeSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .gate.presence import PRESENCE_DOMAINS
from .models import Access, Assurance

FIELD_ACCESS: Final = "access"
FIELD_ASSURANCE: Final = "assurance"
FIELD_CLEAR_PIN: Final = "clear_pin"
FIELD_LABEL: Final = "label"
FIELD_LANES: Final = "lanes"
FIELD_PER_DAY: Final = "per_day"
FIELD_PIN: Final = "pin"
FIELD_PLATE: Final = "plate"
FIELD_PRESENCE: Final = "presence"
FIELD_SCHEDULE: Final = "schedule"
FIELD_USES: Final = "uses"
FIELD_VALID_FROM: Final = "valid_from"
FIELD_VALID_UNTIL: Final = "valid_until"
FIELD_VEHICLE: Final = "vehicle"

SECTION_WHEN: Final = "when"
SECTION_WHERE: Final = "where"

AS_THE_LANE: Final = "lane"
"""The choice to ask for what the lane asks for. A vehicle cannot ask for less."""

_COUNT = NumberSelector(
    NumberSelectorConfig(min=1, max=9999, step=1, mode=NumberSelectorMode.BOX)
)
_WHERE: Final[dict[vol.Marker, Any]] = {
    vol.Required(FIELD_ACCESS, default=Access.ALLOW.value): SelectSelector(
        SelectSelectorConfig(
            options=[access.value for access in Access],
            mode=SelectSelectorMode.LIST,
            translation_key=FIELD_ACCESS,
        )
    ),
    vol.Optional(FIELD_LANES): SelectSelector(
        # The lanes of the site are put in when the form is shown.
        SelectSelectorConfig(
            options=[], multiple=True, mode=SelectSelectorMode.DROPDOWN
        )
    ),
    vol.Required(FIELD_ASSURANCE, default=AS_THE_LANE): SelectSelector(
        SelectSelectorConfig(
            options=[
                AS_THE_LANE,
                *(level.value for level in Assurance if level is not Assurance.PLATE),
            ],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key="vehicle_assurance",
        )
    ),
    vol.Optional(FIELD_PRESENCE): EntitySelector(
        EntitySelectorConfig(domain=list(PRESENCE_DOMAINS), multiple=True)
    ),
    vol.Optional(FIELD_PIN): TextSelector(
        TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="new-password")
    ),
}
_WHEN_SECTION = section(
    vol.Schema(
        {
            vol.Optional(FIELD_SCHEDULE): TextSelector(),
            vol.Optional(FIELD_USES): _COUNT,
            vol.Optional(FIELD_PER_DAY): _COUNT,
        }
    ),
    {"collapsed": True},
)

ADD_SCHEMA = vol.Schema(
    {
        vol.Required(FIELD_LABEL): TextSelector(),
        vol.Required(FIELD_PLATE): TextSelector(),
        vol.Optional(FIELD_VALID_FROM): DateTimeSelector(),
        vol.Optional(FIELD_VALID_UNTIL): DateTimeSelector(),
        vol.Required(SECTION_WHEN): _WHEN_SECTION,
        vol.Required(SECTION_WHERE): section(vol.Schema(_WHERE), {"collapsed": True}),
    }
)
CHANGE_SCHEMA = vol.Schema(
    {
        vol.Required(FIELD_LABEL): TextSelector(),
        vol.Optional(FIELD_PLATE): TextSelector(),
        vol.Optional(FIELD_VALID_FROM): DateTimeSelector(),
        vol.Optional(FIELD_VALID_UNTIL): DateTimeSelector(),
        vol.Required(SECTION_WHEN): _WHEN_SECTION,
        vol.Required(SECTION_WHERE): section(
            vol.Schema(
                {
                    **_WHERE,
                    vol.Required(FIELD_CLEAR_PIN, default=False): BooleanSelector(),
                }
            ),
            {"collapsed": True},
        ),
    }
)
PASS_SCHEMA = vol.Schema(
    {
        vol.Required(FIELD_LABEL): TextSelector(),
        vol.Required(FIELD_PLATE): TextSelector(),
        vol.Required(FIELD_VALID_UNTIL): DateTimeSelector(),
        vol.Optional(FIELD_USES): _COUNT,
    }
)


def for_site(
    schema: vol.Schema,
    lanes: Iterable[tuple[str, str]],
    *,
    left_out: Collection[str] = (),
) -> vol.Schema:
    """Return the form as one site needs it.

    Args:
        schema: The form in which a vehicle is added or changed.
        lanes: The id and the name of each lane to choose from; without any, the choice
            is left out.
        left_out: Fields that are not asked for.

    """
    options = [SelectOptionDict(value=key, label=name) for key, name in lanes]
    choice = SelectSelector(
        SelectSelectorConfig(
            options=options, multiple=True, mode=SelectSelectorMode.DROPDOWN
        )
    )
    gone = {*left_out, *(() if options else (FIELD_LANES,))}
    fields: dict[vol.Marker, Any] = {}
    for key, field in schema.schema.items():
        if key == SECTION_WHERE:
            inner = {
                name: choice if name == FIELD_LANES else selector
                for name, selector in field.schema.schema.items()
                if str(name) not in gone
            }
            fields[key] = section(vol.Schema(inner), field.options)
        else:
            fields[key] = field
    return vol.Schema(fields)
