//! `wf-host store`: care for stores of executions.

use anyhow::Result;
use data::{Data, Object};
use engine::Timestamp;
use journal::{Pruned, Report, Store, StoreOptions};
use runtime::Folder;

use crate::args::{StoreArgs, StoreCheckArgs, StoreCommand, StorePruneArgs};
use crate::desk::{looking, now};
use crate::exit::{Exit, because};
use crate::{output, store};

/// Checks or prunes.
pub fn store(command: &StoreCommand) -> Result<Exit> {
    match command {
        StoreCommand::Check(args) => check(args),
        StoreCommand::Prune(args) => prune(args),
    }
}

/// Reads all that is kept, and makes every execution again from its records.
fn check(args: &StoreCheckArgs) -> Result<Exit> {
    let of = StoreArgs {
        store: Some(args.file.clone()),
        store_key: args.store_key.clone(),
    };
    let journal = looking(&of)?.journal;
    let key = store::key(args.store_key.as_deref())?;
    let mut folder = Folder::default();
    let checked = Store::check_each(&args.file, key.as_ref(), |kept, records| {
        let folded = folder.fold(&*journal, kept, records);
        folded.map(drop)
    });
    let report = checked.map_err(|error| store::not_opened(&error))?;
    match args.json {
        true => output::value(&to_data(&report)),
        false => output::data(&output::harmless_text(&text(&report))),
    }
    Ok(match report.is_sound() {
        true => Exit::Ok,
        false => Exit::Failed,
    })
}

fn text(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .file
        .iter()
        .map(|what| output::one_line(what))
        .collect();
    for damaged in &report.damaged {
        let execution = match damaged.execution.as_str() {
            "" => "beside the executions",
            execution => execution,
        };
        lines.push(output::one_line(&format!(
            "{execution}: {}",
            damaged.reason
        )));
    }
    let (executions, records) = (report.executions, report.records);
    let sound = match report.is_sound() {
        true => "all is well".to_owned(),
        false => format!("{} things are wrong", lines.len()),
    };
    lines.push(format!(
        "{executions} executions, {records} records: {sound}"
    ));
    lines.push(String::new());
    lines.join("\n")
}

fn to_data(report: &Report) -> Data {
    let file: Data = report
        .file
        .iter()
        .map(|what| Data::from(what.as_str()))
        .collect();
    let damaged = report.damaged.iter().map(|damaged| {
        let shown = Object::builder()
            .with("execution", damaged.execution.as_str())
            .with("reason", damaged.reason.as_str());
        Data::from(shown.build())
    });
    Object::builder()
        .with("executions", number(report.executions))
        .with("records", number(report.records))
        .with("file", file)
        .with("damaged", damaged.collect::<Data>())
        .build()
        .into()
}

/// Forgets executions that have been over for longer than an age.
fn prune(args: &StorePruneArgs) -> Result<Exit> {
    if !args.file.exists() {
        let message = format!("there is no store {}", args.file.display());
        return Err(because(Exit::BadFile, message));
    }
    let key = store::key(args.store_key.as_deref())?;
    let opened = Store::open(&args.file, StoreOptions { key });
    let opened = opened.map_err(|error| store::not_opened(&error))?;
    if let Some(notice) = opened.notice() {
        output::talk(&format!("warning: {notice}"));
    }
    let age = i64::try_from(args.older_than.as_millis()).unwrap_or(i64::MAX);
    let before = Timestamp(now().0.saturating_sub(age));
    let pruned = opened.prune(before, args.dry_run);
    let pruned = pruned.map_err(|trouble| because(Exit::BadFile, trouble.to_string()))?;
    store::close(Some(opened))?;
    tell(args, pruned);
    Ok(Exit::Ok)
}

fn tell(args: &StorePruneArgs, pruned: Pruned) {
    let Pruned {
        executions,
        records,
        bytes,
    } = pruned;
    if args.json {
        let shown = Object::builder()
            .with("executions", number(executions))
            .with("records", number(records))
            .with("bytes", number(bytes))
            .with("dryRun", args.dry_run);
        output::value(&shown.build().into());
        return;
    }
    let what = if args.dry_run {
        "would forget"
    } else {
        "forgot"
    };
    output::data(&format!(
        "{what} {executions} executions with {records} records, {bytes} bytes of them\n"
    ));
}

fn number(count: u64) -> Data {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}
