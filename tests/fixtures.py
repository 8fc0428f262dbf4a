"""Fixtures of the tests of the site, its lanes and its face."""

from collections.abc import AsyncGenerator
from pathlib import Path
import sys

from homeassistant.components.cover import DOMAIN as COVER_DOMAIN
from homeassistant.const import STATE_CLOSED
from homeassistant.core import HomeAssistant
import pytest

from custom_components.plate_gate import backend_flow, backends, site
from custom_components.plate_gate.recognition import BuiltInBackend
from demo.cameras import HttpCamera

from .common import (
    GATE,
    PICTURES,
    FakeSource,
    GateCover,
    Recognizer,
    add_entity,
    state_of,
)

FAKE_RECOGNIZER = Path(__file__).parent / "recognition" / "fake_recognizer.py"


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the built-in recognizer be one of the tests; `mode` says how it behaves."""
    (tmp_path / "mode").write_text("")
    command = (sys.executable, str(FAKE_RECOGNIZER), str(tmp_path))
    monkeypatch.setattr(backend_flow, "built_in_available", lambda: True)
    monkeypatch.setattr(
        backends,
        "BuiltInBackend",
        lambda session: BuiltInBackend(session, command=command),
    )
    return tmp_path


@pytest.fixture
async def cover(hass: HomeAssistant) -> GateCover:
    """Return a closed gate, `cover.gate`."""
    cover = GateCover()
    await add_entity(hass, COVER_DOMAIN, cover)
    assert state_of(hass, GATE) == STATE_CLOSED
    return cover


@pytest.fixture
async def recognizer() -> AsyncGenerator[Recognizer]:
    """Return a CodeProject.AI server that sees what it is told to."""
    async with Recognizer() as recognizer:
        yield recognizer


@pytest.fixture
async def camera() -> AsyncGenerator[HttpCamera]:
    """Return a camera that shows a gray wall."""
    async with HttpCamera(PICTURES) as camera:
        yield camera


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> FakeSource:
    """Let the lane's camera be one that does what it is told to."""
    source = FakeSource()
    monkeypatch.setattr(site, "open_source", lambda *args, **kwargs: source)
    return source
