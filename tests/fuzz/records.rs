//! Damaged logs: the bytes say where a good log is written over.
#![no_main]

use std::sync::{Arc, LazyLock};

use asl::Program;
use data::{Data, Format, Source};
use engine::{
    About, Command, Effects, Entropy, Execution, Failure, Input, StoredLog, Timestamp, stored_text,
};
use libfuzzer_sys::fuzz_target;

const MACHINE: &str = r#"{"StartAt":"P","States":{
"P":{"Type":"Parallel","Next":"M","Catch":[{"ErrorEquals":["States.ALL"],"Next":"M"}],"Branches":[
 {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Retry":[{"ErrorEquals":["A"]}],"Assign":{"v.$":"$"},"End":true}}},
 {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3,"End":true}}}]},
"M":{"Type":"Map","ItemsPath":"$$.Execution.Input.items","End":true,"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","HeartbeatSeconds":5,"End":true}}}}}}"#;

/// The machine, and the log of a life of it as lines of JSON.
static LIFE: LazyLock<(Arc<Program>, String)> = LazyLock::new(|| {
    let source = Source::new("fuzz", MACHINE);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    let program = Arc::new(compiled.program.expect("a good machine"));
    let mut execution = new(&program);
    let mut log = Vec::new();
    let mut now = Timestamp(0);
    let input = Data::parse(r#"{"items":[1,2]}"#).expect("a literal");
    let mut next = Some(Input::Start(input));
    while let Some(input) = next.take() {
        let mut effects = Effects::default();
        execution.handle(now, &Entropy::from_seed(1), input, &mut effects);
        log.append(&mut effects.records);
        let request = execution.outstanding().find_map(|command| match command {
            Command::StartTask(request) => Some(request),
            Command::StartMapRun(_) | Command::CancelTask(_) | Command::Finish => None,
        });
        next = match (request, execution.next_deadline()) {
            (Some(request), _) if log.len() < 10 => Some(Input::TaskFailed {
                token: request.token,
                failure: Failure::new("A", "why"),
            }),
            (Some(request), _) => Some(Input::TaskSucceeded {
                token: request.token,
                output: Data::from("done"),
            }),
            (None, Some(due)) if !execution.status().is_final() => {
                now = due;
                Some(Input::DeadlineReached)
            }
            (None, _) => None,
        };
    }
    let lines: Vec<String> = log
        .iter()
        .map(|record| {
            let mut text = Vec::new();
            stored_text(record, &mut text).expect("a record can be written");
            String::from_utf8(text).expect("JSON is text")
        })
        .collect();
    (program, lines.join("\n"))
});

fn new(program: &Arc<Program>) -> Execution {
    Execution::new(Arc::clone(program), Arc::new(About::local("fuzz", "fuzz")))
}

fuzz_target!(|bytes: &[u8]| {
    let (program, log) = &*LIFE;
    let mut log = log.clone().into_bytes();
    for edit in bytes.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % log.len();
        match edit[2] {
            // Digits mostly, so that what is damaged can still be read.
            byte @ 0..=99 => log[at] = b'0' + byte % 10,
            100..=109 => drop(log.remove(at)),
            byte => log[at] = byte,
        }
    }
    let Ok(log) = String::from_utf8(log) else {
        return;
    };
    let mut execution = new(program);
    let mut read = StoredLog::default();
    for line in log.lines() {
        let Ok(record) = read.read(line.as_bytes()) else {
            return;
        };
        if execution.apply(record).is_err() {
            return;
        }
    }
    // A log that fits by accident must not make the execution do what it cannot.
    let _ = execution.outstanding().count();
    let now = execution.next_deadline().unwrap_or_default();
    let mut effects = Effects::default();
    execution.handle(
        now,
        &Entropy::from_seed(1),
        Input::DeadlineReached,
        &mut effects,
    );
});
