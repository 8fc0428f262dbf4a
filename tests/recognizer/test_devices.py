"""What the networks run on, and what happens if that fails."""

from typing import Any, Self

import numpy as np
import onnxruntime as ort
import pytest

from plate_gate_recognizer import loading, weights
from plate_gate_recognizer.devices import CPU, DEVICES, NAMES, Device, candidates
from plate_gate_recognizer.errors import DeviceError
from plate_gate_recognizer.sessions import Network

CUDA = next(device for device in DEVICES if device.name == "CUDA")
ALL = [device.provider for device in DEVICES]


@pytest.mark.parametrize(
    ("wanted", "available", "expected"),
    [
        ("auto", ["CPUExecutionProvider"], ["CPU"]),
        ("auto", ["AzureExecutionProvider", "CPUExecutionProvider"], ["CPU"]),
        (
            "auto",
            [
                "TensorrtExecutionProvider",
                "CUDAExecutionProvider",
                "CPUExecutionProvider",
            ],
            ["CUDA", "CPU"],
        ),
        ("auto", ["MIGraphXExecutionProvider", "CPUExecutionProvider"], ["CPU"]),
        ("auto", ALL, ["CUDA", "ROCm", "OpenVINO", "CoreML", "DirectML", "CPU"]),
        ("auto", [], ["CPU"]),
        ("cpu", ALL, ["CPU"]),
        ("tensorrt", ALL, ["TensorRT", "CPU"]),
        ("openvino", ALL, ["OpenVINO", "CPU"]),
        ("cuda", ["CPUExecutionProvider"], ["CPU"]),
    ],
)
def test_order(wanted: str, available: list[str], expected: list[str]) -> None:
    """The best that is there comes first, and the processor last."""
    assert [device.name for device in candidates(wanted, available)] == expected


def test_names() -> None:
    """Each device can be asked for, and is one that ONNX Runtime knows, or knew."""
    assert "auto" in NAMES
    assert "cpu" in NAMES
    known = {*ort.get_all_providers(), "ROCMExecutionProvider"}
    assert {device.provider for device in DEVICES} <= known


def test_provider_is_not_here(capfd: pytest.CaptureFixture[str]) -> None:
    """A device that ONNX Runtime lacks is an error, and it prints nothing."""
    with pytest.raises(DeviceError, match="CUDA"):
        Network(weights.TINY_DETECTOR.locate(), 1, CUDA)
    assert capfd.readouterr().out == ""


class Fake:
    """Stands for the networks, of which some devices take none."""

    def __init__(self, device: Device) -> None:
        """Note what it runs on."""
        self.device = device

    @classmethod
    def load(cls, threads: int, device: Device = CPU, *, formats: bool) -> Self:
        """Fail as a driver does on CUDA, and as we do on ROCm."""
        assert threads == 3
        assert not formats
        if device.name == "CUDA":
            raise RuntimeError("libcudnn.so.9: cannot open shared object file")
        if device.name == "ROCm":
            raise DeviceError("ROCm could not be loaded")
        return cls(device)


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the providers that there seem to be, to be changed."""
    found: list[str] = []
    monkeypatch.setattr(ort, "get_available_providers", lambda: found)
    monkeypatch.setattr(loading, "Cascade", Fake)
    return found


def load(wanted: str) -> tuple[Any, Device]:
    """Load what stands for the networks."""
    return loading.load(3, wanted, formats=False)


def test_next_best(providers: list[str], caplog: pytest.LogCaptureFixture) -> None:
    """What fails is told of, and the next one is tried."""
    providers += ALL
    cascade, device = load("auto")
    assert cascade.device is device
    assert device.name == "OpenVINO"
    assert [record.getMessage() for record in caplog.records] == [
        "CUDA is not used, since it failed: RuntimeError",
        "ROCm is not used, since it failed: DeviceError",
    ]


def test_back_to_the_processor(
    providers: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """If all fail there is the processor."""
    providers += ["CUDAExecutionProvider", "CPUExecutionProvider"]
    cascade, device = load("auto")
    assert cascade.device is device is CPU
    assert len(caplog.records) == 1


def test_asked_for_and_not_here(
    providers: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Who asks for what this ONNX Runtime lacks is told, and served all the same."""
    assert load("cuda")[1] is CPU
    assert "has no cuda" in caplog.text


def test_no_warning_without_reason(
    providers: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """On a plain machine there is nothing to tell."""
    providers += ["AzureExecutionProvider", "CPUExecutionProvider"]
    assert load("auto")[1] is CPU
    assert load("cpu")[1] is CPU
    assert not caplog.records


def test_one_at_a_time() -> None:
    """A device for one thread at a time still reads the same."""
    alone = Device("CPU alone", CPU.provider, one_at_a_time=True)
    batch = np.zeros((1, 3, 32, 32), np.float32)
    file = weights.TINY_DETECTOR.locate()
    one, other = Network(file, 1, alone)(batch), Network(file, 1)(batch)
    np.testing.assert_array_equal(one, other)
