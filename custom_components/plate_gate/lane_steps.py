"""What the steps of describing a lane have in common: what it has, and is to have."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
import logging
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME, CONF_PASSWORD

from .const import CONF_ASSURANCE_REASON, CONF_GATE_ENTITY
from .models import Frame

_LOGGER = logging.getLogger(__name__)


class LaneSteps(ConfigSubentryFlow):
    """Gathers what is chosen of a lane, and saves it at the end."""

    def __init__(self) -> None:
        """Begin with nothing chosen, and without a picture."""
        self._title = ""
        self._data: dict[str, Any] = {}
        self._replaced: set[str] = set()
        self._frame: Frame | None = None

    @abstractmethod
    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to change."""

    @abstractmethod
    async def async_step_watch(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what of the camera is looked at, and when."""

    @property
    def _is_reconfigure(self) -> bool:
        return self.source == SOURCE_RECONFIGURE

    def _stored(self) -> Mapping[str, Any]:
        """Return what is stored of the lane that is changed; nothing of a new one."""
        return self._get_reconfigure_subentry().data if self._is_reconfigure else {}

    def _current(self) -> dict[str, Any]:
        """Return what the lane has now, without its password."""
        if not self._is_reconfigure:
            return {}
        shown = {k: v for k, v in self._stored().items() if k != CONF_PASSWORD}
        return {**shown, CONF_NAME: self._get_reconfigure_subentry().title}

    def _future(self, key: str, default: Any = None) -> Any:
        """Return what the lane is going to have."""
        kept = {} if key in self._replaced else self._stored()
        return self._data.get(key, kept.get(key, default))

    def _choose(self, keys: Iterable[str], data: Mapping[str, Any]) -> None:
        """Put what was chosen in the place of whatever the lane has of these keys.

        Args:
            keys: What a form asks for.
            data: What was chosen there. Of the keys that it lacks, nothing stays.

        """
        gone = {*keys}
        self._replaced |= gone
        self._data = {k: v for k, v in self._data.items() if k not in gone}
        self._data |= data

    def _finish(self) -> SubentryFlowResult:
        """Save what was chosen, and only that."""
        stored = self._stored()
        kept = {k: v for k, v in stored.items() if k not in self._replaced}
        data = {**kept, **self._data}
        self._log_exception(stored, data)
        if not self._is_reconfigure:
            return self.async_create_entry(title=self._title, data=data)
        subentry = self._get_reconfigure_subentry()
        return self.async_update_and_abort(
            self._get_entry(),
            subentry,
            title=self._title or subentry.title,
            data=data,
        )

    def _log_exception(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Write down that a plate alone is to open what asks for more, and why."""
        keys = (CONF_ASSURANCE_REASON, CONF_GATE_ENTITY)
        reason = new.get(CONF_ASSURANCE_REASON)
        if reason and [old.get(key) for key in keys] != [new.get(key) for key in keys]:
            _LOGGER.warning(
                "%s: a plate alone opens %s. The reason that was given: %s",
                self._title or self._get_reconfigure_subentry().title,
                new[CONF_GATE_ENTITY],
                reason,
            )
