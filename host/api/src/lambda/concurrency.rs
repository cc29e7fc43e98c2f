//! PutFunctionConcurrency, GetFunctionConcurrency and DeleteFunctionConcurrency.

use data::Data;

use super::configuration::{deployment, one};
use super::name::Name;
use super::{Lambda, invalid};
use crate::{ApiError, Caller};

/// Lambda's invocations of an account side by side.
pub(super) const MOST: u32 = 1000;
/// How many of them no function can reserve.
const UNRESERVED: u32 = 100;

impl Lambda {
    /// Takes effect for the invocations that begin from now on.
    pub(super) fn put_function_concurrency(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let wanted = parameters
            .get("ReservedConcurrentExecutions")
            .and_then(Data::as_i64);
        let wanted = wanted.and_then(|wanted| u32::try_from(wanted).ok());
        let wanted =
            wanted.ok_or_else(|| invalid("ReservedConcurrentExecutions must be 0 or more"))?;
        self.reserve(caller, parameters, Some(wanted))?;
        Ok(one("ReservedConcurrentExecutions", i64::from(wanted)))
    }

    pub(super) fn delete_function_concurrency(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        self.reserve(caller, parameters, None)?;
        Ok(Data::empty_object())
    }

    pub(super) fn get_function_concurrency(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read_latest(caller, parameters)?;
        let store = self.store();
        let stored = store.get(&name).ok_or_else(|| name.not_found())?;
        let reserved = stored.concurrency;
        Ok(reserved.map_or_else(Data::empty_object, |most| {
            one("ReservedConcurrentExecutions", i64::from(most))
        }))
    }

    fn reserve(
        &self,
        caller: &Caller,
        parameters: &Data,
        most: Option<u32>,
    ) -> Result<(), ApiError> {
        let name = Name::read_latest(caller, parameters)?;
        let mut store = self.store();
        if store.get(&name).is_none() {
            return Err(name.not_found());
        }
        let others = store
            .in_region(&name.region)
            .filter(|(other, _)| *other != name.name);
        let reserved: u32 = others.filter_map(|(_, other)| other.concurrency).sum();
        if most.is_some_and(|most| reserved.saturating_add(most) > MOST - UNRESERVED) {
            return Err(invalid(format!(
                "Specified ReservedConcurrentExecutions for function decreases account's \
                 UnreservedConcurrentExecution below its minimum value of [{UNRESERVED}]."
            )));
        }
        let Some(stored) = store.get_mut(&name) else {
            return Err(name.not_found());
        };
        stored.concurrency = most;
        for version in stored.versions() {
            self.functions
                .deploy(deployment(&name.region, &name.name, version, most));
        }
        self.save(&mut store, &name);
        Ok(())
    }
}
