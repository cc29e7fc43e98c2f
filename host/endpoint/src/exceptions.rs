//! The exceptions that service models name, by the code that the service answers with.
//!
//! Whatever else a service answers with is the service's common exception to an SDK, and so to Step Functions.

/// Those of sqs.
pub(crate) const SQS: &[(&str, &str)] = &[
    (
        "BatchEntryIdsNotDistinct",
        "BatchEntryIdsNotDistinctException",
    ),
    ("BatchRequestTooLong", "BatchRequestTooLongException"),
    ("EmptyBatchRequest", "EmptyBatchRequestException"),
    ("InvalidAddress", "InvalidAddressException"),
    ("InvalidAttributeName", "InvalidAttributeNameException"),
    ("InvalidAttributeValue", "InvalidAttributeValueException"),
    ("InvalidBatchEntryId", "InvalidBatchEntryIdException"),
    ("InvalidIdFormat", "InvalidIdFormatException"),
    ("InvalidMessageContents", "InvalidMessageContentsException"),
    ("InvalidSecurity", "InvalidSecurityException"),
    ("KmsAccessDenied", "KmsAccessDeniedException"),
    ("KmsDisabled", "KmsDisabledException"),
    ("KmsInvalidKeyUsage", "KmsInvalidKeyUsageException"),
    ("KmsInvalidState", "KmsInvalidStateException"),
    ("KmsNotFound", "KmsNotFoundException"),
    ("KmsOptInRequired", "KmsOptInRequiredException"),
    ("KmsThrottled", "KmsThrottledException"),
    ("MessageNotInflight", "MessageNotInflightException"),
    ("OverLimit", "OverLimitException"),
    ("PurgeQueueInProgress", "PurgeQueueInProgressException"),
    ("QueueDeletedRecently", "QueueDeletedRecentlyException"),
    ("QueueDoesNotExist", "QueueDoesNotExistException"),
    ("QueueNameExists", "QueueNameExistsException"),
    ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalidException"),
    ("RequestThrottled", "RequestThrottledException"),
    ("ResourceNotFoundException", "ResourceNotFoundException"),
    (
        "TooManyEntriesInBatchRequest",
        "TooManyEntriesInBatchRequestException",
    ),
    ("UnsupportedOperation", "UnsupportedOperationException"),
];

/// Those of sns.
pub(crate) const SNS: &[(&str, &str)] = &[
    ("AuthorizationError", "AuthorizationErrorException"),
    (
        "BatchEntryIdsNotDistinct",
        "BatchEntryIdsNotDistinctException",
    ),
    ("BatchRequestTooLong", "BatchRequestTooLongException"),
    ("ConcurrentAccess", "ConcurrentAccessException"),
    ("EmptyBatchRequest", "EmptyBatchRequestException"),
    ("EndpointDisabled", "EndpointDisabledException"),
    (
        "FilterPolicyLimitExceeded",
        "FilterPolicyLimitExceededException",
    ),
    ("InternalError", "InternalErrorException"),
    ("InvalidBatchEntryId", "InvalidBatchEntryIdException"),
    ("InvalidParameter", "InvalidParameterException"),
    ("InvalidSecurity", "InvalidSecurityException"),
    ("InvalidState", "InvalidStateException"),
    ("KMSAccessDenied", "KMSAccessDeniedException"),
    ("KMSDisabled", "KMSDisabledException"),
    ("KMSInvalidState", "KMSInvalidStateException"),
    ("KMSNotFound", "KMSNotFoundException"),
    ("KMSOptInRequired", "KMSOptInRequiredException"),
    ("KMSThrottling", "KMSThrottlingException"),
    ("NotFound", "NotFoundException"),
    ("OptedOut", "OptedOutException"),
    ("ParameterValueInvalid", "InvalidParameterValueException"),
    (
        "PlatformApplicationDisabled",
        "PlatformApplicationDisabledException",
    ),
    ("ReplayLimitExceeded", "ReplayLimitExceededException"),
    ("ResourceNotFound", "ResourceNotFoundException"),
    ("StaleTag", "StaleTagException"),
    (
        "SubscriptionLimitExceeded",
        "SubscriptionLimitExceededException",
    ),
    ("TagLimitExceeded", "TagLimitExceededException"),
    ("TagPolicy", "TagPolicyException"),
    ("Throttled", "ThrottledException"),
    (
        "TooManyEntriesInBatchRequest",
        "TooManyEntriesInBatchRequestException",
    ),
    ("TopicLimitExceeded", "TopicLimitExceededException"),
    ("UserError", "UserErrorException"),
    ("ValidationException", "ValidationException"),
    ("VerificationException", "VerificationException"),
];

