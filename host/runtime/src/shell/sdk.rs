//! What AWS's own API answers when a task calls it: the wrapping of results and the names of errors.

use data::{Data, Object, ObjectBuilder};
use engine::{Failure, Timestamp};

/// A call of the Step Functions API by a task.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub request_id: String,
    pub at: Timestamp,
    pub dialect: Dialect,
}

/// Which integration made the call; they differ in the names of errors and in what a result looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `states:startExecution`
    Optimized,
    /// `aws-sdk:sfn:...`
    Sdk,
}

impl Call {
    /// An exception of the API as the task's failure.
    pub(super) fn refused(&self, exception: &str, message: &str) -> Failure {
        let id = &self.request_id;
        match self.dialect {
            Dialect::Optimized => Failure::new(
                format!("StepFunctions.{exception}Exception"),
                format!(
                    "{message} (Service: AWSStepFunctions; Status Code: 400; Error Code: {exception}; \
                     Request ID: {id}; Proxy: null)"
                ),
            ),
            Dialect::Sdk => Failure::new(
                format!("Sfn.{exception}Exception"),
                format!("{message} (Service: Sfn, Status Code: 400, Request ID: {id})"),
            ),
        }
    }

    /// StartExecution's answer.
    pub(super) fn started(&self, execution_arn: &str, start: Timestamp) -> Data {
        let answer = Object::builder().with("ExecutionArn", execution_arn);
        match self.dialect {
            Dialect::Sdk => answer.with("StartDate", start.to_string()).build().into(),
            Dialect::Optimized => {
                let mut body = String::from("{\"executionArn\":");
                data::write_string(execution_arn, &mut body);
                let length = body.len() + ",\"startDate\":}".len() + epoch_seconds(start).len();
                self.with_metadata(answer, length)
                    .with("StartDate", start.0)
                    .build()
                    .into()
            }
        }
    }

    /// What the SDK says of the HTTP exchange, with a response body of `length` bytes.
    fn with_metadata(&self, answer: ObjectBuilder, length: usize) -> ObjectBuilder {
        let (length, date) = (length.to_string(), self.at.to_http_date());
        let id = self.request_id.as_str();
        let one = |text: &str| Data::from(vec![Data::from(text)]);
        const JSON: &str = "application/x-amz-json-1.0";
        let all = Object::builder()
            .with("x-amzn-RequestId", one(id))
            .with("connection", one("keep-alive"))
            .with("Content-Length", one(&length))
            .with("Date", one(&date))
            .with("Content-Type", one(JSON));
        let headers = Object::builder()
            .with("connection", "keep-alive")
            .with("Content-Length", length)
            .with("Content-Type", JSON)
            .with("Date", date)
            .with("x-amzn-RequestId", id);
        let http = Object::builder()
            .with("AllHttpHeaders", all.build())
            .with("HttpHeaders", headers.build())
            .with("HttpStatusCode", 200);
        let response = Object::builder().with("RequestId", id);
        answer
            .with("SdkHttpMetadata", http.build())
            .with("SdkResponseMetadata", response.build())
    }
}

/// A moment as AWS's JSON protocol writes it: seconds since the epoch as a double in Java's manner, such as
/// `1.762432523459E9`. Only its length is seen.
fn epoch_seconds(at: Timestamp) -> String {
    let (seconds, millis) = (at.0.div_euclid(1000), at.0.rem_euclid(1000));
    if seconds.unsigned_abs() < 10_000_000 {
        let text = format!("{seconds}.{millis:03}");
        let text = text.trim_end_matches('0');
        return format!("{text}{}", if text.ends_with('.') { "0" } else { "" });
    }
    let whole = seconds.to_string();
    let digits = format!("{whole}{millis:03}");
    let digits = digits.trim_end_matches('0');
    let (first, rest) = digits.split_at(1);
    let rest = if rest.is_empty() { "0" } else { rest };
    format!("{first}.{rest}E{}", whole.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS recorded a Content-Length of 164, in a region whose name is three letters longer.
    #[test]
    fn the_length_is_that_of_the_response_body() {
        let arn = "arn:aws:states:eu-central-1:000000000000:execution:\
                   statemachine_create_and_record_execution_7792908d:TestStartTarget";
        let call = Call {
            request_id: "id".to_owned(),
            at: Timestamp(0),
            dialect: Dialect::Optimized,
        };
        let length = |at| {
            let answer = call.started(arn, Timestamp(at));
            let length = answer.pointer("/SdkHttpMetadata/HttpHeaders/Content-Length");
            length.and_then(Data::as_str).map(str::to_owned)
        };
        assert_eq!(length(1_762_432_523_459).as_deref(), Some("164"));
        assert_eq!(length(1_762_432_553_450).as_deref(), Some("163"));
    }

    #[test]
    fn seconds_are_written_as_java_writes_doubles() {
        for (millis, text) in [
            (1_767_225_600_000, "1.7672256E9"),
            (1_000_000_000_000, "1.0E9"),
            (0, "0.0"),
            (1_500, "1.5"),
        ] {
            assert_eq!(epoch_seconds(Timestamp(millis)), text);
        }
    }
}
