//! Checks an order: `orderId`, `customerId` and `amount` must be there, and the amount above 0.
//!
//! An order with faults is no error of this function: the workflow decides what follows from
//! `valid`. All faults are reported at once, in the order of the fields.

use serde::Serialize;
use serde_json::{Map, Value};
use wf_guest::{Context, Error};

/// The verdict.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// True when there is no fault.
    pub valid: bool,
    /// The order's id as it was given, or null.
    pub order_id: Value,
    /// Every fault, each a sentence.
    pub errors: Vec<String>,
}

/// Checks an order.
///
/// # Errors
/// `InvalidOrder` when the event is no JSON object.
pub fn validate(event: Value, _: Context) -> Result<Verdict, Error> {
    let Value::Object(order) = event else {
        return Err(Error::new("InvalidOrder", "an order must be a JSON object"));
    };
    let faults = [
        check_text(&order, "orderId"),
        check_text(&order, "customerId"),
        check_amount(&order, "amount"),
    ];
    let errors: Vec<String> = faults.into_iter().flatten().collect();
    let order_id = order.get("orderId").cloned().unwrap_or_default();
    Ok(Verdict {
        valid: errors.is_empty(),
        order_id,
        errors,
    })
}

fn check_text(order: &Map<String, Value>, field: &str) -> Option<String> {
    match order.get(field) {
        None | Some(Value::Null) => Some(format!("{field} is missing")),
        Some(Value::String(text)) if text.trim().is_empty() => Some(format!("{field} is empty")),
        Some(Value::String(_)) => None,
        Some(_) => Some(format!("{field} must be a string")),
    }
}

fn check_amount(order: &Map<String, Value>, field: &str) -> Option<String> {
    match order.get(field) {
        None | Some(Value::Null) => Some(format!("{field} is missing")),
        Some(Value::Number(amount)) if amount.as_f64().is_some_and(|amount| amount > 0.0) => None,
        Some(Value::Number(amount)) => Some(format!("{field} must be above 0, not {amount}")),
        Some(_) => Some(format!("{field} must be a number")),
    }
}

wf_guest::handler!(validate);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn errors(order: Value) -> Vec<String> {
        let verdict = validate(order, Context::default()).unwrap();
        assert_eq!(verdict.valid, verdict.errors.is_empty());
        verdict.errors
    }

    #[test]
    fn a_whole_order_is_valid() {
        let order = json!({"orderId": "ORDER-001", "customerId": "CUST-123", "amount": 99.99});
        let verdict = validate(order, Context::default()).unwrap();
        let expected = json!({"valid": true, "orderId": "ORDER-001", "errors": []});
        assert_eq!(serde_json::to_value(verdict).unwrap(), expected);
    }

    #[test]
    fn every_fault_is_reported() {
        assert_eq!(
            errors(json!({})),
            [
                "orderId is missing",
                "customerId is missing",
                "amount is missing"
            ]
        );
        assert_eq!(
            errors(json!({"orderId": "", "customerId": 7, "amount": "12"})),
            [
                "orderId is empty",
                "customerId must be a string",
                "amount must be a number"
            ]
        );
    }

    #[test]
    fn an_amount_must_be_above_zero() {
        for (amount, shown) in [(json!(0), "0"), (json!(-50.0), "-50.0")] {
            let order = json!({"orderId": "O", "customerId": "C", "amount": amount});
            assert_eq!(
                errors(order),
                [format!("amount must be above 0, not {shown}")]
            );
        }
    }

    #[test]
    fn what_is_no_object_is_no_order() {
        let error = validate(json!([1]), Context::default()).unwrap_err();
        assert_eq!(error.error_type(), "InvalidOrder");
    }
}
