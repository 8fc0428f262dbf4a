"""The fault table: cameras that break in every way that is known, and come back.

The same rows as in `scripts/bench faults`, which has the real patience; here it is
shortened, so that nobody has to wait.
"""

from dataclasses import replace
from functools import partial

from homeassistant.core import HomeAssistant
import pytest

from custom_components.plate_gate.capture.view.frozen import FrozenWatch
from demo.bench.faults.case import Outcome, run
from demo.bench.faults.rig import Patience
from demo.bench.faults.rows import Case, cases

REAL = Patience(
    backoff=(0.05, 0.2), gone=0.0, limit=20.0, others={"sieve.PATIENCE": 1.0}
)
"""Only what comes after the fault is short."""

QUICK = replace(
    REAL,
    open=0.5,
    read=0.3,
    connect=0.5,
    read_http=0.5,
    snapshot=0.5,
    frozen=0.5,
    max_age=1.0,
    stamp_rate=0.05,
    others={
        "outlet.FrozenWatch": partial(FrozenWatch, 1.0),
        "rtsp.MAX_AGE": 1.0,
        "timeline.PATIENCE": 0.3,
    },
)


def assert_good(case: Case, outcome: Outcome) -> None:
    """Check that a fault was shown and got over, and did no harm."""
    assert outcome.noticed is not None
    assert outcome.back is not None
    if case.row.shows is not None:
        assert case.row.shows in outcome.shown
    assert outcome.handed_on
    assert outcome.old == outcome.old_unnoticed
    assert outcome.threads == 0
    assert outcome.heard
    assert outcome.secrets == 0


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.kind != "entity"], ids=str
)
async def test_address(case: Case) -> None:
    """A camera that is read by its address."""
    patience = REAL if case.row.stalls else QUICK
    assert_good(case, await run(case, patience))


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.kind == "entity"], ids=str
)
async def test_entity(case: Case, hass: HomeAssistant) -> None:
    """A camera that is read by its entity."""
    assert_good(case, await run(case, QUICK, hass))
