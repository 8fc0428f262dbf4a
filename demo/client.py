"""Talk to Home Assistant as its own web interface does: REST, flows, websocket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
import contextlib
import itertools
import json
import time
from typing import Any, Literal

import aiohttp

from .errors import DemoError

type Json = dict[str, Any]
type Listener = Callable[[Json], None]
type FlowKind = Literal["flow", "options/flow", "subentries/flow"]
type Steps = Sequence[tuple[str, Mapping[str, Any]]]

_FLOWS = "/api/config/config_entries"

_ANSWER_LIMIT = 90.0  # seconds; a flow that starts the recognizer takes the longest


class Client:
    """One logged-in user of a Home Assistant.

    Args:
        session: the HTTP session to use.
        url: the address of Home Assistant, without a slash at its end.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Remember the address; ``create_owner`` logs in."""
        self.url = url
        self._client_id = f"{url}/"
        self._session = session
        self._tokens: Json = {}

    async def create_owner(self, name: str, password: str) -> None:
        """Make the first user and log in as them."""
        answer = await self._post(
            "/api/onboarding/users",
            json={
                "name": name.capitalize(),
                "username": name,
                "password": password,
                "client_id": self._client_id,
                "language": "en",
            },
        )
        self._tokens = await self._post(
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": answer["auth_code"],
                "client_id": self._client_id,
            },
        )

    def browser_login(self) -> str:
        """Return what a logged-in browser keeps in ``localStorage.hassTokens``."""
        expires = int((time.time() + self._tokens["expires_in"]) * 1000)
        return json.dumps(
            self._tokens
            | {"hassUrl": self.url, "clientId": self._client_id, "expires": expires}
        )

    async def get(self, path: str) -> Any:
        """Return the JSON at ``path``."""
        return await self._request("GET", path)

    async def flow(self, kind: FlowKind, about: str, steps: Steps) -> Json:
        """Begin a configuration flow, walk through it, and return its last answer.

        Args:
            kind: which sort of flow.
            about: the domain to set up, or the entry whose options are to be changed.
            steps: for each step the name that it must have and what is entered.
                A menu's choice is entered as ``{"next_step_id": NAME}``. A name with a
                question mark is of a step that may be left out.

        Raises:
            DemoError: a step is another one than expected or shows an error.
        """
        answer = await self._post(f"{_FLOWS}/{kind}", json={"handler": about})
        return await self._walk(kind, answer, steps)

    async def resume_flow(self, kind: FlowKind, flow_id: str, steps: Steps) -> Json:
        """Do the same with a flow that Home Assistant began."""
        answer = await self._request("GET", f"{_FLOWS}/{kind}/{flow_id}")
        return await self._walk(kind, answer, steps)

    async def _walk(self, kind: FlowKind, answer: Json, steps: Steps) -> Json:
        for name, entered in steps:
            if name.endswith("?") and answer.get("step_id") != name[:-1]:
                continue
            if answer.get("step_id") != name.removesuffix("?"):
                raise DemoError(
                    f"The set-up stands at {_where(answer)}, where step {name} was"
                    " expected."
                )
            path = f"{_FLOWS}/{kind}/{answer['flow_id']}"
            answer = await self._post(path, json=entered)
            if errors := answer.get("errors"):
                raise DemoError(
                    f"The set-up shows an error at {_where(answer)}:"
                    f" {', '.join(f'{k}: {v}' for k, v in errors.items())}."
                )
        if answer["type"] != "create_entry":
            raise DemoError(f"The set-up ends at {_where(answer)}, unfinished.")
        return answer

    @contextlib.asynccontextmanager
    async def websocket(self) -> AsyncIterator[Websocket]:
        """Open the websocket; it is closed with the context."""
        async with self._session.ws_connect(f"{self.url}/api/websocket") as stream:
            await stream.receive_json()
            await stream.send_json(
                {"type": "auth", "access_token": self._tokens["access_token"]}
            )
            if (await stream.receive_json())["type"] != "auth_ok":
                raise DemoError("Home Assistant refused the demo's login.")
            websocket = Websocket(stream)
            reader = asyncio.create_task(websocket.read())
            try:
                yield websocket
            finally:
                reader.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reader

    async def _post(self, path: str, **what: Any) -> Json:
        answer: Json = await self._request("POST", path, **what)
        return answer

    async def _request(self, method: str, path: str, **what: Any) -> Any:
        head = {}
        if self._tokens:
            head["Authorization"] = f"Bearer {self._tokens['access_token']}"
        try:
            async with (
                asyncio.timeout(_ANSWER_LIMIT),
                self._session.request(
                    method, self.url + path, headers=head, **what
                ) as answer,
            ):
                if answer.status >= 400:
                    raise DemoError(
                        f"Home Assistant answered {answer.status} to {method} {path}."
                    )
                return await answer.json()
        except TimeoutError:
            raise DemoError(
                f"Home Assistant did not answer {method} {path} within"
                f" {_ANSWER_LIMIT:.0f} s."
            ) from None
        except aiohttp.ClientError as err:
            raise DemoError(
                f"Home Assistant could not be asked for {path} ({type(err).__name__})."
            ) from None


class Websocket:
    """Commands and subscriptions over one open websocket."""

    def __init__(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        """Take over a stream that has been authenticated."""
        self._stream = stream
        self._numbers = itertools.count(1)
        self._results: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Listener] = {}
        self.closed = asyncio.Event()

    async def read(self) -> None:
        """Hand out what arrives, until the stream ends."""
        try:
            async for message in self._stream:
                self._hand_out(message.json())
        finally:
            self.closed.set()
            for waiting in self._results.values():
                waiting.cancel()

    def _hand_out(self, message: Json) -> None:
        number = message["id"]
        if message["type"] == "event":
            if listener := self._listeners.get(number):
                listener(message["event"])
        elif (waiting := self._results.pop(number, None)) and not waiting.done():
            if message["success"]:
                waiting.set_result(message["result"])
            else:
                waiting.set_exception(
                    DemoError(f"Home Assistant says: {message['error']['message']}")
                )

    async def call(self, kind: str, **what: Any) -> Any:
        """Send one command and return its result."""
        return await self._send(next(self._numbers), kind, what)

    async def subscribe(self, listener: Listener, kind: str, **what: Any) -> None:
        """Send one command whose events go to ``listener``."""
        number = next(self._numbers)
        self._listeners[number] = listener
        await self._send(number, kind, what)

    async def _send(self, number: int, kind: str, what: Mapping[str, Any]) -> Any:
        waiting = asyncio.get_running_loop().create_future()
        self._results[number] = waiting
        await self._stream.send_json({"id": number, "type": kind, **what})
        async with asyncio.timeout(_ANSWER_LIMIT):
            return await waiting


def _where(answer: Json) -> str:
    """Say where a flow stands."""
    if answer["type"] == "abort":
        return f"an abort ({answer.get('reason')})"
    return f"step {answer.get('step_id')}"
