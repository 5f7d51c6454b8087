//! ClickHouse's engine in this process: the binding of `libchdb.so`, loaded at run time. HTTP knows
//! nothing of it but [`Engine`], [`Connection`] and [`Answer`].
#![allow(
    unsafe_code,
    reason = "the C interface of libchdb.so; nothing else in this crate is unsafe"
)]

mod api;

use api::{Analysis, Api, Handle, Texts};
use std::{
    ffi::{CString, c_char, c_int, c_void},
    fs::File,
    path::{Path, PathBuf},
    ptr,
    sync::{Arc, Mutex, PoisonError},
};

/// The data folder of the engine that runs in this process: there can be one.
static RUNNING: Mutex<Option<PathBuf>> = Mutex::new(None);

/// An engine over one folder of data. It runs until it and its last [`Connection`] are dropped.
pub struct Engine {
    api: &'static Api,
    /// Kept open: closing the last connection shuts the engine down.
    root: Handle,
    path_argument: CString,
    _lock: File,
}

// SAFETY: `root` is only closed, by the one `drop`; chdb.h says that connections may be opened and closed on any thread.
unsafe impl Send for Engine {}
// SAFETY: no method of a shared Engine uses `root`, and chdb_connect is thread-safe.
unsafe impl Sync for Engine {}

impl Engine {
    /// Starts the engine from the library at `library` over the folder `data`, which is made when it is missing.
    ///
    /// # Errors
    /// When the library cannot be loaded, the folder cannot be made or is in use by another process, or an
    /// engine already runs in this process (the library holds one folder a process).
    pub fn start(library: &Path, data: &Path) -> Result<Arc<Engine>, String> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = running.as_ref() {
            return Err(format!(
                "an embedded ClickHouse already runs in this process, over {}: one process holds one folder; \
                 stop it first, or start this one in a process of its own (`tracel dev --data {}`)",
                other.display(),
                data.display()
            ));
        }
        let lock = lock_folder(data)?;
        let path_argument = CString::new(format!("--path={}", data.display()))
            .map_err(|_| format!("the folder {} has a zero byte in its name", data.display()))?;
        let api =
            api::load(library).map_err(|error| format!("cannot load {}: {error}", library.display()))?;
        let root = connect(api, &path_argument)
            .ok_or_else(|| format!("ClickHouse's engine did not start over {}", data.display()))?;
        *running = Some(data.to_path_buf());
        Ok(Arc::new(Engine {
            api,
            root,
            path_argument,
            _lock: lock,
        }))
    }

    /// The version of the library, as in `26.7.3`.
    #[must_use]
    pub fn version(&self) -> String {
        // SAFETY: takes nothing, and returns a static text.
        unsafe { api::text((self.api.version)()) }.unwrap_or_default()
    }

    /// Opens a connection: a session with settings and a database of its own.
    ///
    /// # Errors
    /// When the engine refuses it.
    pub fn connect(self: &Arc<Self>) -> Result<Connection, String> {
        let handle =
            connect(self.api, &self.path_argument).ok_or("the engine opens no further connection")?;
        Ok(Connection {
            handle,
            engine: self.clone(),
        })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: `root` came from chdb_connect and is closed here alone; each Connection holds an Arc of
        // this engine, so this is the last one.
        unsafe { (self.api.close)(self.root) };
        *running = None;
    }
}

/// Makes the folder and takes its lock, which the system gives back when the process ends in any way.
fn lock_folder(data: &Path) -> Result<File, String> {
    let fault = |error: std::io::Error| format!("cannot use the folder {}: {error}", data.display());
    std::fs::create_dir_all(data).map_err(fault)?;
    let lock = File::create(data.join("tracel-dev.lock")).map_err(fault)?;
    lock.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => format!(
            "another process uses the folder {}: stop it, or name another folder",
            data.display()
        ),
        std::fs::TryLockError::Error(error) => fault(error),
    })?;
    Ok(lock)
}

fn connect(api: &Api, path_argument: &CString) -> Option<Handle> {
    let mut arguments = [
        c"clickhouse".as_ptr().cast_mut(),
        path_argument.as_ptr().cast_mut(),
        // As the role tracel_reader has it: else each part's readers are made before its indexes are asked (docs/storage.md).
        c"--use_skip_indexes_on_data_read=0".as_ptr().cast_mut(),
    ];
    // SAFETY: three arguments, each ending in a zero byte; chdb_connect reads them and keeps none.
    let handle = unsafe { (api.connect)(arguments.len() as c_int, arguments.as_mut_ptr()) };
    if handle.is_null() {
        return None;
    }
    // SAFETY: not null, so it points to a connection, which may be null.
    (!unsafe { *handle }.is_null()).then_some(handle)
}

/// A session with the engine. It runs one statement at a time.
pub struct Connection {
    handle: Handle,
    engine: Arc<Engine>,
}

// SAFETY: chdb.h allows a connection's use on any thread, one statement at a time: every method takes `&mut self`.
unsafe impl Send for Connection {}

/// What a statement gave.
#[derive(Debug, Default)]
pub struct Answer {
    /// The rows in the format asked for.
    pub data: Vec<u8>,
    /// Rows read from storage.
    pub rows_read: u64,
    /// Bytes read from storage.
    pub bytes_read: u64,
    /// Rows written.
    pub rows_written: u64,
}

