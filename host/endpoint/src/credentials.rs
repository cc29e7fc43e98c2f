//! The user's credentials, found the way the SDKs find them.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials as Keys;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use hyper::Request;
use tokio::sync::Mutex;

use crate::http::{Http, Unanswered};

/// How long before their end credentials are no longer used, and how long nobody looks again in vain.
const MARGIN: Duration = Duration::from_secs(60);

/// How long the server of credentials has, unless the chain says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where credentials come from.
#[derive(Clone)]
pub enum Credentials {
    /// The SDKs' chain: environment, profile files, web identity, container, instance.
    Chain,
    /// These, whatever the machine has.
    Given(Keys),
}

/// The credentials of the last call, as long as they hold.
pub(crate) struct Keyring {
    source: Credentials,
    http: Arc<Http>,
    kept: Mutex<Kept>,
}

/// What the last look found.
#[derive(Clone, Default)]
enum Kept {
    #[default]
    Nothing,
    Keys(Keys),
    /// None, at that moment and for that reason. Looking takes seconds where no server of credentials answers.
    Absent(SystemTime, String),
}

impl Keyring {
    pub fn new(source: Credentials, http: Arc<Http>) -> Keyring {
        Keyring {
            source,
            http,
            kept: Mutex::new(Kept::Nothing),
        }
    }

    /// Credentials that hold now, or why there are none. Calls that come together look for them once.
    pub async fn keys(&self, region: &str) -> Result<Keys, String> {
        if let Credentials::Given(keys) = &self.source {
            return Ok(keys.clone());
        }
        let mut kept = self.kept.lock().await;
        let now = SystemTime::now();
        match &*kept {
            Kept::Keys(keys) if holds(keys, now) => return Ok(keys.clone()),
            Kept::Absent(since, why) if now < *since + MARGIN => return Err(why.clone()),
            Kept::Nothing | Kept::Keys(_) | Kept::Absent(..) => {}
        }
        let found = self.look(region).await;
        *kept = match &found {
            Ok(keys) => Kept::Keys(keys.clone()),
            Err(why) => Kept::Absent(now, why.clone()),
        };
        found
    }

    async fn look(&self, region: &str) -> Result<Keys, String> {
        let asker = Asker {
            http: Arc::clone(&self.http),
            patience: PATIENCE,
        };
        let config = ProviderConfig::without_region().with_http_client(asker);
        let chain = DefaultCredentialsChain::builder()
            .configure(config)
            .region(Region::new(region.to_owned()))
            .build()
            .await;
        let keys = chain.provide_credentials().await;
        keys.map_err(|error| {
            let mut text = error.to_string();
            let mut cause: &dyn std::error::Error = &error;
            while let Some(next) = cause.source() {
                text.push_str(": ");
                text.push_str(&next.to_string());
                cause = next;
            }
            text
        })
    }
}

fn holds(keys: &Keys, now: SystemTime) -> bool {
    keys.expiry().is_none_or(|end| end > now + MARGIN)
}

/// Asks the servers that hand out credentials, over the same connections as everything else.
#[derive(Clone)]
struct Asker {
    http: Arc<Http>,
    patience: Duration,
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}

impl HttpClient for Asker {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let patience = match (settings.connect_timeout(), settings.read_timeout()) {
            (Some(connect), Some(read)) => connect + read,
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => self.patience,
        };
        SharedHttpConnector::new(Asker {
            http: Arc::clone(&self.http),
            patience,
        })
    }
}

impl HttpConnector for Asker {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asker = self.clone();
        HttpConnectorFuture::new(async move { asker.ask(&request).await })
    }
}

impl Asker {
    async fn ask(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let body = request.body().bytes().unwrap_or_default();
        let mut ready = Request::builder()
            .method(request.method())
            .uri(request.uri());
        for (name, value) in request.headers() {
            ready = ready.header(name, value);
        }
        let ready = ready.body(Bytes::copy_from_slice(body));
        let ready = ready.map_err(|error| ConnectorError::user(error.into()))?;
        let answer = self.http.send(ready, self.patience).await;
        let answer = answer.map_err(|error| match error {
            Unanswered::Late { .. } => ConnectorError::timeout(error.into()),
            _ => ConnectorError::io(error.into()),
        })?;
        let mut response = HttpResponse::new(answer.status.into(), SdkBody::from(answer.body));
        for (name, value) in &answer.headers {
            if let Ok(value) = value.to_str() {
                response
                    .headers_mut()
                    .append(name.as_str().to_owned(), value.to_owned());
            }
        }
        Ok(response)
    }
}
