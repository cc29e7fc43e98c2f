from .orders import total

__version__ = "1.2.3"
__all__ = ["total"]
