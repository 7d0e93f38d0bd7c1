//! Where an account's history begins: with a day that a person names, or with all of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::Begun;

use super::accounts::Target;
use super::context::{Context, Halt};
use super::{Day, Days};

/// The instant with which a day begins.
pub fn instant(day: Option<Day>, zone: &TimeZone, now: Timestamp) -> Result<Option<Timestamp>, String> {
    day.map(|first| Days { first, last: None }.window(zone, now).map(|window| window.from)).transpose()
}

/// Lets an account begin at an instant; says so where it begins earlier already.
pub async fn set(context: &Context<'_>, target: &Target, at: Timestamp) -> Result<(), Halt> {
    let id = target.id.clone();
    match context.ask(move |store| store.begin_at(&id, at)).await? {
        Begun::Now | Begun::Sooner => Ok(()),
        Begun::Already(began) => {
            let from = began.map_or_else(|| "with its whole history".to_owned(), |began| format!("at {began}"));
            context.warn(format!("account {} begins {from} already: --since changes nothing for it", target.id));
            Ok(())
        }
        Begun::Exported => Err(Halt::Usage(format!(
            "exports of account {} are in this database, and their times are not those of Stripe's API: read it from the beginning, \
             without --since, or begin with another database",
            target.id
        ))),
    }
}
