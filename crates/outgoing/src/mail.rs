//! Mail through the operator's SMTP server.
//!
//! The guard of addresses does not hold here: a relay mostly stands in a private network, and its host is part of the installation,
//! not something that anybody types into a rule. What holds is that mail and password go over TLS, but to this machine and to
//! networks that the operator listed.

mod conversation;
mod letter;
mod server;

pub use letter::{BadMail, Mail, Mailbox};
pub use server::{BadServer, Mailer, NotTaken, Security, SmtpServer};
