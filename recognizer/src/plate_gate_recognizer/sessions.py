"""Opens networks in ONNX Runtime, set for a small machine that does other things too."""

from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray
import onnxruntime as ort

from .devices import CPU, Device
from .errors import DeviceError

_LOG_FATAL: Final = 4
"""Its own log lines go to standard error unasked; its exceptions say the same."""

type Floats = NDArray[np.float32]


class Network:
    """A network with one input and one output. Several threads may call it at a time."""

    def __init__(self, weights: Path, threads: int, device: Device = CPU) -> None:
        """Load it.

        Args:
            weights: A file in the ONNX format.
            threads: How many threads of the processor one call may use, at least 1.
            device: What it runs on.

        Raises:
            DeviceError: It does not run on that device.

        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # The arena keeps what the largest picture once needed; without it 50 MB less
        # are held for next to no time.
        options.enable_cpu_mem_arena = False
        # Threads that wait for work in a loop cost other processes their cores: a third
        # of the processor time was spent so, for no gain on a busy machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = _LOG_FATAL
        # Else all that a run needs is reserved in one piece: 18 MB more.
        # DirectML wants it off, too.
        options.enable_mem_pattern = False
        # By its path: bytes would be held a second time while it loads.
        self._session = _open(weights, options, device)
        self._input = self._session.get_inputs()[0].name
        self._alone = Lock() if device.one_at_a_time else None

    def __call__(self, batch: Floats) -> Floats:
        """Run it on a batch; the first axis of input and output counts its members."""
        if self._alone is None:
            return self._run(batch)
        with self._alone:
            return self._run(batch)

    def _run(self, batch: Floats) -> Floats:
        output: Floats = self._session.run(None, {self._input: batch})[0]
        return output


def _open(
    weights: Path, options: ort.SessionOptions, device: Device
) -> ort.InferenceSession:
    """Open a session on a device and nowhere else.

    Raises:
        DeviceError: The device does not take the network.

    """
    providers: list[tuple[str, dict[str, str]]] = [
        (device.provider, dict(device.options))
    ]
    if device.provider == CPU.provider:
        return ort.InferenceSession(weights, options, providers=providers)
    if device.provider not in ort.get_available_providers():
        # ONNX Runtime would warn, and use the processor.
        raise DeviceError(f"This ONNX Runtime has no {device.name}")
    try:
        # Without its own way back to the processor: it prints to standard output.
        session = ort.InferenceSession(
            weights,
            options,
            # For the few operations that the accelerator may lack.
            providers=[*providers, (CPU.provider, {})],
            enable_fallback=0,
        )
    except Exception as err:
        # Each provider raises what it likes, and the words may name files and drivers.
        raise DeviceError(f"{device.name}: {type(err).__name__}") from err
    if device.provider not in session.get_providers():
        raise DeviceError(f"{device.name} could not be loaded")
    return session
