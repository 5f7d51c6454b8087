//! Calling the next service over HTTP, with the request's context in the headers.

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Serialize;
use std::fmt;

/// A service to call. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Upstream {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Upstream {
    /// The service at `base`, as in `http://127.0.0.1:8080`.
    pub(crate) fn new(base: String) -> Upstream {
        Upstream {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base,
        }
    }

    /// Sends `body` as JSON, within the current request.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<(), CallError> {
        let mut headers = HeaderMap::new();
        tracel::inject(&mut headers);
        match self.send(path, headers, body).await? {
            status if status.is_success() => Ok(()),
            status => Err(CallError::Refused(status)),
        }
    }

    /// Sends `body` as JSON under `headers`, and gives the answer's status.
    pub(crate) async fn send(
        &self,
        path: &str,
        headers: HeaderMap,
        body: &impl Serialize,
    ) -> Result<StatusCode, CallError> {
        let bytes = serde_json::to_vec(body).map_err(|error| CallError::Failed(error.into()))?;
        let mut request = Request::new(Full::new(Bytes::from(bytes)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = format!("{}{path}", self.base)
            .parse()
            .map_err(|error| CallError::Failed(Box::new(error)))?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json"),
        );
        let answer = self
            .client
            .request(request)
            .await
            .map_err(|error| CallError::Failed(error.into()))?;
        Ok(answer.status())
    }
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum CallError {
    /// The service answered, with this status.
    Refused(StatusCode),
    /// There was no answer.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Refused(status) => write!(f, "the service answered {status}"),
            CallError::Failed(_) => f.write_str("the service did not answer"),
        }
    }
}

impl std::error::Error for CallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CallError::Refused(_) => None,
            CallError::Failed(error) => Some(&**error),
        }
    }
}
