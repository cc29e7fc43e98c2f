//! `wf-host validate`: everything that is wrong with definitions, with its place.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use asl::{Diagnostic, Options, Severity};
use data::{Data, Object, Source};
use runtime::{Unbound, unbound};

use crate::args::{FormatArg, TypeArg, ValidateArgs};
use crate::exit::{Because, Exit};
use crate::functions::setup;
use crate::{files, output};

/// Checks every definition; the exit code says whether one has an error or cannot be read.
pub fn validate(args: &ValidateArgs) -> Result<Exit> {
    let mut findings = Vec::new();
    let mut unreadable = Vec::new();
    for path in &args.paths {
        for definition in readable(files::definitions(path), &mut unreadable)?.unwrap_or_default() {
            findings.extend(readable(check(args, &definition), &mut unreadable)?);
        }
    }
    let format = if args.json {
        FormatArg::Json
    } else {
        args.format
    };
    match format {
        FormatArg::Text => output::data(&text(&findings)),
        FormatArg::Json => output::value(&findings.iter().map(Finding::to_data).collect()),
        FormatArg::Github => output::data(&github(&findings)),
    }
    let count = |severity| -> usize { findings.iter().map(|f| f.count(severity)).sum() };
    let errors = count(Severity::Error);
    output::talk(&format!(
        "{} checked: {errors} errors, {} warnings",
        findings.len(),
        count(Severity::Warning)
    ));
    for error in &unreadable {
        output::error(error);
    }
    let all_well = errors == 0 && unreadable.is_empty();
    Ok(if all_well { Exit::Ok } else { Exit::BadFile })
}

/// What was read; the error of a file that cannot be read is put by, once, so that the other files get their turn.
fn readable<T>(read: Result<T>, unreadable: &mut Vec<anyhow::Error>) -> Result<Option<T>> {
    let error = match read {
        Ok(value) => return Ok(Some(value)),
        Err(error) => error,
    };
    let because = error.downcast_ref::<Because>();
    if because.is_none_or(|because| because.exit != Exit::BadFile) {
        return Err(error);
    }
    // A functions file goes with many definitions.
    if !unreadable
        .iter()
        .any(|e| e.to_string() == error.to_string())
    {
        unreadable.push(error);
    }
    Ok(None)
}

/// What there is to say of one definition.
struct Finding {
    source: Source,
    diagnostics: Vec<Diagnostic>,
    unbound: Vec<Unbound>,
}

fn check(args: &ValidateArgs, path: &Path) -> Result<Finding> {
    let setup = setup(&args.functions, path)?;
    let (source, format) = files::source(path)?;
    let is_function = |name: &str| setup.functions.find(name).is_some();
    let options = Options {
        definitions: &setup.define,
        is_function: &is_function,
        express: args.machine_type == TypeArg::Express,
    };
    let compiled = asl::compile(&source, format, &options);
    let unbound = compiled
        .program
        .map_or_else(Vec::new, |p| unbound(&p, &setup.functions));
    Ok(Finding {
        source,
        diagnostics: compiled.diagnostics,
        unbound,
    })
}

impl Finding {
    fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    fn to_data(&self) -> Data {
        let diagnostics: Data = self
            .diagnostics
            .iter()
            .map(|d| self.diagnostic(d))
            .collect();
        let unbound: Data = self
            .unbound
            .iter()
            .map(|unbound| self.unbound(unbound))
            .collect();
        Object::builder()
            .with("file", self.source.name.as_ref())
            .with(
                "result",
                if self.count(Severity::Error) == 0 {
                    "OK"
                } else {
                    "FAIL"
                },
            )
            .with("diagnostics", diagnostics)
            .with("unbound", unbound)
            .build()
            .into()
    }

    fn diagnostic(&self, diagnostic: &Diagnostic) -> Data {
        let position = diagnostic.position(&self.source);
        let mut object = Object::builder()
            .with("severity", diagnostic.severity.as_str())
            .with("code", diagnostic.code.as_str())
            .with("message", diagnostic.message.as_str())
            .with("pointer", diagnostic.pointer.as_str())
            .with("line", position.line as i64)
            .with("column", position.column as i64);
        if let Some(hint) = &diagnostic.hint {
            object.insert("hint".into(), hint.as_str().into());
        }
        object.build().into()
    }

    fn unbound(&self, unbound: &Unbound) -> Data {
        let position = self.source.position(unbound.span);
        Object::builder()
            .with("state", unbound.state.as_str())
            .with("resource", unbound.resource.as_str())
            .with("line", position.line as i64)
            .with("column", position.column as i64)
            .with("snippet", unbound.snippet.as_str())
            .build()
            .into()
    }
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        for diagnostic in &finding.diagnostics {
            text.push_str(&diagnostic.render(&finding.source));
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        if finding.diagnostics.is_empty() {
            let _ = writeln!(text, "{}: ok", finding.source.name);
        }
        text.push_str(&unbound_text(finding));
    }
    text
}

fn unbound_text(finding: &Finding) -> String {
    let mut text = String::new();
    let mut snippets: Vec<&str> = Vec::new();
    for unbound in &finding.unbound {
        let position = finding.source.position(unbound.span);
        let what = unbound.function_name.as_ref().unwrap_or(&unbound.resource);
        let _ = writeln!(
            text,
            "{}:{position}: unbound: state '{}' needs {what}",
            finding.source.name, unbound.state
        );
        if !snippets.contains(&unbound.snippet.as_str()) {
            snippets.push(&unbound.snippet);
        }
    }
    if !snippets.is_empty() {
        let _ = writeln!(
            text,
            "hint: to bind them, put this into wf-host.toml:\n\n{}\n",
            snippets.join("\n\n")
        );
    }
    text
}

/// Workflow commands of GitHub Actions, which show as annotations of a pull request.
fn github(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let file = escape(&finding.source.name)
            .replace(':', "%3A")
            .replace(',', "%2C");
        for diagnostic in &finding.diagnostics {
            let position = diagnostic.position(&finding.source);
            let kind = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let hint = diagnostic
                .hint
                .as_ref()
                .map_or_else(String::new, |h| format!(" (hint: {h})"));
            let message = escape(&format!("{}{hint}", diagnostic.message));
            let code = diagnostic.code.as_str();
            let _ = writeln!(
                text,
                "::{kind} file={file},line={},col={},title={code}::{message}",
                position.line, position.column
            );
        }
        for unbound in &finding.unbound {
            let position = finding.source.position(unbound.span);
            let message = escape(&format!("nothing is bound to {}", unbound.resource));
            let _ = writeln!(
                text,
                "::notice file={file},line={},col={},title=UNBOUND::{message}",
                position.line, position.column
            );
        }
    }
    text
}

fn escape(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
