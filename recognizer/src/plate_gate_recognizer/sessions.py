"""Opens networks in ONNX Runtime, set for a small machine that does other things too."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
import onnxruntime as ort

_LOG_FATAL: Final = 4
"""Its own log lines go to standard error unasked; its exceptions say the same."""

type Floats = NDArray[np.float32]


class Network:
    """A network with one input and one output."""

    def __init__(self, weights: Path, threads: int) -> None:
        """Load it.

        Args:
            weights: A file in the ONNX format.
            threads: How many threads one call may use, at least 1.

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
        # By its path: bytes would be held a second time while it loads.
        self._session = ort.InferenceSession(
            weights, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: Floats) -> Floats:
        """Run it on a batch; the first axis of input and output counts its members."""
        output: Floats = self._session.run(None, {self._input: batch})[0]
        return output
