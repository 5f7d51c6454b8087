//! Every boundary inside a process, with 1,000 requests at once: no record carries another's event_id, user or module.
#![allow(missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "the tests look on from outside any request"
)]

mod logs {
    tracel::include_schema!();
}

use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use logs::SCHEMA;
use rayon::prelude::*;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::{OnceLock, mpsc},
    time::Duration,
};
use tokio::task::{JoinSet, LocalSet};
use tokio_util::task::TaskTracker;
use tracel::{
    Carry, Context, Guard, WithContext, log_info,
    task::{JoinSetExt, LocalSetExt, TaskTrackerExt},
};
use tracel_tests::Kept;
use tracing_subscriber::layer::SubscriberExt;

const REQUESTS: u64 = 1000;

/// The log of this whole process: threads of pools must see it too.
fn log() -> &'static (Guard, Kept) {
    static LOG: OnceLock<(Guard, Kept)> = OnceLock::new();
    LOG.get_or_init(|| {
        let (layer, guard, kept) = tracel_tests::layer(SCHEMA);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing_core::dispatcher::set_global_default(tracing_core::Dispatch::new(subscriber)).unwrap();
        (guard, kept)
    })
}

/// What every piece of work says: whose it is, as the work itself knows it.
fn say(test: &str, owner: u64) {
    log_info!(SysLog("work", reason = test, amount = owner));
}

/// The request of this number: two modules, and a user each.
async fn request<F: Future<Output = ()>>(owner: u64, work: impl FnOnce() -> F) {
    #[tracel::instrument(root, fields(module = "Even", user_id))]
    async fn even<F: Future<Output = ()>>(user_id: u64, work: impl FnOnce() -> F) {
        work().await;
    }
    #[tracel::instrument(root, fields(module = "Odd", user_id))]
    async fn odd<F: Future<Output = ()>>(user_id: u64, work: impl FnOnce() -> F) {
        work().await;
    }
    match owner % 2 {
        0 => even(owner, work).await,
        _ => odd(owner, work).await,
    }
}

/// The same where nothing is async.
fn call(owner: u64, work: impl FnOnce()) {
    // An executor would refuse to run in itself: rayon has a thread that waits in one request begin the next.
    let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    let request = std::pin::pin!(request(owner, || async { work() }));
    assert!(request.poll(&mut task).is_ready(), "it waits for nothing");
}

/// Holds the records of a test to their owners: `each` of every request, and as many event_ids as requests.
fn check(test: &str, each: usize) {
    let (guard, kept) = log();
    guard.flush(Duration::from_secs(60)).unwrap();
    let mut ids: HashMap<u64, String> = HashMap::new();
    let mut count = 0;
    let of_test = |record: &Value| record["metadata"]["reason"] == test;
    for record in kept.records().into_iter().filter(of_test) {
        let owner = record["metadata"]["amount"].as_u64().unwrap();
        assert_eq!(record["metadata"]["user_id"], owner, "{record}");
        assert_eq!(
            record["module_name"],
            ["Even", "Odd"][owner as usize % 2],
            "{record}"
        );
        let id = record["event_id"].as_str().unwrap();
        assert_eq!(ids.entry(owner).or_insert_with(|| id.to_owned()), id, "{record}");
        count += 1;
    }
    assert_eq!(count, each * REQUESTS as usize);
    assert_eq!(ids.len(), REQUESTS as usize);
    let distinct: HashSet<&String> = ids.values().collect();
    assert_eq!(
        distinct.len(),
        ids.len(),
        "each request has an event_id of its own"
    );
}

/// All requests at once, over four threads.
fn run<F: Future<Output = ()> + Send + 'static>(work: impl Fn(u64) -> F + Clone + Send + Sync + 'static) {
    log();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut all = JoinSet::new();
        for owner in 0..REQUESTS {
            let work = work.clone();
            all.spawn(request(owner, move || work(owner)));
        }
        all.join_all().await;
    });
}

async fn pause() {
    tokio::task::yield_now().await;
}

#[test]
fn tasks() {
    run(|owner| async move {
        say("tasks", owner);
        let task = tracel::spawn(async move {
            pause().await;
            say("tasks", owner);
            tracel::spawn(async move { say("tasks", owner) }).await.unwrap();
        });
        let blocking = tracel::spawn_blocking(move || say("tasks", owner));
        task.await.unwrap();
        blocking.await.unwrap();
        say("tasks", owner);
    });
    check("tasks", 5);
}

#[test]
fn another_runtime() {
    let other = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let handle = other.handle().clone();
    run(move |owner| {
        let handle = handle.clone();
        async move {
            tracel::task::spawn_on(&handle, async move { say("runtime", owner) })
                .await
                .unwrap();
            tracel::task::spawn_blocking_on(&handle, move || say("runtime", owner))
                .await
                .unwrap();
        }
    });
    check("runtime", 2);
}

