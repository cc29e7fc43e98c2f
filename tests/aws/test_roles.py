"""IAM, as far as infrastructure tools need it, and who one is."""

import json
from typing import Any

from harness import ACCOUNT, calls, client, equal, refuses, unique

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"},
]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": "*"},
]})


def iam() -> Any:
    return client("iam")


def role(**more: Any) -> str:
    name = unique("role")
    iam().create_role(**{"RoleName": name, "AssumeRolePolicyDocument": TRUST, **more})
    return name


def policy(**more: Any) -> str:
    return iam().create_policy(**{"PolicyName": unique("policy"), "PolicyDocument": ALLOW, **more})["Policy"]["Arn"]


@calls("iam.CreateRole", "iam.GetRole", "iam.UpdateRole", "iam.UpdateAssumeRolePolicy")
def test_a_role_is_described_as_it_was_made_and_changed() -> None:
    name = unique("role")
    made = iam().create_role(
        RoleName=name, AssumeRolePolicyDocument=TRUST, Path="/service/", Description="d", MaxSessionDuration=7200,
        Tags=[{"Key": "k", "Value": "v"}],
    )["Role"]
    equal((made["RoleName"], made["Path"], made["Arn"]), (name, "/service/", f"arn:aws:iam::{ACCOUNT}:role/service/{name}"))
    assert made["RoleId"].startswith("AROA"), made["RoleId"]
    found = iam().get_role(RoleName=name)["Role"]
    equal(found["AssumeRolePolicyDocument"], json.loads(TRUST))
    equal((found["Description"], found["MaxSessionDuration"]), ("d", 7200))
    equal((found["Tags"], found["CreateDate"]), ([{"Key": "k", "Value": "v"}], made["CreateDate"]))
    iam().update_role(RoleName=name, Description="new", MaxSessionDuration=3600)
    iam().update_assume_role_policy(RoleName=name, PolicyDocument=TRUST.replace("states", "lambda"))
    found = iam().get_role(RoleName=name)["Role"]
    equal((found["Description"], found["MaxSessionDuration"]), ("new", 3600))
    equal(found["AssumeRolePolicyDocument"], json.loads(TRUST.replace("states", "lambda")))


@calls(refused=("iam.CreateRole", "iam.GetRole", "iam.UpdateRole", "iam.UpdateAssumeRolePolicy", "iam.DeleteRole"))
def test_what_is_no_role() -> None:
    name = role()
    with refuses("EntityAlreadyExists", f"Role with name {name} already exists."):
        iam().create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    for wrong in ("{", "[]", "{}", '{"Version": "2012-10-17"}'):
        with refuses("MalformedPolicyDocument"):
            iam().create_role(RoleName=unique("role"), AssumeRolePolicyDocument=wrong)
    with refuses("MalformedPolicyDocument"):
        iam().update_assume_role_policy(RoleName=name, PolicyDocument="{")
    with refuses("ValidationError", "less than or equal to 64"):
        iam().create_role(RoleName="r" * 65, AssumeRolePolicyDocument=TRUST)
    with refuses("ValidationError"):
        iam().create_role(RoleName="a b", AssumeRolePolicyDocument=TRUST)
    with refuses("ValidationError"):
        iam().create_role(RoleName=unique("role"), AssumeRolePolicyDocument=TRUST, MaxSessionDuration=43201)
    gone = unique("missing")
    for ask in (
        lambda: iam().get_role(RoleName=gone), lambda: iam().delete_role(RoleName=gone),
        lambda: iam().update_role(RoleName=gone, Description="d"),
        lambda: iam().update_assume_role_policy(RoleName=gone, PolicyDocument=TRUST),
    ):
        with refuses("NoSuchEntity", gone):
            ask()


@calls("iam.ListRoles")
def test_roles_are_listed_in_pages_and_by_path() -> None:
    made = {role(Path="/listed/") for _ in range(5)}
    pages = list(iam().get_paginator("list_roles").paginate(PathPrefix="/listed/", PaginationConfig={"PageSize": 2}))
    equal([len(page["Roles"]) for page in pages], [2, 2, 1])
    equal([page["IsTruncated"] for page in pages], [True, True, False])
    equal({one["RoleName"] for page in pages for one in page["Roles"]}, made)
    equal(client("iam", "eu-west-1").get_role(RoleName=next(iter(made)))["Role"]["Path"], "/listed/")


