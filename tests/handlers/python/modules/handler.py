"""Tells which modules of the standard library can be imported, and why the others cannot."""

import importlib
import sys
import warnings

# They do something when they are imported: print, or open a browser.
SIDE_EFFECTS = {"antigravity", "this"}


def lambda_handler(event, context):
    warnings.simplefilter("ignore")
    imports, fails = [], {}
    for name in sorted(sys.stdlib_module_names):
        if name.startswith("_") or name in SIDE_EFFECTS:
            continue
        try:
            importlib.import_module(name)
            imports.append(name)
        except Exception as error:
            fails[name] = f"{type(error).__name__}: {error}"
    return {"imports": imports, "fails": fails}
