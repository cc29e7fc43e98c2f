"""Tags of machines and activities."""

from harness import calls, equal, machine, missing, refuses, sfn, unique


def tags(arn: str) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in sfn().list_tags_for_resource(resourceArn=arn)["tags"]}


def listed(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


@calls("stepfunctions.TagResource", "stepfunctions.UntagResource", "stepfunctions.ListTagsForResource")
def test_tags_come_and_go() -> None:
    activity = sfn().create_activity(name=unique(), tags=listed(a="1", b="2"))["activityArn"]
    for arn in (machine(tags=listed(a="1", b="2")), activity):
        equal(tags(arn), {"a": "1", "b": "2"})
        sfn().tag_resource(resourceArn=arn, tags=listed(b="3", c=""))
        equal(tags(arn), {"a": "1", "b": "3", "c": ""})
        sfn().untag_resource(resourceArn=arn, tagKeys=["a", "never-there"])
        equal(tags(arn), {"b": "3", "c": ""})
    equal(tags(machine()), {})


@calls(
    "stepfunctions.TagResource",
    refused=("stepfunctions.TagResource", "stepfunctions.UntagResource", "stepfunctions.ListTagsForResource"),
)
def test_tags_have_bounds() -> None:
    arn = machine(tags=[{"key": f"k{number}", "value": "v"} for number in range(50)])
    with refuses("TooManyTags"):
        sfn().tag_resource(resourceArn=arn, tags=listed(one_more="v"))
    sfn().tag_resource(resourceArn=arn, tags=listed(k0="another value"))
    equal(len(tags(arn)), 50)
    with refuses("ValidationException", "less than or equal to 128"):
        sfn().tag_resource(resourceArn=arn, tags=[{"key": "k" * 129, "value": "v"}])
    with refuses("ValidationException", "less than or equal to 256"):
        sfn().tag_resource(resourceArn=arn, tags=[{"key": "k", "value": "v" * 257}])
    with refuses("ValidationException", "greater than or equal to 1"):
        sfn().untag_resource(resourceArn=arn, tagKeys=[""])
    for ask in (
        lambda resource: sfn().tag_resource(resourceArn=resource, tags=listed(a="1")),
        lambda resource: sfn().untag_resource(resourceArn=resource, tagKeys=["a"]),
        lambda resource: sfn().list_tags_for_resource(resourceArn=resource),
    ):
        with refuses("ResourceNotFound"):
            ask(missing("stateMachine"))
        with refuses("ResourceNotFound"):
            ask(missing("activity"))
        with refuses("InvalidArn"):
            ask("no-arn")
