"""What every recognition backend has in common."""

from dataclasses import dataclass
from typing import Protocol

from ..models import Frame, PlateRead


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendInfo:
    """What a backend says of itself."""

    version: str | None = None


class RecognitionBackend(Protocol):
    """Whatever turns a frame into reads."""

    async def start(self) -> None:
        """Get ready; return once it answers.

        Raises:
            BackendError: It cannot be made ready.

        """

    async def stop(self) -> None:
        """Let go of everything."""

    async def ping(self) -> BackendInfo:
        """Ask whether it is there. This costs next to nothing, so it suits polling.

        One that is there may still be unable to read plates; `check` finds that out.

        Raises:
            BackendError: It is not.

        """

    async def check(self) -> BackendInfo:
        """Ask whether it is there and able to read plates. This costs one reading.

        Raises:
            BackendError: It is not.

        """

    async def read(self, frame: Frame) -> list[PlateRead]:
        """Read the plates in a frame; an empty list if there are none.

        Raises:
            BackendError: It gave no usable answer.

        """
