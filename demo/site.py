"""The simulated site: a camera, a gate, and Home Assistant set up to connect them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
import contextlib
from dataclasses import dataclass
from pathlib import Path
import secrets
from typing import Any, Final

import aiohttp

from . import scene
from .cameras import Clip, ClipError, HttpCamera, RtspCamera
from .client import Client, Json, Websocket
from .configuration import GATE, ConfigurationFolder
from .dashboard import Dashboard
from .errors import DemoError
from .home_assistant import HomeAssistant
from .monitor import FPS, Monitor, small_pictures
from .pause import with_pause

USER: Final = "demo"
PASSWORD: Final = "demo"
LANE: Final = "Driveway"
_CAMERA_USER: Final = "camera"

PAUSE: Final = 14.0
"""Seconds after each round of a clip that was given. An arrival ends when nothing was
read for ten, so each round is a new one."""

_KEYS: Final = frozenset(
    {
        "access",
        "automatic_opening",
        "camera",
        "entries_today",
        "last_opening",
        "read_now",
        "recognizer",
        "unknown_today",
    }
)
_LANE_LIMIT: Final = 30.0  # seconds until a new lane has its entities


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the site shall be like.

    Attributes:
        folder: the configuration folder; emptied at the start.
        clip: the video that the camera plays, the demo's own when None.
        allow: the plates of the vehicles that may enter.
        port: where Home Assistant serves, a free port when None.
        dashboard: whether anyone will look: adds a camera entity and a dashboard.
    """

    folder: Path
    clip: Path | None
    allow: Sequence[str]
    port: int | None = None
    dashboard: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that runs.

    Attributes:
        home_assistant: the process.
        client: its first user, logged in.
        websocket: a connection of that user.
        clip: what the camera plays.
        entry_id: the config entry of the site.
        entities: ids of the integration's entities by their translation key, such as
            ``access``; besides ``gate`` and, with a dashboard, ``view``, the camera.
    """

    home_assistant: HomeAssistant
    client: Client
    websocket: Websocket
    clip: Clip
    entry_id: str
    entities: Mapping[str, str]

    async def diagnostics(self) -> Json:
        """Return what the integration counts: ``recognizer`` and ``lane``."""
        path = f"/api/diagnostics/config_entry/{self.entry_id}"
        data = (await self.client.get(path))["data"]
        return {"recognizer": data["recognizer"], **data["lanes"][0]}

    async def state(self, key: str) -> str:
        """Return the state of one of ``entities``."""
        answer: Json = await self.client.get(f"/api/states/{self.entities[key]}")
        return str(answer["state"])


@contextlib.asynccontextmanager
async def simulated_site(options: Options) -> AsyncIterator[Site]:
    """Build the site and take it down again.

    Raises:
        DemoError: something of it cannot be had.
    """
    folder = ConfigurationFolder(options.folder)
    async with contextlib.AsyncExitStack() as stack:
        # The clip that is drawn is drawn while Home Assistant starts; one that was given
        # is opened first, since it may be none.
        drawing = asyncio.create_task(asyncio.to_thread(_load_clip, options.clip))
        if options.clip is not None:
            await drawing
        home_assistant = await stack.enter_async_context(
            HomeAssistant(folder, options.port)
        )
        clip = await drawing
        password = secrets.token_hex(8)
        camera = RtspCamera(
            clip, username=_CAMERA_USER, password=password, auth="digest"
        ).start()
        stack.push_async_callback(asyncio.to_thread, camera.stop)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        client = Client(session, home_assistant.url)
        await client.create_owner(USER, PASSWORD)
        websocket = await stack.enter_async_context(client.websocket())
        if options.dashboard:
            await _show_camera(stack, client, camera)
        entry_id = await _set_up(client, camera.url(), password, options.allow)
        entities = await _entities(websocket, entry_id)
        if options.dashboard:
            await Dashboard(websocket, entities).save()
        yield Site(
            home_assistant=home_assistant,
            client=client,
            websocket=websocket,
            clip=clip,
            entry_id=entry_id,
            entities=entities,
        )


def _load_clip(path: Path | None) -> Clip:
    if path is None:
        return Clip.from_frames(scene.frames(), scene.FPS)
    try:
        return with_pause(Clip.from_file(path), PAUSE)
    except ClipError as err:
        raise DemoError(f"{err}.") from None


async def _show_camera(
    stack: contextlib.AsyncExitStack, client: Client, camera: RtspCamera
) -> None:
    """Give Home Assistant a camera entity, for people to look at."""
    pictures = await asyncio.to_thread(small_pictures, camera.clip)
    viewer = HttpCamera(Monitor(camera, pictures), fps=FPS)
    await stack.enter_async_context(viewer)
    await client.flow(
        "flow",
        "mjpeg",
        [
            (
                "user",
                {
                    "name": f"{LANE} camera",
                    "mjpeg_url": viewer.url("/stream.mjpg"),
                    "still_image_url": viewer.url("/snapshot.jpg"),
                },
            )
        ],
    )


async def _set_up(client: Client, url: str, password: str, allow: Sequence[str]) -> str:
    """Set Plate Gate up as its users do: site, vehicles, lane; return the entry."""
    site = await client.flow(
        "flow", "plate_gate", [("user", {"next_step_id": "built_in"})]
    )
    entry_id: str = site["result"]["entry_id"]
    await _add_vehicles(client, entry_id, allow)
    address = {
        "url": url,
        "username": _CAMERA_USER,
        "password": password,
        "advanced": {"transport": "tcp", "verify_ssl": True},
    }
    kind, flow_id = site["next_flow"]
    if kind != "config_subentries_flow":
        raise DemoError("Home Assistant does not go on from the site to its lane.")
    await client.resume_flow(
        "subentries/flow",
        flow_id,
        [
            ("user", {"next_step_id": "address"}),
            ("address", address),
            ("gate", {"name": LANE, "gate_entity": GATE, "direction": "entry"}),
            ("watch", {}),
        ],
    )
    return entry_id


async def _add_vehicles(client: Client, entry_id: str, allow: Sequence[str]) -> None:
    """Put vehicles on the list.

    Through the dialog and not by an action: an action call is an event, and the recorder
    would keep its data.
    """
    steps: list[tuple[str, Mapping[str, Any]]] = []
    for number, plate in enumerate(allow, start=1):
        steps += [
            ("init", {"next_step_id": "add_vehicle"}),
            (
                "add_vehicle",
                {
                    "label": f"Vehicle {number}",
                    "plate": plate,
                    "when": {},
                    "where": {},
                },
            ),
            # A plate that is nearly another one is warned of.
            ("similar?", {"next_step_id": "init"}),
        ]
    steps.append(("init", {"next_step_id": "done"}))
    await client.flow("options/flow", entry_id, steps)


async def _entities(websocket: Websocket, entry_id: str) -> dict[str, str]:
    """Wait for the lane's entities and return all ids by their key."""
    found: dict[str, str] = {}
    try:
        async with asyncio.timeout(_LANE_LIMIT):
            while not found.keys() >= _KEYS:
                await asyncio.sleep(0.1)
                found = {
                    entity["translation_key"]: entity["entity_id"]
                    for entity in await websocket.call("config/entity_registry/list")
                    if entity["config_entry_id"] == entry_id
                }
    except TimeoutError:
        raise DemoError(
            f"The lane has no entities {_LANE_LIMIT:.0f} s after it was added."
        ) from None
    states = await websocket.call("get_states")
    view = [s["entity_id"] for s in states if s["entity_id"].startswith("camera.")]
    return found | {"gate": GATE} | ({"view": view[0]} if view else {})
