"""What the networks run on: the best that ONNX Runtime offers here, else the processor.

Which accelerators there are depends on the package that is installed: `onnxruntime` has
none on Linux, `onnxruntime-gpu` has CUDA, `onnxruntime-openvino` has OpenVINO.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Device:
    """Something that networks run on."""

    name: str
    """As people write it."""
    provider: str
    """As ONNX Runtime calls it."""
    automatic: bool = True
    """Whether it is taken without being asked for."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What the provider is told."""
    one_at_a_time: bool = False
    """Whether only one thread may run a network at a time."""


CPU: Final = Device("CPU", "CPUExecutionProvider")

DEVICES: Final = (
    # The two that compile a network for each size of picture, which takes minutes.
    Device("TensorRT", "TensorrtExecutionProvider", automatic=False),
    Device("MIGraphX", "MIGraphXExecutionProvider", automatic=False),
    # Unless told otherwise it tries all ways to compute for each size of picture.
    Device(
        "CUDA", "CUDAExecutionProvider", options={"cudnn_conv_algo_search": "HEURISTIC"}
    ),
    Device("ROCm", "ROCMExecutionProvider"),
    Device("OpenVINO", "OpenVINOExecutionProvider"),
    Device("CoreML", "CoreMLExecutionProvider"),
    Device("DirectML", "DmlExecutionProvider", one_at_a_time=True),
    CPU,
)
"""The best first."""

AUTO: Final = "auto"
NAMES: Final = (AUTO, *(device.name.lower() for device in DEVICES))
"""What may be asked for."""


def candidates(wanted: str, available: Sequence[str]) -> Iterator[Device]:
    """Tell what to try, in this order; the processor comes last, and always.

    Args:
        wanted: One of `NAMES`.
        available: The providers that this ONNX Runtime has.

    """
    for device in DEVICES:
        asked = device.automatic if wanted == AUTO else device.name.lower() == wanted
        if asked and device is not CPU and device.provider in available:
            yield device
    yield CPU
