//! The ledger's gRPC: its messages, its server and its client, as tonic-build writes them from a `.proto`. They are written by
//! hand because protoc is not on every machine. What the ledger does is in `ledger`.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};
use tonic::{
    Code, Request, Response, Status,
    body::Body,
    client::Grpc as Client,
    codegen::{BoxFuture, Service, http, http::uri::PathAndQuery},
    server::{Grpc as Server, UnaryService},
    transport::{Channel, Endpoint},
};
use tonic_prost::ProstCodec;
use tower_layer::Layer;
use tracel::tower::{ClientLayer, ClientService};

/// The only method, as HTTP/2 names it.
const BOOK: &str = "/shop.Ledger/Book";

/// What is to be booked.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Entry {
    /// A UUID in its text form.
    #[prost(string, tag = "1")]
    pub(crate) payment_id: String,
    #[prost(uint64, tag = "2")]
    pub(crate) user_id: u64,
    #[prost(uint64, tag = "3")]
    pub(crate) amount: u64,
}

/// What was booked.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Booked {
    #[prost(uint64, tag = "1")]
    pub(crate) entry_id: u64,
}

/// What a ledger does.
pub(crate) trait Book: Clone + Send + Sync + 'static {
    fn book(&self, entry: Entry) -> impl Future<Output = Result<Booked, Status>> + Send;
}

/// The server's side.
#[derive(Clone)]
pub(crate) struct LedgerServer<B>(pub(crate) B);

impl<B: Book> Service<http::Request<Body>> for LedgerServer<B> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = Method(self.0.clone());
        Box::pin(async move {
            Ok(match request.uri().path() {
                BOOK => Server::new(ProstCodec::default()).unary(method, request).await,
                _ => Status::new(Code::Unimplemented, "no such method").into_http(),
            })
        })
    }
}

struct Method<B>(B);

impl<B: Book> UnaryService<Entry> for Method<B> {
    type Response = Booked;
    type Future = BoxFuture<Response<Booked>, Status>;

    fn call(&mut self, request: Request<Entry>) -> Self::Future {
        let book = self.0.clone();
        Box::pin(async move { book.book(request.into_inner()).await.map(Response::new) })
    }
}

/// The client's side; each call takes its request's context along. Clones share the connection.
#[derive(Clone)]
pub(crate) struct LedgerClient(ClientService<Channel>);

impl LedgerClient {
    /// The ledger at `address`, as in `http://127.0.0.1:8080`; it connects at the first call.
    pub(crate) fn new(address: String) -> Result<LedgerClient, tonic::transport::Error> {
        let channel = Endpoint::from_shared(address)?.connect_lazy();
        Ok(LedgerClient(ClientLayer::new().layer(channel)))
    }

    pub(crate) async fn book(&self, entry: Entry) -> Result<Booked, Status> {
        let mut client = Client::new(self.0.clone());
        client
            .ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = ProstCodec::<Entry, Booked>::default();
        let answer = client.unary(Request::new(entry), PathAndQuery::from_static(BOOK), codec);
        answer.await.map(Response::into_inner)
    }
}
