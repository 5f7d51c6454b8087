//! The C functions of `libchdb.so`, as its header `chdb.h` declares them, looked up once a process.

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    path::Path,
    sync::OnceLock,
};

/// A connection: `chdb_connection *`.
pub(super) type Handle = *mut *mut c_void;
/// An answer: `chdb_result *`.
pub(super) type Answer = *mut c_void;
/// An open insert: `chdb_insert_stream`.
pub(super) type Stream = *mut c_void;
/// Names or values of parameters.
pub(super) type Texts = *const *const c_char;

macro_rules! api {
    ($($field:ident = $symbol:literal: fn($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        /// The functions that the engine calls.
        pub(super) struct Api {
            $(pub(super) $field: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
        }

        impl Api {
            fn find(library: &libloading::Library) -> Result<Api, libloading::Error> {
                // SAFETY: each type is that of the function of this name in chdb.h of version 26.7, and
                // the library is never closed (see `load`), so the pointers stay valid.
                unsafe { Ok(Api { $($field: *library.get(concat!($symbol, "\0"))?,)* }) }
            }
        }
    };
}

api! {
    connect = "chdb_connect": fn(c_int, *mut *mut c_char) -> Handle;
    close = "chdb_close_conn": fn(Handle);
    query = "chdb_query_with_params_n":
        fn(*mut c_void, *const c_char, usize, *const c_char, usize, Texts, *const usize, Texts, *const usize, usize) -> Answer;
    insert = "chdb_stream_insert_with_params_n":
        fn(*mut c_void, *const c_char, usize, *const c_char, usize, Texts, *const usize, Texts, *const usize, usize) -> Stream;
    insert_append = "chdb_stream_append": fn(Stream, *const c_void, usize) -> c_int;
    insert_done = "chdb_stream_done": fn(Stream) -> Answer;
    insert_error = "chdb_stream_insert_error": fn(Stream) -> *const c_char;
    insert_destroy = "chdb_destroy_insert_stream": fn(Stream);
    classify = "chdb_classify_query_n":
        fn(*mut c_void, *const c_char, usize, *const c_char, usize, *mut Analysis) -> c_int;
    answer_buffer = "chdb_result_buffer": fn(Answer) -> *const u8;
    answer_length = "chdb_result_length": fn(Answer) -> usize;
    answer_error = "chdb_result_error": fn(Answer) -> *const c_char;
    answer_rows_read = "chdb_result_storage_rows_read": fn(Answer) -> u64;
    answer_bytes_read = "chdb_result_storage_bytes_read": fn(Answer) -> u64;
    answer_rows_written = "chdb_result_rows_written": fn(Answer) -> u64;
    answer_destroy = "chdb_destroy_query_result": fn(Answer);
    signal_handlers = "chdb_set_signal_handlers_enabled": fn(c_int);
    version = "chdb_version": fn() -> *const c_char;
}

/// `chdb_query_analysis_v1`: what a statement would do.
#[repr(C)]
pub(super) struct Analysis {
    pub(super) struct_size: u32,
    pub(super) statement_count: u32,
    pub(super) flags: u32,
    pub(super) query_class: u32,
}

static API: OnceLock<Api> = OnceLock::new();

/// Loads the library at `path`, once a process: a later call gives what the first one loaded.
pub(super) fn load(path: &Path) -> Result<&'static Api, String> {
    if let Some(api) = API.get() {
        return Ok(api);
    }
    // SAFETY: its initialisers are those of ClickHouse, which make no assumption about their host; that
    // `path` is such a library is what the caller says, and `find` refuses one that lacks a function.
    let library = unsafe { libloading::Library::new(path) }.map_err(|error| error.to_string())?;
    let api = Api::find(&library).map_err(|error| error.to_string())?;
    // Threads of the engine run until the process ends: its code must never be unmapped.
    std::mem::forget(library);
    // SAFETY: takes one int; called before the first connection, as chdb.h asks, so that the signals stay the host's.
    unsafe { (api.signal_handlers)(0) };
    Ok(API.get_or_init(|| api))
}

/// The text at `text`; `None` when there is none.
///
/// # Safety
/// `text` is null or points to text that ends in a zero byte and lives during the call.
pub(super) unsafe fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    (!text.is_empty()).then_some(text)
}
