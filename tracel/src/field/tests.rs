//! What fits what, and how it is seen there. What does not fit is in `ui-tests`.

use super::{Loggable, groups::text, open, ty};
// Which group it is matters to what an error says alone.
use crate::{EventId, Uuid, Val, debug, display, value::List};
use std::{
    borrow::Cow,
    error::Error,
    ffi::OsStr,
    fmt, io,
    net::{IpAddr, Ipv4Addr},
    num::NonZero,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// A value as a text that tells the forms apart.
fn seen(value: Val<'_>) -> String {
    match value {
        Val::Null => "null".into(),
        Val::Bool(x) => format!("bool {x}"),
        Val::I64(x) => format!("i {x}"),
        Val::U64(x) => format!("u {x}"),
        Val::F64(x) => format!("f {x}"),
        Val::Str(x) => format!("str {x}"),
        Val::Display(x) => format!("display {x}"),
        Val::Debug(x) => format!("debug {x:?}"),
        Val::Path(x) => format!("path {}", x.display()),
        Val::Uuid(x) => format!("uuid {x}"),
        Val::Ip(x) => format!("ip {x}"),
        Val::Time(x) => format!("time {:?}", x.duration_since(SystemTime::UNIX_EPOCH)),
        Val::Duration(x) => format!("duration {x:?}"),
        Val::Bytes(x) => format!("bytes {x:?}"),
        Val::Json(x) => format!("json {x}"),
        Val::Error(x) => format!("error {x}"),
        Val::List(list) => items(list),
    }
}

fn items(list: &dyn List) -> String {
    let mut items = Vec::new();
    list.each(&mut |item| items.push(seen(item)));
    format!("[{}]", items.join(", "))
}

/// A value under a field of this kind.
fn val<K, X: Loggable, T: ?Sized + text::FitsText<K, X, 1>>(_kind: K, value: &T) -> Val<'_> {
    text::val(value)
}

/// `kind: value => seen;`
macro_rules! fits {
    ($($kind:expr, $value:expr => $seen:literal;)*) => {$(
        assert_eq!(seen(val($kind, &$value)), $seen, "{}", stringify!($value));
    )*};
}

#[test]
fn integers_widen() {
    fits! {
        ty::u64, 1u8 => "u 1";
        ty::u64, 1u16 => "u 1";
        ty::u64, 1u32 => "u 1";
        ty::u64, u64::MAX => "u 18446744073709551615";
        ty::u64, 1usize => "u 1";
        ty::u32, 1u16 => "u 1";
        ty::i64, i64::MIN => "i -9223372036854775808";
        ty::i64, -1i8 => "i -1";
        ty::i64, -1isize => "i -1";
        ty::i64, 1u32 => "u 1";
        ty::i16, 1u8 => "u 1";
        ty::u64, NonZero::new(7u32) => "u 7";
        ty::f64, 0.5f32 => "f 0.5";
        ty::f64, f64::NAN => "f NaN";
    }
}

#[test]
fn texts_are_text_whatever_holds_them() {
    let owned = String::from("a");
    let arc: Arc<str> = "a".into();
    let rc: Rc<str> = "a".into();
    let boxed: Box<str> = "a".into();
    let cow: Cow<'_, str> = Cow::Borrowed("a");
    let number = 7;
    fits! {
        ty::string, "a" => "str a";
        ty::string, *"a" => "str a";
        ty::string, owned => "str a";
        ty::string, &owned => "str a";
        ty::string, &&owned => "str a";
        ty::string, arc => "str a";
        ty::string, rc => "str a";
        ty::string, boxed => "str a";
        ty::string, cow => "str a";
        ty::string, 'a' => "display a";
        ty::string, format_args!("{number}!") => "display 7!";
        ty::string, Path::new("/a") => "path /a";
        ty::string, PathBuf::from("/a") => "path /a";
        ty::string, OsStr::new("/a") => "path /a";
        ty::string, display(7) => "display 7";
        ty::string, display(&owned) => "display a";
        ty::string, debug(&owned) => "debug \"a\"";
    }
}

#[test]
fn the_rest_is_what_it_is() {
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let json = serde_json::json!({"a": 1});
    fits! {
        ty::bool, true => "bool true";
        ty::uuid, Uuid::nil() => "uuid 00000000-0000-0000-0000-000000000000";
        ty::uuid, EventId::NIL => "uuid 00000000-0000-0000-0000-000000000000";
        ty::ip, local => "ip 127.0.0.1";
        ty::ip, Ipv4Addr::LOCALHOST => "ip 127.0.0.1";
        ty::timestamp, SystemTime::UNIX_EPOCH => "time Ok(0ns)";
        ty::duration, Duration::from_nanos(5) => "duration 5ns";
        ty::json, json => "json {\"a\":1}";
        ty::json, &json => "json {\"a\":1}";
    }
}

