"""The demo's command line: ``scripts/demo --help`` explains it."""

import argparse
import asyncio
import contextlib
from pathlib import Path
import signal
import sys

from . import check, scene
from .configuration import DEFAULT_FOLDER
from .dashboard import PATH
from .errors import DemoError
from .home_assistant import version
from .screenshots import Photographer
from .site import PASSWORD, USER, Options, simulated_site
from .watch import Watch

_OPENED, _FAULT, _NOT_OPENED, _INTERRUPTED = 0, 1, 3, 130

_DESCRIPTION = """\
Shows Plate Gate at work: a simulated camera, the recognizer, and a real Home Assistant
with a gate and a dashboard. Nothing but this machine is spoken to, and everything ends
with Ctrl-C.
"""
_EPILOG = """\
with --check: exits with 0 if the gate opened, 3 if it did not, 1 on a fault.

The configuration folder is emptied at each start and left as it is at the end.
"""


def main() -> int:
    """Run the demo and return its exit code."""
    options = _arguments()
    try:
        return asyncio.run(_until_told(options))
    except DemoError as err:
        print(f"error: {err}", file=sys.stderr)
        return _FAULT
    except KeyboardInterrupt, asyncio.CancelledError:
        return _INTERRUPTED


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--clip",
        type=Path,
        metavar="FILE",
        help="a video for the camera to play, again and again, with a pause out of focus"
        " between two rounds. Without it, the demo draws a clip.",
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="PLATE",
        help="a plate that may enter, any number of times. Without it, and without"
        f" --clip, it is the plate of the drawn car, {scene.PLATE}.",
    )
    parser.add_argument(
        "--port", type=_port, metavar="N", help="where Home Assistant serves; any free"
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_FOLDER,
        metavar="DIR",
        help=f"Home Assistant's configuration folder ({_short(DEFAULT_FOLDER)})",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="without a dashboard: stop when the gate has opened or the time is up",
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        type=_seconds,
        metavar="SECONDS",
        help="with --check: how long to watch, from the first frame on (twice the clip"
        " and 10 s more, at least 30)",
    )
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="with --check: write the result here"
    )
    parser.add_argument(
        "--screenshots",
        type=Path,
        metavar="DIR",
        help="take the README's pictures when the gate has opened, and stop",
    )
    options = parser.parse_args()
    if not options.check and (options.seconds or options.json):
        parser.error("--for and --json need --check")
    if options.check and options.screenshots:
        parser.error("--screenshots needs a dashboard, which --check has not")
    if options.clip is None and not options.allow:
        options.allow = [scene.PLATE]
    return options


async def _until_told(options: argparse.Namespace) -> int:
    """Run the demo; a polite request to end is one, however it comes."""
    task = asyncio.current_task()
    assert task is not None
    for request in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(request, task.cancel)
    wanted = Options(
        folder=options.config,
        clip=options.clip,
        allow=options.allow,
        port=options.port,
    )
    if options.check:
        return await _check(wanted, options)
    await _show(wanted, options.screenshots)
    return _OPENED


async def _check(wanted: Options, options: argparse.Namespace) -> int:
    report = check.Report(options.json) if options.json else None
    _say(f"Starting Home Assistant {version()} ...")
    try:
        result = await check.check(wanted, options.seconds, _say)
    except DemoError as err:
        if report:
            report.fault(err)
        raise
    if report:
        report.result(result)
    _say(f"Configuration folder: {_short(wanted.folder)}")
    if result.story.opened:
        _say(f"The gate opened after {result.seconds:.1f} s.")
        return _OPENED
    _say(f"The gate stayed closed for {result.seconds:.1f} s.")
    return _NOT_OPENED


async def _show(wanted: Options, screenshots: Path | None) -> None:
    _say(f"Starting Home Assistant {version()} ...")
    async with simulated_site(wanted) as site:
        watch = Watch(site, _say)
        await watch.start()
        _say(f"""
  Address   {site.home_assistant.url}/{PATH}
  Login     {USER}, password {PASSWORD}
  Folder    {_short(wanted.folder)}
  End       Ctrl-C
""")
        if screenshots:
            while not watch.story.opened:
                await watch.step()
            for picture in await Photographer(site, screenshots).take_all():
                _say(f"Took {_short(picture)}")
            return
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await watch.step()
        _say("Stopping ...")


def _say(line: str) -> None:
    print(line, flush=True)


def _short(path: Path) -> str:
    """Return a path the way it is typed here."""
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("this is a number of seconds above 0")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