#[test]
fn sets_and_trackers() {
    run(|owner| async move {
        let mut set = JoinSet::new();
        for _ in 0..3 {
            set.spawn_in_context(async move {
                pause().await;
                say("sets", owner);
            });
        }
        set.spawn_blocking_in_context(move || say("sets", owner));
        let here = tokio::runtime::Handle::current();
        set.spawn_in_context_on(async move { say("sets", owner) }, &here);
        set.spawn_blocking_in_context_on(move || say("sets", owner), &here);
        let tracker = TaskTracker::new();
        tracker.spawn_in_context(async move { say("sets", owner) });
        tracker.spawn_blocking_in_context(move || say("sets", owner));
        tracker.spawn_in_context_on(async move { say("sets", owner) }, &here);
        tracker.spawn_blocking_in_context_on(move || say("sets", owner), &here);
        tracker.close();
        tracker.wait().await;
        set.join_all().await;
    });
    check("sets", 10);
}

#[test]
fn local_tasks() {
    log();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        join_all((0..REQUESTS).map(|owner| {
            request(owner, move || async move {
                let task = tracel::spawn_local(async move {
                    pause().await;
                    say("local", owner);
                });
                let mut set = JoinSet::new();
                set.spawn_local_in_context(async move { say("local", owner) });
                let tracker = TaskTracker::new();
                tracker.spawn_local_in_context(async move { say("local", owner) });
                tracker.close();
                tracker.wait().await;
                task.await.unwrap();
                set.join_all().await;
            })
        }))
        .await;
    });
    let other = LocalSet::new();
    let (mut set, tracker) = (JoinSet::new(), TaskTracker::new());
    for owner in 0..REQUESTS {
        call(owner, || {
            other.spawn_local_in_context(async move { say("local set", owner) });
            set.spawn_local_in_context_on(async move { say("local set", owner) }, &other);
            tracker.spawn_local_in_context_on(async move { say("local set", owner) }, &other);
        });
    }
    runtime.block_on(other);
    check("local", 3);
    check("local set", 3);
}

#[test]
fn threads() {
    log();
    for batch in 0..REQUESTS / 50 {
        let own = tracel::thread::scope(|_| {
            let mut own = Vec::new();
            for owner in batch * 50..(batch + 1) * 50 {
                call(owner, || {
                    own.push(tracel::thread::spawn(move || say("threads", owner)));
                    let builder = tracel::thread::Builder::new().name(format!("worker {owner}"));
                    own.push(builder.spawn(move || say("threads", owner)).unwrap());
                    tracel::thread::scope(|scope| {
                        scope.spawn(move || {
                            say("threads", owner);
                            scope.spawn(move || say("threads", owner));
                        });
                        let builder = tracel::thread::Builder::new().stack_size(256 << 10);
                        builder
                            .spawn_scoped(scope, move || say("threads", owner))
                            .unwrap();
                    });
                });
            }
            own
        });
        own.into_iter().for_each(|thread| thread.join().unwrap());
    }
    check("threads", 5);
}

/// Every request's work waits on a pool of few threads, which are lent to others' work meanwhile.
#[test]
fn the_pool_of_rayon() {
    log();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    pool.install(|| {
        (0..REQUESTS).into_par_iter().for_each(|owner| {
            call(owner, || {
                let ((), ()) = tracel::rayon::join(
                    || say("rayon", owner),
                    || {
                        let ((), ()) = tracel::rayon::join(|| say("rayon", owner), || say("rayon", owner));
                    },
                );
                tracel::rayon::scope(|scope| {
                    scope.spawn(move |scope| {
                        say("rayon", owner);
                        scope.spawn(move |_| say("rayon", owner));
                    });
                });
                let doubled: Vec<u64> = (0..4u64)
                    .into_par_iter()
                    .in_current_context()
                    .map(|n| {
                        say("rayon", owner);
                        n * 2
                    })
                    .collect();
                assert_eq!(doubled, [0, 2, 4, 6]);
                let pairs = (0..4u64)
                    .into_par_iter()
                    .filter(|n| n % 2 == 0)
                    .in_current_context()
                    .inspect(|_| say("rayon", owner))
                    .count();
                assert_eq!(pairs, 2);
                (0..4u32)
                    .into_par_iter()
                    .zip(0..4u32)
                    .enumerate()
                    .in_current_context()
                    .for_each(|_| say("rayon", owner));
                let (sender, receiver) = mpsc::channel();
                tracel::rayon::spawn(move || {
                    say("rayon", owner);
                    sender.send(()).unwrap();
                });
                while receiver.try_recv().is_err() {
                    rayon::yield_now();
                }
            });
        });
    });
    check("rayon", 3 + 2 + 4 + 2 + 4 + 1);
}

