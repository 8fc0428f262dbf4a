"""The command line: `serve`, `read` and `bench`."""

import argparse
from collections.abc import Sequence
import json
import logging
from pathlib import Path
import sys

from . import __version__
from .bench import measure, table
from .cascade import Cascade
from .errors import PictureError, RecognizerError
from .picture import decode
from .reader import Read
from .server import TOKEN_VARIABLE, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: Those after the program's name; by default the real ones.

    Returns:
        The exit status.

    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stderr)
    commands = {"serve": _serve, "read": _read, "bench": _bench}
    try:
        return commands[options.command](options)
    except RecognizerError as err:
        print(err, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plate_gate_recognizer",
        description="Reads license plates in pictures, on this machine.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)

    threads = argparse.ArgumentParser(add_help=False)
    threads.add_argument(
        "--threads",
        type=_threads,
        default=2,
        metavar="N",
        help="how many threads, and so cores, a picture may use (default: 2)",
    )

    serving = commands.add_parser(
        "serve",
        parents=[threads],
        help="answer over HTTP, as CodeProject.AI does",
        epilog=f"With {TOKEN_VARIABLE} set in the environment, each request needs the"
        " header 'Authorization: Bearer' with that token.",
    )
    serving.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    serving.add_argument(
        "--port", type=_port, default=32168, help="0 takes a free one (default: 32168)"
    )
    serving.add_argument(
        "--exit-with-stdin",
        action="store_true",
        help="stop when standard input ends, so as not to outlive the parent process",
    )

    reading = commands.add_parser(
        "read", parents=[threads], help="print the plates in pictures"
    )
    reading.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    reading.add_argument("--json", action="store_true", help="print one JSON list")

    bench = commands.add_parser(
        "bench",
        parents=[threads],
        help="measure on labeled pictures",
        description="Measures on pictures X.jpg with labels X.txt as OpenALPR has them,"
        " in DIR itself or in the folders in it.",
    )
    bench.add_argument("folder", type=Path, metavar="DIR")
    bench.add_argument("--json", type=Path, metavar="OUT", help="write it there, too")
    return parser


def _serve(options: argparse.Namespace) -> int:
    return serve(
        options.host,
        options.port,
        threads=options.threads,
        exit_with_stdin=options.exit_with_stdin,
    )


def _read(options: argparse.Namespace) -> int:
    cascade = Cascade.load(options.threads)
    status = 0
    found: list[dict[str, object]] = []
    for image in options.images:
        try:
            reads = cascade.read(decode(image.read_bytes()))
        except OSError as err:
            print(f"{image}: {err.strerror}", file=sys.stderr)
            status = 1
        except PictureError as err:
            print(f"{image}: {err}", file=sys.stderr)
            status = 1
        else:
            found.append({"image": str(image), "reads": [_shown(r) for r in reads]})
            if not options.json:
                texts = [f"{read.text} ({read.confidence:.2f})" for read in reads]
                print(f"{image}: {', '.join(texts) or 'no plate'}")
    if options.json:
        print(json.dumps(found, indent=2))
    return status


def _bench(options: argparse.Namespace) -> int:
    report = measure(options.folder, options.threads)
    print(table(report))
    if options.json is not None:
        try:
            options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
        except OSError as err:
            print(f"{options.json}: {err.strerror}", file=sys.stderr)
            return 1
    return 0


def _shown(read: Read) -> dict[str, object]:
    return {
        "plate": read.text,
        "confidence": round(read.confidence, 4),
        "box": [round(coordinate, 1) for coordinate in read.box],
    }


def _threads(text: str) -> int:
    return _whole_number(text, 1, 256)


def _port(text: str) -> int:
    return _whole_number(text, 0, 65535)


def _whole_number(text: str, least: int, most: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"a whole number from {least} to {most}")
    return number
