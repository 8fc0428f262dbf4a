"""Fixtures of the recognizer's tests."""

import pytest

from plate_gate_recognizer.cascade import Cascade


@pytest.fixture(scope="session")
def cascade() -> Cascade:
    """Return the real networks, loaded once for all tests."""
    return Cascade.load(threads=2)
