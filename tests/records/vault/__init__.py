"""Tests of what seals everything that is kept."""
