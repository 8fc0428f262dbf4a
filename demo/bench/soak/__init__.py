"""Cameras that break at random and come back, for as long as one likes."""