/// A pool that is not rayon's own, asked from many threads at once.
#[test]
fn another_pool_of_rayon() {
    log();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    std::thread::scope(|scope| {
        for first in 0..4 {
            let pool = &pool;
            scope.spawn(move || {
                for owner in (first..REQUESTS).step_by(4) {
                    call(owner, || {
                        tracel::rayon::install(pool, || {
                            let pieces = || (say("pool", owner), rayon::current_thread_index().unwrap());
                            tracel::rayon::join(pieces, pieces);
                        });
                    });
                }
            });
        }
    });
    check("pool", 2);
}

/// What is polled in one task although it belongs to several requests.
#[test]
fn combinators_streams_and_timers() {
    run(|owner| async move {
        let both = async {
            pause().await;
            say("combined", owner);
        };
        tokio::select! {
            () = both => {}
            () = tokio::time::sleep(Duration::from_secs(600)) => {}
        }
        join_all((0..2).map(|_| async { say("combined", owner) })).await;
        _ = tokio::time::timeout(Duration::from_secs(600), async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            say("combined", owner);
        })
        .await;
    });
    check("combined", 4);

    // One task that polls them all.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut work = FuturesUnordered::new();
    let mut streams = Vec::new();
    for owner in 0..REQUESTS {
        call(owner, || {
            let future = async move {
                say("mixed", owner);
                pause().await;
                say("mixed", owner);
            };
            work.push(future.in_current_context());
            let stream = futures::stream::iter(0..2).map(move |_| say("mixed", owner));
            streams.push(stream.in_current_context());
        });
    }
    runtime.block_on(async {
        while work.next().await.is_some() {}
        let mut streams = futures::stream::select_all(streams);
        while streams.next().await.is_some() {}
    });
    check("mixed", 4);
}

/// A worker that serves everyone, one message after another: an actor.
#[test]
fn channels_and_actors() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<WithContext<u64>>(16);
    let (to_thread, of_thread) = mpsc::channel::<WithContext<u64>>();
    let thread = std::thread::spawn(move || {
        for message in of_thread {
            message.in_scope(|owner| say("actors", owner));
        }
    });
    let actor = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async move {
            while let Some(message) = receiver.recv().await {
                let (owner, context) = message.into_parts();
                async move {
                    pause().await;
                    say("actors", owner);
                }
                .in_context(&context)
                .await;
            }
        });
    });
    run(move |owner| {
        let (sender, to_thread) = (sender.clone(), to_thread.clone());
        async move {
            to_thread.send(WithContext::new(owner)).unwrap();
            sender.send(WithContext::new(owner)).await.unwrap();
        }
    });
    actor.join().unwrap();
    thread.join().unwrap();
    check("actors", 2);
}

#[test]
fn a_callback_runs_in_its_own_request() {
    log();
    let callbacks: Vec<Box<dyn Fn(u64)>> = (0..REQUESTS)
        .map(|owner| {
            let mut made: Option<Box<dyn Fn(u64)>> = None;
            call(owner, || {
                made = Some(Box::new(Context::current().wrap(|owner| say("callbacks", owner))));
            });
            made.unwrap()
        })
        .collect();
    // Called from within somebody else's request.
    call(7, || {
        for (owner, callback) in callbacks.iter().enumerate() {
            callback(owner as u64);
        }
    });
    check("callbacks", 1);
}

#[test]
fn what_is_dropped_belongs_to_its_request() {
    struct AtEnd(u64);
    impl Drop for AtEnd {
        fn drop(&mut self) {
            say("dropped", self.0);
        }
    }
    log();
    let mut cancelled = Vec::new();
    for owner in 0..REQUESTS {
        call(owner, || {
            let end = AtEnd(owner);
            let future = async move {
                let _end = end;
                std::future::pending::<()>().await;
            };
            cancelled.push(Box::pin(future.in_current_context()));
        });
    }
    drop(cancelled);
    check("dropped", 1);
}

/// What comes from outside any request stays outside, also on a thread that is within one.
#[test]
fn outside_stays_outside() {
    log();
    let outside = Context::current();
    assert_eq!(outside.event_id(), tracel::EventId::NIL);
    call(3, || {
        let within = Context::current();
        assert_ne!(within.event_id(), tracel::EventId::NIL);
        outside.in_scope(|| {
            assert_eq!(Context::current().event_id(), tracel::EventId::NIL);
            log_info!(SysLog("outside", reason = "outside"));
            within.in_scope(|| assert_eq!(Context::current().event_id(), within.event_id()));
        });
        let future = async { log_info!(SysLog("outside", reason = "outside")) }.in_context(&outside);
        let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::pin::pin!(future).poll(&mut waker).is_ready());
        assert_eq!(Context::current().event_id(), within.event_id());
    });
    let (guard, kept) = log();
    guard.flush(Duration::from_secs(60)).unwrap();
    let records = kept.records();
    let found: Vec<_> = records
        .iter()
        .filter(|record| record["metadata"]["reason"] == "outside")
        .collect();
    assert_eq!(found.len(), 2);
    for record in found {
        assert_eq!(record["event_id"], uuid::Uuid::nil().to_string());
        assert_eq!(record["metadata"].get("user_id"), None, "{record}");
    }
}
