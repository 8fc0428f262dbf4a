#!/usr/bin/env python3
"""Removes from the package that carries the weights all but the weights that are used.

For the image, where 90 MB of other networks, fonts and code would only take up room. The
package's metadata stays, and with it its license. Which files are used, and what must be
in them, is in plate_gate_recognizer.weights.
"""

from importlib.metadata import distribution
from pathlib import Path

from plate_gate_recognizer import weights


def main() -> None:
    """Remove the rest."""
    used = [
        value
        for value in vars(weights).values()
        if isinstance(value, weights.WeightFile)
    ]
    kept = {weight.locate().resolve() for weight in used}
    carrier = distribution(weights.CARRIER)
    for path in carrier.files or []:
        file = Path(str(carrier.locate_file(path))).resolve()
        if path.parts[0] == weights.CARRIER and file not in kept:
            file.unlink(missing_ok=True)
    for weight in used:
        weight.locate()


if __name__ == "__main__":
    main()
