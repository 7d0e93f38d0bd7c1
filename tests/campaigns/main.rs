//! The long tests: each drives the built binary through whole simulated worlds, by commands, HTTP and files. Ignored by
//! `cargo test`; run by `./campaign`, and as a sample by `./test`.

#![expect(clippy::expect_used, clippy::panic, reason = "a campaign that cannot go on has failed")]

mod accuracy;
mod courier;
mod crash;
mod flood;
mod latency;
mod nights;
mod order;
mod pace;
mod shop;
mod stop;
mod twin;
mod world;
mod zones;
