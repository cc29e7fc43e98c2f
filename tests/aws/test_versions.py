"""Versions and aliases, and which of them an execution runs."""

import json

from harness import PASS, ROLE, calls, ended, equal, machine, missing, output, refuses, sfn, start, unique


def returns(value: object) -> dict[str, object]:
    return {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": value, "End": True}}}


def published(versions: int = 1) -> str:
    """A machine with so many versions, each of which returns its number."""
    arn = machine(returns(1), publish=True)
    for number in range(2, versions + 1):
        sfn().update_state_machine(stateMachineArn=arn, definition=json.dumps(returns(number)), publish=True)
    return arn


def route(*parts: tuple[str, int]) -> list[dict[str, object]]:
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in parts]


@calls("stepfunctions.PublishStateMachineVersion", "stepfunctions.DescribeStateMachine")
def test_a_version_stays_as_it_was_published() -> None:
    arn = machine(returns("old"))
    made = sfn().publish_state_machine_version(stateMachineArn=arn, description="the first")
    equal(made["stateMachineVersionArn"], arn + ":1")
    again = sfn().publish_state_machine_version(stateMachineArn=arn, description="the first")
    equal(again["stateMachineVersionArn"], arn + ":1")
    updated = sfn().update_state_machine(stateMachineArn=arn, definition=json.dumps(returns("new")))
    second = sfn().publish_state_machine_version(stateMachineArn=arn, revisionId=updated["revisionId"])
    equal(second["stateMachineVersionArn"], arn + ":2")
    first = sfn().describe_state_machine(stateMachineArn=arn + ":1")
    equal((first["stateMachineArn"], json.loads(first["definition"])), (arn + ":1", returns("old")))
    equal(first["description"], "the first")
    equal(output(ended(start(arn + ":1"))), "old")
    equal(output(ended(start(arn))), "new")


@calls("stepfunctions.PublishStateMachineVersion", refused=("stepfunctions.PublishStateMachineVersion",))
def test_what_cannot_be_published() -> None:
    arn = machine()
    with refuses("ConflictException"):
        sfn().publish_state_machine_version(stateMachineArn=arn, revisionId="another")
    with refuses("StateMachineDoesNotExist"):
        sfn().publish_state_machine_version(stateMachineArn=missing("stateMachine"))
    with refuses("InvalidArn"):
        sfn().publish_state_machine_version(stateMachineArn="no-arn")
    with refuses("ValidationException", "'description'", "less than or equal to 256"):
        sfn().publish_state_machine_version(stateMachineArn=arn, description="d" * 257)
    sfn().publish_state_machine_version(stateMachineArn=arn, revisionId="INITIAL", description="d" * 256)


@calls("stepfunctions.ListStateMachineVersions", refused=("stepfunctions.ListStateMachineVersions",))
def test_versions_are_listed_the_youngest_first() -> None:
    arn = published(5)
    pages = list(list_pages("list_state_machine_versions", "stateMachineVersions", arn, 2))
    equal([len(page) for page in pages], [2, 2, 1])
    listed = [one["stateMachineVersionArn"] for page in pages for one in page]
    equal(listed, [f"{arn}:{number}" for number in (5, 4, 3, 2, 1)])
    with refuses("InvalidToken"):
        sfn().list_state_machine_versions(stateMachineArn=arn, nextToken="forged")
    with refuses("InvalidArn"):
        sfn().list_state_machine_versions(stateMachineArn="no-arn")
    with refuses("ValidationException", "Value '1001' at 'maxResults'"):
        sfn().list_state_machine_versions(stateMachineArn=arn, maxResults=1001)


def list_pages(method: str, member: str, arn: str, size: int) -> object:
    token: dict[str, str] = {}
    while True:
        page = getattr(sfn(), method)(stateMachineArn=arn, maxResults=size, **token)
        yield page[member]
        if "nextToken" not in page:
            return
        token = {"nextToken": page["nextToken"]}


