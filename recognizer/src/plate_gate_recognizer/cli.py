"""The command line: `serve`, `read` and `bench`."""

import argparse
from collections.abc import Sequence
import json
from pathlib import Path
import sys

from . import __version__, logs
from .bench import measure, table
from .cascade import Cascade
from .devices import AUTO, NAMES
from .errors import PictureError, RecognizerError
from .limits import BODY_MAX, CONNECTIONS_MAX, WAITING_MAX
from .logs import FORMATS, LEVELS
from .picture import PIXELS_MAX, decode
from .reader import Read
from .tokens import VARIABLE

_MB = 1024 * 1024
_MEGAPIXEL = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: Those after the program's name; by default the real ones.

    Returns:
        The exit status.

    """
    options = _parser().parse_args(arguments)
    logs.set_up()
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
        type=_Whole(1, 256),
        default=2,
        metavar="N",
        help="how many threads, and so cores, a picture may use (default: 2)",
    )

    threads.add_argument(
        "--formats",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether series of plates that are issued tell O from 0, I from 1 and the"
        " like where the reader cannot (default: yes)",
    )

    _add_serve(commands, threads)

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


def _add_serve(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    threads: argparse.ArgumentParser,
) -> None:
    serving = commands.add_parser(
        "serve",
        parents=[threads],
        help="answer over HTTP, as CodeProject.AI and OpenALPR do",
        epilog=f"With {VARIABLE} set in the environment, or with --token-file, each"
        " request needs the header 'Authorization: Bearer' with that token.",
    )
    add = serving.add_argument
    add("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    add(
        "--port",
        type=_Whole(0, 65535),
        default=32168,
        help="0 takes a free one (default: 32168)",
    )
    add(
        "--workers",
        type=_Whole(1, 64),
        default=1,
        metavar="N",
        help="how many pictures are read at a time, each with its threads (default: 1)",
    )
    add(
        "--device",
        choices=NAMES,
        default=AUTO,
        help="what the networks run on; the CPU if that fails (default: auto)",
    )
    add(
        "--waiting",
        type=_Whole(0, 64),
        default=WAITING_MAX,
        metavar="N",
        help=f"how many pictures may wait (default: {WAITING_MAX})",
    )
    add(
        "--max-mb",
        type=_Whole(1, 256),
        default=BODY_MAX // _MB,
        metavar="N",
        help=f"the largest request (default: {BODY_MAX // _MB})",
    )
    add(
        "--max-megapixels",
        type=_Whole(1, 256),
        default=PIXELS_MAX // _MEGAPIXEL,
        metavar="N",
        help=f"the largest picture (default: {PIXELS_MAX // _MEGAPIXEL})",
    )
    add(
        "--max-connections",
        type=_Whole(1, 4096),
        default=CONNECTIONS_MAX,
        metavar="N",
        help=f"how many may be connected at a time (default: {CONNECTIONS_MAX})",
    )
    add("--token-file", type=Path, metavar="FILE", help="holds the token")
    add("--tls-cert", type=Path, metavar="FILE", help="certificate chain, in PEM")
    add("--tls-key", type=Path, metavar="FILE", help="its private key, in PEM")
    add(
        "--announce",
        action=argparse.BooleanOptionalAction,
        help="announce it by zeroconf (default: if other machines can reach it)",
    )
    add("--log-format", choices=FORMATS, default="text", help="default: text")
    add("--log-level", choices=LEVELS, default="warning", help="default: warning")
    add(
        "--access-log",
        action="store_true",
        help="log a line for each request, without plates",
    )
    add(
        "--exit-with-stdin",
        action="store_true",
        help="stop when standard input ends, so as not to outlive the parent process",
    )


def _serve(options: argparse.Namespace) -> int:
    # Only here: what it takes to serve would be a burden to the other commands.
    from .server import Settings, serve  # noqa: PLC0415

    logs.set_up(options.log_format, options.log_level, access=options.access_log)
    return serve(
        Settings(
            host=options.host,
            port=options.port,
            workers=options.workers,
            threads=options.threads,
            device=options.device,
            formats=options.formats,
            waiting=options.waiting,
            body_max=options.max_mb * _MB,
            pixels_max=options.max_megapixels * _MEGAPIXEL,
            connections=options.max_connections,
            token_file=options.token_file,
            tls_cert=options.tls_cert,
            tls_key=options.tls_key,
            announce=options.announce,
            exit_with_stdin=options.exit_with_stdin,
        )
    )


def _read(options: argparse.Namespace) -> int:
    cascade = Cascade.load(options.threads, formats=options.formats)
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
    report = measure(options.folder, options.threads, formats=options.formats)
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


class _Whole:
    """Takes a whole number from one to another."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = self._least - 1
        if not self._least <= number <= self._most:
            raise argparse.ArgumentTypeError(
                f"a whole number from {self._least} to {self._most}"
            )
        return number
