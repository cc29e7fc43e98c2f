# serve: --retain 200000
"""A crowd of clients: no execution is lost, none runs twice, and a name starts once whoever asks.

`WF_HOST_TEST_HEAVY=1` makes it ten times as many.
"""

import collections
import concurrent.futures
import json
import os
import threading
from typing import Callable

from harness import PASS, calls, equal, machine, sfn, until
from raw import Client, descriptors, memory

CLIENTS = 32
EXECUTIONS = 100_000 if os.environ.get("WF_HOST_TEST_HEAVY") else 10_000


def crowd(work: Callable[[int, Client], object], clients: int = CLIENTS) -> list[object]:
    """Lets clients, each with a number and a connection, work at the same time; what they return."""
    barrier = threading.Barrier(clients)

    def run(number: int) -> object:
        with Client() as client:
            barrier.wait(timeout=30)
            return work(number, client)

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        return list(pool.map(run, range(clients)))


@calls("stepfunctions.ListExecutions")
def test_nothing_is_lost_and_nothing_twice() -> None:
    arn = machine(PASS)
    before = memory()

    def work(number: int, client: Client) -> list[str]:
        started = []
        for index in range(number, EXECUTIONS, CLIENTS):
            body = {"stateMachineArn": arn, "name": f"n{index}", "input": json.dumps({"index": index})}
            status, answer = client.call("StartExecution", body)
            equal((status, answer.get("executionArn", answer)), (200, f"{arn.replace(':stateMachine:', ':execution:')}:n{index}"))
            started.append(answer["executionArn"])
        return started

    started = [one for part in crowd(work) for one in part]  # type: ignore[attr-defined]
    equal((len(started), len(set(started))), (EXECUTIONS, EXECUTIONS))
    until(lambda: not sfn().list_executions(stateMachineArn=arn, statusFilter="RUNNING", maxResults=1)["executions"])
    listed = everything(arn)
    equal(len(listed), EXECUTIONS)
    equal({one["executionArn"] for one in listed}, set(started))
    equal(collections.Counter(one["status"] for one in listed), {"SUCCEEDED": EXECUTIONS})
    for index in range(0, EXECUTIONS, EXECUTIONS // 50):
        found = sfn().describe_execution(executionArn=f"{arn.replace(':stateMachine:', ':execution:')}:n{index}")
        equal(json.loads(found["output"]), {"index": index})
    grown = (memory() - before) / EXECUTIONS
    assert grown < 24, f"{grown:.1f} KiB an execution"


def everything(arn: str) -> list[dict[str, object]]:
    """All executions, page by page."""
    pages = sfn().get_paginator("list_executions").paginate(stateMachineArn=arn, PaginationConfig={"PageSize": 1000})
    return [one for page in pages for one in page["executions"]]


@calls("stepfunctions.ListExecutions")
def test_a_name_starts_once_whoever_is_first() -> None:
    waits = machine({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}})
    for race in range(10):
        def work(_: int, client: Client) -> tuple[int, object, object]:
            body = {"stateMachineArn": waits, "name": f"race-{race}", "input": "{}"}
            status, answer = client.call("StartExecution", body)
            return status, answer.get("executionArn"), answer.get("startDate")

        answers = set(crowd(work))
        equal(len(answers), 1)
        equal(next(iter(answers))[0], 200)  # type: ignore[index]
    equal(len(everything(waits)), 10)
    for one in everything(waits):
        sfn().stop_execution(executionArn=one["executionArn"])


@calls("stepfunctions.ListExecutions")
def test_of_different_inputs_under_one_name_one_wins() -> None:
    arn = machine(PASS)
    for race in range(10):
        def work(number: int, client: Client) -> tuple[int, int, object]:
            body = {"stateMachineArn": arn, "name": f"race-{race}", "input": str(number)}
            status, answer = client.call("StartExecution", body)
            return number, status, answer.get("__type", "").rpartition("#")[2]

        answers = crowd(work)
        winners = [number for number, status, _ in answers if status == 200]  # type: ignore[misc]
        equal(len(winners), 1)
        losers = {(status, code) for _, status, code in answers if status != 200}  # type: ignore[misc]
        equal(losers, {(400, "ExecutionAlreadyExists")})
        name = f"{arn.replace(':stateMachine:', ':execution:')}:race-{race}"
        equal(sfn().describe_execution(executionArn=name)["input"], str(winners[0]))
    equal(len(everything(arn)), 10)


@calls("stepfunctions.StartSyncExecution")
def test_synchronous_answers_are_never_mixed_up() -> None:
    arn = machine(PASS, type="EXPRESS")
    sfn().start_sync_execution(stateMachineArn=arn)

    def work(number: int, client: Client) -> int:
        for turn in range(EXECUTIONS // 10 // CLIENTS):
            given = json.dumps({"client": number, "turn": turn}, separators=(",", ":"))
            status, answer = client.call("StartSyncExecution", {"stateMachineArn": arn, "input": given})
            equal((status, answer.get("output", answer)), (200, given))
        return 1

    equal(sum(crowd(work)), CLIENTS)  # type: ignore[arg-type]


@calls("stepfunctions.CreateStateMachine")
def test_a_machine_is_made_once_whoever_is_first() -> None:
    for race in range(5):
        def work(_: int, client: Client) -> tuple[int, object]:
            body = {
                "name": f"made-{race}", "definition": json.dumps(PASS), "roleArn": "arn:aws:iam::000000000000:role/r",
            }
            status, answer = client.call("CreateStateMachine", body)
            return status, answer.get("creationDate")

        equal(len(set(crowd(work))), 1)
    machine(PASS)


@calls("stepfunctions.ListStateMachines")
def test_connections_that_are_gone_leave_nothing_open() -> None:
    sfn().list_state_machines()
    before = descriptors()
    for _ in range(3):
        crowd(lambda _, client: client.call("ListStateMachines", {}))
    until(lambda: descriptors() <= before + 2)
