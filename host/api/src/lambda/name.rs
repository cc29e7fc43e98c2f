//! A function's name in a request: a name, a part of an ARN, or an ARN, perhaps with a version.

use data::{Data, EcoString};

use super::{invalid, refused};
use crate::caller::ACCOUNT;
use crate::{ApiError, Caller};

/// The version that was not published.
pub(super) const LATEST: &str = "$LATEST";

/// Which function a request means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub region: EcoString,
    pub name: String,
    /// `$LATEST`, a number or the name of an alias, if the request says one.
    pub qualifier: Option<String>,
}

/// Lambda's longest name of a function.
const LONGEST: usize = 64;

impl Name {
    /// Reads `FunctionName` and `Qualifier`.
    pub fn read(caller: &Caller, parameters: &Data) -> Result<Name, ApiError> {
        let text = |member| parameters.get(member).and_then(Data::as_str);
        let mut name = Name::of(caller, text("FunctionName").unwrap_or_default())?;
        match (text("Qualifier"), &name.qualifier) {
            (Some(one), Some(other)) if one != other => Err(invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            )),
            (Some(one), _) => {
                name.qualifier = Some(one.to_owned());
                Ok(name)
            }
            (None, _) => Ok(name),
        }
    }

    /// Reads `FunctionName` where no version but `$LATEST` may be meant.
    pub fn read_latest(caller: &Caller, parameters: &Data) -> Result<Name, ApiError> {
        let name = Name::read(caller, parameters)?;
        match name.qualifier.as_deref() {
            None | Some(LATEST) => Ok(name),
            Some(_) => Err(invalid(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this \
                 operation. Please specify either a function name or an unqualified function ARN.",
            )),
        }
    }

    /// Reads a name, `ACCOUNT:function:NAME`, or an ARN.
    pub fn of(caller: &Caller, text: &str) -> Result<Name, ApiError> {
        let mut parts: Vec<&str> = text.split(':').collect();
        let mut region = caller.region.clone();
        if parts.len() > 1 && parts.first() == Some(&"arn") {
            if parts.len() < 7
                || parts.get(2) != Some(&"lambda")
                || parts.get(5) != Some(&"function")
            {
                return Err(malformed(text));
            }
            region = parts[3].into();
            parts.drain(..4);
        }
        if parts.get(1) == Some(&"function") {
            parts.remove(0);
        }
        if parts.len() > 1 && parts.first() == Some(&"function") {
            parts.remove(0);
        }
        let (name, qualifier) = match parts.as_slice() {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some((*qualifier).to_owned())),
            _ => return Err(malformed(text)),
        };
        if !is_name(name) || qualifier.as_deref().is_some_and(|text| !is_qualifier(text)) {
            return Err(malformed(text));
        }
        Ok(Name {
            region,
            name: name.to_owned(),
            qualifier,
        })
    }

    /// The ARN, with the version if one was said.
    pub fn arn(&self) -> String {
        let qualifier = self.qualifier.as_deref();
        arn(&self.region, &self.name, qualifier)
    }

    /// There is no such function.
    pub fn not_found(&self) -> ApiError {
        let message = format!("Function not found: {}", self.arn());
        refused("ResourceNotFoundException", message)
    }
}

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`
pub(super) fn arn(region: &str, name: &str, qualifier: Option<&str>) -> String {
    let qualifier = qualifier.map_or_else(String::new, |qualifier| format!(":{qualifier}"));
    format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}{qualifier}")
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(plain)
}

fn is_qualifier(text: &str) -> bool {
    text == LATEST || is_name(text)
}

/// In the words of Lambda's own check of the member's pattern.
fn malformed(text: &str) -> ApiError {
    let shape = crate::model::LAMBDA.shapes.get("FunctionName");
    let pattern = shape
        .and_then(|shape| shape.pattern.as_deref())
        .unwrap_or_default();
    super::check::pattern("functionName", text, pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(text: &str) -> Option<(String, String, Option<String>)> {
        let name = Name::of(&Caller::local(), text).ok()?;
        Some((name.region.to_string(), name.name, name.qualifier))
    }

    #[test]
    fn names_come_whole_and_in_parts() {
        let pay = |region: &str, qualifier: Option<&str>| {
            Some((
                region.to_owned(),
                "pay".to_owned(),
                qualifier.map(str::to_owned),
            ))
        };
        assert_eq!(read("pay"), pay("us-east-1", None));
        assert_eq!(read("pay:3"), pay("us-east-1", Some("3")));
        assert_eq!(read("function:pay"), pay("us-east-1", None));
        assert_eq!(
            read("000000000000:function:pay:$LATEST"),
            pay("us-east-1", Some("$LATEST"))
        );
        assert_eq!(
            read("arn:aws:lambda:eu-west-1:000000000000:function:pay:7"),
            pay("eu-west-1", Some("7"))
        );
        assert!(read("arn").is_some(), "a name like any other");
        for wrong in [
            "",
            "a b",
            "arn:aws:s3:::pay",
            "pay:1:2",
            "pay:",
            "a/../b",
            "arn:",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(read(&"x".repeat(65)).is_none());
    }
}
