//! Checks how an order is to be paid: `paymentMethod` is a card that has not expired, or an invoice.
//!
//! An order without `paymentMethod` is paid by invoice. The day is asked of the clock, so under virtual time a
//! card expires when the workflow says so.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use wf_guest::{Context, Error};

/// The part of an order that matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Order {
    /// How it is to be paid.
    pub payment_method: Option<PaymentMethod>,
}

/// A way to pay.
#[derive(Debug, Deserialize)]
pub struct PaymentMethod {
    /// `card` or `invoice`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The last month of a card, `YYYY-MM`.
    #[serde(default)]
    pub expires: Option<String>,
}

/// The verdict.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether the method is accepted.
    pub valid: bool,
    /// Which method it is.
    pub method: String,
    /// Why it is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Checks the payment method as of today.
///
/// # Errors
/// `InvalidCard` when a card's `expires` is missing or no month.
pub fn check(order: Order, _: Context) -> Result<Verdict, Error> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    verdict(order.payment_method, months(now.as_secs() / 86_400))
}

fn verdict(method: Option<PaymentMethod>, this_month: u64) -> Result<Verdict, Error> {
    let Some(method) = method else {
        return Ok(accepted("invoice"));
    };
    match method.kind.as_str() {
        "invoice" => Ok(accepted("invoice")),
        "card" => {
            let last = method
                .expires
                .as_deref()
                .and_then(parse_month)
                .ok_or_else(|| {
                    Error::new("InvalidCard", "expires must be a month such as 2031-12")
                })?;
            if last >= this_month {
                Ok(accepted("card"))
            } else {
                Ok(refused("card", "the card has expired"))
            }
        }
        other => Ok(refused(other, "only card and invoice are accepted")),
    }
}

fn accepted(method: &str) -> Verdict {
    Verdict {
        valid: true,
        method: method.to_owned(),
        reason: None,
    }
}

fn refused(method: &str, reason: &str) -> Verdict {
    Verdict {
        valid: false,
        method: method.to_owned(),
        reason: Some(reason.to_owned()),
    }
}

/// Months since year 0 of `YYYY-MM`.
fn parse_month(text: &str) -> Option<u64> {
    let (year, month) = text.split_once('-')?;
    let (year, month): (u64, u64) = (year.parse().ok()?, month.parse().ok()?);
    ((1..=12).contains(&month) && year <= 9999).then_some(year * 12 + month - 1)
}

/// Months since year 0 of a day since 1970-01-01, by the proleptic Gregorian calendar.
fn months(days: u64) -> u64 {
    // Years are counted from March 1st of year 0, so that leap days come last.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    (era * 400 + year) * 12 + month + 2
}

wf_guest::handler!(check);

#[cfg(test)]
mod tests {
    use super::*;

    fn card(expires: &str) -> Option<PaymentMethod> {
        Some(PaymentMethod {
            kind: "card".into(),
            expires: Some(expires.into()),
        })
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month() {
        let july = parse_month("2026-07").unwrap();
        assert!(verdict(card("2026-07"), july).unwrap().valid);
        assert!(!verdict(card("2026-06"), july).unwrap().valid);
    }

    #[test]
    fn months_follow_the_calendar() {
        for (day, month) in [
            (0, "1970-01"),
            (58, "1970-02"),
            (59, "1970-03"),
            (20_454, "2026-01"),
            (19_782, "2024-02"),
            (20_453, "2025-12"),
        ] {
            assert_eq!(months(day), parse_month(month).unwrap(), "{month}");
        }
    }

    #[test]
    fn without_a_method_an_invoice_is_sent() {
        assert_eq!(verdict(None, 0).unwrap(), accepted("invoice"));
    }

    #[test]
    fn a_card_without_a_month_is_an_error() {
        let method = PaymentMethod {
            kind: "card".into(),
            expires: None,
        };
        assert_eq!(
            verdict(Some(method), 0).unwrap_err().error_type(),
            "InvalidCard"
        );
    }
}