@calls("iam.PutRolePolicy", "iam.GetRolePolicy", "iam.ListRolePolicies", "iam.DeleteRolePolicy", "iam.DeleteRole")
def test_policies_within_a_role() -> None:
    name = role()
    iam().put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=ALLOW)
    iam().put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=ALLOW.replace("Invoke", "Get"))
    found = iam().get_role_policy(RoleName=name, PolicyName="p")
    equal((found["RoleName"], found["PolicyName"]), (name, "p"))
    equal(found["PolicyDocument"], json.loads(ALLOW.replace("Invoke", "Get")))
    equal(iam().list_role_policies(RoleName=name)["PolicyNames"], ["p"])
    with refuses("DeleteConflict"):
        iam().delete_role(RoleName=name)
    iam().delete_role_policy(RoleName=name, PolicyName="p")
    equal(iam().list_role_policies(RoleName=name)["PolicyNames"], [])
    iam().delete_role(RoleName=name)
    with refuses("NoSuchEntity"):
        iam().get_role(RoleName=name)


@calls(refused=("iam.PutRolePolicy", "iam.GetRolePolicy", "iam.DeleteRolePolicy", "iam.ListRolePolicies"))
def test_policies_that_are_not_within_a_role() -> None:
    name = role()
    with refuses("MalformedPolicyDocument"):
        iam().put_role_policy(RoleName=name, PolicyName="p", PolicyDocument="no policy")
    with refuses("NoSuchEntity"):
        iam().put_role_policy(RoleName=unique("missing"), PolicyName="p", PolicyDocument=ALLOW)
    with refuses("NoSuchEntity"):
        iam().get_role_policy(RoleName=name, PolicyName="p")
    with refuses("NoSuchEntity"):
        iam().delete_role_policy(RoleName=name, PolicyName="p")
    with refuses("NoSuchEntity"):
        iam().list_role_policies(RoleName=unique("missing"))


@calls(
    "iam.CreatePolicy", "iam.GetPolicy", "iam.AttachRolePolicy", "iam.ListAttachedRolePolicies",
    "iam.ListEntitiesForPolicy", "iam.DetachRolePolicy", "iam.DeletePolicy",
)
def test_policies_attached_to_a_role() -> None:
    name, arn = role(), policy(Path="/x/", Description="d", Tags=[{"Key": "k", "Value": "v"}])
    found = iam().get_policy(PolicyArn=arn)["Policy"]
    equal((found["Path"], found["Description"], found["DefaultVersionId"]), ("/x/", "d", "v1"))
    equal((found["AttachmentCount"], found["IsAttachable"]), (0, True))
    iam().attach_role_policy(RoleName=name, PolicyArn=arn)
    iam().attach_role_policy(RoleName=name, PolicyArn=arn)
    attached = iam().list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    equal(attached, [{"PolicyName": found["PolicyName"], "PolicyArn": arn}])
    equal([one["RoleName"] for one in iam().list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]], [name])
    equal(iam().get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 1)
    with refuses("DeleteConflict"):
        iam().delete_policy(PolicyArn=arn)
    with refuses("DeleteConflict"):
        iam().delete_role(RoleName=name)
    iam().detach_role_policy(RoleName=name, PolicyArn=arn)
    with refuses("NoSuchEntity"):
        iam().detach_role_policy(RoleName=name, PolicyArn=arn)
    iam().delete_policy(PolicyArn=arn)
    with refuses("NoSuchEntity"):
        iam().get_policy(PolicyArn=arn)
    iam().delete_role(RoleName=name)


