"""State machines: made, described, changed, listed, deleted; every error that can be had."""

import json

from harness import (
    ACCOUNT, FAIL, PASS, REGION, ROLE, WAIT, calls, client, ended, equal, machine, missing, output, refuses, sfn, start,
    task, unique, until,
)


@calls("stepfunctions.CreateStateMachine", "stepfunctions.DescribeStateMachine")
def test_a_machine_is_described_as_it_was_made() -> None:
    name = unique("as-made.")
    definition = json.dumps(PASS, indent=3)
    made = sfn().create_state_machine(name=name, definition=definition, roleArn=ROLE)
    arn = made["stateMachineArn"]
    equal(arn, f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}")
    assert "stateMachineVersionArn" not in made
    found = sfn().describe_state_machine(stateMachineArn=arn)
    equal(found["definition"], definition)
    equal((found["name"], found["status"], found["type"]), (name, "ACTIVE", "STANDARD"))
    equal(found["roleArn"], ROLE)
    equal(found["creationDate"], made["creationDate"])
    equal(found["loggingConfiguration"], {"level": "OFF", "includeExecutionData": False})
    equal(found["tracingConfiguration"], {"enabled": False})
    assert "revisionId" not in found, "a machine that never changed has no revision"


@calls("stepfunctions.CreateStateMachine", refused=("stepfunctions.CreateStateMachine",))
def test_making_the_same_machine_again_finds_it() -> None:
    name = unique()
    given = {"name": name, "definition": json.dumps(PASS), "roleArn": ROLE}
    first = sfn().create_state_machine(**given)
    again = sfn().create_state_machine(**given)
    equal(again["stateMachineArn"], first["stateMachineArn"])
    equal(again["creationDate"], first["creationDate"])
    # A role is not among what is compared; definition and type are.
    sfn().create_state_machine(**{**given, "roleArn": ROLE + "2"})
    with refuses("StateMachineAlreadyExists", f"State Machine Already Exists: '{first['stateMachineArn']}'"):
        sfn().create_state_machine(**{**given, "definition": json.dumps(FAIL)})
    with refuses("StateMachineAlreadyExists"):
        sfn().create_state_machine(**{**given, "type": "EXPRESS"})


@calls("stepfunctions.CreateStateMachine", refused=("stepfunctions.CreateStateMachine",))
def test_a_name_has_at_most_80_characters_and_none_that_is_reserved() -> None:
    given = {"definition": json.dumps(PASS), "roleArn": ROLE}
    longest = unique("n").ljust(80, "x")
    sfn().create_state_machine(name=longest, **given)
    with refuses("ValidationException", "'name' failed to satisfy constraint: Member must have length less than or equal to 80"):
        sfn().create_state_machine(name=longest + "x", **given)
    with refuses("ValidationException", "Member must have length greater than or equal to 1"):
        sfn().create_state_machine(name="", **given)
    for wrong in ("a name", "a<b", "a?b", "a:b", "a|b", "a/b", 'a"b', "a\tb", "a\u0085b"):
        with refuses("InvalidName", "Invalid Name: '"):
            sfn().create_state_machine(name=wrong, **given)


@calls(refused=("stepfunctions.CreateStateMachine",))
def test_what_is_required_must_be_there() -> None:
    with refuses("ValidationException", "3 validation errors detected", "Value null at 'roleArn'", "Member must not be null"):
        sfn().create_state_machine()


@calls(refused=("stepfunctions.CreateStateMachine",))
def test_a_wrong_definition_is_refused_with_its_place() -> None:
    def made(definition: str, **more: str) -> None:
        sfn().create_state_machine(name=unique(), definition=definition, roleArn=ROLE, **more)

    with refuses("InvalidDefinition", "Invalid State Machine Definition: '"):
        made("{")
    with refuses("InvalidDefinition", "SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /"):
        made('{"StartAt": "P"}')
    with refuses("InvalidDefinition", "MISSING_TRANSITION_TARGET"):
        made('{"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Q"}}}')
    activity = task(missing("activity"))
    with refuses("InvalidDefinition", "Express state machine does not support Activity ARN at /States/T/Resource"):
        made(json.dumps(activity), type="EXPRESS")
    waits = task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters={"MessageBody.$": "$$.Task.Token"})
    with refuses("InvalidDefinition", "does not support '.waitForTaskToken' service integration"):
        made(json.dumps(waits), type="EXPRESS")


