//! What the shipper adds to a record: what is the same in all of the process, and where it stood in
//! the journal. The caller leaves two places open and says where they are.

use super::{
    compact::{self, Compact},
    definition::Definition,
};
use crate::{
    record::{json, out::Out},
    value::Val,
};

/// The bytes before a payload's JSON: where the service goes, where instance, lane and sequence go, each as
/// a little-endian `u16` counted from the JSON's first byte.
pub(crate) const HEADER: usize = 4;

/// Completes the payloads of one process.
#[derive(Debug)]
pub(crate) struct Process {
    id: uuid::Uuid,
    service: Vec<u8>,
    instance: Vec<u8>,
}

impl Process {
    /// A process of this service, with the id of this life of it.
    pub(crate) fn new(service: &str, instance: uuid::Uuid) -> Self {
        let mut head = b",\"service_name\":".to_vec();
        json::string(&mut head, service);
        let mut tail = b",\"instance\":".to_vec();
        json::string(&mut tail, instance.hyphenated().encode_lower(&mut [0; 36]));
        tail.extend_from_slice(b",\"lane\":");
        Process {
            id: instance,
            service: head,
            instance: tail,
        }
    }

    /// The instance.
    pub(crate) fn id(&self) -> uuid::Uuid {
        self.id
    }

    /// The most that completion adds to a payload's JSON, in bytes.
    pub(crate) fn overhead(&self) -> usize {
        self.service.len() + self.instance.len() + 10 + ",\"seq\":".len() + 20 + 1
    }

    /// Appends the finished line. A payload that `encode` did not make is left out: nothing can be said of it. `defined` shows
    /// the definition of a number, if its journal has it.
    pub(crate) fn complete(
        &self,
        lane: u32,
        seq: u64,
        payload: &[u8],
        defined: impl FnOnce(u32, &mut dyn FnMut(&[u8])),
        out: &mut Vec<u8>,
    ) {
        if !compact::is_one(payload) {
            return self.complete_json(lane, seq, payload, out);
        }
        if let Some(compact) = Compact::read(payload) {
            defined(compact.definition(), &mut |definition| {
                if let Some(definition) = Definition::read(definition) {
                    compact.complete(&definition, self, (lane, seq), out);
                }
            });
        }
    }

    /// The same of one that is JSON.
    pub(super) fn complete_json(&self, lane: u32, seq: u64, payload: &[u8], out: &mut Vec<u8>) {
        let Some((&[a, b, c, d], json)) = payload.split_first_chunk::<HEADER>() else {
            return;
        };
        let (service, instance) = (
            u16::from_le_bytes([a, b]).into(),
            u16::from_le_bytes([c, d]).into(),
        );
        let (Some(head), Some(body), Some(tail)) = (
            json.get(..service),
            json.get(service..instance),
            json.get(instance..),
        ) else {
            return;
        };
        out.reserve(json.len() + self.overhead());
        out.extend_from_slice(head);
        // A vector has room.
        let _ = self.service(out);
        out.extend_from_slice(body);
        let _ = self.place((lane, seq), out);
        out.extend_from_slice(tail);
        out.push(b'\n');
    }

    /// Appends the service's key.
    #[inline(always)]
    pub(super) fn service(&self, out: &mut impl Out) -> Option<()> {
        out.bytes(&self.service)
    }

    /// Appends the keys that say where it stood.
    #[inline(always)]
    pub(super) fn place(&self, (lane, seq): (u32, u64), out: &mut impl Out) -> Option<()> {
        out.bytes(&self.instance)?;
        json::frequent(out, &Val::U64(lane.into()))?;
        out.block(b",\"seq\":", 7)?;
        json::count(out, seq)
    }
}
