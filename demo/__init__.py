"""A simulated site: a camera, a gate and a real Home Assistant between them."""
