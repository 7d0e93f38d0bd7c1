//! What every database behind the store must do. The suite knows one way to get an empty database, `crate::database::Place`.

mod apart;
mod connected;
mod day_check;
mod declared;
mod deliveries;
mod exports;
mod known;
mod leases;
mod legs;
mod many;
mod members;
mod opening;
mod order;
mod outcomes;
mod pages;
mod points;
mod reads;
mod refusals;
mod round_trip;

mod slices;
mod snapshot;
mod statements;
mod sums;
mod together;
mod unitemised;
pub mod views;
pub mod world;
