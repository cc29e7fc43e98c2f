//! Who calls, as far as it matters.

use data::EcoString;

/// The account that everything belongs to, whatever credentials a request is signed with.
pub const ACCOUNT: &str = "000000000000";

/// Who calls, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The region of the credential scope; `us-east-1` if a request has none.
    pub region: EcoString,
    /// The access key of the credential scope, if the request has one. Never a secret: signatures are not checked.
    pub access_key: Option<EcoString>,
    /// `x-amzn-RequestId` of the answer.
    pub request_id: String,
}

impl Caller {
    /// A caller in the default region, for tests and for whoever stands in the same process.
    pub fn local() -> Caller {
        Caller {
            region: "us-east-1".into(),
            access_key: None,
            request_id: uuid::Builder::from_random_bytes(rand::random())
                .into_uuid()
                .to_string(),
        }
    }

    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`
    pub fn arn(&self, service: &str, resource: &str) -> EcoString {
        format!("arn:aws:{service}:{}:{ACCOUNT}:{resource}", self.region).into()
    }
}
