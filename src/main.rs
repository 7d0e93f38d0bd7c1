//! Tieout: proves, to the cent, that every movement of money in a Stripe account reached the bank.
//!
//! This package is the shell: the only place that decides *when*. What to think is in `crates/recon`, what the outside
//! looks like is in the adapters; ARCHITECTURE.md has the map.

mod alerting;
mod cli;
mod config;
mod exit;
mod http;
mod jobs;
mod outside;
mod scheduler;
mod views;

fn main() -> std::process::ExitCode {
    cli::main()
}
