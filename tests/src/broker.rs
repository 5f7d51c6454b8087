//! Real brokers for tests, as processes that can be killed, stopped and started again: Apache Kafka and tansu. Where their
//! programs come from is in `programs`.

mod programs;

use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    message::Message,
    topic_partition_list::{Offset, TopicPartitionList},
};
use std::{
    fs::{self, File},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a broker may take to start, on a machine that has much else to do.
const START: Duration = Duration::from_secs(120);
const TIMEOUT: Duration = Duration::from_secs(30);

/// A broker on this machine. It ends with this handle, and its data with it.
pub struct Broker {
    folder: TempDir,
    port: u16,
    program: Vec<String>,
    child: Option<Child>,
}

impl Broker {
    /// Apache Kafka: one node that is its own controller, without automatic topics. `None` when Java or Maven is missing
    /// and that may be.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn kafka() -> Option<Broker> {
        let libraries = programs::kafka()?;
        let folder = TempDir::new().expect("a folder");
        let (port, controller) = (free_port(), free_port());
        let properties = folder.path().join("server.properties");
        let data = folder.path().join("data");
        let text = format!(
            "process.roles=broker,controller\n\
             node.id=1\n\
             controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n\
             listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
             controller.listener.names=CONTROLLER\n\
             log.dirs={}\n\
             offsets.topic.replication.factor=1\n\
             offsets.topic.num.partitions=2\n\
             auto.create.topics.enable=false\n",
            data.display()
        );
        fs::write(&properties, text).expect("the properties");
        let properties = properties.display().to_string();
        let java = |main: &str| {
            let class_path = format!("{}/*", libraries.display());
            [
                "java",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                &class_path,
                main,
            ]
            .map(str::to_owned)
            .to_vec()
        };
        let mut format = java("kafka.tools.StorageTool");
        // Any 16 bytes in base64.
        format.extend(["format", "--standalone", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c"].map(str::to_owned));
        format.push(properties.clone());
        let formatted = command(&format).output().expect("java");
        assert!(
            formatted.status.success(),
            "{}",
            String::from_utf8_lossy(&formatted.stderr)
        );
        let mut program = java("kafka.Kafka");
        program.push(properties);
        Some(Broker::started(folder, port, program))
    }

    /// tansu, which holds its data in memory: killed, it has lost all. `None` when it cannot be had and that may be.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn forgetful() -> Option<Broker> {
        let tansu = programs::tansu()?;
        let port = free_port();
        let url = format!("tcp://127.0.0.1:{port}");
        let program = [
            &tansu.display().to_string(),
            "broker",
            "--listener-url",
            &url,
            "--advertised-listener-url",
            &url,
            "--storage-engine",
            "memory://tansu/",
        ]
        .map(str::to_owned);
        Some(Broker::started(
            TempDir::new().expect("a folder"),
            port,
            program.to_vec(),
        ))
    }

    fn started(folder: TempDir, port: u16, program: Vec<String>) -> Broker {
        let mut broker = Broker {
            folder,
            port,
            program,
            child: None,
        };
        broker.start();
        broker
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it where it left off, and waits until it answers.
    ///
    /// # Panics
    /// When it does not within two minutes; says what it wrote.
    pub fn start(&mut self) {
        let log = self.folder.path().join("log");
        let output = File::options()
            .append(true)
            .create(true)
            .open(&log)
            .expect("a log");
        let child = command(&self.program)
            .current_dir(self.folder.path())
            .stdout(output.try_clone().expect("a log"))
            .stderr(output)
            .spawn();
        self.child = Some(child.expect("the broker starts"));
        let until = Instant::now() + START;
        let consumer = self.consumer();
        while let Err(error) = consumer.fetch_metadata(None, Duration::from_secs(2)) {
            let ended = self
                .child
                .as_mut()
                .is_some_and(|child| child.try_wait().is_ok_and(|end| end.is_some()));
            assert!(
                !ended && Instant::now() < until,
                "the broker does not start: {error}\n{}",
                fs::read_to_string(&log).unwrap_or_default()
            );
        }
    }

    /// Kills it: SIGKILL.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("killed");
        child.wait().expect("gone");
    }

    /// Stops it (SIGSTOP): connections are still accepted, by the system, and nothing is answered.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        let status = Command::new("kill").args([signal, &id]).status();
        assert!(status.expect("kill").success());
    }

    /// Makes a topic, with settings of its own.
    ///
    /// # Panics
    /// When it cannot be made within half a minute.
    pub fn create_topic(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().expect("a client");
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        for (name, value) in settings {
            topic = topic.set(name, value);
        }
        let options = AdminOptions::new().operation_timeout(Some(TIMEOUT));
        let made = futures::executor::block_on(admin.create_topics([&topic], &options)).expect("an answer");
        made[0].as_ref().expect("the topic");
    }

    /// The lines of all messages in a topic.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn lines(&self, topic: &str) -> Vec<String> {
        let consumer = self.consumer();
        let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT).expect("the topic");
        let mut all = TopicPartitionList::new();
        let mut left = 0;
        for partition in metadata.topics()[0].partitions() {
            let watermarks = consumer.fetch_watermarks(topic, partition.id(), TIMEOUT);
            let (low, high) = watermarks.expect("the watermarks");
            left += high - low;
            all.add_partition_offset(topic, partition.id(), Offset::Beginning)
                .expect("a partition");
        }
        consumer.assign(&all).expect("assigned");
        let mut lines = Vec::new();
        let mut since = Instant::now();
        while left > 0 {
            let Some(message) = consumer.poll(Duration::from_secs(1)) else {
                let at = consumer.position();
                assert!(
                    since.elapsed() < TIMEOUT,
                    "{left} messages do not come after {at:?}"
                );
                continue;
            };
            let message = message.expect("read");
            let text = std::str::from_utf8(message.payload().unwrap_or_default()).expect("UTF-8");
            lines.extend(text.lines().map(str::to_owned));
            left -= 1;
            since = Instant::now();
        }
        lines
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.address());
        // What it says while the broker starts is of no interest.
        config.set("log_level", "0");
        config
    }

    fn consumer(&self) -> BaseConsumer {
        let mut config = self.config();
        config
            .set("group.id", "test")
            .set("fetch.message.max.bytes", "4000000")
            // Else it waits a second each time that 64 MiB are read.
            .set("fetch.queue.backoff.ms", "10");
        config.create().expect("a consumer")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that has ended already is as well.
            _ = child.kill();
            _ = child.wait();
        }
    }
}

fn command(program: &[String]) -> Command {
    let mut command = Command::new(&program[0]);
    command.args(&program[1..]).stdin(Stdio::null());
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
