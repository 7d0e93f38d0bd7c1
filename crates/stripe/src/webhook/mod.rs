//! What Stripe delivers to a webhook: whether it is Stripe's, and what it is about.

mod endpoint;
mod notice;
mod signature;

pub use endpoint::{ENDPOINT_PERMISSION, Endpoint, Endpoints};
pub use notice::{BadNotice, Notice};
pub use signature::{Forged, TOLERANCE_SECONDS, verify};
