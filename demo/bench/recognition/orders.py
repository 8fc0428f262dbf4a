"""Following the orders of a `demo.bench.process.Server`, one JSON object per line."""

from collections.abc import Callable, Mapping
import json
import sys
from typing import Any


def follow(tasks: Mapping[str, Callable[..., Mapping[str, Any]]]) -> None:
    """Do what is ordered, until there are no more orders.

    An order names its task as `do`; all else in it are the task's arguments.
    """
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(tasks[order.pop("do")](**order)), flush=True)
