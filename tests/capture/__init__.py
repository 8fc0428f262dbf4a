"""Tests of stage 1, from a camera to frames."""
