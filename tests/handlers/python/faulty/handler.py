"""Misbehaves on request, in every way a sandbox must survive.

The event says how: `{"do": "spin"}`. What a sandbox refuses is told as `{"refused": "why"}`.
"""

import os
import random
import socket
import subprocess
import sys
import threading
import time


class Faulty(Exception):
    """Fails in the orderly way."""


def attempt(deed):
    try:
        return {"done": deed()}
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def spin(event):
    turns = 0
    while True:
        turns += 1


def sleep(event):
    before = time.monotonic()
    time.sleep(event["seconds"])
    return {"sleptMs": round((time.monotonic() - before) * 1000)}


def allocate(event):
    everything = []
    while True:
        everything.append(bytearray(1 << 20))


def allocate_politely(event):
    """Catches `MemoryError`, as few functions do."""
    everything = []
    try:
        while True:
            everything.append(bytearray(1 << 20))
    except MemoryError:
        everything.clear()
        return "recovered"


def recurse(event):
    return recurse(event) + 1


def recurse_in_c(event):
    class Mirror:
        def __repr__(self):
            return repr(self)

    sys.setrecursionlimit(1_000_000)
    return repr(Mirror())


def garbage(event):
    return b"}{ this is \xff no JSON"


def huge_output(event):
    return "x" * 100_000_000


def oversized(event):
    return "x" * (event["bytes"] - 2)


def flood(event):
    stream = getattr(sys, event["stream"])
    for line in range(event["lines"]):
        stream.write(f"{line:06} {'flood ' * 15}\n")
    return {"lines": event["lines"]}


def log(event):
    print(event["line"], file=sys.stderr)


def read_file(event):
    def read():
        with open(event["path"], encoding="utf-8") as file:
            return file.read()

    return attempt(read)


def write_file(event):
    def write():
        with open(event["path"], "w", encoding="utf-8") as file:
            return file.write(event.get("text", ""))

    return attempt(write)


def fill(event):
    """Writes to /tmp until it is full."""
    written = 0
    try:
        with open("/tmp/filler", "wb", buffering=0) as file:
            while True:
                written += file.write(bytes(1 << 20))
    except OSError as error:
        return {"refused": f"{type(error).__name__}: {error}", "someWasWritten": written > 0}


def escape(event):
    """Tries to leave its folders by a link."""
    return [
        attempt(lambda: os.listdir("/var/task/../..")),
        attempt(lambda: os.symlink("/etc/passwd", "/tmp/link") or open("/tmp/link").read()),
        attempt(lambda: os.listdir("/proc")),
    ]


def connect(event):
    return attempt(lambda: socket.create_connection(("127.0.0.1", 80)))


def thread(event):
    return attempt(lambda: threading.Thread(target=print).start())


def process(event):
    return attempt(lambda: subprocess.run(["true"]))


def environment(event):
    name = event.get("name")
    return os.environ.get(name) if name else dict(os.environ)


def fail(event):
    kind = type(event.get("errorType", "Faulty"), (Faulty,), {})
    raise kind(event.get("errorMessage", ""))


def lambda_handler(event, context):
    deeds = {
        "panic": lambda event: [][0],
        "exit": lambda event: sys.exit(event["code"]),
        "trap": lambda event: os.abort(),
        "divide-by-zero": lambda event: 1 // 0,
        "clock": lambda event: {"epochMs": time.time_ns() // 1_000_000},
        "random": lambda event: f"{random.SystemRandom().getrandbits(128):032x}",
        "echo": lambda event: event,
        "error": fail,
        "socket": connect,
    }
    name = event["do"]
    deed = deeds.get(name) or globals()[name.replace("-", "_")]
    return deed(event)
