"""Start a program that ends when its parent ends.

Run as a file, ``python leash.py PROGRAM [ARGUMENT ...]``: it asks the kernel for a
SIGTERM on the parent's death, then becomes the program. So a Home Assistant that the
demo started does not outlive it, even when the demo is killed.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2), <linux/prctl.h>


def main() -> None:
    """Tie this process to its parent and replace it by the given program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
