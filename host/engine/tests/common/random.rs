//! Machines made of bytes: any bytes give a machine that compiles.
//!
//! The variables of a block at depth D are `vD`, its input at some moment, `nD` and `eD`: no block sets those
//! of another one around it.

#[path = "random_jsonata.rs"]
mod jsonata;

/// Bytes to choose by; zeros when they are used up.
pub struct Choices<'b>(pub &'b [u8]);

impl Choices<'_> {
    pub fn below(&mut self, n: u32) -> u32 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        u32::from(*first) % n
    }

    pub fn one_in(&mut self, n: u32) -> bool {
        !self.0.is_empty() && self.below(n) == 0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A definition: Parallel, Map, Task, Wait, Pass, Choice, nested, with Retry and Catch, in both query languages
/// and with variables; some of its paths and expressions find nothing.
pub fn definition(choices: &mut Choices<'_>) -> String {
    let mut names = 0;
    block(choices, 0, &mut names)
}

fn block(choices: &mut Choices<'_>, depth: u32, names: &mut u32) -> String {
    let count = 1 + choices.below(3);
    let first = *names;
    *names += count + 1;
    let mut states = Vec::new();
    for name in first..first + count {
        let state = state(choices, depth, names, name + 1);
        states.push(format!("\"s{name}\": {state}"));
    }
    let last = first + count;
    states.push(format!("\"s{last}\": {{\"Type\": \"Succeed\"}}"));
    format!(
        "\"StartAt\": \"s{first}\", \"States\": {{{}}}",
        states.join(", ")
    )
}

fn state(choices: &mut Choices<'_>, depth: u32, names: &mut u32, next: u32) -> String {
    let next = format!("\"Next\": \"s{next}\"");
    if choices.one_in(3) {
        return jsonata::state(choices, depth, names, &next);
    }
    let kinds = if depth < 3 { 10 } else { 7 };
    match choices.below(kinds) {
        0..=2 => {
            let policy = policy(choices, depth, &next);
            let time = ["", "\"TimeoutSeconds\": 4,", "\"HeartbeatSeconds\": 2,"]
                [choices.below(3) as usize];
            let resource = [
                "arn:aws:lambda:us-east-1:000000000000:function:F",
                "arn:aws:states:us-east-1:000000000000:activity:A",
                "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            ][choices.below(3) as usize];
            format!(
                "{{\"Type\": \"Task\", \"Resource\": \"{resource}\", \"ResultPath\": null, {time} {policy} {next}}}"
            )
        }
        3 => format!(
            "{{\"Type\": \"Wait\", \"Seconds\": {}, {next}}}",
            choices.below(4)
        ),
        4 => format!(
            "{{\"Type\": \"Choice\", \"Choices\": [{{\"Variable\": \"$.items[0]\", \"NumericEquals\": {}, {next}}}], {}}}",
            choices.below(2),
            next.replace("Next", "Default")
        ),
        5 => format!("{{\"Type\": \"Pass\", \"Result\": 1, \"ResultPath\": \"$.p\", {next}}}"),
        6 => pass(choices, depth, &next),
        7 => parallel(choices, depth, names, &next),
        _ => map(choices, depth, names, &next),
    }
}

fn pass(choices: &mut Choices<'_>, depth: u32, next: &str) -> String {
    let what = match choices.below(4) {
        0 => "\"Parameters\": {\"x.$\": \"$.absent\"}".to_owned(),
        1 => "\"InputPath\": \"$\"".to_owned(),
        2 => format!("\"Assign\": {{\"v{depth}.$\": \"$\", \"n{depth}\": 1}}"),
        _ => format!("\"OutputPath\": \"$v{}\"", choices.below(depth + 1)),
    };
    format!("{{\"Type\": \"Pass\", {what}, {next}}}")
}

fn parallel(choices: &mut Choices<'_>, depth: u32, names: &mut u32, next: &str) -> String {
    let policy = policy(choices, depth, next);
    let count = 1 + choices.below(3);
    let branches: Vec<String> = (0..count)
        .map(|_| format!("{{{}}}", block(choices, depth + 1, names)))
        .collect();
    let branches = branches.join(", ");
    format!(
        "{{\"Type\": \"Parallel\", \"ResultPath\": null, \"Branches\": [{branches}], {policy} {next}}}"
    )
}

fn map(choices: &mut Choices<'_>, depth: u32, names: &mut u32, next: &str) -> String {
    let policy = policy(choices, depth, next);
    let concurrency = choices.below(3);
    let tolerated = ["", "\"ToleratedFailureCount\": 1,"][choices.below(2) as usize];
    let processor = block(choices, depth + 1, names);
    format!(
        "{{\"Type\": \"Map\", \"ItemsPath\": \"$.items\", \"ItemSelector\": {{\"items.$\": \"$.items\"}}, \
         \"ResultPath\": null, \"MaxConcurrency\": {concurrency}, {tolerated} \
         \"ItemProcessor\": {{{processor}}}, {policy} {next}}}"
    )
}

fn policy(choices: &mut Choices<'_>, depth: u32, next: &str) -> String {
    let mut policy = retry(choices);
    if choices.below(3) == 1 {
        let assign = match choices.below(4) {
            0 => format!("\"Assign\": {{\"e{depth}.$\": \"$.Error\"}},"),
            1 => format!("\"Assign\": {{\"e{depth}.$\": \"$.absent\"}},"),
            _ => String::new(),
        };
        policy.push_str(&format!(
            "\"Catch\": [{{\"ErrorEquals\": [\"States.ALL\"], {assign} \"ResultPath\": null, {next}}}],"
        ));
    }
    policy
}

fn retry(choices: &mut Choices<'_>) -> String {
    if choices.below(2) == 0 {
        return String::new();
    }
    let jitter = ["NONE", "FULL"][choices.below(2) as usize];
    let attempts = choices.below(3);
    format!(
        "\"Retry\": [{{\"ErrorEquals\": [\"States.ALL\"], \"MaxAttempts\": {attempts}, \"JitterStrategy\": \"{jitter}\"}}],"
    )
}
