//! Every kind of function that `#[tracel::instrument]` takes. The futures are polled by hand: nothing here waits.
#![allow(missing_docs)]
#![allow(
    clippy::needless_lifetimes,
    clippy::ptr_arg,
    reason = "what users write is passed on as it is"
)]

use std::{
    fmt::Display,
    future::Future,
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};
use tracel::{EventId, log_info};

fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

struct Json<T>(T);

#[tracel::instrument]
fn plain() -> u32 {
    7
}

#[tracel::instrument(name = "other", level = "debug", skip_all)]
fn named(_x: u32) {}

#[tracel::instrument(level = tracing::Level::WARN, skip(x))]
fn leveled(x: u32) -> u32 {
    x
}

#[tracel::instrument(fields(module = "Transaction", event_id = %generate_event_id()), skip_all)]
async fn context() -> u32 {
    log_info!(SysLog("in a span"));
    7
}

#[tracel::instrument(root, fields(event_id = id, module = %"a", user_id, tenant = %tenant, amount = 5, attempt))]
async fn carries(
    id: Option<EventId>,
    user_id: u32,
    tenant: impl Display,
    attempt: Option<u32>,
) -> Result<u32, io::Error> {
    let value: u32 = "7".parse().map_err(io::Error::other)?;
    let _ = (user_id, attempt);
    Ok(value)
}

#[tracel::instrument(fields(?tenant, %reason, module = tenant.join("/")))]
fn shorthands(tenant: &[&str], reason: u32) {
    let _ = reason;
}

#[tracel::instrument(fields(event_id = id.parse().unwrap_or_else(|_| generate_event_id())))]
fn parsed(id: &str) {}

#[tracel::instrument(fields(event_id = ids::generate_event_id()))]
fn elsewhere() {}

mod ids {
    pub(super) fn generate_event_id() -> tracel::Uuid {
        tracel::Uuid::nil()
    }
}

#[tracel::instrument(fields(user_id = payload.0, tenant = payload.1))]
async fn destructured(Json(payload): Json<(u64, String)>, (a, _): (u8, u8)) -> String {
    let _ = a;
    payload.1
}

#[tracel::instrument(err, skip_all)]
fn fails(fail: bool) -> Result<u32, io::Error> {
    if fail {
        return Err(io::Error::other("gone"));
    }
    let value: u32 = "7".parse().map_err(io::Error::other)?;
    Ok(value)
}

#[tracel::instrument(err)]
async fn fails_later(fail: bool) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    #![allow(clippy::needless_return)]
    if fail {
        return Err("gone".into());
    }
    let boxed: Box<dyn Fn() -> u32> = Box::new(|| 7);
    Ok(boxed())
}

#[tracel::instrument]
async fn coerces() -> Box<dyn Display> {
    Box::new(7)
}

#[tracel::instrument]
async fn coerces_errors(fail: bool) -> Result<Box<dyn Display>, Box<dyn std::error::Error>> {
    if fail {
        Err(io::Error::other("gone"))?;
    }
    Ok(Box::new(7))
}

#[tracel::instrument(err)]
fn opaque<'a, T>(items: &'a [T]) -> Result<impl Iterator<Item = &'a T> + 'a, io::Error> {
    Ok(items.iter())
}

#[tracel::instrument(err)]
async fn opaque_later<T: Clone>(item: T) -> Result<impl Iterator<Item = T>, io::Error> {
    Ok(std::iter::once(item))
}

#[tracel::instrument]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = usize> + 'a>> {
    let more = 1;
    Box::pin(async move { text.len() + more })
}

#[tracel::instrument(err)]
fn boxed_fails(fail: bool) -> Pin<Box<dyn Future<Output = Result<u32, io::Error>> + Send>> {
    std::boxed::Box::pin(async move {
        if fail {
            return Err(io::Error::other("gone"));
        }
        Ok(7)
    })
}

#[tracel::instrument(skip_all, fields(user_id))]
fn returns_a_future(user_id: u64) -> impl Future<Output = u64> {
    async move { user_id + 1 }
}

#[tracel::instrument]
fn borrows<'a>(a: &'a mut Vec<u8>, b: u8) -> &'a mut u8 {
    a.push(b);
    &mut a[0]
}

#[tracel::instrument(err)]
fn borrows_and_fails(a: &mut Vec<u8>) -> Result<&mut u8, io::Error> {
    a.first_mut().ok_or_else(|| io::Error::other("empty"))
}

#[tracel::instrument]
async fn never() -> ! {
    panic!("never")
}

struct Service {
    user_id: u64,
}

impl Service {
    #[tracel::instrument(fields(user_id = self.user_id))]
    fn by_ref(&self) -> u64 {
        self.user_id
    }

    #[tracel::instrument(err, fields(user_id = self.user_id), skip(self))]
    async fn by_mut(&mut self, by: u64) -> Result<&mut u64, io::Error> {
        self.user_id += by;
        Ok(&mut self.user_id)
    }

    #[tracel::instrument]
    pub(crate) fn by_value(self) -> u64 {
        self.user_id
    }

    #[tracel::instrument(err)]
    fn mends(&mut self) -> Result<&u64, io::Error> {
        self.user_id += 1;
        Ok(&self.user_id)
    }
}

trait Charges {
    #[tracel::instrument]
    fn charge(&self) -> u32 {
        7
    }

    fn charge_later(&self) -> Pin<Box<dyn Future<Output = u32> + Send + '_>>;
}

impl Charges for Service {
    #[tracel::instrument(fields(user_id = self.user_id))]
    fn charge_later(&self) -> Pin<Box<dyn Future<Output = u32> + Send + '_>> {
        Box::pin(async move { self.charge() })
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn the_values_come_through() {
    assert_eq!(plain(), 7);
    named(1);
    assert_eq!(leveled(7), 7);
    assert_eq!(run(is_send(context())), 7);
    assert_eq!(run(carries(None, 1, "a", Some(1))).unwrap(), 7);
    shorthands(&["a"], 1);
    parsed("nonsense");
    elsewhere();
    assert_eq!(run(destructured(Json((1, "a".into())), (1, 2))), "a");
    assert_eq!(fails(false).unwrap(), 7);
    assert_eq!(fails(true).unwrap_err().to_string(), "gone");
    assert_eq!(run(fails_later(false)).unwrap(), 7);
    assert_eq!(run(fails_later(true)).unwrap_err().to_string(), "gone");
    assert_eq!(run(coerces()).to_string(), "7");
    assert_eq!(run(coerces_errors(false)).unwrap().to_string(), "7");
    assert_eq!(opaque(&[1, 2]).unwrap().count(), 2);
    assert_eq!(run(opaque_later(1)).unwrap().count(), 1);
    assert_eq!(run(boxed("ab")), 3);
    assert_eq!(run(boxed_fails(false)).unwrap(), 7);
    assert_eq!(run(boxed_fails(true)).unwrap_err().to_string(), "gone");
    assert_eq!(run(returns_a_future(6)), 7);
    assert_eq!(*borrows(&mut vec![7], 1), 7);
    assert_eq!(*borrows_and_fails(&mut vec![7]).unwrap(), 7);
    drop(never());
    let mut service = Service { user_id: 5 };
    assert_eq!(service.by_ref(), 5);
    assert_eq!(*run(service.by_mut(1)).unwrap(), 6);
    assert_eq!(*service.mends().unwrap(), 7);
    assert_eq!(run(service.charge_later()), 7);
    assert_eq!(service.by_value(), 7);
}
