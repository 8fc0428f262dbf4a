"""Tests of the recognizer: its own package, which knows nothing of Home Assistant."""