@calls("stepfunctions.DeleteStateMachineVersion", refused=("stepfunctions.DeleteStateMachineVersion",))
def test_a_version_is_deleted_unless_an_alias_names_it() -> None:
    arn = published(2)
    alias = sfn().create_state_machine_alias(name="live", routingConfiguration=route((arn + ":1", 100)))
    with refuses("ConflictException"):
        sfn().delete_state_machine_version(stateMachineVersionArn=arn + ":1")
    sfn().delete_state_machine_alias(stateMachineAliasArn=alias["stateMachineAliasArn"])
    sfn().delete_state_machine_version(stateMachineVersionArn=arn + ":1")
    with refuses("StateMachineDoesNotExist"):
        start(arn + ":1")
    sfn().delete_state_machine_version(stateMachineVersionArn=arn + ":1")
    with refuses("InvalidArn"):
        sfn().delete_state_machine_version(stateMachineVersionArn="no-arn")
    # Numbers are not given twice.
    updated = sfn().update_state_machine(stateMachineArn=arn, roleArn=ROLE + "3", publish=True)
    equal(updated["stateMachineVersionArn"], arn + ":3")


@calls("stepfunctions.CreateStateMachineAlias", "stepfunctions.DescribeStateMachineAlias")
def test_an_alias_is_described_as_it_was_made() -> None:
    arn = published(2)
    routing = route((arn + ":1", 40), (arn + ":2", 60))
    given = {"name": "live", "description": "what is live", "routingConfiguration": routing}
    made = sfn().create_state_machine_alias(**given)
    equal(made["stateMachineAliasArn"], arn + ":live")
    again = sfn().create_state_machine_alias(**given)
    equal(again["creationDate"], made["creationDate"])
    found = sfn().describe_state_machine_alias(stateMachineAliasArn=arn + ":live")
    equal({name: found[name] for name in given}, given)
    equal((found["creationDate"], found["stateMachineAliasArn"]), (made["creationDate"], arn + ":live"))


@calls(refused=("stepfunctions.CreateStateMachineAlias",))
def test_what_cannot_be_an_alias() -> None:
    arn, other = published(3), published(1)

    def made(*parts: tuple[str, int], name: str = "live") -> None:
        sfn().create_state_machine_alias(name=name, routingConfiguration=route(*parts))

    with refuses("ValidationException"):
        made((arn + ":1", 50), (arn + ":2", 49))
    with refuses("ValidationException"):
        made((arn + ":1", 50), (arn + ":1", 50))
    with refuses("ValidationException"):
        made((arn + ":1", 50), (other + ":1", 50))
    with refuses("ValidationException", "'routingConfiguration'", "less than or equal to 2"):
        made((arn + ":1", 20), (arn + ":2", 20), (arn + ":3", 60))
    with refuses("ValidationException", "'routingConfiguration'", "greater than or equal to 1"):
        made()
    with refuses("ValidationException", "weight"):
        made((arn + ":1", 101))
    with refuses("ValidationException", "'name'"):
        made((arn + ":1", 100), name="a" * 81)
    with refuses("ValidationException", "'name'"):
        made((arn + ":1", 100), name="7")
    made((arn + ":1", 100))
    with refuses("ConflictException"):
        made((arn + ":2", 100))


@calls("stepfunctions.ListStateMachineAliases", refused=("stepfunctions.ListStateMachineAliases",))
def test_aliases_are_listed_by_machine_and_by_version() -> None:
    arn = published(2)
    for name, number in (("a", 1), ("b", 2), ("c", 2)):
        sfn().create_state_machine_alias(name=name, routingConfiguration=route((f"{arn}:{number}", 100)))
    pages = list(list_pages("list_state_machine_aliases", "stateMachineAliases", arn, 2))
    equal(sorted(one["stateMachineAliasArn"] for page in pages for one in page), [f"{arn}:{name}" for name in "abc"])
    of_second = sfn().list_state_machine_aliases(stateMachineArn=arn + ":2")["stateMachineAliases"]
    equal(sorted(one["stateMachineAliasArn"] for one in of_second), [arn + ":b", arn + ":c"])
    with refuses("StateMachineDoesNotExist"):
        sfn().list_state_machine_aliases(stateMachineArn=missing("stateMachine"))
    with refuses("InvalidToken"):
        sfn().list_state_machine_aliases(stateMachineArn=arn, nextToken="forged")
    with refuses("InvalidArn"):
        sfn().list_state_machine_aliases(stateMachineArn="no-arn")


