"""Tests of stage 5: what is kept."""
