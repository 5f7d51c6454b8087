//! The demo from start to end: the store, the services, the load, what it shows. Whatever ends it, a signal too, its
//! processes are killed by their ids, and its temporary folders go.

use crate::{
    Fault, Options,
    audit::{self, Audit},
    brokers::Brokers,
    load::{self, Outcome},
    services::{Counts, Role, upstream::Upstream},
    show,
    store::Store,
};
use std::{
    process::{ExitCode, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    signal::unix::{SignalKind, signal},
};

/// Set when a signal asked for the end.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// More than the slowest of background tasks takes after the last answer: the bank's, when the customer gave up.
const BACKGROUND: Duration = Duration::from_secs(2);
/// A service ends at most so long after it was told to: it flushes for 30 s at most.
const LAST_WORDS: Duration = Duration::from_secs(40);

/// Runs the demo; `Err` is what went wrong, for people.
pub(crate) async fn run(options: Options) -> Result<ExitCode, Fault> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        biased;
        _ = interrupt.recv() => over(130),
        _ = terminate.recv() => over(143),
        result = play(options) => result,
    }
}

/// The rest is done by dropping: children are killed, folders removed.
fn over(code: u8) -> Result<ExitCode, Fault> {
    IS_OVER.store(true, Ordering::Relaxed);
    show::note("interrupted: the services are stopped and the temporary folders removed");
    Ok(ExitCode::from(code))
}

async fn play(options: Options) -> Result<ExitCode, Fault> {
    show::title("TraceL: one request over HTTP, gRPC and Kafka");
    let setup = options.clone();
    // Fetching the library takes a while: signals are heard meanwhile.
    let store = tracel::spawn_blocking(move || Store::open(&setup, &|| IS_OVER.load(Ordering::Relaxed)));
    let store = store.await??;
    show::item("store", &store.describe());

    let brokers = Brokers::open(options.kafka.as_deref()).await?;
    show::item("Kafka", &brokers.describe());

    let kafka = brokers.address();
    let receipts = Service::start(Role::Receipts, None, Some(&kafka), &store).await?;
    let ledger = Service::start(Role::Ledger, None, None, &store).await?;
    let payment = Service::start(Role::Payment, Some(&ledger), None, &store).await?;
    let gateway = Service::start(Role::Gateway, Some(&payment), Some(&kafka), &store).await?;
    // What asks ends before what it asks.
    let services = [gateway, payment, ledger, receipts];
    for service in &services {
        show::item(
            service.role.service(),
            &format!("{} · process {}", service.address, service.id()),
        );
    }

    let outcomes = load::run(
        Upstream::new(services[0].address.clone()),
        options.requests,
        options.rate,
    )
    .await;
    show::item("answers", &show::answers(&outcomes));
    tokio::time::sleep(BACKGROUND).await;
    let mut counts = Vec::new();
    for service in services {
        counts.push((service.role, service.stop().await?));
    }

    if let Some(path) = &options.account {
        let account = audit::account(&outcomes, &counts).to_string();
        std::fs::write(path, account).map_err(|error| format!("--account {}: {error}", path.display()))?;
    }
    if store.is_way() {
        show::sent(&counts);
        return Ok(ExitCode::SUCCESS);
    }
    let keep = options.keep;
    tracel::spawn_blocking(move || tell(store, &outcomes, &counts, keep)).await?
}

/// Replays a failed request, and settles the account.
fn tell(
    store: Store,
    outcomes: &[Outcome],
    counts: &[(Role, Counts)],
    keep: bool,
) -> Result<ExitCode, Fault> {
    show::replay(&store, Outcome::to_show(outcomes).ok_or("no request failed")?)?;
    let audit = Audit::new(&store, outcomes, counts)?;
    show::account(&audit);
    if keep {
        show::item("kept", &store.keep());
    }
    Ok(if audit.lost() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A service's process. Dropping it kills it.
struct Service {
    role: Role,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Service {
    /// Starts this program again as the service, and waits until it listens.
    async fn start(
        role: Role,
        upstream: Option<&Service>,
        brokers: Option<&str>,
        store: &Store,
    ) -> Result<Service, Fault> {
        let name = role.service();
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("serve")
            .arg(name.to_lowercase())
            .arg("--sink")
            .arg(store.sink(role));
        if let Some(upstream) = upstream {
            command.arg("--upstream").arg(&upstream.address);
        }
        if let Some(brokers) = brokers {
            command.arg("--brokers").arg(brokers);
        }
        if let Some(folder) = store.journals() {
            command.arg("--folder").arg(folder);
        }
        // The demo's sink is the one that it reads back.
        command
            .env_remove("TRACEL_SINK")
            .env_remove("TRACEL_SERVICE")
            .env_remove("TRACEL_DIR");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("the service {name} does not start: {error}"))?;
        let stdout = child.stdout.take().ok_or("a child without stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = lines
            .next_line()
            .await?
            .ok_or(format!("the service {name} ended before it listened"))?;
        Ok(Service {
            role,
            child,
            lines,
            address,
        })
    }

    fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Lets it come to its end, and gives what it counted.
    async fn stop(mut self) -> Result<Counts, Fault> {
        let name = self.role.service();
        drop(self.child.stdin.take());
        let last = async {
            let line = self.lines.next_line().await?;
            self.child.wait().await?;
            Ok::<_, std::io::Error>(line)
        };
        let line = tokio::time::timeout(LAST_WORDS, last)
            .await
            .map_err(|_| format!("the service {name} did not end"))??
            .ok_or(format!("the service {name} ended without its counts"))?;
        Ok(serde_json::from_str(&line)?)
    }
}