/// Those of dynamodb.
pub(crate) const DYNAMODB: &[(&str, &str)] = &[
    ("BackupInUseException", "BackupInUseException"),
    ("BackupNotFoundException", "BackupNotFoundException"),
    (
        "ConditionalCheckFailedException",
        "ConditionalCheckFailedException",
    ),
    (
        "ContinuousBackupsUnavailableException",
        "ContinuousBackupsUnavailableException",
    ),
    ("DuplicateItemException", "DuplicateItemException"),
    ("ExportConflictException", "ExportConflictException"),
    ("ExportNotFoundException", "ExportNotFoundException"),
    (
        "GlobalTableAlreadyExistsException",
        "GlobalTableAlreadyExistsException",
    ),
    (
        "GlobalTableNotFoundException",
        "GlobalTableNotFoundException",
    ),
    (
        "IdempotentParameterMismatchException",
        "IdempotentParameterMismatchException",
    ),
    ("ImportConflictException", "ImportConflictException"),
    ("ImportNotFoundException", "ImportNotFoundException"),
    ("IndexNotFoundException", "IndexNotFoundException"),
    ("InternalServerError", "InternalServerErrorException"),
    ("InvalidExportTimeException", "InvalidExportTimeException"),
    ("InvalidRestoreTimeException", "InvalidRestoreTimeException"),
    (
        "ItemCollectionSizeLimitExceededException",
        "ItemCollectionSizeLimitExceededException",
    ),
    ("LimitExceededException", "LimitExceededException"),
    (
        "PointInTimeRecoveryUnavailableException",
        "PointInTimeRecoveryUnavailableException",
    ),
    ("PolicyNotFoundException", "PolicyNotFoundException"),
    (
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceededException",
    ),
    (
        "ReplicaAlreadyExistsException",
        "ReplicaAlreadyExistsException",
    ),
    ("ReplicaNotFoundException", "ReplicaNotFoundException"),
    (
        "ReplicatedWriteConflictException",
        "ReplicatedWriteConflictException",
    ),
    ("RequestLimitExceeded", "RequestLimitExceededException"),
    ("ResourceInUseException", "ResourceInUseException"),
    ("ResourceNotFoundException", "ResourceNotFoundException"),
    ("TableAlreadyExistsException", "TableAlreadyExistsException"),
    ("TableInUseException", "TableInUseException"),
    ("TableNotFoundException", "TableNotFoundException"),
    ("ThrottlingException", "ThrottlingException"),
    (
        "TransactionCanceledException",
        "TransactionCanceledException",
    ),
    (
        "TransactionConflictException",
        "TransactionConflictException",
    ),
    (
        "TransactionInProgressException",
        "TransactionInProgressException",
    ),
];

/// Those of events.
pub(crate) const EVENTBRIDGE: &[(&str, &str)] = &[
    ("AccessDeniedException", "AccessDeniedException"),
    (
        "ConcurrentModificationException",
        "ConcurrentModificationException",
    ),
    ("IllegalStatusException", "IllegalStatusException"),
    ("InternalException", "InternalException"),
    (
        "InvalidEventPatternException",
        "InvalidEventPatternException",
    ),
    ("InvalidStateException", "InvalidStateException"),
    ("LimitExceededException", "LimitExceededException"),
    ("ManagedRuleException", "ManagedRuleException"),
    ("OperationDisabledException", "OperationDisabledException"),
    (
        "PolicyLengthExceededException",
        "PolicyLengthExceededException",
    ),
    (
        "ResourceAlreadyExistsException",
        "ResourceAlreadyExistsException",
    ),
    ("ResourceNotFoundException", "ResourceNotFoundException"),
    ("ThrottlingException", "ThrottlingException"),
];

/// Those of s3.
pub(crate) const S3: &[(&str, &str)] = &[
    ("BucketAlreadyExists", "BucketAlreadyExistsException"),
    (
        "BucketAlreadyOwnedByYou",
        "BucketAlreadyOwnedByYouException",
    ),
    ("EncryptionTypeMismatch", "EncryptionTypeMismatchException"),
    (
        "IdempotencyParameterMismatch",
        "IdempotencyParameterMismatchException",
    ),
    ("InvalidObjectState", "InvalidObjectStateException"),
    ("InvalidPrefix", "InvalidPrefixException"),
    ("InvalidRequest", "InvalidRequestException"),
    ("InvalidWriteOffset", "InvalidWriteOffsetException"),
    ("NoSuchBucket", "NoSuchBucketException"),
    ("NoSuchKey", "NoSuchKeyException"),
    ("NoSuchUpload", "NoSuchUploadException"),
    (
        "ObjectAlreadyInActiveTierError",
        "ObjectAlreadyInActiveTierErrorException",
    ),
    (
        "ObjectNotInActiveTierError",
        "ObjectNotInActiveTierErrorException",
    ),
    ("TooManyParts", "TooManyPartsException"),
    ("UnsupportedMediaType", "UnsupportedMediaTypeException"),
];
