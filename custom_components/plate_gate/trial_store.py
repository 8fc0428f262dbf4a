"""A trial, as Home Assistant keeps it over a restart."""

from dataclasses import dataclass
from typing import Any, override

from homeassistant.helpers.restore_state import ExtraStoredData
from homeassistant.util import dt as dt_util

from .trial import Trial


@dataclass(frozen=True, slots=True)
class StoredTrial(ExtraStoredData):
    """What each sensor of a trial has stored, which is all of it.

    Either of the sensors may be disabled, and the other one then knows the whole.
    """

    trial: Trial

    @override
    def as_dict(self) -> dict[str, Any]:
        """Return what is written down."""
        return {
            "since": self.trial.since.isoformat(),
            "would_have_opened": self.trial.would_have_opened,
            "waited": self.trial.waited,
        }


def stored_trial(data: dict[str, Any]) -> Trial | None:
    """Return the trial that was written down; None if it makes no sense."""
    since = dt_util.parse_datetime(str(data.get("since")))
    counts = data.get("would_have_opened"), data.get("waited")
    if since is None or since.tzinfo is None:
        return None
    match counts:
        case (int(opened), int(waited)) if opened >= 0 and waited >= 0:
            return Trial(since=since, would_have_opened=opened, waited=waited)
    return None
