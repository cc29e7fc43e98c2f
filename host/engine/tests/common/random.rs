//! Machines made of bytes: any bytes give a machine that compiles.

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

/// A definition: Parallel, Map, Task, Wait, Pass, Choice, Fail, nested, with Retry and Catch.
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
    let kinds = if depth < 3 { 10 } else { 7 };
    match choices.below(kinds) {
        0..=2 => {
            let policy = policy(choices, &next);
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
        6 => fail_or_pass(choices, &next),
        7 => parallel(choices, depth, names, &next),
        _ => map(choices, depth, names, &next),
    }
}

/// A Choice before the Fail keeps the rest of the block in reach.
fn fail_or_pass(choices: &mut Choices<'_>, next: &str) -> String {
    match choices.below(2) {
        0 => format!("{{\"Type\": \"Pass\", \"Parameters\": {{\"x.$\": \"$.absent\"}}, {next}}}"),
        _ => format!("{{\"Type\": \"Pass\", \"InputPath\": \"$\", {next}}}"),
    }
}

fn parallel(choices: &mut Choices<'_>, depth: u32, names: &mut u32, next: &str) -> String {
    let policy = policy(choices, next);
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
    let policy = policy(choices, next);
    let concurrency = choices.below(3);
    let tolerated = ["", "\"ToleratedFailureCount\": 1,"][choices.below(2) as usize];
    let processor = block(choices, depth + 1, names);
    format!(
        "{{\"Type\": \"Map\", \"ItemsPath\": \"$.items\", \"ItemSelector\": {{\"items.$\": \"$.items\"}}, \
         \"ResultPath\": null, \"MaxConcurrency\": {concurrency}, {tolerated} \
         \"ItemProcessor\": {{{processor}}}, {policy} {next}}}"
    )
}

fn policy(choices: &mut Choices<'_>, next: &str) -> String {
    let mut policy = String::new();
    if choices.below(2) == 1 {
        let jitter = ["NONE", "FULL"][choices.below(2) as usize];
        let attempts = choices.below(3);
        policy.push_str(&format!(
            "\"Retry\": [{{\"ErrorEquals\": [\"States.ALL\"], \"MaxAttempts\": {attempts}, \"JitterStrategy\": \"{jitter}\"}}],"
        ));
    }
    if choices.below(3) == 1 {
        policy.push_str(&format!(
            "\"Catch\": [{{\"ErrorEquals\": [\"States.ALL\"], \"ResultPath\": null, {next}}}],"
        ));
    }
    policy
}
