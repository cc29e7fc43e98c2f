//! STS, as far as clients ask who they are.

use data::{Data, Object};

use crate::caller::{ACCOUNT, Caller};
use crate::error::ApiError;

/// The Security Token Service.
#[derive(Debug, Default)]
pub struct Sts;

impl Sts {
    /// GetCallerIdentity. Signatures are not checked, so whoever asks is the root user of the one account, whose
    /// user id is the account's number, as on AWS.
    pub fn call(
        &self,
        _caller: &Caller,
        operation: &str,
        _parameters: &Data,
    ) -> Result<Data, ApiError> {
        if operation != "GetCallerIdentity" {
            let message = format!("Could not find operation {operation} for version 2011-06-15");
            return Err(ApiError::new("InvalidAction", message));
        }
        let answer = Object::builder()
            .with("UserId", ACCOUNT)
            .with("Account", ACCOUNT)
            .with("Arn", format!("arn:aws:iam::{ACCOUNT}:root"));
        Ok(answer.build().into())
    }
}
