//! What `deploy/` promises: each query of the dashboard and of docs/operating.md is answered by a real ClickHouse over what TraceL
//! itself logs, and compose.yaml and k8s/ hold what they say of ports, passwords, limits and files.
#![allow(missing_docs)]

mod logs {
    tracel::include_schema!();
}

mod deploy {
    pub(crate) mod compose;
    pub(crate) mod dashboard;
    pub(crate) mod files;
    pub(crate) mod kubernetes;
    pub(crate) mod plugin;
    pub(crate) mod queries;
    pub(crate) mod traffic;
}
