"""Everything that chance and time decide; the same seed must give the same again."""

import datetime
import random
import secrets
import tempfile
import time
import uuid


def chance(event, context):
    shuffled = list(range(10))
    random.shuffle(shuffled)
    return {
        "uuid4": str(uuid.uuid4()),
        "random": random.random(),
        "choice": random.choice("abcdefgh"),
        "shuffled": shuffled,
        "gauss": random.gauss(0, 1),
        "secret": secrets.token_hex(8),
        "system": random.SystemRandom().randrange(1_000_000),
        "file": tempfile.mktemp(dir="/tmp"),
    }


def clocks(event, context):
    before = time.time()
    monotonic = time.monotonic()
    left = context.get_remaining_time_in_millis()
    time.sleep(event["seconds"])
    return {
        "before": datetime.datetime.fromtimestamp(before, datetime.UTC).isoformat(timespec="seconds"),
        "slept": round(time.time() - before),
        "monotonic": round(time.monotonic() - monotonic),
        "remainingShrankBy": round((left - context.get_remaining_time_in_millis()) / 1000),
        "today": datetime.date.today().isoformat(),
    }


def stamps(event, context):
    """A uuid of the time is one of the virtual time."""
    made = uuid.uuid1()
    ticks = (made.time - 0x01B21DD213814000) // 10_000_000
    return {
        "year": datetime.datetime.fromtimestamp(ticks, datetime.UTC).year,
        "version": made.version,
        "uuid7year": datetime.datetime.fromtimestamp(uuid.uuid7().time / 1000, datetime.UTC).year,
    }


def order(event, context):
    """The order of a set depends on the hash seed, which is the snapshot's: it is the same in every call."""
    words = ["ash", "birch", "cedar", "elm", "fir", "larch", "maple", "oak", "pine", "yew"]
    orders = {tuple(set(words)) for _ in range(5)}
    return {"orders": len(orders), "hash": hash("oak") == hash("".join(["o", "ak"]))}


def seeded(event, context):
    """With a seed of its own, Python's generator gives the numbers that it gives everywhere."""
    random.seed(42)
    return [random.randint(1, 100) for _ in range(5)]
