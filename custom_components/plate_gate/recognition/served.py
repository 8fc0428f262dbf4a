"""What all backends have in common that are a server at an address."""

from typing import override

from .backend import BackendInfo, RecognitionBackend
from .check_picture import CHECK_FRAME


class ServedBackend(RecognitionBackend):
    """A server that somebody else runs: there is nothing to start or to let go of."""

    @override
    async def start(self) -> None:
        """Find out whether the server is there.

        Raises:
            BackendError: It is not.

        """
        await self.ping()

    @override
    async def stop(self) -> None:
        """Do nothing: there is nothing to let go of."""

    @override
    async def check(self) -> BackendInfo:
        """Ask the server for its version, and let it read a picture without a plate.

        Only a reading tells whether what reads plates is installed, running and
        complete. Where readings are paid for, this costs one.

        Returns:
            The version of the server, if it tells.

        Raises:
            BackendError: It is not there, or cannot read plates.

        """
        info = await self.ping()
        await self.read(CHECK_FRAME)
        return info
