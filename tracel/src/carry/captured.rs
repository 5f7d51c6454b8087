//! A test's capture, which goes where the request goes. What is captured, and how it is read, is `testing`'s.

use std::{
    marker::PhantomData,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};
use tracing_core::{
    Dispatch, LevelFilter, Subscriber,
    dispatcher::{self, DefaultGuard},
    subscriber::NoSubscriber,
};
use tracing_subscriber::{Layer, layer::SubscriberExt};

/// How many captures run. A service has none, and pays one relaxed load where a context is taken along.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Tells the dispatcher of a capture from others. It takes no part in it.
struct Mark {
    runs: Arc<AtomicBool>,
}

impl<S: Subscriber> Layer<S> for Mark {}

/// A capture that runs on this thread, until it is dropped there.
pub(crate) struct Running {
    runs: Arc<AtomicBool>,
    _default: DefaultGuard,
    /// What a thread's default was before is put back on that thread.
    _here: PhantomData<*const ()>,
}

impl Running {
    /// `runs` tells others of its end.
    pub(crate) fn begin<S>(stack: S, runs: Arc<AtomicBool>) -> Self
    where
        S: Subscriber + Send + Sync + 'static,
    {
        // While it knows of one dispatcher alone, tracing-core 0.1.36 asks the default of whichever thread comes to a callsite
        // first, and takes that answer for all: a thread without a default would switch the callsite off for the capture.
        static OTHER: OnceLock<Dispatch> = OnceLock::new();
        OTHER.get_or_init(|| Dispatch::new(NoSubscriber::new().with(LevelFilter::OFF)));

        runs.store(true, Relaxed);
        let mark = Mark {
            runs: Arc::clone(&runs),
        };
        let dispatch = Dispatch::new(stack.with(mark));
        RUNNING.fetch_add(1, Relaxed);
        Running {
            runs,
            _default: dispatcher::set_default(&dispatch),
            _here: PhantomData,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.runs.store(false, Relaxed);
        RUNNING.fetch_sub(1, Relaxed);
    }
}

/// A capture that is taken along.
#[derive(Debug)]
pub(crate) struct Captured {
    dispatch: Dispatch,
    runs: Arc<AtomicBool>,
}

impl Captured {
    /// The capture that the thread is in.
    #[inline]
    pub(crate) fn current() -> Option<Arc<Captured>> {
        match RUNNING.load(Relaxed) {
            0 => None,
            _ => Captured::find(),
        }
    }

    #[cold]
    fn find() -> Option<Arc<Captured>> {
        dispatcher::get_default(|dispatch| {
            let mark = dispatch.downcast_ref::<Mark>()?;
            let captured = Captured {
                dispatch: dispatch.clone(),
                runs: Arc::clone(&mark.runs),
            };
            mark.runs.load(Relaxed).then(|| captured.into())
        })
    }

    /// The thread is in it until the guard is dropped; unless it has ended.
    pub(crate) fn enter(&self) -> Option<DefaultGuard> {
        self.runs
            .load(Relaxed)
            .then(|| dispatcher::set_default(&self.dispatch))
    }
}

/// Whether the thread is in a capture.
pub(crate) fn is_captured() -> bool {
    Captured::current().is_some()
}