@calls("iam.AttachRolePolicy", "iam.ListAttachedRolePolicies")
def test_policies_of_aws_may_be_attached() -> None:
    name, arn = role(), "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam().attach_role_policy(RoleName=name, PolicyArn=arn)
    attached = iam().list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    equal(attached, [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": arn}])


@calls("iam.ListPolicies", refused=("iam.CreatePolicy", "iam.AttachRolePolicy"))
def test_policies_are_listed_and_made_once() -> None:
    made = {policy(Path="/mine/") for _ in range(3)}
    listed = [
        one["Arn"] for page in iam().get_paginator("list_policies").paginate(
            Scope="Local", PathPrefix="/mine/", PaginationConfig={"PageSize": 2}
        ) for one in page["Policies"]
    ]
    equal((set(listed), len(listed)), (made, 3))
    name = next(iter(made)).rpartition("/")[2]
    with refuses("EntityAlreadyExists"):
        iam().create_policy(PolicyName=name, PolicyDocument=ALLOW, Path="/mine/")
    with refuses("MalformedPolicyDocument"):
        iam().create_policy(PolicyName=unique("p"), PolicyDocument="{")
    with refuses("NoSuchEntity"):
        iam().attach_role_policy(RoleName=role(), PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/missing")


@calls(
    "iam.CreatePolicyVersion", "iam.GetPolicyVersion", "iam.ListPolicyVersions", "iam.SetDefaultPolicyVersion",
    "iam.DeletePolicyVersion", refused=("iam.CreatePolicyVersion", "iam.DeletePolicyVersion", "iam.GetPolicyVersion"),
)
def test_versions_of_a_policy() -> None:
    arn = policy()
    second = iam().create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW.replace("Invoke", "Get"))["PolicyVersion"]
    equal((second["VersionId"], second["IsDefaultVersion"]), ("v2", False))
    found = iam().get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    equal(found["Document"], json.loads(ALLOW.replace("Invoke", "Get")))
    iam().set_default_policy_version(PolicyArn=arn, VersionId="v2")
    equal(iam().get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"], "v2")
    listed = iam().list_policy_versions(PolicyArn=arn)["Versions"]
    equal({one["VersionId"]: one["IsDefaultVersion"] for one in listed}, {"v1": False, "v2": True})
    with refuses("DeleteConflict"):
        iam().delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam().delete_policy_version(PolicyArn=arn, VersionId="v1")
    with refuses("NoSuchEntity"):
        iam().get_policy_version(PolicyArn=arn, VersionId="v1")
    for _ in range(4):
        iam().create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW, SetAsDefault=True)
    with refuses("LimitExceeded"):
        iam().create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW)


@calls("iam.TagRole", "iam.UntagRole", "iam.ListRoleTags", "iam.TagPolicy", "iam.UntagPolicy", "iam.ListPolicyTags")
def test_tags_come_and_go() -> None:
    name, arn = role(), policy()
    of_role, of_policy = {"RoleName": name}, {"PolicyArn": arn}
    given = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    for tag, untag, listed, whose in (
        (iam().tag_role, iam().untag_role, iam().list_role_tags, of_role),
        (iam().tag_policy, iam().untag_policy, iam().list_policy_tags, of_policy),
    ):
        tag(**whose, Tags=given)
        tag(**whose, Tags=[{"Key": "b", "Value": "3"}])
        untag(**whose, TagKeys=["a"])
        equal(listed(**whose)["Tags"], [{"Key": "b", "Value": "3"}])
    with refuses("NoSuchEntity"):
        iam().tag_role(RoleName=unique("missing"), Tags=given)
    with refuses("NoSuchEntity"):
        iam().list_policy_tags(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/missing")


@calls("iam.ListInstanceProfilesForRole", refused=("iam.ListInstanceProfilesForRole",))
def test_a_role_has_no_instance_profiles() -> None:
    equal(iam().list_instance_profiles_for_role(RoleName=role())["InstanceProfiles"], [])
    with refuses("NoSuchEntity"):
        iam().list_instance_profiles_for_role(RoleName=unique("missing"))


@calls("iam.CreateRole")
def test_what_xml_must_escape_comes_back_whole() -> None:
    said = "a < b & c > d \"e\" 'f' \u00e4"
    name = role(Description=said)
    equal(iam().get_role(RoleName=name)["Role"]["Description"], said)


@calls("sts.GetCallerIdentity")
def test_who_one_is() -> None:
    found = client("sts").get_caller_identity()
    equal(found["Account"], ACCOUNT)
    assert found["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:") and found["UserId"], found
