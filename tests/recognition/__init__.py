"""Tests of stage 2, from a frame to reads."""