@calls(refused=("stepfunctions.CreateStateMachine",))
def test_arns_types_and_settings_are_checked() -> None:
    def made(**more: object) -> None:
        sfn().create_state_machine(**{"name": unique(), "definition": json.dumps(PASS), "roleArn": ROLE, **more})

    with refuses("InvalidArn"):
        made(roleArn="no-arn")
    with refuses("ValidationException", "'type' failed to satisfy constraint: Member must satisfy enum value set: ["):
        made(type="FAST")
    with refuses("InvalidLoggingConfiguration"):
        made(loggingConfiguration={"level": "ALL"})
    with refuses("ValidationException", "'loggingConfiguration.level'"):
        made(loggingConfiguration={"level": "LOUD"})
    with refuses("InvalidEncryptionConfiguration"):
        made(encryptionConfiguration={"type": "CUSTOMER_MANAGED_KMS_KEY"})
    with refuses("TooManyTags"):
        made(tags=[{"key": f"k{number}", "value": "v"} for number in range(51)])
    with refuses("ValidationException"):
        made(versionDescription="only with publish")


@calls("stepfunctions.CreateStateMachine", "stepfunctions.ListStateMachineVersions")
def test_a_machine_may_be_published_as_it_is_made() -> None:
    made = sfn().create_state_machine(
        name=unique(), definition=json.dumps(PASS), roleArn=ROLE, publish=True, versionDescription="first"
    )
    equal(made["stateMachineVersionArn"], made["stateMachineArn"] + ":1")
    found = sfn().list_state_machine_versions(stateMachineArn=made["stateMachineArn"])
    equal([one["stateMachineVersionArn"] for one in found["stateMachineVersions"]], [made["stateMachineVersionArn"]])


@calls("stepfunctions.UpdateStateMachine", "stepfunctions.DescribeStateMachine")
def test_an_update_changes_what_it_names() -> None:
    arn = machine(PASS)
    updated = sfn().update_state_machine(stateMachineArn=arn, definition=json.dumps(FAIL))
    found = sfn().describe_state_machine(stateMachineArn=arn)
    equal(json.loads(found["definition"]), FAIL)
    equal((found["roleArn"], found["revisionId"]), (ROLE, updated["revisionId"]))
    sfn().update_state_machine(stateMachineArn=arn, roleArn=ROLE + "2", tracingConfiguration={"enabled": True})
    found = sfn().describe_state_machine(stateMachineArn=arn)
    equal(json.loads(found["definition"]), FAIL)
    equal((found["roleArn"], found["tracingConfiguration"]), (ROLE + "2", {"enabled": True}))
    assert found["revisionId"] != updated["revisionId"]


@calls("stepfunctions.UpdateStateMachine", refused=("stepfunctions.UpdateStateMachine",))
def test_an_update_that_cannot_be_changes_nothing() -> None:
    arn = machine(PASS)
    with refuses("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the"):
        sfn().update_state_machine(stateMachineArn=arn)
    with refuses("InvalidDefinition"):
        sfn().update_state_machine(stateMachineArn=arn, definition="{}")
    with refuses("InvalidArn"):
        sfn().update_state_machine(stateMachineArn=arn, roleArn="role")
    with refuses("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{missing('stateMachine')}'"):
        sfn().update_state_machine(stateMachineArn=missing("stateMachine"), roleArn=ROLE)
    with refuses("InvalidLoggingConfiguration"):
        sfn().update_state_machine(stateMachineArn=arn, loggingConfiguration={"level": "ERROR"})
    equal(json.loads(sfn().describe_state_machine(stateMachineArn=arn)["definition"]), PASS)
    published = sfn().update_state_machine(stateMachineArn=arn, roleArn=ROLE, publish=True, versionDescription="v")
    equal(published["stateMachineVersionArn"], arn + ":1")


