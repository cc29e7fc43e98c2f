try:
    from . import _speedups
except ImportError as error:
    raise ImportError("IMPORTANT: the package was not built; see the manual") from error
