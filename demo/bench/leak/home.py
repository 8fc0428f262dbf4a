"""What else is in the house: everything that writes down what happens."""

from collections.abc import Iterator
from contextlib import contextmanager
import logging
from pathlib import Path
from typing import Final

from homeassistant.components.backup import async_get_manager
from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder as recorder_helper, restore_state
from homeassistant.setup import async_setup_component

from demo.bench.process import BenchError
from demo.home_assistant import free_port

EVENT: Final = "event.bench_lane_access"
"""The entity of our event, on which an automation acts."""

_AUTOMATION: Final = {
    "automation": {
        "id": "leak",
        "alias": "Tell what happened",
        "mode": "parallel",
        "triggers": [{"trigger": "state", "entity_id": EVENT}],
        "actions": [
            {
                "action": "persistent_notification.create",
                "data": {
                    "notification_id": "access",
                    "message": "{{ trigger.to_state.attributes }} {{ trigger }}",
                },
            }
        ],
    }
}


async def prepare(hass: HomeAssistant) -> None:
    """Set up the recorder, the logbook, the history, an automation and backups.

    Raises:
        BenchError: One of them does not come up.

    """
    recorder_helper.async_initialize_recorder(hass)
    for name, config in (
        (
            "recorder",
            {
                "recorder": {
                    "db_url": f"sqlite:///{hass.config.path('home-assistant_v2.db')}",
                    "commit_interval": 1,
                }
            },
        ),
        ("http", {"http": {"server_host": "127.0.0.1", "server_port": free_port()}}),
        ("history", {}),
        ("logbook", {}),
        ("persistent_notification", {}),
        ("automation", _AUTOMATION),
        ("backup", {}),
    ):
        if not await async_setup_component(hass, name, config):
            raise BenchError(f"{name} does not come up")
    # As at every start: the states of restored entities are written down at the end.
    restore_state.async_get(hass).async_setup_dump()
    await hass.async_block_till_done()


async def back_up(hass: HomeAssistant) -> None:
    """Make a backup of the house, with its database and without a password."""
    await async_get_manager(hass).async_create_backup(
        agent_ids=["backup.local"],
        include_addons=None,
        include_all_addons=False,
        include_database=True,
        include_folders=None,
        include_homeassistant=True,
        name="Leak",
        password=None,
    )


@contextmanager
def log_of_everything(folder: Path) -> Iterator[None]:
    """Log at debug level, into a file as Home Assistant does."""
    root = logging.getLogger()
    handler = logging.FileHandler(folder / "home-assistant.log", encoding="utf-8")
    handler.setFormatter(
        logging.Formatter(
            "%(asctime)s %(levelname)s (%(threadName)s) [%(name)s] %(message)s"
        )
    )
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()
