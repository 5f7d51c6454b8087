//! A small HTTP server for the tests of sinks: it keeps what it is sent, and answers as it was told.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

/// One request, as the server saw it.
pub(super) struct Request {
    pub(super) target: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A server that answers each request in turn, with a status line and what follows it, then hangs up.
pub(super) fn server(answers: Vec<&'static str>) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (seen, requests) = channel();
    thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            serve(stream, answer, &seen);
        }
    });
    (address, requests)
}

fn serve(mut stream: TcpStream, answer: &str, seen: &Sender<Request>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let target = line().split(' ').nth(1).unwrap().to_owned();
    let mut headers = Vec::new();
    while let Some((key, value)) = line().split_once(": ") {
        headers.push((key.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers
        .iter()
        .find(|(key, _)| key == "content-length")
        .unwrap()
        .1
        .parse()
        .unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    _ = seen.send(Request {
        target,
        headers,
        body,
    });
    let (head, text) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let head = head.replace('\n', "\r\n");
    let length = text.len();
    write!(
        stream,
        "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
    .unwrap();
}
