"""The time zones, kept in the snapshot; `zoneinfo` finds no files for them."""

import io
import os
import zoneinfo

import zoneinfo._common as common

_zones = {}


def pack():
    """Keeps every zone of the package `tzdata`, while the component is built."""
    import tzdata

    root = os.path.join(os.path.dirname(tzdata.__file__), "zoneinfo")
    for folder, _, files in os.walk(root):
        for file in files:
            path = os.path.join(folder, file)
            with open(path, "rb") as opened:
                content = opened.read()
            if content.startswith(b"TZif"):
                _zones[os.path.relpath(path, root)] = content


def install():
    """Lets `zoneinfo` look here."""
    common.load_tzdata = _load
    zoneinfo.available_timezones = lambda: set(_zones)
    zoneinfo.reset_tzpath(())


def _load(key):
    try:
        return io.BytesIO(_zones[key])
    except KeyError:
        raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}") from None
