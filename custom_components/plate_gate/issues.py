"""How repair issues are named, and how long a problem has to last before one comes."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .site import PlateGateConfigEntry

ISSUE_BACKEND = "backend"
ISSUE_BACKEND_AUTH = "backend_auth"
ISSUE_CAMERA_AUTH = "camera_auth"
ISSUE_GATE = "gate"
ISSUE_GATE_NOT_MOVING = "gate_not_moving"
ISSUE_LEDGER_DAMAGED = "ledger_damaged"
ISSUE_PRESENCE_NOWHERE = "presence_nowhere"
ISSUE_TOO_MANY_OPENINGS = "too_many_openings"
ISSUE_TRIGGER = "trigger"
ISSUE_VAULT_KEY = "vault_key"
ISSUE_VAULT_LOCKED = "vault_locked"
ISSUE_VAULT_NOT_NEWEST = "vault_not_newest"
ISSUE_VIEW_MOVED = "view_moved"

HOLD: Final = 600.0
"""Seconds that a problem has to last if it is one that often goes away by itself."""


def issue_id(kind: str, entry: PlateGateConfigEntry, subentry_id: str = "") -> str:
    """Name an issue, so that all of a site can be found."""
    return "-".join(part for part in (kind, entry.entry_id, subentry_id) if part)


def issue_kind(issue_id: str) -> str:
    """Return the kind of an issue that `issue_id` has named."""
    return issue_id.partition("-")[0]


WELL: Final = 30.0
"""Seconds after which a problem that comes and goes has gone."""

GONE: Final = 30.0
"""Seconds that no recognizer reads; one that is started anew needs less."""


class Hold[ProblemT]:
    """Knows which problem has lasted for some time.

    Attributes:
        problem: The one that has; None while there is none, or none for so long.

    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PlateGateConfigEntry,
        changed: Callable[[], None],
        seconds: float = HOLD,
    ) -> None:
        """Begin without a problem.

        Args:
            hass: Home Assistant.
            entry: The site; nothing is waited for once it is unloaded.
            changed: Called when `problem` may have changed.
            seconds: How long it has to last.

        """
        self.problem: ProblemT | None = None
        self._hass = hass
        self._changed = changed
        self._seconds = seconds
        self._seen: ProblemT | None = None
        self._cancel: CALLBACK_TYPE | None = None
        self._cancel_end: CALLBACK_TYPE | None = None
        entry.async_on_unload(self._unload)

    @callback
    def see(self, problem: ProblemT | None) -> None:
        """Take note of the problem that there is now, None if there is none."""
        self._keep()
        if problem == self._seen:
            return
        self._stop()
        self._seen = problem
        self.problem = None
        if problem is not None:
            self._cancel = async_call_later(self._hass, self._seconds, self._elapsed)
        self._changed()

    @callback
    def end_later(self) -> None:
        """Take note that there seems to be none now; it may be back soon."""
        if self._seen is not None and self._cancel_end is None:
            self._cancel_end = async_call_later(self._hass, WELL, self._ended)

    @callback
    def pause(self) -> None:
        """Wait for nothing while nobody looks; what has lasted long enough stays."""
        self._keep()
        if self.problem is None:
            self._stop()
            self._seen = None

    @callback
    def _ended(self, _: datetime) -> None:
        self._cancel_end = None
        self.see(None)

    @callback
    def _keep(self) -> None:
        """Take back that it seems to have ended."""
        if self._cancel_end is not None:
            self._cancel_end()
            self._cancel_end = None

    @callback
    def _elapsed(self, _: datetime) -> None:
        self._cancel = None
        self.problem = self._seen
        self._changed()

    @callback
    def _unload(self) -> None:
        self._stop()
        self._keep()

    @callback
    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
