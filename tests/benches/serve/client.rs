//! One connection that is kept, and requests one after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// A client of Step Functions.
pub struct Client {
    connection: BufReader<TcpStream>,
    address: String,
}

impl Client {
    /// Connects; `address` is host and port.
    pub fn connect(address: &str) -> std::io::Result<Client> {
        let connection = TcpStream::connect(address)?;
        connection.set_nodelay(true)?;
        Ok(Client {
            connection: BufReader::new(connection),
            address: address.to_owned(),
        })
    }

    /// Calls an operation, which must succeed.
    pub fn call(&mut self, operation: &str, body: &Value) -> Value {
        let headers = format!(
            "X-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Type: application/x-amz-json-1.0\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/aws4_request, \
             SignedHeaders=host, Signature=0\r\n"
        );
        let answer = self.post("/", &headers, &body.to_string());
        let (status, body) = answer.expect("the server answers");
        assert_eq!(status, 200, "{operation}: {body}");
        serde_json::from_str(&body).expect("the answer is JSON")
    }

    /// Sends a request; the status and body of its answer.
    pub fn post(
        &mut self,
        path: &str,
        headers: &str,
        body: &str,
    ) -> std::io::Result<(u16, String)> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        );
        self.connection.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> std::io::Result<(u16, String)> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|word| word.parse().ok());
        let (mut length, mut closes) = (0, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            closes |= line == "connection: close";
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body)?;
        if closes {
            // Moto's server does so after each answer.
            *self = Client::connect(&self.address)?;
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok((status.unwrap_or(0), body))
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.connection.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