impl Connection {
    /// Runs `sql` with its `{name:Type}` parameters, and gives the rows in `format`.
    ///
    /// # Errors
    /// ClickHouse's own text: `Code: 60. DB::Exception: …`.
    pub fn query(
        &mut self,
        sql: &[u8],
        format: &str,
        parameters: &[(String, String)],
    ) -> Result<Answer, String> {
        let texts = Parameters::new(parameters);
        // SAFETY: the connection is open; every pointer comes with its length or count, and outlives the call.
        let answer = unsafe {
            (self.engine.api.query)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                texts.names(),
                texts.name_lengths(),
                texts.values(),
                texts.value_lengths(),
                parameters.len(),
            )
        };
        self.take(answer)
    }

    /// Runs `statement`, an INSERT without its FORMAT clause, with the rows of `data` in `format`.
    ///
    /// # Errors
    /// ClickHouse's own text. Rows of blocks before the faulty one may have been kept, as ClickHouse does.
    pub fn insert(
        &mut self,
        statement: &str,
        format: &str,
        parameters: &[(String, String)],
        data: &[&[u8]],
    ) -> Result<Answer, String> {
        /// One piece: the engine copies each.
        const PIECE: usize = 1 << 20;
        let texts = Parameters::new(parameters);
        let api = self.engine.api;
        // SAFETY: as in `query`.
        let stream = unsafe {
            (api.insert)(
                self.raw(),
                statement.as_ptr().cast(),
                statement.len(),
                format.as_ptr().cast(),
                format.len(),
                texts.names(),
                texts.name_lengths(),
                texts.values(),
                texts.value_lengths(),
                parameters.len(),
            )
        };
        let stream = Insert { api, stream };
        if let Some(error) = stream.error() {
            return Err(error);
        }
        for piece in data.iter().flat_map(|part| part.chunks(PIECE)) {
            // SAFETY: an open stream, and a slice with its length, which the engine copies.
            if unsafe { (api.insert_append)(stream.stream, piece.as_ptr().cast(), piece.len()) } != 0 {
                return Err(stream
                    .error()
                    .unwrap_or_else(|| "the engine took no more rows".into()));
            }
        }
        // SAFETY: an open stream; finishing it does not free it.
        let answer = unsafe { (api.insert_done)(stream.stream) };
        self.take(answer)
    }

    /// How many statements `sql` holds; 0 when it does not parse.
    #[must_use]
    pub fn count_statements(&mut self, sql: &[u8]) -> u32 {
        let mut analysis = Analysis {
            struct_size: size_of::<Analysis>() as u32,
            statement_count: 0,
            flags: 0,
            query_class: 0,
        };
        // SAFETY: the text comes with its length, no target database is named, and `struct_size` is set as chdb.h asks.
        unsafe {
            (self.engine.api.classify)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                ptr::null(),
                0,
                &mut analysis,
            );
        }
        analysis.statement_count
    }

    fn raw(&self) -> *mut c_void {
        // SAFETY: the handle is open until `drop`, and was seen to point to a connection.
        unsafe { *self.handle }
    }

    fn take(&mut self, answer: api::Answer) -> Result<Answer, String> {
        let api = self.engine.api;
        if answer.is_null() {
            return Err("the engine gave no answer".into());
        }
        // SAFETY: `answer` is a live result that is destroyed at the end of this block alone; its buffer
        // holds as many bytes as its length says, and its error is null or text that ends in a zero byte.
        unsafe {
            let result = match api::text((api.answer_error)(answer)) {
                Some(error) => Err(error),
                None => {
                    let (buffer, length) = ((api.answer_buffer)(answer), (api.answer_length)(answer));
                    let empty = buffer.is_null() || length == 0;
                    Ok(Answer {
                        data: if empty {
                            Vec::new()
                        } else {
                            std::slice::from_raw_parts(buffer, length).to_vec()
                        },
                        rows_read: (api.answer_rows_read)(answer),
                        bytes_read: (api.answer_bytes_read)(answer),
                        rows_written: (api.answer_rows_written)(answer),
                    })
                }
            };
            (api.answer_destroy)(answer);
            result
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: opened by `connect`, and closed here alone.
        unsafe { (self.engine.api.close)(self.handle) };
    }
}

/// An open insert: destroyed on every way out, which cancels it when it is not finished.
struct Insert {
    api: &'static Api,
    stream: api::Stream,
}

impl Insert {
    fn error(&self) -> Option<String> {
        // SAFETY: an open stream (chdb.h: never null); its error is null or text that ends in a zero byte.
        unsafe { api::text((self.api.insert_error)(self.stream)) }
    }
}

impl Drop for Insert {
    fn drop(&mut self) {
        // SAFETY: an open stream, destroyed here alone.
        unsafe { (self.api.insert_destroy)(self.stream) };
    }
}

/// Parameters as arrays of pointers and lengths.
struct Parameters {
    names: Vec<*const c_char>,
    name_lengths: Vec<usize>,
    values: Vec<*const c_char>,
    value_lengths: Vec<usize>,
}

impl Parameters {
    fn new(parameters: &[(String, String)]) -> Parameters {
        Parameters {
            names: parameters.iter().map(|(name, _)| name.as_ptr().cast()).collect(),
            name_lengths: parameters.iter().map(|(name, _)| name.len()).collect(),
            values: parameters
                .iter()
                .map(|(_, value)| value.as_ptr().cast())
                .collect(),
            value_lengths: parameters.iter().map(|(_, value)| value.len()).collect(),
        }
    }

    fn names(&self) -> Texts {
        self.names.as_ptr()
    }

    fn name_lengths(&self) -> *const usize {
        self.name_lengths.as_ptr()
    }

    fn values(&self) -> Texts {
        self.values.as_ptr()
    }

    fn value_lengths(&self) -> *const usize {
        self.value_lengths.as_ptr()
    }
}
