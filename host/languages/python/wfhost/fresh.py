"""Renews, at the start of an invocation, what the snapshot holds of the time when it was made.

The environment is renewed by componentize-py itself, before the first call.
"""

import os
import random
import sys
import time

from . import library, mounts

TASK = "/var/task"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

# Loaded by Lambda's own runtime before it looks at the function's code, which therefore cannot replace them.
_LOADED_FIRST = {
    "abc", "codecs", "collections", "contextlib", "copyreg", "datetime", "decimal", "email", "encodings",
    "enum", "functools", "genericpath", "http", "importlib", "io", "json", "keyword", "linecache", "logging",
    "numbers", "operator", "os", "posixpath", "re", "reprlib", "site", "stat", "string", "textwrap", "threading",
    "token", "tokenize", "traceback", "types", "urllib", "warnings", "weakref",
}

of_the_build = []
"""The modules that only the build needed by name: a function may have its own with such a name."""

_kept = []


def renew():
    """Makes the interpreter one that has just started in this invocation."""
    # Kept, since taking modules apart would touch the memory of all that is in them.
    _kept.extend(sys.modules.pop(name, None) for name in of_the_build)
    random.seed(os.urandom(32))
    sys.argv = ["/var/runtime/bootstrap.py"]
    sys.executable = f"/var/lang/bin/python{VERSION}"
    _set_path()
    try:
        os.chdir(TASK)
    except OSError:
        pass  # Without code there is no such directory; the import of the handler says so.
    _unload_replaced()


def _set_path():
    named = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("python")[2] or VERSION
    versions = dict.fromkeys((named, VERSION))
    sys.path[:] = [
        TASK,
        *(f"/opt/python/lib/python{version}/site-packages" for version in versions),
        "/opt/python",
        *filter(None, os.environ.get("PYTHONPATH", "").split(":")),
        library.HOME,
    ]


def _unload_replaced():
    """Forgets preloaded modules that the function's code has its own version of."""
    for name in _modules_of(mounts.folder(TASK)):
        if name in sys.modules and name not in _LOADED_FIRST and name not in sys.builtin_module_names:
            for loaded in [loaded for loaded in sys.modules if loaded.partition(".")[0] == name]:
                del sys.modules[loaded]


def _modules_of(folder):
    for entry, is_folder in folder.listing().items():
        if entry.endswith(".py"):
            yield entry[:-3]
        elif is_folder and entry in sys.modules and folder.is_package(entry):
            yield entry
