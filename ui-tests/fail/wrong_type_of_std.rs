#![allow(dead_code, unused_variables)]

use std::net::SocketAddr;

fn log(peer: SocketAddr) {
    tracel::log_info!(SysLog("connected", client = peer, tenant = peer));
    tracel::log_debug!(SysLog("connected", peer));
}

fn main() {}
