//! Stripe's API as we read it: requests, limits, retries, pages; and how a wire object becomes a fact.
//!
//! Nothing here opens a socket, reads a clock or sleeps: all of that comes through [`Outside`], so that a test can drive a
//! whole client by a script and a seed. Nothing here writes to Stripe: only `GET` exists.

mod client;
mod error;
mod key;
mod limiter;
mod objects;
mod origin;
mod outside;
mod pager;
mod request;
mod retry;
mod stretches;
mod to_facts;
pub mod webhook;
mod window;
mod wire;

pub use client::{Answer, CONCURRENCY, Client, PLACES};
pub use error::{Place, StripeError, missing_permission};
pub use key::{ApiKey, BadKey, MORE_PERMISSIONS, PERMISSIONS};
pub use limiter::{Limiter, Rates};
pub use objects::{Column, Declaration, Holds, Listing, Part, Rest, declaration, path};
pub use origin::{ApiBase, BadBase};
pub use outside::{Outside, Response, TransportError};
pub use pager::{Item, Page, Pager, content_hash};
pub use request::{API_VERSION, Call, PAGE_SIZE, Request};
pub use retry::{TRIES_CONNECT_MAX, TRIES_MAX};
pub use stretches::{Stretch, Stretches, Ticket};
pub use to_facts::balances;
