"""Runs the command line, or says which package it lacks."""

import json
import sys

try:
    from .cli import main
except ImportError as error:
    # In the way that `serve` speaks, since whoever runs it waits for such a line.
    _LACK = f"The package {error.name} is not installed, or does not run here"
    print(json.dumps({"ready": False, "error": _LACK}))
    sys.exit(1)

if __name__ == "__main__":
    sys.exit(main())
