"""The steps in which somebody tries a picture, and sees what would become of it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.data_entry_flow import UnknownFlow
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.selector import FileSelector, FileSelectorConfig
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from .capture.jpeg import MAX_BYTES
from .const import DOMAIN
from .decision.explain import Explanation, Fit, ReadExplained
from .errors import BackendError, CameraError, CameraPictureError
from .explain import PictureExplained
from .lane_explain import async_explain_lane
from .lane_steps import LaneSteps
from .messages import error_key
from .models import Decision, Outcome, Reason
from .site import Site

FIELD_PICTURE: Final = "picture"

SHOWN_FOR: Final = 120.0
"""Seconds for which plates that were read are shown, and are in memory for that."""

EXPLAIN_SCHEMA = vol.Schema(
    {
        vol.Optional(FIELD_PICTURE): FileSelector(
            FileSelectorConfig(accept="image/jpeg,image/png,image/webp")
        )
    }
)

NOTHING: Final = "–"
"""Shown in a cell of a table in which there is nothing to be said."""

_SIGNS: Final = {Outcome.GRANTED: "✓", Outcome.DENIED: "✗", Outcome.UNDECIDED: "?"}
_MARKUP: Final = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]()<>#+-.!|~"})


class ExplainSteps(LaneSteps):
    """Lets a person see why a picture would open the gate, or would not.

    The one who asks has the picture, so that the plates in it are shown. Neither the
    picture nor what was read is kept: a dialog that is left open is closed after two
    minutes, or when the next step is shown.
    """

    _end_showing: Callable[[], None] | None = None

    @override
    @callback
    def async_remove(self) -> None:
        """Let nothing happen to a dialog that is closed."""
        self._stop_clock()
        super().async_remove()

    async def async_step_explain(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take a picture, and explain what would become of it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            upload = user_input.get(FIELD_PICTURE)
            try:
                explained = await self._explain(upload)
            except (BackendError, CameraError) as err:
                errors = {"base": error_key(err)}
                if upload is not None and isinstance(err, CameraPictureError):
                    errors = {FIELD_PICTURE: "picture_invalid"}
            else:
                if explained is not None:
                    return await self._show(explained)
                errors = {"base": "lane_not_running"}
        return self.async_show_form(
            step_id="explain", data_schema=EXPLAIN_SCHEMA, errors=errors
        )

    async def async_step_explained(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go back to what can be changed, once it was read."""
        self._stop_clock()
        return await self.async_step_reconfigure()

    async def _explain(self, upload: str | None) -> PictureExplained | None:
        """Explain what was uploaded, or what the camera sees now.

        Returns:
            None if the lane is not running.

        Raises:
            CameraError: There is no picture to be had, or the file is none.
            BackendError: The recognizer gave no usable answer.

        """
        file = None
        if upload is not None:
            file = await self.hass.async_add_executor_job(
                _take_upload, self.hass, upload
            )
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        site: Site = entry.runtime_data
        lane = site.lanes.get(self._reconfigure_subentry_id)
        if lane is None:
            return None
        return await async_explain_lane(self.hass, site, lane, file)

    async def _show(self, explained: PictureExplained) -> SubentryFlowResult:
        """Show the whole chain."""
        texts = await _reason_texts(self.hass)
        explanation = explained.explanation
        times = {key: f"{ms:.1f}" for key, ms in explained.milliseconds.items()}
        self._stop_clock()
        self._end_showing = async_call_later(
            self.hass, SHOWN_FOR, HassJob(self._close, cancel_on_shutdown=True)
        )
        return self.async_show_form(
            step_id="explained",
            data_schema=vol.Schema({}),
            description_placeholders={
                "outcome": _outcome(explanation),
                "size": f"{explained.size.width} × {explained.size.height}",
                "vehicles": str(explanation.vehicles),
                "reads": _table([_read(one, texts) for one in explanation.reads], 4),
                "fits": _table(
                    [
                        _fit(one, fit, texts)
                        for one in explanation.reads
                        for fit in one.fits
                    ],
                    4,
                ),
                "confidence": f"{explanation.policy.minimum_confidence:.2f}",
                "relative": f"{explanation.policy.relative:.2f}",
                "picture_ms": times["picture"],
                "recognition_ms": times["recognition"],
                "decision_ms": times["decision"],
                "rules_ms": times["rules"],
            },
        )

    @callback
    def _close(self, _: datetime) -> None:
        """Close the dialog, and forget what it shows."""
        self._end_showing = None
        with suppress(UnknownFlow):
            self.hass.config_entries.subentries.async_abort(self.flow_id)

    @callback
    def _stop_clock(self) -> None:
        if self._end_showing is not None:
            self._end_showing()
            self._end_showing = None


def _take_upload(hass: HomeAssistant, upload: str) -> bytes:
    """Return what was uploaded; it is gone from the disk then.

    Raises:
        CameraPictureError: It is too large for a picture, or not there any more.

    """
    try:
        with process_uploaded_file(hass, upload) as path, path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError, ValueError:
        raise CameraPictureError from None
    if len(content) > MAX_BYTES:
        raise CameraPictureError
    return content


async def _reason_texts(hass: HomeAssistant) -> dict[Reason, str]:
    """Return how each reason is said, in the language of Home Assistant."""
    texts = await async_get_translations(hass, hass.config.language, "entity", {DOMAIN})
    start = f"component.{DOMAIN}.entity.event.access.state_attributes.reasons.state."
    return {reason: texts.get(start + reason, reason.value) for reason in Reason}


def _outcome(explanation: Explanation) -> str:
    """Return what becomes of this picture, and of more like it if that is more."""
    now = explanation.outcome
    later = {read.then.outcome for read in explanation.reads}
    for best in (Outcome.GRANTED, Outcome.DENIED):
        if now is Outcome.UNDECIDED and best in later:
            return f"{_SIGNS[now]} → {_SIGNS[best]}"
    return _SIGNS[now]


def _read(read: ReadExplained, texts: Mapping[Reason, str]) -> list[str]:
    """Return a row: what was read, how surely, and what follows now and with more."""
    if read.frames is None or read.frames == 1:
        later = NOTHING
    else:
        later = f"{read.frames}: {_decision(read.then, texts)}"
    return [
        read.plate.reveal(),
        f"{read.confidence:.2f}",
        _decision(read.decision, texts),
        later,
    ]


def _fit(read: ReadExplained, fit: Fit, texts: Mapping[Reason, str]) -> list[str]:
    """Return a row: how a vehicle of the list fits, and what it may do."""
    sign = _SIGNS[Outcome.GRANTED if fit.fits else Outcome.DENIED]
    refused = _SIGNS[Outcome.DENIED if fit.refusals else Outcome.GRANTED]
    reasons = _say((*fit.refusals, *fit.besides), texts)
    return [
        read.plate.reveal(),
        fit.vehicle.label.translate(_MARKUP),
        f"{sign} {fit.relative:.2f} ({texts[fit.how]})",
        f"{refused} {reasons}".strip(),
    ]


def _decision(decision: Decision, texts: Mapping[Reason, str]) -> str:
    label = decision.vehicle.label.translate(_MARKUP) if decision.vehicle else ""
    said = [_SIGNS[decision.outcome], label and f"{label}:"]
    return " ".join([*filter(None, said), _say(decision.reasons, texts)])


def _say(reasons: Iterable[Reason], texts: Mapping[Reason, str]) -> str:
    return "; ".join(texts[reason] for reason in reasons)


def _table(rows: list[list[str]], columns: int) -> str:
    """Return the rows of a table in Markdown; its head is in the translations."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows or [[NOTHING] * columns])
