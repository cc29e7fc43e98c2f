"""The standard library, kept in the snapshot: a guest has no directory to load it from.

`pack` compiles every module while the component is built. `Library` serves them afterwards, under
the file names that they have on Lambda, so that a traceback reads the same.
"""

import _imp
import gc
import marshal
import os
import sys
import zlib
from importlib.machinery import ModuleSpec
from types import FunctionType

HOME = f"/var/lang/lib/python{sys.version_info.major}.{sys.version_info.minor}"

# Tools for a terminal, a screen or an installation, and what was never meant to be imported.
LEFT_OUT = {
    "__pycache__", "ensurepip", "idlelib", "lib-dynload", "site-packages", "test", "tests",
    "tkinter", "turtle.py", "turtledemo", "venv",
}


class Library:
    """Loads the packed modules."""

    def __init__(self):
        self.modules = {}  # name -> (file, is it a package, marshalled code, deflated source)
        self.after = {}  # name -> what is called with the module once it is loaded

    def at(self, path):
        """What `sys.path_hooks` gives for `HOME` and the packages below it."""
        if path != HOME and not path.startswith(HOME + "/"):
            raise ImportError("not the standard library", path=path)
        return Shelf(self, path)

    def add(self, name, file, source, package):
        """Packs a module that belongs to `file`, which no longer has to exist afterwards."""
        code = compile(source, file, "exec", dont_inherit=True)
        self.modules[name] = (file, package, marshal.dumps(code), zlib.compress(source, 9))

    def spec(self, name):
        """The spec of a packed module."""
        file, package, _, _ = self.modules[name]
        spec = ModuleSpec(name, self, origin=file, is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [file.rpartition("/")[0]]
        return spec

    def create_module(self, spec):
        """Modules are made in the usual way."""
        return None

    def exec_module(self, module):
        """Runs a module's code."""
        name = module.__spec__.name
        exec(self.get_code(name), module.__dict__)
        if name in self.after:
            self.after[name](module)

    def get_code(self, name):
        """A module's code object."""
        return marshal.loads(self.modules[name][2])

    def get_source(self, name):
        """A module's text, for tracebacks and `inspect`."""
        return zlib.decompress(self.modules[name][3]).decode()

    def get_filename(self, name):
        """The file that a module seems to come from."""
        return self.modules[name][0]

    def is_package(self, name):
        """Whether a module has modules inside of it."""
        return self.modules[name][1]


class Shelf:
    """Finds the packed modules of one package, or those that are in none."""

    def __init__(self, library, path):
        self.library = library
        self.package = path[len(HOME) + 1 :].replace("/", ".")

    def find_spec(self, name, target=None):
        """The spec of a packed module, or None for any other."""
        return self.library.spec(name) if name in self.library.modules else None

    def iter_modules(self, prefix=""):
        """What `pkgutil.iter_modules` asks for: names, and whether they are packages."""
        for name, module in self.library.modules.items():
            package, _, stem = name.rpartition(".")
            if package == self.package:
                yield prefix + stem, module[1]

    def invalidate_caches(self):
        """There are none: the library cannot change."""


def pack(library, root):
    """Packs every module below `root`, the directory of the standard library."""
    for folder, inner, files in os.walk(root):
        inner[:] = sorted(set(inner) - LEFT_OUT)
        package = folder[len(root) + 1 :].replace("/", ".")
        if package and "__init__.py" not in files:
            inner[:] = []
            continue
        for file in sorted(set(files) - LEFT_OUT):
            stem, dot, kind = file.partition(".")
            if kind == "py":
                _pack_file(library, root, folder, file, ".".join(filter(None, (package, stem))))


def replace(library, name, file):
    """Packs a module of ours in the place of one that cannot work."""
    with open(file, "rb") as opened:
        library.add(name, library.get_filename(name), opened.read(), False)


def _pack_file(library, root, folder, file, name):
    with open(f"{folder}/{file}", "rb") as opened:
        source = opened.read()
    is_package = file == "__init__.py"
    if is_package:
        name = name.removesuffix(".__init__")
    if name:
        library.add(name, HOME + f"{folder}/{file}"[len(root) :], source, is_package)


def adopt(library, root):
    """Lets the modules that were loaded from `root` appear to come from the library."""
    for name, module in sys.modules.items():
        file = getattr(module, "__file__", None) or ""
        if file.startswith(root + "/") and name in library.modules:
            module.__spec__ = library.spec(name)
            module.__loader__, module.__file__ = library, library.get_filename(name)
            if module.__spec__.submodule_search_locations:
                module.__path__ = module.__spec__.submodule_search_locations
    rename(root, HOME)


def rename(root, home):
    """Lets the functions whose files are below `root` appear to come from `home`."""
    for function in gc.get_objects():
        if type(function) is FunctionType and function.__code__.co_filename.startswith(root + "/"):
            _imp._fix_co_filename(function.__code__, home + function.__code__.co_filename[len(root) :])
