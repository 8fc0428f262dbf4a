"""Every fault of every kind of camera, and what becomes of it."""
