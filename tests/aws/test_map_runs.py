"""Map runs: what a Distributed Map leaves behind, and what can be changed while it works."""

import json

from harness import (
    calls, ended, equal, machine, missing, output, refuses, sfn, start, types, until,
)


def distributed(states: dict[str, object], kind: str = "STANDARD", **more: object) -> dict[str, object]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}, "StartAt": next(iter(states)), "States": states,
    }
    return {
        "StartAt": "M",
        "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True, **more}},
    }


ECHO = {"P": {"Type": "Pass", "End": True}}


@calls("stepfunctions.ListMapRuns", "stepfunctions.DescribeMapRun", "stepfunctions.ListExecutions")
def test_a_map_run_is_counted_item_by_item() -> None:
    arn = machine(distributed(ECHO, MaxConcurrency=2))
    execution = start(arn, {"items": [1, 2, 3]})
    equal(output(ended(execution)), [1, 2, 3])
    runs = sfn().list_map_runs(executionArn=execution)["mapRuns"]
    equal([one["executionArn"] for one in runs], [execution])
    assert runs[0]["stateMachineArn"].startswith(arn + "/"), runs
    run = sfn().describe_map_run(mapRunArn=runs[0]["mapRunArn"])
    equal((run["status"], run["maxConcurrency"], run["executionArn"]), ("SUCCEEDED", 2, execution))
    equal((run["toleratedFailureCount"], run["toleratedFailurePercentage"]), (0, 0.0))
    for counts in (run["itemCounts"], run["executionCounts"]):
        equal((counts["total"], counts["succeeded"]), (3, 3))
        equal([counts[name] for name in ("pending", "running", "failed", "timedOut", "aborted")], [0] * 5)
    children = sfn().list_executions(mapRunArn=runs[0]["mapRunArn"])["executions"]
    equal({one["mapRunArn"] for one in children}, {runs[0]["mapRunArn"]})
    found = [sfn().describe_execution(executionArn=one["executionArn"]) for one in children]
    equal(sorted(json.loads(one["input"]) for one in found), [1, 2, 3])
    assert [kind for kind in types(execution) if kind.startswith("MapRun")] == ["MapRunStarted", "MapRunSucceeded"]
    of_child = sfn().describe_state_machine_for_execution(executionArn=children[0]["executionArn"])
    equal(of_child["mapRunArn"], runs[0]["mapRunArn"])


@calls("stepfunctions.DescribeMapRun")
def test_a_map_run_tolerates_as_many_failures_as_it_says() -> None:
    choice = {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}], "Default": "P"},
        "F": {"Type": "Fail", "Error": "E"}, "P": {"Type": "Pass", "End": True},
    }
    arn = machine(distributed(choice, ToleratedFailureCount=1))
    execution = start(arn, {"items": [1, 2, 3]})
    equal(ended(execution)["status"], "SUCCEEDED")
    run = sfn().list_map_runs(executionArn=execution)["mapRuns"][0]
    counts = sfn().describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
    equal((counts["succeeded"], counts["failed"], counts["total"]), (2, 1, 3))
    execution = start(machine(distributed(choice)), {"items": [1, 2, 3]})
    found = ended(execution)
    equal((found["status"], found["error"]), ("FAILED", "States.ExceedToleratedFailureThreshold"))
    run = sfn().list_map_runs(executionArn=execution)["mapRuns"][0]
    equal(sfn().describe_map_run(mapRunArn=run["mapRunArn"])["status"], "FAILED")


@calls("stepfunctions.UpdateMapRun", "stepfunctions.DescribeMapRun", refused=("stepfunctions.UpdateMapRun",))
def test_a_running_map_run_is_changed() -> None:
    execution = start(
        machine(distributed({"W": {"Type": "Wait", "Seconds": 3600, "End": True}}, MaxConcurrency=1)), {"items": [1, 2, 3]}
    )
    runs = until(lambda: sfn().list_map_runs(executionArn=execution)["mapRuns"])
    arn = runs[0]["mapRunArn"]

    def counts() -> dict[str, int]:
        return sfn().describe_map_run(mapRunArn=arn)["executionCounts"]

    until(lambda: counts()["running"] == 1)
    sfn().update_map_run(mapRunArn=arn, maxConcurrency=3, toleratedFailureCount=2, toleratedFailurePercentage=50.0)
    run = sfn().describe_map_run(mapRunArn=arn)
    equal((run["status"], run["maxConcurrency"]), ("RUNNING", 3))
    equal((run["toleratedFailureCount"], run["toleratedFailurePercentage"]), (2, 50.0))
    until(lambda: counts()["running"] == 3)
    with refuses("ValidationException", "'toleratedFailurePercentage'"):
        sfn().update_map_run(mapRunArn=arn, toleratedFailurePercentage=100.5)
    sfn().stop_execution(executionArn=execution)
    until(lambda: sfn().describe_map_run(mapRunArn=arn)["status"] == "ABORTED")
    equal(counts()["aborted"], 3)
    with refuses("ValidationException"):
        sfn().update_map_run(mapRunArn=arn, maxConcurrency=1)


@calls(refused=("stepfunctions.DescribeMapRun", "stepfunctions.ListMapRuns", "stepfunctions.UpdateMapRun"))
def test_a_map_run_that_does_not_exist() -> None:
    arn = missing("mapRun", "m/l:00000000-0000-0000-0000-000000000000")
    with refuses("ResourceNotFound"):
        sfn().describe_map_run(mapRunArn=arn)
    with refuses("ResourceNotFound"):
        sfn().update_map_run(mapRunArn=arn, maxConcurrency=1)
    with refuses("ExecutionDoesNotExist"):
        sfn().list_map_runs(executionArn=missing("execution", "m:missing"))
    for ask in (lambda: sfn().describe_map_run(mapRunArn="no-arn"), lambda: sfn().list_map_runs(executionArn="no-arn"),
                lambda: sfn().update_map_run(mapRunArn="no-arn", maxConcurrency=1)):
        with refuses("InvalidArn"):
            ask()
    execution = ended(start(machine()))["executionArn"]
    equal(sfn().list_map_runs(executionArn=execution)["mapRuns"], [])
    with refuses("InvalidToken"):
        sfn().list_map_runs(executionArn=execution, nextToken="forged")
