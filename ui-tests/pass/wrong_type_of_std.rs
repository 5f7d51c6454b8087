#![allow(dead_code, unused_variables)]

use std::net::SocketAddr;

fn log(peer: SocketAddr) {
    tracel::log_info!(SysLog("connected", client = peer.ip(), tenant = tracel::display(peer)));
    tracel::log_debug!(SysLog("connected", peer = tracel::display(peer)));
}

fn main() {}
