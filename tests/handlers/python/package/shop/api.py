import importlib
import pkgutil
import sys

import plugins  # A namespace package: it has no __init__.py.
import shop

from . import total


def handler(event, context):
    loaded = {
        module.name: importlib.import_module(f"plugins.{module.name}").NAME
        for module in pkgutil.iter_modules(plugins.__path__)
    }
    return {
        "total": total(event["skus"]),
        "version": shop.__version__,
        "name": __name__,
        "file": __file__,
        "plugins": loaded,
        "first": sys.path[0],
        "cached": __cached__ if "__cached__" in globals() else None,
    }
