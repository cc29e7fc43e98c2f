"""A pure-Python package, as `pip install --target` puts it beside the handler."""

from importlib import metadata, resources

try:
    from . import _speedups  # Compiled, and not for here; the package can do without.

    FAST = True
except ImportError:
    FAST = False

__version__ = metadata.version("greeter")


def greet(name):
    template = resources.files(__name__).joinpath("templates", "greeting.txt").read_text(encoding="utf-8")
    return template.strip().format(name=name)
