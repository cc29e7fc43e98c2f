//! Where S3's REST protocol puts each member, as S3's service model has it.

/// Where a member of a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Bucket,
    Key,
    Query(&'static str),
    Header(&'static str),
    /// A header of this name, with the moment as HTTP writes it.
    Moment(&'static str),
    /// A header for each entry.
    Metadata,
    Body,
}

/// What the header of an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    Moment,
}

/// The members of GetObject's request.
pub(super) const GET_OBJECT: &[(&str, Place)] = &[
    ("Bucket", Place::Bucket),
    ("IfMatch", Place::Header("if-match")),
    ("IfModifiedSince", Place::Moment("if-modified-since")),
    ("IfNoneMatch", Place::Header("if-none-match")),
    ("IfUnmodifiedSince", Place::Moment("if-unmodified-since")),
    ("Key", Place::Key),
    ("Range", Place::Header("range")),
    (
        "ResponseCacheControl",
        Place::Query("response-cache-control"),
    ),
    (
        "ResponseContentDisposition",
        Place::Query("response-content-disposition"),
    ),
    (
        "ResponseContentEncoding",
        Place::Query("response-content-encoding"),
    ),
    (
        "ResponseContentLanguage",
        Place::Query("response-content-language"),
    ),
    ("ResponseContentType", Place::Query("response-content-type")),
    ("ResponseExpires", Place::Query("response-expires")),
    ("VersionId", Place::Query("versionId")),
    (
        "SseCustomerAlgorithm",
        Place::Header("x-amz-server-side-encryption-customer-algorithm"),
    ),
    (
        "SseCustomerKey",
        Place::Header("x-amz-server-side-encryption-customer-key"),
    ),
    (
        "SseCustomerKeyMd5",
        Place::Header("x-amz-server-side-encryption-customer-key-md5"),
    ),
    ("RequestPayer", Place::Header("x-amz-request-payer")),
    ("PartNumber", Place::Query("partNumber")),
    (
        "ExpectedBucketOwner",
        Place::Header("x-amz-expected-bucket-owner"),
    ),
    ("ChecksumMode", Place::Header("x-amz-checksum-mode")),
];

/// The members of PutObject's request.
pub(super) const PUT_OBJECT: &[(&str, Place)] = &[
    ("Acl", Place::Header("x-amz-acl")),
    ("Body", Place::Body),
    ("Bucket", Place::Bucket),
    ("CacheControl", Place::Header("cache-control")),
    ("ContentDisposition", Place::Header("content-disposition")),
    ("ContentEncoding", Place::Header("content-encoding")),
    ("ContentLanguage", Place::Header("content-language")),
    ("ContentLength", Place::Header("content-length")),
    ("ContentMd5", Place::Header("content-md5")),
    ("ContentType", Place::Header("content-type")),
    (
        "ChecksumAlgorithm",
        Place::Header("x-amz-sdk-checksum-algorithm"),
    ),
    ("ChecksumCrc32", Place::Header("x-amz-checksum-crc32")),
    ("ChecksumCrc32C", Place::Header("x-amz-checksum-crc32c")),
    (
        "ChecksumCrc64Nvme",
        Place::Header("x-amz-checksum-crc64nvme"),
    ),
    ("ChecksumSha1", Place::Header("x-amz-checksum-sha1")),
    ("ChecksumSha256", Place::Header("x-amz-checksum-sha256")),
    ("ChecksumSha512", Place::Header("x-amz-checksum-sha512")),
    ("ChecksumMd5", Place::Header("x-amz-checksum-md5")),
    ("ChecksumXxhash64", Place::Header("x-amz-checksum-xxhash64")),
    ("ChecksumXxhash3", Place::Header("x-amz-checksum-xxhash3")),
    (
        "ChecksumXxhash128",
        Place::Header("x-amz-checksum-xxhash128"),
    ),
    ("Expires", Place::Moment("expires")),
    ("IfMatch", Place::Header("if-match")),
    ("IfNoneMatch", Place::Header("if-none-match")),
    (
        "GrantFullControl",
        Place::Header("x-amz-grant-full-control"),
    ),
    ("GrantRead", Place::Header("x-amz-grant-read")),
    ("GrantReadAcp", Place::Header("x-amz-grant-read-acp")),
    ("GrantWriteAcp", Place::Header("x-amz-grant-write-acp")),
    ("Key", Place::Key),
    (
        "WriteOffsetBytes",
        Place::Header("x-amz-write-offset-bytes"),
    ),
    ("Metadata", Place::Metadata),
    (
        "ServerSideEncryption",
        Place::Header("x-amz-server-side-encryption"),
    ),
    ("StorageClass", Place::Header("x-amz-storage-class")),
    (
        "WebsiteRedirectLocation",
        Place::Header("x-amz-website-redirect-location"),
    ),
    (
        "SseCustomerAlgorithm",
        Place::Header("x-amz-server-side-encryption-customer-algorithm"),
    ),
    (
        "SseCustomerKey",
        Place::Header("x-amz-server-side-encryption-customer-key"),
    ),
    (
        "SseCustomerKeyMd5",
        Place::Header("x-amz-server-side-encryption-customer-key-md5"),
    ),
    (
        "SsekmsKeyId",
        Place::Header("x-amz-server-side-encryption-aws-kms-key-id"),
    ),
    (
        "SsekmsEncryptionContext",
        Place::Header("x-amz-server-side-encryption-context"),
    ),
    (
        "BucketKeyEnabled",
        Place::Header("x-amz-server-side-encryption-bucket-key-enabled"),
    ),
    ("RequestPayer", Place::Header("x-amz-request-payer")),
    ("Tagging", Place::Header("x-amz-tagging")),
    ("ObjectLockMode", Place::Header("x-amz-object-lock-mode")),
    (
        "ObjectLockRetainUntilDate",
        Place::Moment("x-amz-object-lock-retain-until-date"),
    ),
    (
        "ObjectLockLegalHoldStatus",
        Place::Header("x-amz-object-lock-legal-hold"),
    ),
    (
        "ObjectLockEventHold",
        Place::Header("x-amz-object-lock-event-hold"),
    ),
    (
        "ObjectLockEventHoldDurationDays",
        Place::Header("x-amz-object-lock-event-hold-duration-days"),
    ),
    (
        "ObjectLockEventHoldDurationYears",
        Place::Header("x-amz-object-lock-event-hold-duration-years"),
    ),
    (
        "ExpectedBucketOwner",
        Place::Header("x-amz-expected-bucket-owner"),
    ),
];

/// The members of DeleteObject's request.
pub(super) const DELETE_OBJECT: &[(&str, Place)] = &[
    ("Bucket", Place::Bucket),
    ("Key", Place::Key),
    ("Mfa", Place::Header("x-amz-mfa")),
    ("VersionId", Place::Query("versionId")),
    ("RequestPayer", Place::Header("x-amz-request-payer")),
    (
        "BypassGovernanceRetention",
        Place::Header("x-amz-bypass-governance-retention"),
    ),
    (
        "ExpectedBucketOwner",
        Place::Header("x-amz-expected-bucket-owner"),
    ),
    ("IfMatch", Place::Header("if-match")),
    (
        "IfMatchLastModifiedTime",
        Place::Moment("x-amz-if-match-last-modified-time"),
    ),
    ("IfMatchSize", Place::Header("x-amz-if-match-size")),
];

/// The members of HeadObject's request.
pub(super) const HEAD_OBJECT: &[(&str, Place)] = &[
    ("Bucket", Place::Bucket),
    ("IfMatch", Place::Header("if-match")),
    ("IfModifiedSince", Place::Moment("if-modified-since")),
    ("IfNoneMatch", Place::Header("if-none-match")),
    ("IfUnmodifiedSince", Place::Moment("if-unmodified-since")),
    ("Key", Place::Key),
    ("Range", Place::Header("range")),
    (
        "ResponseCacheControl",
        Place::Query("response-cache-control"),
    ),
    (
        "ResponseContentDisposition",
        Place::Query("response-content-disposition"),
    ),
    (
        "ResponseContentEncoding",
        Place::Query("response-content-encoding"),
    ),
    (
        "ResponseContentLanguage",
        Place::Query("response-content-language"),
    ),
    ("ResponseContentType", Place::Query("response-content-type")),
    ("ResponseExpires", Place::Query("response-expires")),
    ("VersionId", Place::Query("versionId")),
    (
        "SseCustomerAlgorithm",
        Place::Header("x-amz-server-side-encryption-customer-algorithm"),
    ),
    (
        "SseCustomerKey",
        Place::Header("x-amz-server-side-encryption-customer-key"),
    ),
    (
        "SseCustomerKeyMd5",
        Place::Header("x-amz-server-side-encryption-customer-key-md5"),
    ),
    ("RequestPayer", Place::Header("x-amz-request-payer")),
    ("PartNumber", Place::Query("partNumber")),
    (
        "ExpectedBucketOwner",
        Place::Header("x-amz-expected-bucket-owner"),
    ),
    ("ChecksumMode", Place::Header("x-amz-checksum-mode")),
];

/// The members of ListObjectsV2's request.
pub(super) const LIST_OBJECTS_V2: &[(&str, Place)] = &[
    ("Bucket", Place::Bucket),
    ("Delimiter", Place::Query("delimiter")),
    ("EncodingType", Place::Query("encoding-type")),
    ("MaxKeys", Place::Query("max-keys")),
    ("Prefix", Place::Query("prefix")),
    ("ContinuationToken", Place::Query("continuation-token")),
    ("FetchOwner", Place::Query("fetch-owner")),
    ("StartAfter", Place::Query("start-after")),
    ("RequestPayer", Place::Header("x-amz-request-payer")),
    (
        "ExpectedBucketOwner",
        Place::Header("x-amz-expected-bucket-owner"),
    ),
    (
        "OptionalObjectAttributes",
        Place::Header("x-amz-optional-object-attributes"),
    ),
];

/// The members of answers that headers hold, by the header.
pub(super) const ANSWER: &[(&str, &str, Kind)] = &[
    ("accept-ranges", "AcceptRanges", Kind::Text),
    ("cache-control", "CacheControl", Kind::Text),
    ("content-disposition", "ContentDisposition", Kind::Text),
    ("content-encoding", "ContentEncoding", Kind::Text),
    ("content-language", "ContentLanguage", Kind::Text),
    ("content-length", "ContentLength", Kind::Number),
    ("content-range", "ContentRange", Kind::Text),
    ("content-type", "ContentType", Kind::Text),
    ("etag", "ETag", Kind::Text),
    ("expires", "ExpiresString", Kind::Text),
    ("last-modified", "LastModified", Kind::Moment),
    ("x-amz-archive-status", "ArchiveStatus", Kind::Text),
    ("x-amz-checksum-crc32", "ChecksumCrc32", Kind::Text),
    ("x-amz-checksum-crc32c", "ChecksumCrc32C", Kind::Text),
    ("x-amz-checksum-crc64nvme", "ChecksumCrc64Nvme", Kind::Text),
    ("x-amz-checksum-md5", "ChecksumMd5", Kind::Text),
    ("x-amz-checksum-sha1", "ChecksumSha1", Kind::Text),
    ("x-amz-checksum-sha256", "ChecksumSha256", Kind::Text),
    ("x-amz-checksum-sha512", "ChecksumSha512", Kind::Text),
    ("x-amz-checksum-type", "ChecksumType", Kind::Text),
    ("x-amz-checksum-xxhash128", "ChecksumXxhash128", Kind::Text),
    ("x-amz-checksum-xxhash3", "ChecksumXxhash3", Kind::Text),
    ("x-amz-checksum-xxhash64", "ChecksumXxhash64", Kind::Text),
    ("x-amz-delete-marker", "DeleteMarker", Kind::Flag),
    ("x-amz-expiration", "Expiration", Kind::Text),
    ("x-amz-missing-meta", "MissingMeta", Kind::Number),
    ("x-amz-mp-parts-count", "PartsCount", Kind::Number),
    (
        "x-amz-object-lock-event-hold",
        "ObjectLockEventHold",
        Kind::Text,
    ),
    (
        "x-amz-object-lock-event-hold-duration-days",
        "ObjectLockEventHoldDurationDays",
        Kind::Number,
    ),
    (
        "x-amz-object-lock-event-hold-duration-years",
        "ObjectLockEventHoldDurationYears",
        Kind::Number,
    ),
    (
        "x-amz-object-lock-legal-hold",
        "ObjectLockLegalHoldStatus",
        Kind::Text,
    ),
    ("x-amz-object-lock-mode", "ObjectLockMode", Kind::Text),
    (
        "x-amz-object-lock-retain-until-date",
        "ObjectLockRetainUntilDate",
        Kind::Moment,
    ),
    ("x-amz-object-size", "Size", Kind::Number),
    ("x-amz-replication-status", "ReplicationStatus", Kind::Text),
    ("x-amz-request-charged", "RequestCharged", Kind::Text),
    ("x-amz-restore", "Restore", Kind::Text),
    (
        "x-amz-server-side-encryption",
        "ServerSideEncryption",
        Kind::Text,
    ),
    (
        "x-amz-server-side-encryption-aws-kms-key-id",
        "SsekmsKeyId",
        Kind::Text,
    ),
    (
        "x-amz-server-side-encryption-bucket-key-enabled",
        "BucketKeyEnabled",
        Kind::Flag,
    ),
    (
        "x-amz-server-side-encryption-context",
        "SsekmsEncryptionContext",
        Kind::Text,
    ),
    (
        "x-amz-server-side-encryption-customer-algorithm",
        "SseCustomerAlgorithm",
        Kind::Text,
    ),
    (
        "x-amz-server-side-encryption-customer-key-md5",
        "SseCustomerKeyMd5",
        Kind::Text,
    ),
    ("x-amz-storage-class", "StorageClass", Kind::Text),
    ("x-amz-tagging-count", "TagCount", Kind::Number),
    ("x-amz-version-id", "VersionId", Kind::Text),
    (
        "x-amz-website-redirect-location",
        "WebsiteRedirectLocation",
        Kind::Text,
    ),
];
