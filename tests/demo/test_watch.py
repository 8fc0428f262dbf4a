"""What the demo says while it follows a site, from what Home Assistant tells it."""

import asyncio
from typing import Any

import pytest

from demo.client import Listener
from demo.errors import DemoError
from demo.watch import Watch

ENTITIES = {"access": "event.lane_access", "gate": "cover.gate", "camera": "b.camera"}


class Told:
    """Stands in for a site: it is what a test says it is."""

    entities = ENTITIES

    def __init__(self) -> None:
        """Begin before the first frame."""
        self.home_assistant = self
        self.websocket = self
        self.closed = asyncio.Event()
        self.running = True
        self.metrics = {"frames": 0, "reads": 0, "unknown": 0, "recognition_ms": None}
        self.listener: Listener | None = None

    def require_running(self) -> None:
        """Raise once the process has ended."""
        if not self.running:
            raise DemoError("Home Assistant ended by itself.")

    async def subscribe(self, listener: Listener, kind: str, **what: Any) -> None:
        """Take the one who listens."""
        assert (kind, what) == ("subscribe_events", {"event_type": "state_changed"})
        self.listener = listener

    async def diagnostics(self) -> dict[str, Any]:
        """Return the counters."""
        return {"metrics": self.metrics, "camera": {"decoded": 7}}

    def change(self, entity_id: str, old: str, new: str, **attributes: Any) -> None:
        """Tell of a change."""
        assert self.listener is not None
        self.listener(
            {
                "data": {
                    "old_state": {"entity_id": entity_id, "state": old},
                    "new_state": {
                        "entity_id": entity_id,
                        "state": new,
                        "attributes": attributes,
                    },
                }
            }
        )


@pytest.fixture
async def site() -> Told:
    """Return a site."""
    return Told()


@pytest.fixture
def said() -> list[str]:
    """Return what has been said, without the time of day."""
    return []


@pytest.fixture
async def watch(site: Told, said: list[str]) -> Watch:
    """Return one who follows the site."""
    watch = Watch(site, lambda line: said.append(line.split("  ", 1)[1]))  # type: ignore[arg-type]
    await watch.start()
    return watch


async def test_granted(site: Told, watch: Watch, said: list[str]) -> None:
    """A car is seen before it is let in, and the gate opens after that."""
    site.metrics |= {"frames": 41, "reads": 1, "recognition_ms": 88}
    site.change(ENTITIES["gate"], "closed", "opening")
    site.change(
        ENTITIES["access"],
        "unknown",
        "2026-11-23T14:00:00.000+00:00",
        event_type="granted",
        vehicle="Vehicle 1",
        opened=True,
        reasons=["exact"],
        time_to_open_ms=231,
    )
    site.change(ENTITIES["gate"], "opening", "open")
    site.change("light.elsewhere", "off", "on")
    for _ in range(3):
        await watch.step()
    assert watch.story.opened
    assert (watch.story.label, watch.story.time_to_open_ms) == ("Vehicle 1", 231)
    assert (watch.story.frames, watch.story.reads, watch.story.pictures) == (41, 1, 7)
    assert [line.split("  ", 1)[0] for line in said] == [
        "car seen",
        "read",
        "granted",
        "gate opened",
    ]
    assert "88 ms" in said[1]
    assert "231 ms" in said[2]


async def test_denied(site: Told, watch: Watch, said: list[str]) -> None:
    """A listed car that may not enter is told with the reason."""
    site.change(
        ENTITIES["access"],
        "unknown",
        "2026-11-23T14:00:00.000+00:00",
        event_type="denied",
        vehicle="Vehicle 1",
        opened=False,
        reasons=["expired"],
        time_to_open_ms=None,
    )
    await watch.step()
    assert not watch.story.opened
    assert watch.story.outcome == "denied"
    assert said == ["denied       Vehicle 1 (expired)"]


async def test_opened_by_hand(site: Told, watch: Watch) -> None:
    """A gate that opens without a vehicle having been granted entry does not count."""
    site.change(ENTITIES["gate"], "closed", "opening")
    site.change(ENTITIES["gate"], "opening", "open")
    await watch.step()
    await watch.step()
    assert not watch.story.opened


async def test_unknown_and_lost(site: Told, watch: Watch, said: list[str]) -> None:
    """A stranger is only counted; a camera that is lost is told, and that it is back."""
    site.metrics |= {"unknown": 1}
    site.change(ENTITIES["camera"], "off", "on")
    site.change(ENTITIES["camera"], "on", "off")
    site.change(ENTITIES["camera"], "off", "on")
    for _ in range(3):
        await watch.step()
    kinds = [line.split("  ", 1)[0] for line in said]
    assert kinds == ["unknown", "fault", "fault over"]
    assert said[1].endswith("the camera is lost")
    assert said[2].endswith("the camera is back")


async def test_ended(site: Told, watch: Watch) -> None:
    """An end of Home Assistant is noticed."""
    site.running = False
    with pytest.raises(DemoError, match="ended by itself"):
        await watch.step()
    site.closed.set()
    site.running = True
    with pytest.raises(DemoError, match="closed the connection"):
        await watch.step()
