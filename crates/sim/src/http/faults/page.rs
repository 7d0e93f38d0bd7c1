//! Pages that say something else than the list they are of.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::params;
use super::kind::PageLie;

/// How many of the newest rows are late.
const LATE_ROWS: usize = 3;

/// A list as it goes over the wire; its rows stay the bytes they are.
#[derive(Deserialize, Serialize)]
struct List {
    object: String,
    data: Vec<Box<RawValue>>,
    has_more: bool,
    url: String,
}

impl PageLie {
    /// The page with the lie in it; `None` when the answer is no page, an empty one, or one on which this cannot be said untruly.
    pub(super) fn tell(self, call: &Call<'_>, honest: Answer, dice: u64) -> Option<Answer> {
        let mut list: List = serde_json::from_slice(&honest.body).ok().filter(|list: &List| !list.data.is_empty())?;
        match self {
            Self::DuplicatedRow => duplicate(&mut list, dice)?,
            Self::MissingRow => leave_out(&mut list, dice)?,
            Self::HasMoreFlipped => list.has_more = !list.has_more,
            Self::HasMore(said) if list.has_more == said => return None,
            Self::HasMore(said) => list.has_more = said,
            Self::LateVisible => hide_newest(&mut list, call)?,
        }
        Some(Answer { body: serde_json::to_vec(&list).ok()?, ..honest })
    }
}

fn duplicate(list: &mut List, dice: u64) -> Option<()> {
    let at = row(list.data.len(), dice)?;
    let again = list.data.get(at)?.clone();
    list.data.insert(at, again);
    Some(())
}

/// Never the last row: the next page begins after it.
fn leave_out(list: &mut List, dice: u64) -> Option<()> {
    let at = row(list.data.len().checked_sub(1)?, dice)?;
    list.data.remove(at);
    Some(())
}

/// The newest of the whole list are on the page without a cursor. Where more pages follow, one row stays to go on from.
fn hide_newest(list: &mut List, call: &Call<'_>) -> Option<()> {
    let pairs = params::pairs(call.uri).ok()?;
    if pairs.iter().any(|(name, _)| ["starting_after", "ending_before", "payout"].contains(&name.as_str())) {
        return None;
    }
    let rows = list.data.len().checked_sub(usize::from(list.has_more))?.min(LATE_ROWS);
    list.data.drain(..rows);
    (rows > 0).then_some(())
}

fn row(rows: usize, dice: u64) -> Option<usize> {
    usize::try_from(dice.checked_rem(u64::try_from(rows).ok()?)?).ok()
}
