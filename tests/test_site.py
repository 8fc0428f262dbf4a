"""Tests of a site's list, as its lanes look it up."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.plate_gate.decision import VehicleIndex
from custom_components.plate_gate.models import Plate

from .common import Recognizer, list_vehicle, set_up, site_entry

PLATES = ("AB12CDE", "KN18RTX", "LM34PQR", "ST56UVW", "XY78ZAB")


async def test_one_change_does_not_index_the_whole_list(
    hass: HomeAssistant, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 100,000 vehicles, that would hold Home Assistant up."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    ids = [await list_vehicle(entry, plate, f"Car {plate[-1]}") for plate in PLATES]
    site = entry.runtime_data

    def whole(self: VehicleIndex, vehicles: object) -> None:
        raise AssertionError("The whole list is indexed")

    monkeypatch.setattr(VehicleIndex, "__init__", whole)
    before = site.index
    added = await list_vehicle(entry, "GH90JKL", "Van")
    await site.allowlist.change(ids[0], label="Truck")
    await site.allowlist.remove(ids[1])

    assert site.index is not before
    assert set(site.index.by_id) == {added, *ids} - {ids[1]}
    assert site.index.by_id[ids[0]].label == "Truck"
    assert [v.vehicle_id for v in site.index.exact(Plate("GH90JKL"))] == [added]
    assert site.index.exact(Plate(PLATES[1])) == []


async def test_list_is_there_after_a_reload(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """What was listed before is looked up by the lanes from their start on."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    vehicle_id = await list_vehicle(entry)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert list(entry.runtime_data.index.by_id) == [vehicle_id]
