"""What ``scripts/bench`` measures: the capture on simulated cameras, the recognition.

Whatever is measured runs in a process of its own, and so do the cameras: what one of
them uses, or keeps, is not counted to another. They speak JSON with each other
(`process`).
"""

import logging

# It misses a library that nothing here needs, and says so at length.
logging.getLogger("homeassistant.components.camera.img_util").disabled = True
