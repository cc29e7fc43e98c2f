//! Whether a text is a policy, and IAM's words if it is not.
//!
//! Only the grammar is checked, and what IAM's own parser refuses by rule; whether a service, action or principal
//! exists is not known here.

use data::{Data, Object};

use crate::error::ApiError;

/// What a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Permissions, in a role.
    Inline,
    /// Permissions, in a managed policy, whose version must be the current one.
    Managed,
    /// Who may assume a role.
    Trust,
}

const SYNTAX: &str = "Syntax errors in policy.";
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Refuses what is no policy for that purpose, as `MalformedPolicyDocument`.
pub(super) fn check(purpose: Purpose, text: &str) -> Result<(), ApiError> {
    grammar(purpose, text).map_err(|message| ApiError::new("MalformedPolicyDocument", message))
}

fn grammar(purpose: Purpose, text: &str) -> Result<(), String> {
    let broken = match purpose {
        Purpose::Trust => "This policy contains invalid Json",
        Purpose::Inline | Purpose::Managed => SYNTAX,
    };
    let policy = Data::parse(text).map_err(|_| broken)?;
    let policy = policy.as_object().ok_or(broken)?;
    known(policy, &["Version", "Id", "Statement"])?;
    version(purpose, policy)?;
    let statements = match policy.get("Statement") {
        Some(Data::Array(list)) if !list.items().is_empty() => list.items(),
        Some(statement @ Data::Object(_)) => std::slice::from_ref(statement),
        _ => return Err(SYNTAX.to_owned()),
    };
    let mut sids = Vec::new();
    for statement in statements {
        let statement = statement.as_object().ok_or(SYNTAX)?;
        known(statement, &ELEMENTS)?;
        sids.extend(sid(statement)?);
        match purpose {
            Purpose::Trust => trust(statement)?,
            Purpose::Inline | Purpose::Managed => permission(statement)?,
        }
        if statement
            .get("Condition")
            .is_some_and(|condition| condition.as_object().is_none())
        {
            return Err(SYNTAX.to_owned());
        }
    }
    sids.sort_unstable();
    if sids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("Statement IDs (SID) in a single policy must be unique.".to_owned());
    }
    Ok(())
}

fn known(object: &Object, names: &[&str]) -> Result<(), String> {
    if object.iter().all(|(key, _)| names.contains(&key.as_str())) {
        return Ok(());
    }
    Err(SYNTAX.to_owned())
}

fn version(purpose: Purpose, policy: &Object) -> Result<(), String> {
    match policy.get("Version").map(Data::as_str) {
        Some(Some("2012-10-17")) => Ok(()),
        None | Some(Some("2008-10-17")) if purpose != Purpose::Managed => Ok(()),
        None | Some(Some("2008-10-17")) => {
            Err("Policy document must be version 2012-10-17 or greater.".to_owned())
        }
        Some(_) => Err(SYNTAX.to_owned()),
    }
}

fn sid(statement: &Object) -> Result<Option<&str>, String> {
    let Some(sid) = statement.get("Sid") else {
        return Ok(None);
    };
    let sid = sid.as_str().ok_or(SYNTAX)?;
    if sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(Some(sid).filter(|sid| !sid.is_empty()));
    }
    Err(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
         expression [0-9A-Za-z]*"
            .to_owned(),
    )
}

fn permission(statement: &Object) -> Result<(), String> {
    if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
        return Err("Policy document should not specify a principal.".to_owned());
    }
    effect(statement).map_err(|_| SYNTAX)?;
    let actions = one_of(statement, "Action", "NotAction")?
        .ok_or("Policy statement must contain actions.")?;
    actions.iter().try_for_each(|action| named(action))?;
    let resources = one_of(statement, "Resource", "NotResource")?
        .ok_or("Policy statement must contain resources.")?;
    resources.iter().try_for_each(|resource| arn(resource))
}

fn named(action: &str) -> Result<(), String> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, _)) = action.split_once(':') else {
        return Err(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned(),
        );
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if vendor.is_empty() || !vendor.bytes().all(fits) {
        return Err(format!("Vendor {vendor} is not valid"));
    }
    Ok(())
}

fn arn(resource: &str) -> Result<(), String> {
    if resource == "*" {
        return Ok(());
    }
    if !resource.starts_with("arn:") {
        return Err(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        ));
    }
    if resource.splitn(6, ':').count() < 6 && !resource.contains('*') {
        return Err("The policy failed legacy parsing".to_owned());
    }
    Ok(())
}

fn trust(statement: &Object) -> Result<(), String> {
    for name in ["Resource", "NotResource"] {
        if statement.contains_key(name) {
            return Err(format!("Has prohibited field {name}"));
        }
    }
    effect(statement)?;
    let principal = statement
        .get("Principal")
        .or_else(|| statement.get("NotPrincipal"))
        .ok_or("Missing required field Principal")?;
    principals(principal)?;
    let actions =
        one_of(statement, "Action", "NotAction")?.ok_or("Missing required field Action")?;
    if !actions
        .iter()
        .all(|action| *action == "*" || action.starts_with("sts:"))
    {
        return Err("AssumeRole policy may only specify STS AssumeRole actions.".to_owned());
    }
    Ok(())
}

fn effect(statement: &Object) -> Result<(), String> {
    match statement.get("Effect").map(Data::as_str) {
        Some(Some("Allow" | "Deny")) => Ok(()),
        Some(Some(other)) => Err(format!("Invalid effect: {other}")),
        Some(None) => Err(SYNTAX.to_owned()),
        None => Err("Missing required field Effect".to_owned()),
    }
}

fn principals(principal: &Data) -> Result<(), String> {
    if principal.as_str() == Some("*") {
        return Ok(());
    }
    let Some(kinds) = principal.as_object().filter(|kinds| !kinds.is_empty()) else {
        return Err(format!("Invalid principal in policy: {principal}"));
    };
    for (kind, whom) in kinds.iter() {
        let whom = texts(whom)?;
        let wrong = match kind.as_str() {
            "AWS" => whom.iter().find(|whom| !account_or_arn(whom)),
            "Service" | "Federated" | "CanonicalUser" => whom.iter().find(|whom| whom.is_empty()),
            _ => return Err(format!("Invalid principal in policy: {principal}")),
        };
        if let Some(wrong) = wrong {
            return Err(format!(
                "Invalid principal in policy: \"{kind}\":\"{wrong}\""
            ));
        }
    }
    Ok(())
}

fn account_or_arn(whom: &str) -> bool {
    let account = whom.len() == 12 && whom.bytes().all(|byte| byte.is_ascii_digit());
    account
        || whom == "*"
        || whom.starts_with("arn:")
        || whom.starts_with("AROA")
        || whom.starts_with("AIDA")
}

/// The texts of one of two elements that exclude each other.
fn one_of<'s>(
    statement: &'s Object,
    one: &str,
    other: &str,
) -> Result<Option<Vec<&'s str>>, String> {
    match (statement.get(one), statement.get(other)) {
        (Some(_), Some(_)) => Err(SYNTAX.to_owned()),
        (Some(value), None) | (None, Some(value)) => {
            Ok(Some(texts(value)?).filter(|texts| !texts.is_empty()))
        }
        (None, None) => Ok(None),
    }
}

/// A text, or a list of texts.
fn texts(value: &Data) -> Result<Vec<&str>, String> {
    let items = match value {
        Data::Array(list) => list.items(),
        one => std::slice::from_ref(one),
    };
    let texts = items
        .iter()
        .map(|item| item.as_str().ok_or(SYNTAX.to_owned()));
    texts.collect()
}
