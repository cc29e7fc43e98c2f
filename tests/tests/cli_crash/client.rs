//! One connection that is kept, and requests one after the other; a server may go away in between.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// A client of Step Functions.
pub struct Client {
    connection: BufReader<TcpStream>,
}

/// An answer: its HTTP status and what is in it.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The answer of an operation that succeeded.
    pub fn good(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The error's name, without what stands before `#`.
    pub fn error(&self) -> &str {
        let name = self.body["__type"].as_str().unwrap_or_default();
        name.rsplit('#').next().unwrap_or_default()
    }
}

impl Client {
    /// Connects; `address` is host and port.
    pub fn connect(address: &str) -> std::io::Result<Client> {
        let connection = TcpStream::connect(address)?;
        connection.set_nodelay(true)?;
        // A net only.
        connection.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Client {
            connection: BufReader::new(connection),
        })
    }

    /// Calls an operation of a server that is there.
    pub fn call(&mut self, operation: &str, body: &Value) -> Answer {
        self.try_call(operation, body).unwrap()
    }

    /// Calls an operation of a server that may be gone.
    pub fn try_call(&mut self, operation: &str, body: &Value) -> std::io::Result<Answer> {
        let body = body.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\n\
             Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.connection.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> std::io::Result<Answer> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|word| word.parse().ok());
        let mut length = 0;
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body)?;
        Ok(Answer {
            status: status.unwrap_or(0),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.connection.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
