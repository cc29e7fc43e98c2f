"""asyncio's event loop for a guest that has timers, but neither sockets nor threads to wait for."""

import asyncio
import time

from . import limits

FOREVER = 3600.0


class Timers:
    """Stands in for a selector: there is nothing to select from, only time to let pass."""

    @staticmethod
    def select(timeout):
        """Sleeps until the next timer. Without one it sleeps for ever, as a loop that waits for nothing does."""
        while timeout is None:
            time.sleep(FOREVER)
        if timeout > 0:
            time.sleep(timeout)
        return ()


class Loop(asyncio.BaseEventLoop):
    """A loop of callbacks and timers."""

    def __init__(self):
        super().__init__()
        self._selector = Timers

    def _process_events(self, events):
        """There are none but timers."""

    def _write_to_self(self):
        """Nobody else could wake the loop, or has to."""

    def run_in_executor(self, executor, func, *args):
        """There are no threads to run it in."""
        raise RuntimeError(limits.THREADS)

    async def getaddrinfo(self, *_, **__):
        """There is no network."""
        raise OSError(limits.NETWORK)

    async def create_connection(self, *_, **__):
        """There is no network."""
        raise OSError(limits.NETWORK)

    async def create_server(self, *_, **__):
        """There is no network."""
        raise OSError(limits.NETWORK)

    async def subprocess_exec(self, *_, **__):
        """There are no processes."""
        raise OSError(limits.PROCESSES)

    async def subprocess_shell(self, *_, **__):
        """There are no processes."""
        raise OSError(limits.PROCESSES)


def install():
    """Makes it the loop that `asyncio.run` and `asyncio.new_event_loop` make."""
    type(asyncio.events._get_event_loop_policy())._loop_factory = Loop
    asyncio.EventLoop = asyncio.SelectorEventLoop = Loop
