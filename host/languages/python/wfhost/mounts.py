"""Finds modules in the function's own code and in its layers.

These folders are read only, so that a directory is listed once and a file is read in one go: every
file operation is a call to the host. Cached byte code is neither looked for nor written.
"""

import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader

from . import limits

ROOTS = ("/var/task", "/opt")
ARCHIVES = (".zip/", ".whl/", ".egg/")  # Python's own `zipimport` takes these.
NATIVE = (".so", ".pyd", ".dylib")


class Source(SourceFileLoader):
    """Loads a `.py` file."""

    def get_code(self, name):
        """Compiles the file."""
        return self.source_to_code(read(self.path), self.path)

    def get_data(self, path):
        """Reads a file that lies beside the module."""
        return read(path)


class Folder:
    """Finds the modules of one directory; what `sys.path_hooks` gives for a path below `ROOTS`."""

    def __init__(self, path):
        ours = path in ROOTS or path.startswith(tuple(root + "/" for root in ROOTS))
        if not ours or any(archive in path + "/" for archive in ARCHIVES):
            raise ImportError("not a folder of the function", path=path)
        self.path = path
        self.entries = None

    def find_spec(self, name, target=None):
        """The spec of a package, a module or a part of a namespace package, in Python's order."""
        stem = name.rpartition(".")[2]
        entries = self.listing()
        within = f"{self.path}/{stem}"
        if self.is_package(stem):
            return _spec(name, Source(name, f"{within}/__init__.py"), [within])
        if f"{stem}.py" in entries:
            return _spec(name, Source(name, f"{within}.py"), None)
        native = self.native(stem)
        if native:
            limits.refuse_extension(name, f"{self.path}/{native}")
        if f"{stem}.pyc" in entries:
            return _spec(name, SourcelessFileLoader(name, f"{within}.pyc"), None)
        if entries.get(stem):
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [within]
            return spec
        return None

    def is_package(self, stem):
        """Whether there is a regular package with that name."""
        return bool(self.listing().get(stem)) and "__init__.py" in folder(f"{self.path}/{stem}").listing()

    def native(self, stem):
        """The file of an extension module with that name, if there is one."""
        for entry in self.entries:
            if entry.partition(".")[0] == stem and entry.endswith(NATIVE):
                return entry
        return None

    def listing(self):
        """What is in the directory: name -> is it a directory."""
        if self.entries is None:
            self.entries = _list(self.path)
        return self.entries

    def iter_modules(self, prefix=""):
        """What `pkgutil.iter_modules` asks for: names, and whether they are packages."""
        for entry, is_folder in sorted(self.listing().items()):
            stem, _, kind = entry.partition(".")
            if is_folder and self.is_package(entry):
                yield prefix + entry, True
            elif kind == "py" and stem != "__init__":
                yield prefix + stem, False

    def invalidate_caches(self):
        """Looks anew when it is asked again."""
        self.entries = None


def folder(path):
    """The one finder of a path."""
    found = sys.path_importer_cache.get(path)
    if found is None:
        found = sys.path_importer_cache[path] = Folder(path)
    return found


def read(path):
    """All of a file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        pieces = []
        while piece := os.read(descriptor, 1 << 18):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def _spec(name, loader, inside):
    spec = ModuleSpec(name, loader, origin=loader.path, is_package=inside is not None)
    spec.has_location = True
    if inside is not None:
        spec.submodule_search_locations = inside
    return spec


def _list(path):
    try:
        with os.scandir(path) as entries:
            return {entry.name: _is_folder(entry) for entry in entries}
    except OSError:
        return {}


def _is_folder(entry):
    """Whether it is one; a link that leads out of the mount is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False
