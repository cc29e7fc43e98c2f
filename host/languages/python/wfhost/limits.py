"""What cannot work in the sandbox, and the words for it.

Python's own classes of errors are raised, so that code that copes with a missing network or a missing
extension keeps coping. Every message begins with `wf-host: `, names the limit and says what to do.
"""

import errno
import http.client
import os
import socket
import sys
import threading
import urllib.request

NETWORK = (
    "wf-host: functions have no network; call the service from a state of the workflow,"
    " or bind it as a task in wf-host.toml"
)
THREADS = (
    "wf-host: functions have no threads; call it directly, or use asyncio without to_thread and executors"
)
PROCESSES = "wf-host: functions cannot start processes; do the work in Python"
RECURSION = 10_000

_AWS = (
    "wf-host: {0} is not in the function's code, and functions have no network: bind the service as a task in"
    " wf-host.toml, or put a stand-in for {0} into the code folder"
)
_MISSING = {
    "boto3": _AWS,
    "botocore": _AWS,
    "_ctypes": "wf-host: ctypes is not there: functions cannot load native libraries",
    "_multiprocessing": PROCESSES,
    "_posixshmem": PROCESSES,
    "_bz2": "wf-host: bz2 is not there; use zlib or gzip",
    "_lzma": "wf-host: lzma is not there; use zlib or gzip",
    "_zstd": "wf-host: zstd is not there; use zlib or gzip",
    "_curses": "wf-host: functions have no terminal",
    "_tkinter": "wf-host: functions have no screen",
    "mmap": "wf-host: mmap is not there; read the file",
}

refused = []
"""The extension modules that were asked for in this invocation, as messages."""


class Missing:
    """The last entry of `sys.meta_path`: says why a module is not there."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Raises for what is known to be missing, and finds nothing."""
        reason = _MISSING.get(name)
        if reason is not None:
            raise ModuleNotFoundError(reason.format(name), name=name)
        return None


def refuse_extension(name, path):
    """Raises for an extension module, which is compiled for another machine."""
    package = name.partition(".")[0]
    message = (
        f"wf-host: {package} needs the extension module {path}; functions run pure Python only:"
        " use a package without compiled parts"
    )
    refused.append(message)
    raise ImportError(message, name=name, path=path)


def install():
    """Puts refusals where the operating system has nothing to offer."""
    sys.meta_path.append(Missing)
    threading.Thread.start = _raiser("start", RuntimeError, THREADS)
    socket.socket.__init__ = _raiser("__init__", OSError, NETWORK, errno.ENETUNREACH)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo"):
        setattr(socket, name, _raiser(name, socket.gaierror, NETWORK, errno.ENETUNREACH))
    for name in ("fork", "system", "popen", "pipe", "posix_spawn", "execv", "execve", "execvp"):
        setattr(os, name, _raiser(name, OSError, PROCESSES, errno.ENOSYS))
    os.register_at_fork = lambda **_: None  # Asked for wherever there is `fork`.
    http.client.HTTPSConnection = HTTPSConnection
    urllib.request.HTTPSHandler = HTTPSHandler
    _cap_recursion()


class HTTPSConnection(http.client.HTTPConnection):
    """What `http.client` has where there is TLS."""

    default_port = http.client.HTTPS_PORT


class HTTPSHandler(urllib.request.AbstractHTTPHandler):
    """What `urllib.request` has where there is TLS."""

    https_request = urllib.request.AbstractHTTPHandler.do_request_

    def https_open(self, request):
        """Opens a URL."""
        return self.do_open(HTTPSConnection, request)


def ssl_loaded(module):
    """Called when `ssl` was imported, which is `tls.py`."""
    module.NETWORK = NETWORK


def subprocess_loaded(module):
    """Called when `subprocess` was imported."""
    module.Popen.__init__ = _raiser("__init__", OSError, PROCESSES, errno.ENOSYS)
    module.Popen.__del__ = lambda self: None


def multiprocessing_loaded(module):
    """Called when `multiprocessing.context` was imported."""
    for name in ("Pool", "Manager", "Pipe", "Queue", "SimpleQueue", "JoinableQueue"):
        setattr(module.BaseContext, name, _raiser(name, OSError, PROCESSES, errno.ENOSYS))
    module.process.BaseProcess.start = _raiser("start", OSError, PROCESSES, errno.ENOSYS)


def process_pool_loaded(module):
    """Called when `concurrent.futures.process` was imported."""
    module.ProcessPoolExecutor.__init__ = _raiser("__init__", OSError, PROCESSES, errno.ENOSYS)


def _raiser(name, kind, message, number=None):
    def refuse(*_, **__):
        error = kind(message)
        if number is not None:
            error.errno = number
        raise error

    refuse.__name__ = name
    return refuse


def _cap_recursion():
    """A deeper recursion would end the instance before Python could raise `RecursionError`."""
    original = sys.setrecursionlimit

    def setrecursionlimit(limit):
        """Sets the greatest depth of calls; wf-host allows at most 10,000."""
        original(min(limit, RECURSION))

    sys.setrecursionlimit = setrecursionlimit
