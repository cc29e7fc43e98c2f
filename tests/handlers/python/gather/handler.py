import asyncio
import contextvars
import time

request = contextvars.ContextVar("request")


async def fetch(name, seconds):
    await asyncio.sleep(seconds)
    return f"{request.get()}/{name}"


async def fail(seconds):
    await asyncio.sleep(seconds)
    raise LookupError("not there")


async def produce(queue):
    for number in range(3):
        await queue.put(number)
        await asyncio.sleep(0.1)
    await queue.put(None)


async def consume(queue):
    taken = []
    while (item := await queue.get()) is not None:
        taken.append(item)
    return taken


async def run(context):
    request.set(context.aws_request_id)
    before = time.monotonic()
    fetched = await asyncio.gather(*(fetch(name, 1 + at) for at, name in enumerate("abc")))
    took = round(time.monotonic() - before)
    try:
        await asyncio.wait_for(fetch("slow", 60), timeout=2)
    except TimeoutError:
        slow = "timed out"
    async with asyncio.TaskGroup() as group:
        queue = asyncio.Queue(maxsize=1)
        group.create_task(produce(queue))
        consumer = group.create_task(consume(queue))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(0.5))
            group.create_task(fetch("cancelled", 60))
    except* LookupError as errors:
        failed = str(errors.exceptions[0])
    first, pending = await asyncio.wait(
        [asyncio.create_task(fetch("x", 5)), asyncio.create_task(fetch("y", 1))],
        return_when=asyncio.FIRST_COMPLETED,
    )
    semaphore = asyncio.Semaphore(1)
    async with semaphore, asyncio.timeout(1):
        same = [result.rpartition("/")[0] == context.aws_request_id for result in fetched]
    return {
        "fetched": [result.rpartition("/")[2] for result in fetched],
        "same": all(same),
        "took": took,
        "slow": slow,
        "taken": consumer.result(),
        "failed": failed,
        "first": [task.result()[-1] for task in first],
        "pending": len(pending),
    }


def lambda_handler(event, context):
    result = asyncio.run(run(context))
    try:
        asyncio.run(asyncio.to_thread(print))
    except RuntimeError as error:
        result["to_thread"] = str(error)
    return result
