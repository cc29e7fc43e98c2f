import contextlib
import functools
import time


def retry(times, base):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            for attempt in range(times):
                try:
                    return function(*args)
                except ConnectionError:
                    if attempt == times - 1:
                        raise
                    time.sleep(base * 2**attempt)

        return wrapper

    return decorate


class Service:
    def __init__(self, failures):
        self.failures = failures
        self.calls = 0

    @retry(4, base=10)
    def call(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise ConnectionError(f"attempt {self.calls}")
        return "answer"


@contextlib.contextmanager
def stopwatch(into):
    before = time.perf_counter()
    try:
        yield
    finally:
        into["seconds"] = round(time.perf_counter() - before)


def lambda_handler(event, context):
    result = {}
    service = Service(event["failures"])
    with stopwatch(result):
        result["answer"] = service.call()
    return {**result, "calls": service.calls}