@calls("stepfunctions.UpdateStateMachine", "stepfunctions.DescribeStateMachineForExecution")
def test_an_execution_keeps_the_definition_that_it_began_with() -> None:
    arn = machine(WAIT)
    execution = start(arn)
    sfn().update_state_machine(stateMachineArn=arn, definition=json.dumps(PASS), roleArn=ROLE + "2")
    found = sfn().describe_state_machine_for_execution(executionArn=execution)
    equal(json.loads(found["definition"]), WAIT)
    equal((found["stateMachineArn"], found["roleArn"]), (arn, ROLE))
    equal(output(ended(start(arn, {"a": 1}))), {"a": 1})
    sfn().stop_execution(executionArn=execution)


@calls(refused=("stepfunctions.DescribeStateMachineForExecution",))
def test_the_machine_of_no_execution_is_not_found() -> None:
    with refuses("ExecutionDoesNotExist", "Execution Does Not Exist: '"):
        sfn().describe_state_machine_for_execution(executionArn=missing("execution", "m:missing"))
    with refuses("InvalidArn"):
        sfn().describe_state_machine_for_execution(executionArn="no-arn")


@calls(refused=("stepfunctions.DescribeStateMachine",))
def test_what_does_not_exist_is_not_described() -> None:
    with refuses("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{missing('stateMachine')}'"):
        sfn().describe_state_machine(stateMachineArn=missing("stateMachine"))
    with refuses("StateMachineDoesNotExist"):
        sfn().describe_state_machine(stateMachineArn=machine() + ":7")
    with refuses("InvalidArn", "Invalid Arn: "):
        sfn().describe_state_machine(stateMachineArn="no-arn")
    with refuses("InvalidArn"):
        sfn().describe_state_machine(stateMachineArn=missing("activity"))
    with refuses("ValidationException", "Member must have length less than or equal to 256"):
        sfn().describe_state_machine(stateMachineArn="a" * 257)


@calls("stepfunctions.DescribeStateMachine")
def test_metadata_alone_may_be_asked_for() -> None:
    found = sfn().describe_state_machine(stateMachineArn=machine(), includedData="METADATA_ONLY")
    equal(found["status"], "ACTIVE")


@calls("stepfunctions.ListStateMachines", refused=("stepfunctions.ListStateMachines",))
def test_machines_are_listed_in_pages() -> None:
    made = {machine(type=kind): kind for kind in ("STANDARD", "EXPRESS", "STANDARD", "EXPRESS", "STANDARD")}
    pages = list(sfn().get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 2}))
    assert all(len(page["stateMachines"]) == 2 for page in pages[:-1])
    listed = [one for page in pages for one in page["stateMachines"]]
    equal(len(listed), len({one["stateMachineArn"] for one in listed}))
    equal({one["stateMachineArn"]: one["type"] for one in listed if one["stateMachineArn"] in made}, made)
    everything = sfn().list_state_machines(maxResults=0)
    assert "nextToken" not in everything and len(everything["stateMachines"]) == len(listed)
    with refuses("InvalidToken"):
        sfn().list_state_machines(nextToken="forged")
    with refuses("ValidationException", "Value '1001' at 'maxResults'", "less than or equal to 1000"):
        sfn().list_state_machines(maxResults=1001)
    with refuses("ValidationException", "Value '-1' at 'maxResults'", "greater than or equal to 0"):
        sfn().list_state_machines(maxResults=-1)
    with refuses("ValidationException", "Member must have length less than or equal to 1024"):
        sfn().list_state_machines(nextToken="x" * 1025)


