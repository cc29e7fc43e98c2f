//! The states of random machines that speak JSONata.

use super::{Choices, block, retry};

pub fn state(choices: &mut Choices<'_>, depth: u32, names: &mut u32, next: &str) -> String {
    let kinds = if depth < 3 { 7 } else { 5 };
    let body = match choices.below(kinds) {
        0..=1 => task(choices, depth, next),
        2 => format!(
            "\"Type\": \"Wait\", \"Seconds\": \"{{% {} %}}\"",
            ["2", "'long'"][choices.below(2) as usize]
        ),
        3 => return choice(choices, depth, next),
        4 => "\"Type\": \"Pass\"".to_owned(),
        5 => parallel(choices, depth, names, next),
        _ => map(choices, depth, names, next),
    };
    let exit = exit(choices, depth);
    format!("{{\"QueryLanguage\": \"JSONata\", {body}, {exit}, {next}}}")
}

/// Mostly the state's input; else a variable that may not be there.
fn value(choices: &mut Choices<'_>, depth: u32) -> String {
    match choices.below(4) {
        0 => format!("{{% $v{} %}}", choices.below(depth + 1)),
        _ => "{% $states.input %}".to_owned(),
    }
}

fn exit(choices: &mut Choices<'_>, depth: u32) -> String {
    let output = value(choices, depth);
    match choices.below(2) {
        0 => format!("\"Output\": \"{output}\""),
        _ => {
            let assigned = value(choices, depth);
            format!(
                "\"Output\": \"{output}\", \"Assign\": {{\"v{depth}\": \"{assigned}\", \"n{depth}\": {{\"n\": [1]}}}}"
            )
        }
    }
}

fn policy(choices: &mut Choices<'_>, depth: u32, next: &str) -> String {
    let retry = retry(choices);
    if choices.below(2) == 0 {
        return retry;
    }
    let output = value(choices, depth);
    let assigned = [
        "$states.errorOutput.Error",
        "$states.errorOutput",
        "$absent",
    ][choices.below(3) as usize];
    format!(
        "{retry} \"Catch\": [{{\"ErrorEquals\": [\"A\"], \"Output\": \"{output}\", {next}}}, \
         {{\"ErrorEquals\": [\"States.ALL\"], \"Output\": \"{output}\", \
         \"Assign\": {{\"e{depth}\": \"{{% {assigned} %}}\"}}, {next}}}],"
    )
}

fn task(choices: &mut Choices<'_>, depth: u32, next: &str) -> String {
    let policy = policy(choices, depth, next);
    let arguments = value(choices, depth);
    let time = ["3", "'soon'"][usize::from(choices.one_in(6))];
    format!(
        "\"Type\": \"Task\", \"Resource\": \"F\", {policy} \"Arguments\": {{\"a\": [\"{arguments}\"]}}, \
         \"TimeoutSeconds\": \"{{% {time} %}}\""
    )
}

fn choice(choices: &mut Choices<'_>, depth: u32, next: &str) -> String {
    let condition = ["$exists($v0)", "$v0.items[0] = 0", "1"][choices.below(3) as usize];
    let (rule, default) = (exit(choices, depth), exit(choices, depth));
    format!(
        "{{\"QueryLanguage\": \"JSONata\", \"Type\": \"Choice\", \
         \"Choices\": [{{\"Condition\": \"{{% {condition} %}}\", {rule}, {next}}}], {default}, {}}}",
        next.replace("Next", "Default")
    )
}

fn parallel(choices: &mut Choices<'_>, depth: u32, names: &mut u32, next: &str) -> String {
    let policy = policy(choices, depth, next);
    let arguments = value(choices, depth);
    let branches: Vec<String> = (0..1 + choices.below(2))
        .map(|_| format!("{{{}}}", block(choices, depth + 1, names)))
        .collect();
    let branches = branches.join(", ");
    format!(
        "\"Type\": \"Parallel\", \"Arguments\": \"{arguments}\", {policy} \"Branches\": [{branches}]"
    )
}

fn map(choices: &mut Choices<'_>, depth: u32, names: &mut u32, next: &str) -> String {
    let policy = policy(choices, depth, next);
    let items = [
        "$states.input.items",
        "{'a': 1, 'b': 2}",
        "[1, 2]",
        "'none'",
    ][choices.below(4) as usize];
    let key = ["Index", "Value", "Key"][choices.below(3) as usize];
    let processor = block(choices, depth + 1, names);
    format!(
        "\"Type\": \"Map\", \"Items\": \"{{% {items} %}}\", \"MaxConcurrency\": \"{{% {} %}}\", \
         \"ItemSelector\": {{\"items\": [0, 1], \"k\": \"{{% $states.context.Map.Item.{key} %}}\"}}, {policy} \
         \"ItemProcessor\": {{{processor}}}",
        choices.below(3)
    )
}
