"""Loads the networks on the best device on which they run."""

import logging

import onnxruntime as ort

from .cascade import Cascade
from .devices import CPU, Device, candidates

_LOGGER = logging.getLogger(__name__)


def load(threads: int, wanted: str, *, formats: bool = True) -> tuple[Cascade, Device]:
    """Load the networks, and run each once.

    Args:
        threads: How many threads of the processor a picture may use, at least 1.
        wanted: One of `devices.NAMES`.
        formats: As for `Cascade`.

    Returns:
        The networks, and what they run on.

    Raises:
        WeightsError: The weights are absent or other ones.

    """
    available = ort.get_available_providers()
    first, *others = candidates(wanted, available)
    if wanted not in ("auto", first.name.lower()):
        _LOGGER.warning("This ONNX Runtime has no %s; the CPU is used", wanted)
    for device in (first, *others):
        if device is CPU:
            break
        try:
            return Cascade.load(threads, device, formats=formats), device
        except Exception as err:  # noqa: BLE001
            # Drivers raise what they like, and there is always the processor.
            _LOGGER.warning(
                "%s is not used, since it failed: %s", device.name, type(err).__name__
            )
    return Cascade.load(threads, formats=formats), CPU
