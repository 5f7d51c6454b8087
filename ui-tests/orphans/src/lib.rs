//! The cases of a schema that refuses orphans; the tests are those of `ui-tests`.
