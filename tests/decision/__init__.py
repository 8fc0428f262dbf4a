"""Tests of stage 3: reads and the list in, decisions out."""
