"""Tests of what outlives the reload of a site."""

import asyncio
from datetime import UTC, datetime

from homeassistant.core import HomeAssistant
import pytest

from custom_components.plate_gate.decision import Decider, Policy, VehicleIndex
from custom_components.plate_gate.memory import async_forget_site, async_site_memory
from custom_components.plate_gate.models import Outcome, Plate, PlateRead, Vehicle
from custom_components.plate_gate.records import SealedAllowlist
from custom_components.plate_gate.vaults import vault_folder

from .common import ENTRY_ID, LABEL, PLATE

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LISTED = VehicleIndex([Vehicle(vehicle_id="1", label=LABEL, plate=Plate(PLATE))])


def outcomes(decider: Decider, begin: float) -> list[Outcome]:
    """Show the listed vehicle on a few frames; return what is decided."""
    return [
        decision.outcome
        for frame in range(3)
        for decision in decider.observe(
            [PlateRead(plate=Plate(PLATE), confidence=0.97)],
            taken=begin + frame / 5,
            now=NOON,
            vehicles=LISTED,
        )
    ]


async def test_same_site_same_memory(hass: HomeAssistant) -> None:
    """A site finds what it knew; another one has its own."""
    memory = async_site_memory(hass, ENTRY_ID)

    assert async_site_memory(hass, ENTRY_ID) is memory
    assert async_site_memory(hass, "second") is not memory


async def test_decider_stays_and_takes_up_the_policy(hass: HomeAssistant) -> None:
    """Who was let in is not let in again under other settings, and those do count."""
    memory = async_site_memory(hass, ENTRY_ID)
    before = memory.decider("lane1", Policy())
    assert outcomes(before, 0.0) == [Outcome.GRANTED]

    policy = Policy(look_alikes=True)
    after = memory.decider("lane1", policy)

    assert after.policy == policy
    assert outcomes(after, 1.0) == []
    assert outcomes(memory.decider("lane2", policy), 1.0) == [Outcome.GRANTED]


async def test_forgotten_site(hass: HomeAssistant) -> None:
    """A site that was removed begins anew, one that never was is forgotten, too."""
    memory = async_site_memory(hass, ENTRY_ID)
    await memory.keeper.open()
    await memory.allowlist.load()
    await memory.allowlist.add(LABEL, Plate(PLATE))

    await async_forget_site(hass, ENTRY_ID)
    await async_forget_site(hass, "second")

    again = async_site_memory(hass, ENTRY_ID)
    assert again is not memory
    await again.keeper.open()
    await again.allowlist.load()
    assert again.allowlist.vehicles == ()


async def test_forgotten_while_a_change_is_saved(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that is just being saved does not bring the file back."""
    memory = async_site_memory(hass, ENTRY_ID)
    await memory.keeper.open()
    await memory.allowlist.load()
    save, saving, go_on = SealedAllowlist.async_save, asyncio.Event(), asyncio.Event()

    async def slowly(store: SealedAllowlist, vehicles: tuple[Vehicle, ...]) -> None:
        saving.set()
        await go_on.wait()
        await save(store, vehicles)

    monkeypatch.setattr(SealedAllowlist, "async_save", slowly)
    adding = asyncio.create_task(memory.allowlist.add(LABEL, Plate(PLATE)))
    await saving.wait()
    forgetting = asyncio.create_task(async_forget_site(hass, ENTRY_ID))
    await asyncio.sleep(0)
    go_on.set()
    await adding
    await forgetting

    assert not vault_folder(hass, ENTRY_ID).exists()
