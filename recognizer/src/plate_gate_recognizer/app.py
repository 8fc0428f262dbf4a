"""Starts the service as an app of Home Assistant: options in, `serve` out.

Home Assistant's Supervisor starts an app as root and gives it its options, and the
house's TLS key, in files that only root may read. So this little program starts as root,
takes from them what the service needs, tells Home Assistant where the service will be,
gives all privileges up for good and becomes the service. It imports nothing of the
service, so that as little as possible runs as root.
"""

import argparse
from collections.abc import Mapping, Sequence
import ctypes
from http import HTTPStatus
from http.client import HTTPException
import json
import os
from pathlib import Path
import pwd
import socket
import sys
from typing import Any, Final, Never
from urllib.request import Request, urlopen

TOKEN_VARIABLE: Final = "PLATE_GATE_RECOGNIZER_TOKEN"
"""What `serve` takes the token from."""
SUPERVISOR_VARIABLES: Final = ("SUPERVISOR_TOKEN", "HASSIO_TOKEN")
"""The app's own key to the Supervisor, under its name and its former name."""
DISCOVERY_SERVICE: Final = "plate_gate"
"""The integration that is told; the app's config.yaml names it, too."""
DISCOVERY_SECONDS: Final = 5.0
_PR_SET_NO_NEW_PRIVS: Final = 38


class AppError(Exception):
    """The service cannot be started as the options ask; the text says why."""


def main(arguments: Sequence[str] | None = None) -> Never:
    """Become the service.

    Args:
        arguments: Those after the program's name; by default the real ones.

    Raises:
        SystemExit: The options cannot be read, or not be met.

    """
    where = _parser().parse_args(arguments)
    environment = dict(os.environ)
    supervisor_token = [environment.pop(name, "") for name in SUPERVISOR_VARIABLES][0]
    try:
        options = read_options(where.options)
        certificate = open_certificate(options, where.ssl)
        command = service_arguments(options, where.host, where.port, certificate)
        if options.get("token"):
            environment[TOKEN_VARIABLE] = str(options["token"])
        if options.get("announce") and supervisor_token:
            announce(options, where.port, where.supervisor, supervisor_token)
        drop_privileges(where.user)
    except AppError as err:
        raise SystemExit(str(err)) from None
    sys.stdout.flush()
    program = [sys.executable, "-m", __spec__.parent or "", *command]
    os.execve(sys.executable, program, environment)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plate_gate_recognizer.app",
        description="Starts the service as an app of Home Assistant.",
    )
    parser.add_argument("--options", type=Path, default=Path("/data/options.json"))
    parser.add_argument("--ssl", type=Path, default=Path("/ssl"), metavar="FOLDER")
    # The container's own network, of which only Home Assistant and other apps are part
    # unless the user maps the port.
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=32168)
    parser.add_argument("--supervisor", default="http://supervisor", metavar="URL")
    parser.add_argument("--user", default="recognizer", help="who the service runs as")
    return parser


def read_options(file: Path) -> dict[str, Any]:
    """Return what the user set; the Supervisor has checked it against config.yaml.

    Raises:
        AppError: There is no such file, or something else in it.

    """
    try:
        options = json.loads(file.read_bytes())
    except (OSError, ValueError):
        raise AppError("The app's options cannot be read") from None
    if not isinstance(options, dict):
        raise AppError("The app's options cannot be read")
    return options


def open_certificate(
    options: Mapping[str, Any], folder: Path
) -> tuple[int, int] | None:
    """Take certificate and key along, past the point where root's files are closed.

    They are copied into memory that has no name in any folder, and the file descriptors
    stay open in the service, which reads them as /proc/self/fd/N.

    Returns:
        The file descriptors of certificate and key; None if TLS is not wanted.

    Raises:
        AppError: One of the files cannot be read.

    """
    if not options.get("ssl"):
        return None
    certificate, key = (
        _in_memory(folder, str(options.get(name) or ""))
        for name in ("certfile", "keyfile")
    )
    return certificate, key


def _in_memory(folder: Path, name: str) -> int:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        raise AppError(f"There is no file {name!r} in the folder ssl") from None
    descriptor = os.memfd_create("tls", 0)
    os.set_inheritable(descriptor, True)
    with open(descriptor, "wb", closefd=False) as memory:
        memory.write(content)
    return descriptor


def service_arguments(
    options: Mapping[str, Any],
    host: str,
    port: int,
    certificate: tuple[int, int] | None,
) -> list[str]:
    """Return the command line of the service, without the program.

    Args:
        options: What the user set.
        host: The address to listen on.
        port: The port to listen on.
        certificate: The open certificate and key, if TLS is wanted.

    """
    arguments = ["serve", "--host", host, "--port", str(port)]
    # Zeroconf would tell the house of an address that only this machine can reach; the
    # Supervisor has its own way of telling Home Assistant.
    arguments.append("--no-announce")
    for name in ("threads", "workers", "log_level"):
        if name in options:
            arguments += [f"--{name.replace('_', '-')}", str(options[name])]
    if certificate is not None:
        arguments += ["--tls-cert", f"/proc/self/fd/{certificate[0]}"]
        arguments += ["--tls-key", f"/proc/self/fd/{certificate[1]}"]
    return arguments


def announce(
    options: Mapping[str, Any], port: int, supervisor: str, token: str
) -> None:
    """Have Home Assistant show that there is a recognizer, ready to be added.

    The service is up a second or two later; a user takes longer to press the button.
    That it could not be told is no reason not to start.

    Args:
        options: What the user set.
        port: Where the service will listen.
        supervisor: The address of the Supervisor.
        token: The app's key to the Supervisor.

    """
    config: dict[str, object] = {
        "host": socket.gethostname(),
        "port": port,
        "tls": bool(options.get("ssl")),
    }
    if options.get("token"):
        config["token"] = str(options["token"])
    request = Request(
        f"{supervisor}/discovery",
        json.dumps({"service": DISCOVERY_SERVICE, "config": config}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=DISCOVERY_SECONDS) as answer:
            told = answer.status == HTTPStatus.OK
    except (OSError, HTTPException):
        told = False
    if not told:
        sys.stderr.write("Home Assistant could not be told of the recognizer\n")


def drop_privileges(user: str) -> None:
    """Become a user who may do nothing in particular, with no way back.

    Who is not root to begin with stays who they are.

    Raises:
        AppError: There is no such user, or the system does not let go.

    """
    try:
        if os.getuid() == 0:
            entry = pwd.getpwnam(user)
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
    except (KeyError, OSError) as err:
        raise AppError(f"Cannot become the user {user}: {type(err).__name__}") from None
    # No program with the set-user-id bit can be used to climb back up.
    if ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise AppError("The system does not let privileges be given up")


if __name__ == "__main__":
    main()