@calls("stepfunctions.UpdateStateMachineAlias", refused=("stepfunctions.UpdateStateMachineAlias",))
def test_an_alias_is_moved() -> None:
    arn = published(2)
    alias = sfn().create_state_machine_alias(name="live", routingConfiguration=route((arn + ":1", 100)))
    alias_arn = alias["stateMachineAliasArn"]
    equal(output(ended(start(alias_arn))), 1)
    sfn().update_state_machine_alias(stateMachineAliasArn=alias_arn, routingConfiguration=route((arn + ":2", 100)))
    equal(output(ended(start(alias_arn))), 2)
    sfn().update_state_machine_alias(stateMachineAliasArn=alias_arn, description="moved")
    found = sfn().describe_state_machine_alias(stateMachineAliasArn=alias_arn)
    equal((found["description"], found["routingConfiguration"]), ("moved", route((arn + ":2", 100))))
    with refuses("ValidationException"):
        sfn().update_state_machine_alias(stateMachineAliasArn=alias_arn)
    with refuses("ValidationException"):
        sfn().update_state_machine_alias(stateMachineAliasArn=alias_arn, routingConfiguration=route((arn + ":2", 99)))
    with refuses("ResourceNotFound"):
        sfn().update_state_machine_alias(stateMachineAliasArn=arn + ":other", description="d")


@calls(
    "stepfunctions.DeleteStateMachineAlias",
    refused=("stepfunctions.DeleteStateMachineAlias", "stepfunctions.DescribeStateMachineAlias"),
)
def test_an_alias_is_deleted() -> None:
    arn = published(1)
    sfn().create_state_machine_alias(name="live", routingConfiguration=route((arn + ":1", 100)))
    sfn().delete_state_machine_alias(stateMachineAliasArn=arn + ":live")
    with refuses("ResourceNotFound"):
        sfn().describe_state_machine_alias(stateMachineAliasArn=arn + ":live")
    with refuses("ResourceNotFound"):
        sfn().delete_state_machine_alias(stateMachineAliasArn=arn + ":live")
    with refuses("InvalidArn"):
        sfn().describe_state_machine_alias(stateMachineAliasArn="no-arn")
    with refuses("StateMachineDoesNotExist"):
        start(arn + ":live")


@calls("stepfunctions.StartExecution", "stepfunctions.DescribeExecution", "stepfunctions.ListExecutions")
def test_an_alias_routes_by_weight_and_executions_tell_their_version() -> None:
    arn = published(2)
    alias = sfn().create_state_machine_alias(
        name="live", routingConfiguration=route((arn + ":1", 50), (arn + ":2", 50))
    )["stateMachineAliasArn"]
    found = [ended(start(alias)) for _ in range(40)]
    for one in found:
        equal(one["stateMachineArn"], arn)
        equal(one["stateMachineAliasArn"], alias)
        equal(one["stateMachineVersionArn"], f"{arn}:{output(one)}")
    versions = [output(one) for one in found]
    # Each of the two gets none of 40 once in 10^12.
    assert 0 < versions.count(1) < 40, versions
    by_alias = sfn().list_executions(stateMachineArn=alias)["executions"]
    equal(len(by_alias), 40)
    by_version = sfn().list_executions(stateMachineArn=arn + ":1")["executions"]
    equal(len(by_version), versions.count(1))
    equal({one["stateMachineVersionArn"] for one in by_version}, {arn + ":1"})


@calls("stepfunctions.DeleteStateMachine")
def test_versions_and_aliases_go_with_their_machine() -> None:
    arn = published(2)
    sfn().create_state_machine_alias(name="live", routingConfiguration=route((arn + ":1", 100)))
    sfn().delete_state_machine(stateMachineArn=arn)
    with refuses("StateMachineDoesNotExist"):
        sfn().describe_state_machine(stateMachineArn=arn + ":1")
    again = machine(PASS, name=arn.rpartition(":")[2])
    equal(sfn().list_state_machine_versions(stateMachineArn=again)["stateMachineVersions"], [])


@calls("stepfunctions.ListStateMachineVersions")
def test_a_machine_without_versions_lists_none() -> None:
    arn = machine(name=unique())
    equal(sfn().list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"], [])
    equal(sfn().list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"], [])
