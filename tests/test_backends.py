"""What is made of the backends that a site is set up with."""

from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate.backends import async_create_members
from custom_components.plate_gate.const import (
    BACKEND_CODEPROJECT,
    BACKEND_OPENALPR,
    BACKEND_PLATE_RECOGNIZER,
    CONF_BACKEND,
    DOMAIN,
)


@pytest.mark.parametrize(
    ("kind", "url", "metered"),
    [
        (BACKEND_CODEPROJECT, "http://192.168.1.20:32168", False),
        (BACKEND_PLATE_RECOGNIZER, "http://192.168.1.20:8080", True),
        (BACKEND_OPENALPR, "http://192.168.1.20:8080/alpr", False),
        (BACKEND_OPENALPR, "https://api.openalpr.com", True),
        (BACKEND_OPENALPR, "https://API.OpenALPR.com/v3/recognize", True),
        (BACKEND_OPENALPR, "https://openalpr.com.example", False),
    ],
)
async def test_what_is_paid_for_is_not_spent_on_probes(
    hass: HomeAssistant, kind: str, url: str, metered: bool
) -> None:
    """Readings that count against a quota are known by system or address."""
    entry = MockConfigEntry(domain=DOMAIN, data={CONF_BACKEND: kind, CONF_URL: url})
    (member,) = await async_create_members(hass, entry)
    assert member.metered is metered
