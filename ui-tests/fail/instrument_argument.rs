#![allow(dead_code, unused_variables)]

#[tracel::instrument(feilds(user_id), ret)]
fn one(user_id: u64) {}

#[tracel::instrument(level = "loud", err)]
fn two() {}

#[tracel::instrument(fields(self.user_id, user_id == 2))]
fn three() {}

fn main() {}
