"""What is done while the component is built: the library is packed, and what most functions use is loaded."""

import gc
import importlib
import importlib.machinery
import os
import sys
import zipimport

from . import errors, fresh, library, limits, mounts

# What functions use most; each costs its import time in every invocation when it is not here.
PRELOADED = """
abc argparse ast asyncio base64 bisect calendar collections collections.abc concurrent.futures.thread configparser contextlib contextvars
copy csv dataclasses datetime decimal difflib email email.message email.mime.text email.mime.multipart email.policy
email.utils enum fnmatch fractions functools glob graphlib gzip hashlib heapq hmac html html.parser http http.client
importlib.abc importlib.metadata importlib.resources inspect io ipaddress itertools json locale logging
logging.config logging.handlers math numbers operator os pathlib pickle pkgutil platform pprint queue random re
secrets shutil signal socket sqlite3 statistics string struct tempfile textwrap threading time tomllib traceback
types typing unicodedata unittest.mock urllib.error urllib.parse urllib.request uuid warnings weakref
xml.etree.ElementTree zipfile zlib zoneinfo
""".split()

_packed = library.Library()
_AFTER = {
    "ssl": limits.ssl_loaded,
    "subprocess": limits.subprocess_loaded,
    "multiprocessing.context": limits.multiprocessing_loaded,
    "concurrent.futures.process": limits.process_pool_loaded,
}


def fill():
    """Packs the standard library, and makes the interpreter look for modules where a function has them."""
    library.pack(_packed, _root())
    _packed.after.update(_AFTER)
    sys.path_hooks[:] = [_packed.at, mounts.Folder, zipimport.zipimporter, _files()]
    sys.path.insert(0, library.HOME)
    sys.path_importer_cache.clear()
    for name in PRELOADED:
        importlib.import_module(name)
    library.replace(_packed, "ssl", f"{os.path.dirname(__file__)}/tls.py")


def leave():
    """Leaves nothing of the build behind that a function could see."""
    library.adopt(_packed, _root())
    library.rename(os.path.dirname(__file__), errors.HERE)
    fresh.of_the_build += [name for name in sys.modules if _is_of_the_build(name)]
    sys.path_importer_cache.clear()
    sys.dont_write_bytecode = True
    gc.collect()
    gc.freeze()


def _is_of_the_build(name):
    top = name.partition(".")[0]
    return top in ("wfhost", "wfhost_app", "wit_world", "tzdata", "poll_loop") or "componentize_py" in top


def _root():
    return next(path for path in sys.path if os.path.exists(f"{path}/_collections_abc.py"))


def _files():
    details = [
        (importlib.machinery.SourceFileLoader, [".py"]),
        (importlib.machinery.SourcelessFileLoader, [".pyc"]),
    ]
    return importlib.machinery.FileFinder.path_hook(*details)
