//! Where nothing is kept on disk: this system has not all that it takes.

use super::Wish;
use crate::{
    Error, Uuid,
    journal::{self, Journal},
    record::{time::Moment, uuid7},
    shipper::Shipper,
    sink::Address,
    spool,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// There is none.
pub(super) enum Durable {}

impl Durable {
    /// None, which a sink over the network is told.
    ///
    /// # Errors
    /// When a folder is wanted.
    pub(super) fn choose(wish: &Wish, addresses: &[Address], _: &str) -> Result<Option<Self>, Error> {
        let remote = addresses.iter().any(Address::is_network);
        match remote || wish.is_asked {
            true => Err(Error::new("on this system the journal is in memory only").help(
                "say `.volatile()`: then records that the sink has not taken are lost when the process is killed",
            )),
            false => Ok(None),
        }
    }

    pub(super) fn in_child(&self) -> Self {
        match *self {}
    }

    pub(super) fn path(&self) -> &Path {
        match *self {}
    }
}

/// There is none.
pub(super) enum Syncing {}

/// There is none.
pub(super) enum Keep {}

impl Keep {
    pub(super) fn begin(
        durable: &Durable,
        _: &str,
        _: Uuid,
        _: journal::Options,
    ) -> Result<Option<(Keep, Journal)>, Error> {
        match *durable {}
    }

    pub(super) fn spool(&self, _: usize) -> (PathBuf, spool::Options) {
        match *self {}
    }

    pub(super) fn adopt(&self, _: &[Shipper], _: usize) {
        match *self {}
    }

    pub(super) fn sync(&self, _: &Journal, _: Duration) -> Result<Syncing, Error> {
        match *self {}
    }

    pub(super) fn end(&self) {
        match *self {}
    }
}

/// A new process's id.
pub(super) fn instance() -> Uuid {
    uuid7(Moment::now())
}
