//! `${Name}` in definitions: what each stands for, and a value to begin with.

use data::{EcoString, Node};

/// A placeholder of some definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// `Name` of `${Name}`.
    pub name: EcoString,
    /// What it stands for.
    pub stands: Stands,
}

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// A function: it is all of a `Resource` or `FunctionName`, and needs no value.
    Function,
    /// A text, for which this is a value to begin with.
    Value(EcoString),
}

impl Placeholder {
    /// The value, if it has one.
    pub fn value(&self) -> Option<&EcoString> {
        match &self.stands {
            Stands::Function => None,
            Stands::Value(value) => Some(value),
        }
    }
}

/// Every placeholder of some definitions, by name. `machines` are the machines that are at hand: a placeholder
/// for a machine of a similar name stands for it.
pub fn placeholders<'n>(
    definitions: impl IntoIterator<Item = &'n Node>,
    machines: &[&str],
) -> Vec<Placeholder> {
    let mut found: Vec<Placeholder> = Vec::new();
    for one in definitions.into_iter().flat_map(asl::placeholders) {
        let names_function = matches!(one.field.as_str(), "Resource" | "FunctionName");
        let is_function = one.is_whole && names_function && !is_activity(&one);
        let stands = match is_function {
            true => Stands::Function,
            false => Stands::Value(value(&one, machines)),
        };
        match found.iter_mut().find(|known| known.name == one.name) {
            None => found.push(Placeholder {
                name: one.name,
                stands,
            }),
            Some(known) if rank(&stands) > rank(&known.stands) => known.stands = stands,
            Some(_) => {}
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Which of two uses of one placeholder says more about it: that of a function, then that with an ARN.
fn rank(stands: &Stands) -> u32 {
    match stands {
        Stands::Function => 2,
        Stands::Value(value) => u32::from(value.starts_with("arn:")),
    }
}

fn value(one: &asl::Placeholder, machines: &[&str]) -> EcoString {
    match one.name.as_str() {
        "AWS::Partition" => return "aws".into(),
        "AWS::Region" => return "us-east-1".into(),
        "AWS::AccountId" => return "000000000000".into(),
        "AWS::URLSuffix" => return "amazonaws.com".into(),
        _ => {}
    }
    let name = one.name.rsplit([':', '.']).next().unwrap_or(&one.name);
    if one.field == "StateMachineArn" {
        let machine = machine(&one.name, machines).unwrap_or(name);
        return match one.is_whole {
            true => engine::About::local(machine, "").state_machine_arn,
            false => machine.into(),
        };
    }
    if is_activity(one) {
        return format!("arn:aws:states:us-east-1:000000000000:activity:{name}").into();
    }
    name.into()
}

/// Whether a whole `Resource` is an activity, which only its name can tell.
fn is_activity(one: &asl::Placeholder) -> bool {
    let name = one.name.to_lowercase();
    one.is_whole && one.field == "Resource" && name.contains("activity")
}

/// The machine that a name such as `OrderWorkflowStateMachineArn` means.
fn machine<'m>(name: &str, machines: &[&'m str]) -> Option<&'m str> {
    let wanted = plain(stem(
        name,
        &["Arn", "Name", "StateMachine", "Machine", "Workflow"],
    ));
    let same = |machine: &&&str| {
        let known = plain(stem(machine, &["-workflow", "-state-machine", "-machine"]));
        !wanted.is_empty() && (known == wanted || plain(machine) == wanted)
    };
    machines.iter().find(same).copied()
}

/// The name of a function for which only a placeholder is known: `validate-order` for
/// `ValidateOrderFunctionArn`.
pub(super) fn function_name(placeholder: &str) -> EcoString {
    let stem = stem(placeholder, &["Arn", "Name", "Lambda", "Function"]);
    let mut name = String::new();
    let mut before = ' ';
    for c in stem.chars() {
        let begins =
            c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if begins {
            name.push('-');
        }
        let joins = matches!(c, '_' | '.' | ':');
        name.push(if joins { '-' } else { c.to_ascii_lowercase() });
        before = c;
    }
    name.into()
}

/// The name without these endings, as many of them as there are; never nothing.
fn stem<'n>(name: &'n str, endings: &[&str]) -> &'n str {
    let mut stem = name;
    for ending in endings {
        match stem.strip_suffix(ending) {
            Some(rest) if !rest.is_empty() => stem = rest,
            _ => {}
        }
    }
    stem
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_get_plain_names() {
        for (placeholder, name) in [
            ("ValidateOrderFunctionArn", "validate-order"),
            ("CheckStockLambda", "check-stock"),
            ("Function", "function"),
            ("pay_order_arn", "pay-order-arn"),
            ("HTTPCallArn", "httpcall"),
        ] {
            assert_eq!(function_name(placeholder), name);
        }
    }

    #[test]
    fn machines_are_known_by_similar_names() {
        let known = ["order-workflow", "refund"];
        assert_eq!(machine("OrderWorkflowArn", &known), Some("order-workflow"));
        assert_eq!(
            machine("OrderStateMachineArn", &known),
            Some("order-workflow")
        );
        assert_eq!(machine("RefundArn", &known), Some("refund"));
        assert_eq!(machine("ShippingArn", &known), None);
    }
}
