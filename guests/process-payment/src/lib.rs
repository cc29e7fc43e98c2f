//! Takes an order's money. Simulated: chance decides whether the bank agrees.
//!
//! Environment: `DECLINE_RATE`, the probability from 0 to 1 of a refusal; 0.2 when not set.

use serde::{Deserialize, Serialize};
use serde_json::Number;
use wf_guest::{Context, Error, env, random};

const DECLINE_RATE: f64 = 0.2;

/// The type of the error for a payment that the bank refuses.
pub const DECLINED: &str = "PaymentDeclined";

/// What of an order matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Named in messages.
    #[serde(default)]
    pub order_id: Option<String>,
    /// How much to take, returned as it was written.
    pub amount: Number,
}

/// A payment that went through.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The bank's name for it.
    pub transaction_id: String,
    /// Always `approved`.
    pub status: &'static str,
    /// How much was taken.
    pub amount: Number,
}

/// Takes the money.
///
/// # Errors
/// `PaymentDeclined` when the bank refuses; `InvalidEnvironment` when `DECLINE_RATE` is no
/// probability; `InvalidEvent` when there is no amount.
pub fn pay(order: Order, _: Context) -> Result<Receipt, Error> {
    charge(order, env::probability("DECLINE_RATE", DECLINE_RATE)?)
}

fn charge(order: Order, decline_rate: f64) -> Result<Receipt, Error> {
    if random::chance(decline_rate) {
        let order_id = order.order_id.as_deref().unwrap_or("without an id");
        let message = format!("do not honour: order {order_id}, amount {}", order.amount);
        return Err(Error::new(DECLINED, message));
    }
    Ok(Receipt {
        transaction_id: format!("TXN-{}", random::id()),
        status: "approved",
        amount: order.amount,
    })
}

wf_guest::handler!(pay);

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        serde_json::from_str(r#"{"orderId":"ORDER-001","amount":99.99,"customerId":"C"}"#).unwrap()
    }

    #[test]
    fn an_approved_payment_has_a_transaction() {
        let receipt = serde_json::to_value(charge(order(), 0.0).unwrap()).unwrap();
        assert_eq!(
            (&receipt["status"], &receipt["amount"]),
            (&"approved".into(), &99.99.into())
        );
        assert!(
            receipt["transactionId"]
                .as_str()
                .unwrap()
                .starts_with("TXN-"),
            "{receipt}"
        );
    }

    #[test]
    fn a_refusal_is_an_error_of_its_own_type() {
        let error = charge(order(), 1.0).unwrap_err();
        assert_eq!(error.error_type(), DECLINED);
        assert_eq!(
            error.message(),
            "do not honour: order ORDER-001, amount 99.99"
        );
    }

    #[test]
    fn some_payments_are_refused() {
        let refused = (0..1000)
            .filter(|_| charge(order(), DECLINE_RATE).is_err())
            .count();
        assert!((100..300).contains(&refused), "{refused}");
    }
}
