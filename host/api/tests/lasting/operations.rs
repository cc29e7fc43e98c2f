//! Every operation: what changes something, what looks at it, and what is about other things.
//!
//! What begins with `$` in parameters stands for something: see `world.rs`.

use super::world::Set::{self, Iam, Lambda, Logs, StepFunctions};

pub const PASS: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"}, "B": {"Type": "Pass", "InputPath": "$x", "End": true}}}"#;
pub const SUCCEED: &str = r#"{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}"#;

/// CreateStateMachine
pub fn machine(name: &str, definition: &str, more: &str) -> String {
    format!(
        r#"{{"name": "{name}", "definition": "${definition}", "roleArn": "$IAM:role/r"{more}}}"#
    )
}

/// CreateFunction
pub fn function(name: &str, code: &str) -> String {
    format!(
        r#"{{"FunctionName": "{name}", "Role": "$IAM:role/r", "Runtime": "python3.12", "Handler": "app.h",
            "Code": {{"ZipFile": "${code}"}}}}"#
    )
}

/// A service, an operation of it, and parameters.
type Step = (Set, &'static str, &'static str);

/// Everything that changes what is kept, in an order in which each finds what it changes.
pub const CHANGES: &[Step] = &[
    (
        StepFunctions,
        "CreateStateMachine",
        r#"{"name": "m", "definition": "$PASS", "roleArn": "$IAM:role/r", "publish": true, "versionDescription": "first",
        "loggingConfiguration": {"level": "ALL", "includeExecutionData": true, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "$GROUP:g:*"}}]},
        "tracingConfiguration": {"enabled": true}, "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k", "kmsDataKeyReusePeriodSeconds": 77},
        "tags": [{"key": "b", "value": "1"}, {"key": "a", "value": "2"}]}"#,
    ),
    (
        StepFunctions,
        "CreateStateMachine",
        r#"{"name": "e", "definition": "$SUCCEED", "roleArn": "$IAM:role/r", "type": "EXPRESS"}"#,
    ),
    (
        StepFunctions,
        "UpdateStateMachine",
        r#"{"stateMachineArn": "$SFN:stateMachine:m", "definition": "$SUCCEED", "roleArn": "$IAM:role/other",
        "loggingConfiguration": {"level": "OFF"}, "tracingConfiguration": {"enabled": false}}"#,
    ),
    (
        StepFunctions,
        "PublishStateMachineVersion",
        r#"{"stateMachineArn": "$SFN:stateMachine:m", "description": "second"}"#,
    ),
    (
        StepFunctions,
        "UpdateStateMachine",
        r#"{"stateMachineArn": "$SFN:stateMachine:m", "roleArn": "$IAM:role/third", "publish": true}"#,
    ),
    (
        StepFunctions,
        "CreateStateMachineAlias",
        r#"{"name": "PROD", "description": "d", "routingConfiguration": [
        {"stateMachineVersionArn": "$SFN:stateMachine:m:1", "weight": 90}, {"stateMachineVersionArn": "$SFN:stateMachine:m:2", "weight": 10}]}"#,
    ),
    (
        StepFunctions,
        "CreateStateMachineAlias",
        r#"{"name": "TEST", "routingConfiguration": [{"stateMachineVersionArn": "$SFN:stateMachine:m:3", "weight": 100}]}"#,
    ),
    (
        StepFunctions,
        "UpdateStateMachineAlias",
        r#"{"stateMachineAliasArn": "$SFN:stateMachine:m:PROD", "description": "other",
        "routingConfiguration": [{"stateMachineVersionArn": "$SFN:stateMachine:m:2", "weight": 100}]}"#,
    ),
    (
        StepFunctions,
        "DeleteStateMachineVersion",
        r#"{"stateMachineVersionArn": "$SFN:stateMachine:m:1"}"#,
    ),
    (
        StepFunctions,
        "DeleteStateMachineAlias",
        r#"{"stateMachineAliasArn": "$SFN:stateMachine:m:TEST"}"#,
    ),
    (
        StepFunctions,
        "TagResource",
        r#"{"resourceArn": "$SFN:stateMachine:m", "tags": [{"key": "a", "value": "3"}, {"key": "c", "value": ""}]}"#,
    ),
    (
        StepFunctions,
        "UntagResource",
        r#"{"resourceArn": "$SFN:stateMachine:m", "tagKeys": ["b"]}"#,
    ),
    (
        StepFunctions,
        "CreateActivity",
        r#"{"name": "a", "tags": [{"key": "b", "value": "1"}]}"#,
    ),
    (
        StepFunctions,
        "CreateActivity",
        r#"{"name": "b", "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}}"#,
    ),
    (
        StepFunctions,
        "TagResource",
        r#"{"resourceArn": "$SFN:activity:a", "tags": [{"key": "a", "value": "3"}]}"#,
    ),
    (
        StepFunctions,
        "UntagResource",
        r#"{"resourceArn": "$SFN:activity:a", "tagKeys": ["b"]}"#,
    ),
    (
        StepFunctions,
        "DeleteActivity",
        r#"{"activityArn": "$SFN:activity:b"}"#,
    ),
    (
        Lambda,
        "CreateFunction",
        r#"{"FunctionName": "f", "Role": "$IAM:role/r", "Runtime": "python3.12", "Handler": "app.h", "Code": {"ZipFile": "$ONE"},
        "Publish": true, "Timeout": 7, "MemorySize": 256, "Description": "first", "Architectures": ["arm64"], "EphemeralStorage": {"Size": 600},
        "Environment": {"Variables": {"BB": "1", "AA": "2"}}, "Tags": {"k": "v", "l": "w"}, "LoggingConfig": {"LogFormat": "JSON"}}"#,
    ),
    (
        Lambda,
        "CreateFunction",
        r#"{"FunctionName": "g", "Role": "$IAM:role/r", "Runtime": "provided.al2023", "Handler": "bootstrap", "Code": {"ZipFile": "$MODULE"}}"#,
    ),
    (
        Lambda,
        "UpdateFunctionCode",
        r#"{"FunctionName": "f", "ZipFile": "$TWO"}"#,
    ),
    (
        Lambda,
        "UpdateFunctionConfiguration",
        r#"{"FunctionName": "f", "Timeout": 9, "Handler": "app.other", "Description": "second"}"#,
    ),
    (
        Lambda,
        "PublishVersion",
        r#"{"FunctionName": "f", "Description": "published"}"#,
    ),
    (
        Lambda,
        "PutFunctionConcurrency",
        r#"{"FunctionName": "f", "ReservedConcurrentExecutions": 5}"#,
    ),
    (
        Lambda,
        "AddPermission",
        r#"{"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": "arn:aws:events:us-east-1:000000000000:rule/r"}"#,
    ),
    (
        Lambda,
        "AddPermission",
        r#"{"FunctionName": "f", "Qualifier": "2", "StatementId": "t", "Action": "lambda:InvokeFunction", "Principal": "*"}"#,
    ),
    (
        Lambda,
        "AddPermission",
        r#"{"FunctionName": "f", "StatementId": "u", "Action": "lambda:InvokeFunction", "Principal": "000000000000"}"#,
    ),
    (
        Lambda,
        "RemovePermission",
        r#"{"FunctionName": "f", "StatementId": "s"}"#,
    ),
    (
        Lambda,
        "TagResource",
        r#"{"Resource": "$LAMBDA:f", "Tags": {"k": "other", "m": "x"}}"#,
    ),
    (
        Lambda,
        "UntagResource",
        r#"{"Resource": "$LAMBDA:f", "TagKeys": ["l"]}"#,
    ),
    (
        Lambda,
        "PutFunctionConcurrency",
        r#"{"FunctionName": "g", "ReservedConcurrentExecutions": 0}"#,
    ),
    (
        Lambda,
        "DeleteFunctionConcurrency",
        r#"{"FunctionName": "g"}"#,
    ),
    (
        Iam,
        "CreatePolicy",
        r#"{"PolicyName": "p", "Path": "/x/", "PolicyDocument": "$POLICY", "Description": "d", "Tags": [{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}]}"#,
    ),
    (
        Iam,
        "CreatePolicyVersion",
        r#"{"PolicyArn": "$IAM:policy/x/p", "PolicyDocument": "$POLICY", "SetAsDefault": true}"#,
    ),
    (
        Iam,
        "CreatePolicyVersion",
        r#"{"PolicyArn": "$IAM:policy/x/p", "PolicyDocument": "$POLICY"}"#,
    ),
    (
        Iam,
        "SetDefaultPolicyVersion",
        r#"{"PolicyArn": "$IAM:policy/x/p", "VersionId": "v3"}"#,
    ),
    (
        Iam,
        "DeletePolicyVersion",
        r#"{"PolicyArn": "$IAM:policy/x/p", "VersionId": "v2"}"#,
    ),
    (
        Iam,
        "TagPolicy",
        r#"{"PolicyArn": "$IAM:policy/x/p", "Tags": [{"Key": "c", "Value": "3"}]}"#,
    ),
    (
        Iam,
        "UntagPolicy",
        r#"{"PolicyArn": "$IAM:policy/x/p", "TagKeys": ["b"]}"#,
    ),
    (
        Iam,
        "CreateRole",
        r#"{"RoleName": "r", "Path": "/y/", "AssumeRolePolicyDocument": "$TRUST", "Description": "d", "MaxSessionDuration": 7200,
        "PermissionsBoundary": "$IAM:policy/x/p", "Tags": [{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}]}"#,
    ),
    (
        Iam,
        "UpdateRole",
        r#"{"RoleName": "r", "Description": "other", "MaxSessionDuration": 3700}"#,
    ),
    (
        Iam,
        "UpdateAssumeRolePolicy",
        r#"{"RoleName": "r", "PolicyDocument": "$TRUST"}"#,
    ),
    (
        Iam,
        "PutRolePolicy",
        r#"{"RoleName": "r", "PolicyName": "i", "PolicyDocument": "$POLICY"}"#,
    ),
    (
        Iam,
        "PutRolePolicy",
        r#"{"RoleName": "r", "PolicyName": "j", "PolicyDocument": "$POLICY"}"#,
    ),
    (
        Iam,
        "DeleteRolePolicy",
        r#"{"RoleName": "r", "PolicyName": "j"}"#,
    ),
    (
        Iam,
        "AttachRolePolicy",
        r#"{"RoleName": "r", "PolicyArn": "$IAM:policy/x/p"}"#,
    ),
    (
        Iam,
        "AttachRolePolicy",
        r#"{"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}"#,
    ),
    (
        Iam,
        "DetachRolePolicy",
        r#"{"RoleName": "r", "PolicyArn": "$IAM:policy/x/p"}"#,
    ),
    (
        Iam,
        "TagRole",
        r#"{"RoleName": "r", "Tags": [{"Key": "c", "Value": "3"}]}"#,
    ),
    (Iam, "UntagRole", r#"{"RoleName": "r", "TagKeys": ["b"]}"#),
    (
        Iam,
        "CreateRole",
        r#"{"RoleName": "s", "AssumeRolePolicyDocument": "$TRUST"}"#,
    ),
    (
        Iam,
        "CreatePolicy",
        r#"{"PolicyName": "q", "PolicyDocument": "$POLICY"}"#,
    ),
    (Iam, "DeleteRole", r#"{"RoleName": "s"}"#),
    (Iam, "DeletePolicy", r#"{"PolicyArn": "$IAM:policy/q"}"#),
    (
        Logs,
        "CreateLogGroup",
        r#"{"logGroupName": "g", "kmsKeyId": "k", "tags": {"b": "1", "a": "2"}, "logGroupClass": "INFREQUENT_ACCESS", "deletionProtectionEnabled": true}"#,
    ),
    (Logs, "CreateLogGroup", r#"{"logGroupName": "h"}"#),
    (
        Logs,
        "PutRetentionPolicy",
        r#"{"logGroupName": "g", "retentionInDays": 7}"#,
    ),
    (
        Logs,
        "PutRetentionPolicy",
        r#"{"logGroupName": "h", "retentionInDays": 14}"#,
    ),
    (Logs, "DeleteRetentionPolicy", r#"{"logGroupName": "h"}"#),
    (
        Logs,
        "TagResource",
        r#"{"resourceArn": "$GROUP:g", "tags": {"c": "3"}}"#,
    ),
    (
        Logs,
        "UntagResource",
        r#"{"resourceArn": "$GROUP:g", "tagKeys": ["b"]}"#,
    ),
    (
        Logs,
        "TagLogGroup",
        r#"{"logGroupName": "h", "tags": {"d": "4", "e": "5"}}"#,
    ),
    (
        Logs,
        "UntagLogGroup",
        r#"{"logGroupName": "h", "tags": ["d"]}"#,
    ),
    (
        Logs,
        "PutResourcePolicy",
        r#"{"policyName": "p", "policyDocument": "$POLICY"}"#,
    ),
    (
        Logs,
        "PutResourcePolicy",
        r#"{"policyName": "q", "policyDocument": "$POLICY"}"#,
    ),
    (Logs, "DeleteResourcePolicy", r#"{"policyName": "q"}"#),
    (Logs, "DeleteLogGroup", r#"{"logGroupName": "h"}"#),
    (
        Lambda,
        "DeleteFunction",
        r#"{"FunctionName": "f", "Qualifier": "1"}"#,
    ),
    (Lambda, "DeleteFunction", r#"{"FunctionName": "g"}"#),
    (
        StepFunctions,
        "DeleteStateMachine",
        r#"{"stateMachineArn": "$SFN:stateMachine:m"}"#,
    ),
];

/// Everything that looks at what is kept.
pub const LOOKS: &[Step] = &[
    (StepFunctions, "ListStateMachines", "{}"),
    (
        StepFunctions,
        "DescribeStateMachine",
        r#"{"stateMachineArn": "$SFN:stateMachine:m"}"#,
    ),
    (
        StepFunctions,
        "DescribeStateMachine",
        r#"{"stateMachineArn": "$SFN:stateMachine:m:1"}"#,
    ),
    (
        StepFunctions,
        "DescribeStateMachine",
        r#"{"stateMachineArn": "$SFN:stateMachine:m:3"}"#,
    ),
    (
        StepFunctions,
        "DescribeStateMachine",
        r#"{"stateMachineArn": "$SFN:stateMachine:m:PROD"}"#,
    ),
    (
        StepFunctions,
        "DescribeStateMachine",
        r#"{"stateMachineArn": "$SFN:stateMachine:e"}"#,
    ),
    (
        StepFunctions,
        "DescribeStateMachineForExecution",
        r#"{"executionArn": "$SFN:execution:m:of-m"}"#,
    ),
    (
        StepFunctions,
        "ListStateMachineVersions",
        r#"{"stateMachineArn": "$SFN:stateMachine:m"}"#,
    ),
    (
        StepFunctions,
        "ListStateMachineAliases",
        r#"{"stateMachineArn": "$SFN:stateMachine:m"}"#,
    ),
    (
        StepFunctions,
        "DescribeStateMachineAlias",
        r#"{"stateMachineAliasArn": "$SFN:stateMachine:m:PROD"}"#,
    ),
    (
        StepFunctions,
        "DescribeStateMachineAlias",
        r#"{"stateMachineAliasArn": "$SFN:stateMachine:m:TEST"}"#,
    ),
    (
        StepFunctions,
        "ListTagsForResource",
        r#"{"resourceArn": "$SFN:stateMachine:m"}"#,
    ),
    (
        StepFunctions,
        "ListTagsForResource",
        r#"{"resourceArn": "$SFN:activity:a"}"#,
    ),
    (StepFunctions, "ListActivities", "{}"),
    (
        StepFunctions,
        "DescribeActivity",
        r#"{"activityArn": "$SFN:activity:a"}"#,
    ),
    (
        StepFunctions,
        "DescribeActivity",
        r#"{"activityArn": "$SFN:activity:b"}"#,
    ),
    (Lambda, "GetFunction", r#"{"FunctionName": "f"}"#),
    (
        Lambda,
        "GetFunction",
        r#"{"FunctionName": "f", "Qualifier": "1"}"#,
    ),
    (Lambda, "GetFunction", r#"{"FunctionName": "g"}"#),
    (
        Lambda,
        "GetFunctionConfiguration",
        r#"{"FunctionName": "f", "Qualifier": "2"}"#,
    ),
    (
        Lambda,
        "GetFunctionCodeSigningConfig",
        r#"{"FunctionName": "f"}"#,
    ),
    (Lambda, "GetFunctionConcurrency", r#"{"FunctionName": "f"}"#),
    (Lambda, "GetPolicy", r#"{"FunctionName": "f"}"#),
    (
        Lambda,
        "GetPolicy",
        r#"{"FunctionName": "f", "Qualifier": "2"}"#,
    ),
    (Lambda, "ListFunctions", r#"{"FunctionVersion": "ALL"}"#),
    (Lambda, "ListVersionsByFunction", r#"{"FunctionName": "f"}"#),
    (Lambda, "ListTags", r#"{"Resource": "$LAMBDA:f"}"#),
    (Lambda, "GetAccountSettings", "{}"),
    (Iam, "ListRoles", "{}"),
    (Iam, "GetRole", r#"{"RoleName": "r"}"#),
    (Iam, "GetRole", r#"{"RoleName": "s"}"#),
    (Iam, "ListRoleTags", r#"{"RoleName": "r"}"#),
    (Iam, "ListRolePolicies", r#"{"RoleName": "r"}"#),
    (
        Iam,
        "GetRolePolicy",
        r#"{"RoleName": "r", "PolicyName": "i"}"#,
    ),
    (Iam, "ListAttachedRolePolicies", r#"{"RoleName": "r"}"#),
    (Iam, "ListInstanceProfilesForRole", r#"{"RoleName": "r"}"#),
    (Iam, "ListPolicies", "{}"),
    (Iam, "GetPolicy", r#"{"PolicyArn": "$IAM:policy/x/p"}"#),
    (
        Iam,
        "GetPolicyVersion",
        r#"{"PolicyArn": "$IAM:policy/x/p", "VersionId": "v1"}"#,
    ),
    (
        Iam,
        "ListPolicyVersions",
        r#"{"PolicyArn": "$IAM:policy/x/p"}"#,
    ),
    (Iam, "ListPolicyTags", r#"{"PolicyArn": "$IAM:policy/x/p"}"#),
    (
        Iam,
        "ListEntitiesForPolicy",
        r#"{"PolicyArn": "$IAM:policy/x/p"}"#,
    ),
    (Logs, "DescribeLogGroups", "{}"),
    (
        Logs,
        "ListTagsForResource",
        r#"{"resourceArn": "$GROUP:g"}"#,
    ),
    (Logs, "ListTagsLogGroup", r#"{"logGroupName": "h"}"#),
    (Logs, "DescribeResourcePolicies", "{}"),
];

/// What is about executions, which are the host's, about guests, or about streams and events of logs, which do not
/// outlive the process.
pub const ELSEWHERE: &[(Set, &str)] = &[
    (StepFunctions, "DescribeExecution"),
    (StepFunctions, "DescribeMapRun"),
    (StepFunctions, "GetActivityTask"),
    (StepFunctions, "GetExecutionHistory"),
    (StepFunctions, "ListExecutions"),
    (StepFunctions, "ListMapRuns"),
    (StepFunctions, "RedriveExecution"),
    (StepFunctions, "SendTaskFailure"),
    (StepFunctions, "SendTaskHeartbeat"),
    (StepFunctions, "SendTaskSuccess"),
    (StepFunctions, "StartExecution"),
    (StepFunctions, "StartSyncExecution"),
    (StepFunctions, "StopExecution"),
    (StepFunctions, "TestState"),
    (StepFunctions, "UpdateMapRun"),
    (StepFunctions, "ValidateStateMachineDefinition"),
    (Lambda, "Invoke"),
    (Logs, "CreateLogStream"),
    (Logs, "DeleteLogStream"),
    (Logs, "DescribeLogStreams"),
    (Logs, "FilterLogEvents"),
    (Logs, "GetLogEvents"),
    (Logs, "PutLogEvents"),
];
