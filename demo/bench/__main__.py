"""The command line of the measurements: ``scripts/bench --help`` explains it."""

import argparse
import asyncio
import json
from pathlib import Path
import sys
from typing import Final

from demo.errors import DemoError

from . import capture, records
from .decision import measure as decision
from .decision.show import decision_text
from .faults import table as fault_table
from .leak import run as leak
from .overhead import run as overhead
from .overhead.show import overhead_text
from .recognition import accuracy, pictures, throughput
from .recognition.show import accuracy_text, throughput_text
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
        return _MEASURES[options.what](options)
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


def _overhead(options: argparse.Namespace) -> int:
    effort = overhead.QUICK if options.quick else overhead.Effort()
    report = overhead.measure(effort, _say)
    report["quick"] = options.quick
    print(overhead_text(report))
    _keep(report, options.json)
    return _FAILED if report["failures"] else _DONE


def _recognizer(options: argparse.Namespace) -> int:
    report = accuracy.measure(
        options.folder,
        options.threads,
        options.peer_python,
        _say,
        every=4 if options.quick else 1,
    )
    print(accuracy_text(report))
    _keep(report, options.json)
    return _DONE


def _recognize(options: argparse.Namespace) -> int:
    rows, seconds = throughput.ALL, 15.0
    if options.quick:
        rows, seconds = throughput.QUICK, 4.0
    shown = pictures.of_folder(options.folder) if options.folder else pictures.drawn()
    report = asyncio.run(
        throughput.measure(
            rows,
            shown,
            seconds=options.seconds or seconds,
            threads=options.threads,
            peer=options.peer_python,
            say=_say,
        )
    )
    print(throughput_text(report))
    _keep(report, options.json)
    return _FAILED if report["failures"] else _DONE


def _decision(options: argparse.Namespace) -> int:
    report = decision.measure(options.images, options.seed, options.threads, _say)
    print(decision_text(report))
    _keep(report, options.json)
    return _DONE


def _records(options: argparse.Namespace) -> int:
    report = records.measure(options.seed, _say)
    print(records.records_text(report))
    _keep(report, options.json)
    return _DONE


def _leak(options: argparse.Namespace) -> int:
    report = leak.measure(options.reads, options.seed, _say)
    print(leak.leak_text(report))
    _keep(report, options.json)
    return _FAILED if report["failures"] else _DONE


_MEASURES: Final = {
    "capture": _capture,
    "faults": _faults,
    "overhead": _overhead,
    "soak": _soak,
    "recognizer": _recognizer,
    "recognize": _recognize,
    "decision": _decision,
    "records": _records,
    "leak": _leak,
}


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
    adding = parts.add_parser(
        "overhead", help="from the answer to the gate, scoring, memory"
    )
    adding.add_argument(
        "--quick", action="store_true", help="fewer arrivals and fewer reads"
    )
    reading = parts.add_parser(
        "recognizer",
        help="accuracy, time and memory on labeled pictures, and rapidocr's",
    )
    reading.add_argument("folder", type=Path, metavar="DIR")
    reading.add_argument("--quick", action="store_true", help="each fourth picture")
    reading.add_argument("--threads", type=_some, default=2, metavar="N")
    reading.add_argument(
        "--peer-python", type=_program, required=True, metavar="PYTHON"
    )
    serving = parts.add_parser(
        "recognize", help="what the service bears, from several cameras, and rapidocr"
    )
    serving.add_argument("folder", type=Path, nargs="?", metavar="DIR")
    serving.add_argument("--quick", action="store_true", help="shorter, and fewer rows")
    serving.add_argument("--seconds", type=_seconds, metavar="N", help="for each row")
    serving.add_argument("--threads", type=_some, default=2, metavar="N")
    serving.add_argument("--peer-python", type=_program, metavar="PYTHON")
    deciding = parts.add_parser(
        "decision", help="who is let in and who is not, on labeled pictures"
    )
    deciding.add_argument("--images", type=Path, required=True, metavar="DIR")
    deciding.add_argument(
        "--seed", type=int, default=1, metavar="S", help="other frames, other lists"
    )
    deciding.add_argument("--threads", type=_some, default=2, metavar="N")
    keeping = parts.add_parser("records", help="the sealed list, beside plain JSON")
    keeping.add_argument(
        "--seed", type=int, default=1, metavar="S", help="other plates"
    )
    leaking = parts.add_parser("leak", help="what is left of vehicles that passed")
    leaking.add_argument("--reads", type=_reads, default=10_000, metavar="N")
    leaking.add_argument(
        "--seed", type=int, default=1, metavar="S", help="other plates"
    )
    parsers = one, other, table, adding, reading, serving, deciding, keeping, leaking
    for part in parsers:
        part.add_argument(
            "--json", type=Path, metavar="OUT", help="where the report goes"
        )
    return parser


def _program(typed: str) -> Path:
    path = Path(typed)
    if not path.is_file():
        raise argparse.ArgumentTypeError("there is no such program")
    return path


def _reads(typed: str) -> int:
    try:
        number = int(typed)
    except ValueError:
        number = 0
    if not 200 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("from 200 to 1000000")
    return number


def _some(typed: str) -> int:
    number = int(typed)
    if not 0 < number <= 64:
        raise argparse.ArgumentTypeError("from 1 to 64")
    return number


def _seconds(typed: str) -> float:
    seconds = float(typed)
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("more than 0 and at most an hour")
    return seconds


def _minutes(typed: str) -> float:
    minutes = float(typed)
    if not 0 < minutes <= 24 * 60:
        raise argparse.ArgumentTypeError("more than 0 and at most a day")
    return minutes


if __name__ == "__main__":
    sys.exit(main())
