"""The HTTP service: pictures come in, reads go out, nothing is kept or logged."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
import hmac
import itertools
import logging
from time import perf_counter
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from . import __version__, openalpr, wire
from .devices import CPU, Device
from .errors import BusyError, PictureError, ReplacedError, StuckError
from .limits import BODY_MAX
from .logs import ACCESS
from .metrics import CONTENT_TYPE, Metrics, resident_memory
from .uploads import BODY_SECONDS, Lease, Receiver, Upload
from .worker import Result, Workers

_LOGGER = logging.getLogger(__name__)
_ACCESS = logging.getLogger(ACCESS)

FAILING: Final = 3
"""So many faults of our own in a row are no chance."""

_HEALTH: Final = "/health"
_OPENALPR: Final = "/v2/"
_CLIENT_GONE: Final = "499"
"""What nginx logs for it; no such answer is ever sent."""


@dataclass(slots=True)
class _Traffic:
    """What may be logged of a request and its answer."""

    size: int = 0
    """Bytes of the picture."""
    plates: int | None = None
    """How many plates were found; None if no picture was read."""


_TRAFFIC: Final[ContextVar[_Traffic]] = ContextVar("traffic")

type _Receive = Callable[[web.Request, Lease], Awaitable[Upload]]


class Service:
    """Answers requests."""

    def __init__(
        self,
        workers: Workers,
        token: str | None = None,
        *,
        device: Device = CPU,
        body_max: int = BODY_MAX,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        """Put it together; `app` is then to be run.

        Args:
            workers: Read the pictures; they stay the caller's.
            token: What each request must bear, if anything.
            device: What the networks run on, to be told.
            body_max: The longest request that is listened to, in bytes.
            body_seconds: The longest time that is listened.

        """
        self._workers = workers
        self._token = token
        self._device = device
        self._receiver = Receiver(body_max, body_seconds)
        self._metrics = Metrics()
        self._started = datetime.now(UTC)
        self._began = perf_counter()
        self._numbers = itertools.count(1)
        self._faults = 0

        self.app = web.Application(
            middlewares=[self._account, self._speak_json, self._check_token],
            # Held for what aiohttp reads by itself; pictures are counted as they come.
            client_max_size=body_max,
        )
        get, post = web.get, web.post
        self.app.add_routes(
            [
                post("/v1/vision/alpr", self._codeproject),
                post("/v1/image/alpr", self._codeproject),
                post("/v1/vision/custom/list", self._models),
                *(
                    get(f"/v1/{path}", self._ping)
                    for path in (
                        "status/ping",
                        "server/status/ping",
                        "status/version",
                        "server/status/version",
                    )
                ),
                get("/v1/module/list/status", self._module_status),
                post("/v2/recognize", self._recognize),
                post("/v2/recognize_bytes", self._recognize_bytes),
                post("/v2/recognize_url", self._recognize_url),
                get(_HEALTH, self._health),
                get("/metrics", self._tell_metrics),
            ]
        )

    # What is done around each request.

    @web.middleware
    async def _account(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Count the answer, and log it without anything that was sent."""
        began = perf_counter()
        code = _CLIENT_GONE
        traffic = _Traffic()
        _TRAFFIC.set(traffic)
        try:
            response = await handler(request)
            code = str(response.status)
            return response
        finally:
            self._metrics.requests.add(code)
            # The path as it was registered: one that was made up could hold anything.
            resource = request.match_info.route.resource
            details = {
                "method": request.method,
                "path": resource.canonical if resource else None,
                "status": int(code),
                "ms": round((perf_counter() - began) * 1000),
                "bytes": traffic.size,
                "plates": traffic.plates,
            }
            _ACCESS.info("request", extra={"details": details})

    @web.middleware
    async def _speak_json(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Answer every refusal and fault in JSON, and log none of what was sent."""
        try:
            return await handler(request)
        except web.HTTPException as refusal:
            response = _refuse(request, refusal.reason, refusal.status)
            for header in ("Allow", "Retry-After"):
                if header in refusal.headers:
                    response.headers[header] = refusal.headers[header]
            if isinstance(refusal, web.HTTPUnauthorized):
                response.headers["WWW-Authenticate"] = "Bearer"
            return response
        except BusyError as err:
            response = _refuse(request, str(err), 503)
            response.headers["Retry-After"] = str(err.retry_after)
            return response
        except StuckError as err:
            # Without Retry-After: whoever takes it for busy would come back for ever.
            return _refuse(request, str(err), 503)
        except Exception as err:  # noqa: BLE001
            # The service must go on, and a traceback could quote the picture's plate.
            _LOGGER.error("A request failed: %s", type(err).__name__)
            return _refuse(request, "Internal error", 500)

    @web.middleware
    async def _check_token(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Refuse requests without the token, before anything else is looked at."""
        # Whoever restarts a service that hangs knows no token; it is told one word.
        if request.path != _HEALTH and not self._may_ask(request):
            raise web.HTTPUnauthorized(reason="The token is missing or wrong")
        return await handler(request)

    def _may_ask(self, request: web.Request) -> bool:
        if self._token is None:
            return True
        given = [(request.headers.get("Authorization", ""), f"Bearer {self._token}")]
        if request.path.startswith(_OPENALPR):
            given.append((request.query.get("secret_key", ""), self._token))
        # As bytes, because text that is not ASCII cannot be compared this way.
        return any(
            hmac.compare_digest(one.encode(errors="surrogateescape"), right.encode())
            for one, right in given
        )

    # CodeProject.AI.

    async def _codeproject(self, request: web.Request) -> web.Response:
        began = perf_counter()
        number = f"r-{next(self._numbers)}"

        def passed() -> int:
            return round((perf_counter() - began) * 1000)

        try:
            result = await self._read(request, self._receiver.form)
        except PictureError as err:
            answer = wire.failure(str(err), number, passed(), self._device.name)
        else:
            answer = wire.answer(result, number, passed(), self._device.name)
        return web.json_response(answer)

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response(wire.models())

    async def _ping(self, request: web.Request) -> web.Response:
        return web.json_response(wire.ping())

    async def _module_status(self, request: web.Request) -> web.Response:
        pictures = self._metrics.pictures
        status = wire.module_status(
            self._started,
            read=pictures["read"],
            failed=pictures["refused"] + pictures["failed"],
            found=self._metrics.plates,
            device=self._device.name,
            well=self._state() == "ok",
        )
        return web.json_response(status)

    # OpenALPR.

    async def _recognize(self, request: web.Request) -> web.Response:
        return await self._openalpr(request, self._receiver.form)

    async def _recognize_bytes(self, request: web.Request) -> web.Response:
        return await self._openalpr(request, self._receiver.base64)

    async def _recognize_url(self, request: web.Request) -> web.Response:
        raise web.HTTPBadRequest(
            reason="This server fetches nothing: send the picture to /v2/recognize"
        )

    async def _openalpr(self, request: web.Request, receive: _Receive) -> web.Response:
        began = perf_counter()
        topn = _topn(request.query.get("topn"))
        try:
            result = await self._read(request, receive)
        except PictureError as err:
            raise web.HTTPBadRequest(reason=str(err)) from None
        # The search for candidates takes a while if there are many plates.
        total_ms = (perf_counter() - began) * 1000
        answer = await asyncio.to_thread(openalpr.answer, result, topn, total_ms)
        return web.json_response(answer)

    # Our own.

    async def _health(self, request: web.Request) -> web.Response:
        state = self._state()
        told: wire.Json = {"status": state}
        if self._may_ask(request):
            workers = self._workers
            told |= {
                "version": __version__,
                "uptime_s": round(perf_counter() - self._began, 1),
                "device": self._device.name,
                "provider": self._device.provider,
                "workers": workers.count,
                "reading": workers.reading,
                "waiting": workers.waiting,
            }
        return web.json_response(told, status=200 if state == "ok" else 503)

    async def _tell_metrics(self, request: web.Request) -> web.Response:
        workers = self._workers
        gauges: dict[str, tuple[str, float]] = {
            "up": ("Whether pictures get read.", int(self._state() == "ok")),
            "workers": ("How many pictures can be read at a time.", workers.count),
            "reading": ("Pictures that are being read.", workers.reading),
            "waiting": ("Pictures that wait.", workers.waiting),
            "start_time_seconds": (
                "When it began, in seconds since 1970.",
                self._started.timestamp(),
            ),
        }
        if (memory := resident_memory()) is not None:
            gauges["resident_memory_bytes"] = ("Memory that it holds.", memory)
        text = self._metrics.text(
            gauges,
            {"version": __version__, "device": self._device.name},
        )
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    def _state(self) -> str:
        """Return in a word how it is."""
        if self._workers.stopping:
            return "stopping"
        if not self._workers.able:
            return "stuck"
        if self._faults >= FAILING:
            return "failing"
        return "ok"

    async def _read(self, request: web.Request, receive: _Receive) -> Result:
        """Receive a picture and have it read.

        Raises:
            HTTPException: There is none in the request.
            PictureError: It is no picture that can be read.
            BusyError: It is not read, because others come first.
            StuckError: Nothing is read any more.

        """
        if self._workers.stopping:
            # Before the picture is listened to.
            raise self._workers.stopped()
        with self._receiver.memory(request) as lease:
            upload = await receive(request, lease)
            _TRAFFIC.get().size = len(upload.content)
            outcome = "failed"
            try:
                result = await self._workers.read(upload.content, upload.camera)
                outcome = "read"
            except PictureError:
                outcome = "refused"
                raise
            except ReplacedError:
                outcome = "replaced"
                raise
            except BusyError:
                outcome = "busy"
                raise
            except asyncio.CancelledError:
                outcome = "left"
                raise
            finally:
                self._note(outcome)
        self._metrics.reading.observe(result.took)
        self._metrics.waiting.observe(result.waited)
        self._metrics.plates += len(result.reads)
        _TRAFFIC.get().plates = len(result.reads)
        return result

    def _note(self, outcome: str) -> None:
        self._metrics.pictures.add(outcome)
        if outcome == "failed":
            self._faults += 1
        elif outcome == "read":
            self._faults = 0


def _topn(text: str | None) -> int:
    """Return how many candidates are wanted.

    Raises:
        HTTPBadRequest: It is no number that makes sense.

    """
    if text is None:
        return openalpr.TOPN
    if text.isascii() and text.isdigit() and len(text) <= 4:
        if 1 <= int(text) <= openalpr.TOPN_MAX:
            return int(text)
    raise web.HTTPBadRequest(reason=f"topn is from 1 to {openalpr.TOPN_MAX}")


def _refuse(request: web.Request, error: str, status: int) -> web.Response:
    """Return an answer that is none, in the shape that the sender expects."""
    if request.path.startswith(_OPENALPR):
        return web.json_response(openalpr.refusal(error), status=status)
    return web.json_response(wire.refusal(error, status), status=status)
