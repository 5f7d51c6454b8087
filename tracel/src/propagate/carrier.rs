//! What carries a context from one service to another: text under names.

use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasher,
};

/// What carries text from one service to another by name: headers of HTTP or Kafka, metadata of gRPC.
pub trait Carrier {
    /// The text under this name, if there is one that is UTF-8. Names are in lower case.
    fn get(&self, name: &str) -> Option<&str>;
    /// Puts a text under this name, in place of what stands there.
    fn set(&mut self, name: &'static str, value: String);
}

impl<S: BuildHasher> Carrier for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }

    fn set(&mut self, name: &'static str, value: String) {
        self.insert(name.to_owned(), value);
    }
}

impl Carrier for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }

    fn set(&mut self, name: &'static str, value: String) {
        self.insert(name.to_owned(), value);
    }
}

#[cfg(feature = "headers")]
impl Carrier for http::HeaderMap {
    fn get(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str().ok()
    }

    fn set(&mut self, name: &'static str, value: String) {
        // What we write is made of characters that every header may hold.
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            self.insert(http::HeaderName::from_static(name), value);
        }
    }
}
