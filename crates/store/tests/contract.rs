//! What every database behind the store must do. The suite knows one way to get an empty database, `world::fresh`; run on
//! another database, only that changes.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "contract/declared.rs"]
mod declared;
#[path = "contract/deliveries.rs"]
mod deliveries;
#[path = "contract/files.rs"]
mod files;
#[path = "contract/members.rs"]
mod members;
#[path = "contract/order.rs"]
mod order;
#[path = "contract/outcomes.rs"]
mod outcomes;
#[path = "contract/pages.rs"]
mod pages;
#[path = "contract/points.rs"]
mod points;
#[path = "contract/reads.rs"]
mod reads;
#[path = "contract/round_trip.rs"]
mod round_trip;
#[path = "contract/snapshot.rs"]
mod snapshot;
#[path = "contract/statements.rs"]
mod statements;
#[path = "contract/world.rs"]
mod world;
