"""The function's own module with the name of one of the library's."""


def mean(values):
    return f"my own mean of {len(values)}"