#[test]
fn lists_are_of_what_their_kind_admits() {
    let vec = vec![1u8, 2];
    let slice: &[u8] = &vec;
    let boxed: Box<[u8]> = slice.into();
    let arc: Arc<[u8]> = slice.into();
    let cow: Cow<'_, [u8]> = slice.into();
    fits! {
        ty::list(ty::u8), vec => "[u 1, u 2]";
        ty::list(ty::u32), vec => "[u 1, u 2]";
        ty::list(ty::u32), &vec => "[u 1, u 2]";
        ty::list(ty::u32), slice => "[u 1, u 2]";
        ty::list(ty::u32), &slice[1..] => "[u 2]";
        ty::list(ty::u32), boxed => "[u 1, u 2]";
        ty::list(ty::u32), arc => "[u 1, u 2]";
        ty::list(ty::u32), cow => "[u 1, u 2]";
        ty::list(ty::u32), [1u32; 2] => "[u 1, u 1]";
        ty::list(ty::string), ["a"] => "[str a]";
        ty::list(ty::string), vec![String::from("a")] => "[str a]";
        ty::list(ty::uuid), [EventId::NIL; 0] => "[]";
        ty::list(ty::u32), Some(&vec) => "[u 1, u 2]";
        ty::bytes, vec => "bytes [1, 2]";
        ty::bytes, slice => "bytes [1, 2]";
        ty::bytes, &vec => "bytes [1, 2]";
        ty::bytes, [1u8] => "bytes [1]";
        ty::bytes, *b"a" => "bytes [97]";
        ty::bytes, b"a" => "bytes [97]";
        ty::bytes, arc => "bytes [1, 2]";
        ty::bytes, Some(slice) => "bytes [1, 2]";
        ty::list(ty::bytes), [slice, slice] => "[bytes [1, 2], bytes [1, 2]]";
        ty::list(ty::bytes), vec![vec.clone()] => "[bytes [1, 2]]";
        ty::list(ty::bytes), [&vec] => "[bytes [1, 2]]";
    }
}

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl Error for Broken {}

fn generic<E: Error>(error: E) -> String {
    seen(text::required::<ty::error, 1, 2, _, _>(&error))
}

#[test]
fn errors_are_errors_in_every_wrapping() {
    let by_ref: &dyn Error = &Broken;
    let by_ref_send: &(dyn Error + Send + Sync) = &Broken;
    let boxed: Box<dyn Error> = Box::new(Broken);
    let boxed_send: Box<dyn Error + Send> = Box::new(Broken);
    let boxed_sync: Box<dyn Error + Send + Sync> = Box::new(Broken);
    let arc: Arc<dyn Error + Send + Sync> = Arc::new(Broken);
    let shared: Box<dyn Error + Send + Sync> = Box::new(Broken);
    fits! {
        ty::error, Broken => "error broken";
        ty::error, &Broken => "error broken";
        ty::error, &&Broken => "error broken";
        ty::error, io::Error::other("io") => "error io";
        ty::error, by_ref => "error broken";
        ty::error, by_ref_send => "error broken";
        ty::error, *by_ref => "error broken";
        ty::error, boxed => "error broken";
        ty::error, &boxed => "error broken";
        ty::error, &*boxed => "error broken";
        ty::error, *boxed => "error broken";
        ty::error, boxed_send => "error broken";
        ty::error, boxed_sync => "error broken";
        ty::error, &&boxed_sync => "error broken";
        ty::error, arc => "error broken";
        ty::error, Box::new(Broken) => "error broken";
        ty::error, Arc::new(shared) => "error broken";
        ty::error, Some(Broken) => "error broken";
        ty::error, Some(&Broken) => "error broken";
        ty::error, &Some(Broken) => "error broken";
        ty::error, Some(boxed_sync) => "error broken";
        ty::error, None::<Broken> => "null";
    }
    assert_eq!(generic(&Broken), "error broken");
}

#[test]
fn what_is_absent_is_null() {
    let owned = Some(String::from("a"));
    fits! {
        ty::u64, None::<u8> => "null";
        ty::u64, Some(1u8) => "u 1";
        ty::string, owned => "str a";
        ty::string, &owned => "str a";
        ty::string, owned.as_deref() => "str a";
        ty::string, owned.as_ref() => "str a";
        ty::string, Some(display(1)) => "display 1";
    }
}

#[test]
fn an_open_key_takes_every_value() {
    let any = |value: Val<'_>| seen(value);
    assert_eq!(any(open(&1)), "i 1");
    assert_eq!(any(open(&"a")), "str a");
    assert_eq!(any(open(&Some(1u8))), "u 1");
    assert_eq!(any(open(&vec![1u8])), "[u 1]");
    assert_eq!(any(open(&vec![vec![1u16]])), "[[u 1]]");
    assert_eq!(any(open(&Broken)), "error broken");
    assert_eq!(any(open(&Some(&Broken))), "error broken");
    assert_eq!(any(open(&debug(Broken))), "debug Broken");
}

#[test]
fn a_generic_function_takes_what_its_bound_says() {
    fn amount<T: crate::Field<ty::u64>>(amount: T) -> String {
        seen(text::required::<ty::u64, 1, 2, _, _>(&amount))
    }
    fn maybe<M, T: crate::Field<ty::u64, M>>(amount: &T) -> String {
        seen(text::val::<ty::u64, 1, _, _>(amount))
    }
    assert_eq!(amount(1u8), "u 1");
    assert_eq!(maybe(&Some(1u8)), "u 1");
}
