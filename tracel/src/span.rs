//! The static behind `#[tracel::instrument]`: it opens a span that carries a request's context.

use crate::{event::Key, event::SchemaRef, value::Val};
use tracing::Span;
use tracing_core::Level;
use uuid::Uuid;

/// One static an instrumented function.
#[derive(Debug)]
pub struct SpanSite {
    _todo: (),
}

/// What a span says of the request's context, beside its fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanContextArgs<'a> {
    /// `root`: a new request begins here, whatever is current.
    pub root: bool,
    /// `event_id = …`: taken when there is no current one.
    pub event_id: Option<Uuid>,
    /// `module = …`.
    pub module: Option<&'a str>,
}

impl SpanSite {
    /// A span's callsite. `names` are those of `keys`, for the `FieldSet`, after `"event_id"` and `"module"`.
    #[must_use]
    pub const fn new(
        _name: &'static str,
        _level: Level,
        _module: &'static str,
        _file: &'static str,
        _line: u32,
        _schema: &'static SchemaRef,
        _names: &'static [&'static str],
        _keys: &'static [Key],
    ) -> Self {
        SpanSite { _todo: () }
    }

    /// Opens the span; its values are those of the site's keys, in order.
    pub fn open(&'static self, _context: SpanContextArgs<'_>, _values: &[Val<'_>]) -> Span {
        Span::none()
    }
}
