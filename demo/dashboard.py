"""The demo's dashboard: camera, gate, the day's counts and the log, in stock cards."""

from collections.abc import Mapping
from typing import Any, Final

from .client import Json, Websocket

PATH: Final = "plate-gate-demo"
_TITLE: Final = "Driveway"


class Dashboard:
    """Writes the dashboard and makes it the first thing to be seen after the login."""

    def __init__(self, websocket: Websocket, entities: Mapping[str, str]) -> None:
        """Take what is to be shown.

        Args:
            websocket: a connection of an administrator.
            entities: entity ids: those of the integration by their translation key, and
                ``gate`` and ``view``, the camera.
        """
        self._websocket = websocket
        self._entities = entities

    async def save(self) -> None:
        """Store it in Home Assistant."""
        await self._websocket.call(
            "lovelace/dashboards/create",
            url_path=PATH,
            title=_TITLE,
            icon="mdi:boom-gate",
            mode="storage",
        )
        await self._websocket.call(
            "lovelace/config/save", url_path=PATH, config={"views": [self._view()]}
        )
        await self._websocket.call(
            "frontend/set_system_data", key="core", value={"default_panel": PATH}
        )

    def _view(self) -> Json:
        return {
            "type": "sections",
            "title": _TITLE,
            "max_columns": 3,
            "sections": [self._camera(), self._gate(), self._log()],
        }

    def _camera(self) -> Json:
        return _section(
            2,
            _heading("Camera", "mdi:cctv"),
            {
                "type": "picture-entity",
                "entity": self._entities["view"],
                "camera_view": "live",
                "show_name": False,
                "show_state": False,
                "grid_options": {"columns": "full"},
            },
            self._tile("recognizer", name="Recognizer"),
            self._tile("camera", name="Camera"),
        )

    def _gate(self) -> Json:
        return _section(
            1,
            _heading("Gate", "mdi:gate"),
            self._tile(
                "gate",
                name="Yard gate",
                features=[{"type": "cover-open-close"}],
                grid_options={"columns": "full"},
            ),
            self._tile(
                "automatic_opening",
                name="Automatic opening",
                features=[{"type": "toggle"}],
                features_position="inline",
                grid_options={"columns": "full"},
            ),
            self._tile(
                "read_now",
                name="Read now",
                grid_options={"columns": "full"},
                **_press(self._entities["read_now"]),
            ),
            _heading("Today", "mdi:calendar-today"),
            self._tile("entries_today", name="Entries"),
            self._tile("unknown_today", name="Unknown"),
            self._tile("last_opening", name="Last opening"),
            self._tile(
                "access", name="Last access", state_content=["event_type", "vehicle"]
            ),
        )

    def _log(self) -> Json:
        keys = ("access", "gate", "automatic_opening")
        return _section(
            2,
            _heading("Log", "mdi:format-list-bulleted"),
            {
                "type": "logbook",
                "target": {"entity_id": [self._entities[key] for key in keys]},
                "hours_to_show": 24,
                "grid_options": {"columns": "full", "rows": 8},
            },
        )

    def _tile(self, key: str, **more: Any) -> Json:
        return {"type": "tile", "entity": self._entities[key], **more}


def _press(button: str) -> Json:
    """Let a tap press the button, and hide when that was done last."""
    action = {
        "action": "perform-action",
        "perform_action": "button.press",
        "target": {"entity_id": button},
    }
    return {"hide_state": True, "tap_action": action, "icon_tap_action": action}


def _section(columns: int, *cards: Json) -> Json:
    """Put cards together, on a screen of three columns as wide as so many of them."""
    return {"type": "grid", "column_span": columns, "cards": list(cards)}


def _heading(text: str, icon: str) -> Json:
    return {"type": "heading", "heading": text, "icon": icon}
