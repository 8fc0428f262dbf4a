"""Those who want to be told of something."""

from collections.abc import Callable
from contextlib import suppress


class Listeners[ValueT]:
    """Calls whoever has subscribed, in that order."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        """Begin with nobody."""
        self._listeners: list[Callable[[ValueT], None]] = []

    def subscribe(self, listener: Callable[[ValueT], None]) -> Callable[[], None]:
        """Call the listener from now on.

        Returns:
            A function that ends the subscription.

        """
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    def tell(self, value: ValueT) -> None:
        """Call all listeners with a value."""
        for listener in tuple(self._listeners):
            listener(value)
