//! What only looks: GetFunction, GetFunctionConfiguration, ListFunctions, GetAccountSettings,
//! GetFunctionCodeSigningConfig.

use data::{Data, Object};

use super::configuration::{configuration, length, one};
use super::name::{Name, arn};
use super::store::Stored;
use super::{Lambda, invalid};
use crate::{ApiError, Caller};

/// Lambda's most functions or versions in one answer, which is also how many there are unasked.
const PAGE: usize = 50;

impl Lambda {
    /// Where to get the code is not told: there is no store beside this service to get it from.
    pub(super) fn get_function(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read(caller, parameters)?;
        let mut shown = Object::builder().with("Configuration", self.configuration_of(&name)?);
        shown.insert("Code".into(), one("RepositoryType", "S3"));
        let store = self.store();
        let Some(stored) = store.get(&name) else {
            return Ok(shown.build().into());
        };
        if !stored.tags.is_empty() {
            shown.insert("Tags".into(), super::tags::shown(&stored.tags));
        }
        if let Some(most) = stored.concurrency {
            let most = one("ReservedConcurrentExecutions", i64::from(most));
            shown.insert("Concurrency".into(), most);
        }
        Ok(shown.build().into())
    }

    pub(super) fn get_function_configuration(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read(caller, parameters)?;
        Ok(self.configuration_of(&name)?.into())
    }

    fn configuration_of(&self, name: &Name) -> Result<Object, ApiError> {
        let qualified = name.qualifier.is_some();
        let store = self.store();
        if let Some(stored) = store.get(name) {
            let version = stored.version(name)?;
            return Ok(configuration(&name.region, &name.name, version, qualified));
        }
        Err(name.not_found())
    }

    pub(super) fn list_functions(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let all = parameters.get("FunctionVersion").and_then(Data::as_str) == Some("ALL");
        let region = &caller.region;
        let store = self.store();
        let mut shown: Vec<Object> = Vec::new();
        for (name, stored) in store.in_region(region) {
            let versions = if all { stored.published.len() + 1 } else { 1 };
            let versions = stored.versions().take(versions);
            shown.extend(versions.map(|version| configuration(region, name, version, all)));
        }
        drop(store);
        shown.sort_by_key(key);
        page("Functions", shown, parameters)
    }

    pub(super) fn get_account_settings(&self, caller: &Caller, _: &Data) -> Result<Data, ApiError> {
        let store = self.store();
        let reserved: u32 = store
            .in_region(&caller.region)
            .filter_map(|(_, stored)| stored.concurrency)
            .sum();
        let versions = store
            .in_region(&caller.region)
            .flat_map(|(_, stored)| Stored::versions(stored));
        let size: usize = versions.map(|version| version.code.bytes.len()).sum();
        let limit = Object::builder()
            .with("TotalCodeSize", 80_530_636_800)
            .with("CodeSizeUnzipped", 262_144_000)
            .with("CodeSizeZipped", 52_428_800)
            .with("ConcurrentExecutions", i64::from(super::concurrency::MOST))
            .with(
                "UnreservedConcurrentExecutions",
                i64::from(super::concurrency::MOST - reserved),
            );
        let usage = Object::builder().with("TotalCodeSize", length(size)).with(
            "FunctionCount",
            length(store.in_region(&caller.region).count()),
        );
        let shown = Object::builder().with("AccountLimit", limit.build());
        Ok(shown.with("AccountUsage", usage.build()).build().into())
    }

    /// No function has one.
    pub(super) fn get_function_code_signing_config(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read(caller, parameters)?;
        self.configuration_of(&name)?;
        let shown = Object::builder().with("CodeSigningConfigArn", "");
        Ok(shown
            .with("FunctionName", name.name.as_str())
            .build()
            .into())
    }
}

/// What a page begins behind: names first, then versions as numbers.
fn key(shown: &Object) -> (String, u64) {
    let text = |member| shown.get(member).and_then(Data::as_str).unwrap_or_default();
    let number = text("Version").parse().unwrap_or_default();
    (text("FunctionName").to_owned(), number)
}

/// The part of a list that a request asks for. A marker is the ARN of the last that was told.
pub(super) fn page(
    member: &'static str,
    shown: Vec<Object>,
    parameters: &Data,
) -> Result<Data, ApiError> {
    let most = parameters.get("MaxItems").and_then(Data::as_i64);
    let most = most
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(PAGE)
        .clamp(1, PAGE);
    let marker = parameters
        .get("Marker")
        .and_then(Data::as_str)
        .filter(|marker| !marker.is_empty());
    let mut rest = shown;
    if let Some(marker) = marker {
        let after = read_marker(marker).ok_or_else(|| invalid("Invalid Marker"))?;
        rest.retain(|one| key(one) > after);
    }
    let more = rest.len() > most;
    rest.truncate(most);
    let mut answer = Object::builder();
    if let Some(last) = rest.last().filter(|_| more) {
        let (name, number) = key(last);
        answer.insert(
            "NextMarker".into(),
            arn("", &name, Some(&number.to_string())).into(),
        );
    }
    let list: Data = rest.into_iter().map(Data::from).collect();
    Ok(answer.with(member, list).build().into())
}

fn read_marker(marker: &str) -> Option<(String, u64)> {
    let (_, rest) = marker.split_once(":function:")?;
    let (name, number) = rest.split_once(':')?;
    Some((name.to_owned(), number.parse().ok()?))
}
