"""Tests of Plate Gate; the folders mirror those of the code."""
