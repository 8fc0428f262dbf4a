"""Tests of stage 4: from a decision to an open gate."""
