"""The command line of the measurements: ``scripts/bench --help`` explains it."""

import argparse
import json
from pathlib import Path
import sys

from demo.errors import DemoError

from . import capture
from .faults import table as fault_table
from .report import Report, text
from .soak import run as soak
from .soak.report import soak_text

_DONE, _FAILED, _INTERRUPTED = 0, 1, 130


def main(arguments: list[str] | None = None) -> int:
    """Measure, and return the exit code: 1 if something failed."""
    options = _parser().parse_args(arguments)
    if not Path("/proc/self/statm").exists():
        print("error: this measures on Linux only", file=sys.stderr)
        return _FAILED
    try:
        if options.what == "capture":
            return _capture(options)
        if options.what == "faults":
            return _faults(options)
        return _soak(options)
    except DemoError as err:
        print(f"error: {err}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED


def _capture(options: argparse.Namespace) -> int:
    if options.quick:
        report = capture.measure(capture.QUICK, _say, capture.SCENES[:1])
    else:
        report = capture.measure(capture.Effort(), _say)
    report["quick"] = options.quick
    print(text(report))
    _keep(report, options.json)
    return _DONE


def _soak(options: argparse.Namespace) -> int:
    report = soak.run(options.minutes * 60, options.seed, _say)
    print(soak_text(report))
    _keep(report, options.json)
    return _FAILED if report["failures"] else _DONE


def _faults(options: argparse.Namespace) -> int:
    report = fault_table.measure(options.only, _say)
    print(fault_table.text(report))
    _keep(report, options.json)
    return _FAILED if report["failures"] else _DONE


def _keep(report: Report, path: Path | None) -> None:
    if path is not None:
        path.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parts = parser.add_subparsers(dest="what", required=True)
    one = parts.add_parser("capture", help="delay, CPU time, memory, beside OpenCV")
    one.add_argument("--quick", action="store_true", help="shorter, and without 4K")
    other = parts.add_parser("soak", help="cameras that break and come back, at random")
    other.add_argument("--minutes", type=_minutes, default=10.0, metavar="N")
    other.add_argument(
        "--seed", type=int, default=1, metavar="S", help="other faults, other times"
    )
    table = parts.add_parser("faults", help="every fault of every kind of camera")
    table.add_argument(
        "--only", default="", metavar="PART", help="those in whose names this is"
    )
    for part in (one, other, table):
        part.add_argument(
            "--json", type=Path, metavar="OUT", help="where the report goes"
        )
    return parser


def _minutes(typed: str) -> float:
    minutes = float(typed)
    if not 0 < minutes <= 24 * 60:
        raise argparse.ArgumentTypeError("more than 0 and at most a day")
    return minutes


if __name__ == "__main__":
    sys.exit(main())
