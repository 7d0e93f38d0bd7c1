//! What Tieout sends to addresses that an operator typed: requests ([`Client`]), signed webhooks ([`webhook`]) and mail ([`mail`]).
//!
//! The operator's words are not trusted to be harmless, and receivers are not trusted at all. A request goes to global addresses
//! over TLS, and to others only if the operator listed them ([`AllowedNetworks`]); the address that was judged is the one that is
//! connected to. No redirect is followed, no proxy asked, no answer read beyond [`ANSWER_BYTES_MAX`], nothing waited for beyond the
//! deadline. What is secret stands in no message and no `Debug`.
//!
//! When to send, what, and whether to try again is the caller's; so are clock and randomness.

mod client;
mod failure;
mod guard;
pub mod mail;
mod request;
mod target;
mod tls;
pub mod webhook;

pub use client::{ANSWER_BYTES_MAX, Answer, Client, Looking, RETRY_AFTER_MAX, Resolver, SystemResolver};
pub use failure::Failure;
pub use guard::{AllowedNetworks, BadNetwork, Blocked, Kind};
pub use request::{BODY_BYTES_MAX, BadRequest, Method, Request};
pub use target::{BadTarget, Target};
pub use tls::{Authorities, BadAuthorities};
