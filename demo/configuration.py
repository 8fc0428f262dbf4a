"""The throw-away configuration folder of the demo's Home Assistant."""

from collections.abc import Iterable, Mapping
import fcntl
import json
import os
from pathlib import Path
import shutil
from typing import IO, Any

from .errors import DemoError

REPOSITORY = Path(__file__).resolve().parent.parent
INTEGRATION = REPOSITORY / "custom_components" / "plate_gate"
DEFAULT_FOLDER = REPOSITORY / ".demo" / "config"
GATE = "cover.yard_gate"

_MARKER = ".plate-gate-demo"

_YAML = """\
homeassistant:
  name: Plate Gate demo
  language: en
  country: CH
  currency: CHF
  time_zone: {time_zone}
  unit_system: metric
  latitude: 47.0
  longitude: 8.0
  elevation: 400

frontend:
history:
logbook:
recorder:
  commit_interval: 1
logger:
  default: warning
  logs:
    custom_components.plate_gate: info
  # Neither is there, and nothing here needs them.
  filters:
    haffmpeg.core: [FFmpeg fails]
    haffmpeg.tools: [Error starting FFmpeg]
    homeassistant.components.camera.img_util: [libturbojpeg]

# The gate: opens in two seconds, stays open for eight, closes in two. Opening it again
# meanwhile starts the round again, as a light barrier would.
input_select:
  yard_gate:
    name: Yard gate motor
    options: [closed, opening, open, closing]
    initial: closed
script:
  yard_gate_open:
    alias: Yard gate motor opens
    mode: restart
    sequence:
      - if: "{{{{ states('input_select.yard_gate') != 'open' }}}}"
        then:
          - action: input_select.select_option
            target: &motor {{entity_id: input_select.yard_gate}}
            data: {{option: opening}}
          - delay: {{seconds: 2}}
          - action: input_select.select_option
            target: *motor
            data: {{option: open}}
      - delay: {{seconds: 8}}
      - action: script.turn_on
        target: {{entity_id: script.yard_gate_close}}
  yard_gate_close:
    alias: Yard gate motor closes
    mode: restart
    sequence:
      - action: input_select.select_option
        target: *motor
        data: {{option: closing}}
      - delay: {{seconds: 2}}
      - action: input_select.select_option
        target: *motor
        data: {{option: closed}}
template:
  - cover:
      - name: Yard gate
        unique_id: plate_gate_demo_yard_gate
        device_class: gate
        state: "{{{{ states('input_select.yard_gate') }}}}"
        open_cover:
          - action: script.turn_off
            target: {{entity_id: script.yard_gate_close}}
          - action: script.turn_on
            target: {{entity_id: script.yard_gate_open}}
        close_cover:
          - action: script.turn_off
            target: {{entity_id: script.yard_gate_open}}
          - action: script.turn_on
            target: {{entity_id: script.yard_gate_close}}
"""


class ConfigurationFolder:
    """Holds one configuration folder for as long as the demo runs.

    It is emptied at the start and left as it is at the end, for whoever wants to look.
    """

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is touched yet."""
        self.path = path.resolve()
        self._lock: IO[str] | None = None

    def prepare(self, port: int) -> None:
        """Empty the folder and write what Home Assistant needs to start unattended.

        Args:
            port: the port on loopback that Home Assistant shall serve.

        Raises:
            DemoError: the folder is in use, is not the demo's, or cannot be written.
        """
        try:
            self._claim()
            self._clear()
            self._write(port)
        except OSError as err:
            raise DemoError(
                f"The configuration folder {self.path} cannot be written:"
                f" {err.strerror}."
            ) from err

    def release(self) -> None:
        """Let another demo use the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _claim(self) -> None:
        marker = self.path / _MARKER
        if self.path.exists() and not self.path.is_dir():
            raise DemoError(f"{self.path} is not a folder.")
        if self.path.is_dir() and any(self.path.iterdir()) and not marker.exists():
            raise DemoError(
                f"{self.path} holds files that are not the demo's. It empties its"
                " configuration folder at each start: name an empty or a new one."
            )
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = marker.open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise DemoError(
                f"Another demo is using {self.path}. Stop it, or give this one a"
                " folder of its own with --config."
            ) from None

    def _clear(self) -> None:
        for child in self.path.iterdir():
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child)
            elif child.name != _MARKER:
                child.unlink()

    def _write(self, port: int) -> None:
        # Wherever it lies, it is nothing to be committed.
        (self.path / ".gitignore").write_text("*\n")
        components = self.path / "custom_components"
        components.mkdir()
        (components / INTEGRATION.name).symlink_to(INTEGRATION)
        (self.path / "configuration.yaml").write_text(
            _YAML.format(time_zone=_time_zone())
        )
        (self.path / ".storage").mkdir()
        # Everything but the user counts as done: the other steps would set up weather,
        # radio and speech, which ask the internet.
        self._store(
            "onboarding", {"done": ["core_config", "analytics", "integration"]}, 4
        )
        self._store("http", _http(port), 3)
        self._store("core.config_entries", _without_marketplace(), 1, 5)

    def _store(
        self, key: str, data: Mapping[str, Any], version: int, minor: int = 1
    ) -> None:
        content = {
            "version": version,
            "minor_version": minor,
            "key": key,
            "data": data,
        }
        (self.path / ".storage" / key).write_text(json.dumps(content, indent=2))


def files_with(folder: Path, texts: Iterable[str]) -> list[Path]:
    """Return the files below ``folder`` that hold one of the texts, in any case.

    Links are not followed: they lead to code.
    """
    wanted = [text.casefold().encode() for text in texts]
    return [
        Path(parent, name).relative_to(folder)
        for parent, _, names in os.walk(folder)
        for name in names
        if not (path := Path(parent, name)).is_symlink()
        and any(text in path.read_bytes().lower() for text in wanted)
    ]


def _http(port: int) -> dict[str, Any]:
    """Return the web server's settings: loopback only.

    In YAML they are deprecated, and the environment can set the port alone.
    """
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "use_x_frame_options": True,
        "ssl_profile": "intermediate_v6",
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}


def _without_marketplace() -> dict[str, Any]:
    """Return config entries that hold a disabled Marketplace.

    Otherwise Home Assistant sets it up by itself, and it asks GitHub at each start.
    """
    never = "1970-01-01T00:00:00+00:00"
    entry = {
        "created_at": never,
        "data": {},
        "disabled_by": "user",
        "discovery_keys": {},
        "domain": "marketplace",
        "entry_id": "plate_gate_demo_marketplace",
        "minor_version": 1,
        "modified_at": never,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "system",
        "subentries": [],
        "title": "",
        "unique_id": None,
        "version": 1,
    }
    return {"entries": [entry]}


def _time_zone() -> str:
    """Return this machine's time zone, UTC where it does not say."""
    target = os.path.realpath("/etc/localtime")
    _, found, name = target.partition("/zoneinfo/")
    return name if found else "UTC"
