//! What must be known of an execution to make it again from its records, as the journal keeps it.

use data::{Data, EcoString, Object};
use engine::{About, Entropy, Quotas};
use journal::Kept;

use crate::host::Origin;
use crate::machines::Machine;

/// The version of the text.
const VERSION: i64 = 1;

/// An execution's identity.
pub(crate) struct Identity {
    /// What it is called and may use.
    pub about: About,
    /// Its chance.
    pub entropy: Entropy,
    /// How its machine was named.
    pub origin: Origin,
    /// Whether its machine is one of several of the run; the main one of a run need not be.
    pub has_machine: bool,
    /// Whether its machine is Express.
    pub express: bool,
    /// Which revision of its machine it runs.
    pub revision: EcoString,
}

/// The text of an identity.
pub(crate) fn write(
    about: &About,
    entropy: &Entropy,
    origin: &Origin,
    machine: Option<&Machine>,
) -> String {
    let quotas = &about.quotas;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let size = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let quotas = Object::builder()
        .with("history-events", i64::from(quotas.history_events))
        .with("payload-bytes", size(quotas.payload_bytes))
        .with("map-concurrency", i64::from(quotas.map_concurrency))
        .with("execution-seconds", number(quotas.execution_seconds));
    let mut identity = Object::builder()
        .with("v", VERSION)
        .with("secret", hex(&entropy.secret()))
        .with("roleArn", about.role_arn.clone())
        .with("region", about.region.clone())
        .with("quotas", quotas.build());
    let mut put = |name: &str, value: Option<&EcoString>| {
        if let Some(value) = value {
            identity.insert(name.into(), value.clone().into());
        }
    };
    put("traceHeader", origin.trace_header.as_ref());
    put("input", origin.input_text.as_ref());
    put("testCase", origin.test_case.as_ref());
    put("revision", machine.map(|machine| &machine.revision));
    if machine.is_some_and(|machine| machine.express) {
        identity.insert("express".into(), true.into());
    }
    Data::from(identity.build()).to_string()
}

/// Reads what [`write`] wrote; the error says what is wrong.
pub(crate) fn read(kept: &Kept) -> Result<Identity, String> {
    let summary = &kept.summary;
    let identity = Data::parse(kept.beginning.identity.as_str())
        .map_err(|error| format!("its identity is no JSON: {}", error.message))?;
    let text = |name: &str| identity.get(name).and_then(Data::as_str);
    let owned = |name: &str| text(name).map(EcoString::from);
    let needed = |name: &str| text(name).ok_or_else(|| format!("its identity has no {name}"));
    match identity.get("v").and_then(Data::as_i64) {
        Some(VERSION) => {}
        _ => return Err("its identity is of another version of wf-host".to_owned()),
    }
    let secret = unhex(needed("secret")?).ok_or("its secret is damaged")?;
    let arn = |arn: &Option<String>| arn.as_deref().map(EcoString::from);
    Ok(Identity {
        about: About {
            execution_arn: summary.execution_arn.as_str().into(),
            execution_name: summary.name.as_str().into(),
            state_machine_arn: summary.state_machine_arn.as_str().into(),
            state_machine_name: summary.state_machine.as_str().into(),
            role_arn: needed("roleArn")?.into(),
            region: needed("region")?.into(),
            quotas: quotas(identity.get("quotas"))?,
        },
        entropy: Entropy::from_secret(secret),
        origin: Origin {
            version_arn: arn(&summary.version_arn),
            alias_arn: arn(&summary.alias_arn),
            map_run_arn: arn(&summary.map_run_arn),
            trace_header: owned("traceHeader"),
            input_text: owned("input"),
            test_case: owned("testCase"),
        },
        has_machine: text("revision").is_some(),
        express: identity.get("express").is_some(),
        revision: owned("revision").unwrap_or_default(),
    })
}

fn quotas(kept: Option<&Data>) -> Result<Quotas, String> {
    let mut quotas = Quotas::default();
    let kept = kept
        .and_then(Data::as_object)
        .ok_or("its quotas are lost")?;
    for (name, value) in kept.iter() {
        let value = value.as_i64().and_then(|value| u64::try_from(value).ok());
        let value = value.ok_or_else(|| format!("its quota {name} is no number"))?;
        quotas.set(name, value)?;
    }
    Ok(quotas)
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use journal::{Beginning, Summary};

    use super::*;

    #[test]
    fn an_identity_survives_its_text() {
        let mut about = About::local("machine", "name");
        about.quotas.history_events = 77;
        about.quotas.execution_seconds = 300;
        let entropy = Entropy::from_seed(5);
        let origin = Origin {
            trace_header: Some("Root=1".into()),
            input_text: Some("{ }".into()),
            ..Origin::default()
        };
        let mut summary = Summary::new(
            &about.execution_arn,
            "machine",
            "name",
            engine::Timestamp(0),
        );
        summary.state_machine_arn = about.state_machine_arn.to_string();
        let mut beginning = Beginning::of(&about.execution_arn);
        beginning.identity = write(&about, &entropy, &origin, None);
        let kept = Kept { summary, beginning };
        let identity = read(&kept).expect("it was just written");
        assert_eq!(identity.about, about);
        assert_eq!(identity.entropy, entropy);
        assert_eq!(identity.origin, origin);
        assert!(!identity.has_machine);
        let damaged = Kept {
            beginning: Beginning::of("x"),
            ..kept
        };
        assert!(read(&damaged).is_err());
    }
}
