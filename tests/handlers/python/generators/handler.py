import bisect
import heapq
import itertools
import operator
from collections import ChainMap, Counter, OrderedDict, deque


def primes():
    found = []
    for number in itertools.count(2):
        if all(number % prime for prime in itertools.takewhile(lambda prime: prime * prime <= number, found)):
            found.append(number)
            yield number


def averages():
    total = count = 0
    average = None
    while True:
        total += yield average
        count += 1
        average = total / count


def lambda_handler(event, context):
    running = averages()
    next(running)
    window = deque(maxlen=3)
    window.extend(range(10))
    heap = [5, 1, 4]
    heapq.heapify(heap)
    return {
        "primes": list(itertools.islice(primes(), event["count"])),
        "averages": [running.send(value) for value in (1, 2, 6)],
        "window": list(window),
        "smallest": heapq.nsmallest(2, heap),
        "grouped": {key: list(group) for key, group in itertools.groupby("aabbb")},
        "pairs": list(itertools.pairwise("abc")),
        "batches": [list(batch) for batch in itertools.batched(range(5), 2)],
        "total": list(itertools.accumulate([1, 2, 3], operator.mul)),
        "counted": Counter("mississippi").most_common(2),
        "chained": dict(ChainMap({"a": 1}, {"a": 2, "b": 3})),
        "ordered": list(OrderedDict(b=1, a=2)),
        "place": bisect.bisect([10, 20, 30], 25),
    }
