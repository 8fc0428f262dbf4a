"""Tests of what a camera sees."""
