//! Says whether an order's goods are in stock. Simulated: chance decides.
//!
//! Environment: `AVAILABILITY`, the probability from 0 to 1 that they are; 0.9 when not set.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wf_guest::{Context, Error, env, random};

const AVAILABILITY: f64 = 0.9;

/// What of an order matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Order {
    /// Returned as it was given.
    pub order_id: Value,
}

/// The answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    /// Whether the order can be served.
    pub inventory_available: bool,
    /// The order's id as it was given, or null.
    pub order_id: Value,
}

/// Looks up the stock for an order.
///
/// # Errors
/// `InvalidEnvironment` when `AVAILABILITY` is no probability.
pub fn check(order: Order, _: Context) -> Result<Stock, Error> {
    let availability = env::probability("AVAILABILITY", AVAILABILITY)?;
    Ok(stock(order, availability))
}

fn stock(order: Order, availability: f64) -> Stock {
    Stock {
        inventory_available: random::chance(availability),
        order_id: order.order_id,
    }
}

wf_guest::handler!(check);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order() -> Order {
        serde_json::from_str(r#"{"orderId":"O-1","amount":1}"#).unwrap()
    }

    #[test]
    fn the_odds_decide() {
        let expected = json!({"inventoryAvailable": true, "orderId": "O-1"});
        assert_eq!(serde_json::to_value(stock(order(), 1.0)).unwrap(), expected);
        assert!(!stock(order(), 0.0).inventory_available);
    }

    #[test]
    fn most_orders_can_be_served() {
        let served = (0..1000).filter(|_| stock(order(), AVAILABILITY).inventory_available);
        assert!((800..1000).contains(&served.count()));
    }
}
