"""Prometheus' text format."""

import re
import sys

import pytest

from plate_gate_recognizer.metrics import Histogram, Metrics, resident_memory

HELP = re.compile(r"# HELP ([a-z_]+) .+")
TYPE = re.compile(r"# TYPE ([a-z_]+) (counter|gauge|histogram)")
SAMPLE = re.compile(
    r'([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="[^"\n]*")*\})? '
    r"([0-9.e+-]+)"
)


def test_format() -> None:
    """Each family has its help and type before its samples, once, and all together."""
    metrics = Metrics()
    metrics.requests.add("200")
    metrics.reading.observe(0.2)
    text = metrics.text(
        {"up": ("Whether it is.", 1), "reading": ("Pictures.", 0)},
        {"version": '1.0 "beta"\n\\', "device": "CPU"},
    )
    assert text.endswith("\n")
    families: list[str] = []
    samples = []
    for line in text.removesuffix("\n").split("\n"):
        if said := HELP.fullmatch(line):
            assert said[1] not in families
            families.append(said[1])
        elif said := TYPE.fullmatch(line):
            assert families[-1] == said[1]
        else:
            said = SAMPLE.fullmatch(line)
            assert said, line
            assert said[1].startswith(families[-1])
            samples.append(said[0])
    assert len(families) == len(set(families)) == 8
    assert len(samples) == len(set(samples))
    assert r'version="1.0 \"beta\"\n\\"' in text


def test_histogram() -> None:
    """A class holds what is not above its end, and the classes add up."""
    histogram = Histogram("x_seconds", "Time.")
    for seconds in (0.1, 0.1001, 0.3, 99.0):
        histogram.observe(seconds)
    told = dict(line.rsplit(" ", 1) for line in histogram.lines() if line[0] != "#")
    name = "plate_gate_recognizer_x_seconds"
    assert told[f'{name}_bucket{{le="0.05"}}'] == "0"
    assert told[f'{name}_bucket{{le="0.1"}}'] == "1"
    assert told[f'{name}_bucket{{le="0.15"}}'] == "2"
    assert told[f'{name}_bucket{{le="0.3"}}'] == "3"
    assert told[f'{name}_bucket{{le="10"}}'] == "3"
    assert told[f'{name}_bucket{{le="+Inf"}}'] == told[f"{name}_count"] == "4"
    assert float(told[f"{name}_sum"]) == pytest.approx(99.5001)


@pytest.mark.skipif(sys.platform != "linux", reason="It is told on Linux only")
def test_memory() -> None:
    """This process holds more than the interpreter and less than all memory."""
    memory = resident_memory()
    assert memory is not None
    assert 10e6 < memory < 64e9