@calls("stepfunctions.DeleteStateMachine", refused=("stepfunctions.DeleteStateMachine",))
def test_a_deleted_machine_is_gone_and_deleted_again_in_peace() -> None:
    arn = machine()
    sfn().delete_state_machine(stateMachineArn=arn)

    def gone() -> bool:
        listed = sfn().get_paginator("list_state_machines").paginate()
        return all(one["stateMachineArn"] != arn for page in listed for one in page["stateMachines"])

    until(gone)
    with refuses("StateMachineDoesNotExist"):
        sfn().describe_state_machine(stateMachineArn=arn)
    with refuses("StateMachineDoesNotExist"):
        start(arn)
    sfn().delete_state_machine(stateMachineArn=arn)
    sfn().delete_state_machine(stateMachineArn=missing("stateMachine"))
    with refuses("InvalidArn"):
        sfn().delete_state_machine(stateMachineArn="no-arn")
    # The name is free again, for another definition too.
    again = sfn().create_state_machine(name=arn.rpartition(":")[2], definition=json.dumps(FAIL), roleArn=ROLE)
    equal(again["stateMachineArn"], arn)


@calls("stepfunctions.ListStateMachines")
def test_regions_are_apart() -> None:
    name = unique()
    there = client("stepfunctions", "eu-west-1")
    made = there.create_state_machine(name=name, definition=json.dumps(PASS), roleArn=ROLE)["stateMachineArn"]
    equal(made, f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:{name}")
    equal([one["name"] for one in there.list_state_machines()["stateMachines"]], [name])
    here = sfn().list_state_machines(maxResults=1000)["stateMachines"]
    assert all(one["name"] != name for one in here)
    execution = there.start_execution(stateMachineArn=made)["executionArn"]
    assert ":eu-west-1:" in execution
    until(lambda: there.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")


@calls("stepfunctions.ValidateStateMachineDefinition")
def test_a_definition_is_validated_without_being_made() -> None:
    right = sfn().validate_state_machine_definition(definition=json.dumps(PASS))
    equal((right["result"], right["diagnostics"]), ("OK", []))
    broken = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Q"}, "R": {"Type": "Nonsense"}}}
    found = sfn().validate_state_machine_definition(definition=json.dumps(broken))
    equal(found["result"], "FAIL")
    assert {one["severity"] for one in found["diagnostics"]} == {"ERROR"}
    assert all(one["code"] and one["message"] for one in found["diagnostics"])
    assert any(one.get("location", "").startswith("/States/P") for one in found["diagnostics"])
    not_json = sfn().validate_state_machine_definition(definition="{")
    equal((not_json["result"], not_json["diagnostics"][0]["code"]), ("FAIL", "INVALID_JSON_DESCRIPTION"))


@calls("stepfunctions.ValidateStateMachineDefinition", refused=("stepfunctions.ValidateStateMachineDefinition",))
def test_how_much_a_validation_tells_is_bounded() -> None:
    states = {f"S{number}": {"Type": "Pass", "Next": f"Missing{number}"} for number in range(9)}
    broken = json.dumps({"StartAt": "S0", "States": states})
    found = sfn().validate_state_machine_definition(definition=broken, maxResults=3)
    equal((found["result"], len(found["diagnostics"]), found["truncated"]), ("FAIL", 3, True))
    whole = sfn().validate_state_machine_definition(definition=broken)
    assert not whole["truncated"] and len(whole["diagnostics"]) >= 9
    with refuses("ValidationException", "Value '101' at 'maxResults'"):
        sfn().validate_state_machine_definition(definition=broken, maxResults=101)
    with refuses("ValidationException", "Value null at 'definition'"):
        sfn().validate_state_machine_definition()
    with refuses("ValidationException", "at 'severity'"):
        sfn().validate_state_machine_definition(definition=broken, severity="NONE")


@calls("stepfunctions.ValidateStateMachineDefinition")
def test_what_suits_one_type_may_not_suit_the_other() -> None:
    definition = json.dumps(task(missing("activity")))
    equal(sfn().validate_state_machine_definition(definition=definition, type="STANDARD")["result"], "OK")
    equal(sfn().validate_state_machine_definition(definition=definition, type="EXPRESS")["result"], "FAIL")
