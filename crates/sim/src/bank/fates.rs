//! Which payouts something happens to on their way to the bank.

use super::{
    arrivals::{GRACE_WEEKDAYS, Road, arrival},
    dial::Trouble,
};
use crate::world::{
    calendar::add_weekdays,
    payouts::Paid,
    rows::{PayoutKind, PayoutStatus},
};

/// What happens to a payout on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Normal,
    Missing,
    Fee,
    Over,
    Late,
    /// Booked in one line with the payout before it.
    MergedInto(usize),
    Empty,
    /// Booked in two lines.
    Split,
}

impl Road<'_> {
    /// Automatic credits that arrive long before the files end: whatever happens to these shows.
    fn eligible(&self) -> Vec<usize> {
        let fits = |paid: &Paid| {
            let settled = self.bank(paid).is_some_and(|(_, end)| add_weekdays(arrival(paid), GRACE_WEEKDAYS + 7) <= end);
            settled && paid.row.kind == PayoutKind::Automatic && paid.status == PayoutStatus::Paid && paid.row.amount >= 2_000
        };
        self.paid.iter().enumerate().filter(|(_, paid)| fits(paid)).map(|(place, _)| place).collect()
    }

    /// Gives out fates, and says which payouts get a look-alike (`true`: a customer's).
    pub(super) fn draw_fates(&mut self) -> Vec<(usize, bool)> {
        let mut places = self.eligible();
        let n = places.len();
        let most = n / 16;
        self.random.shuffle(&mut places);
        let mut places = places.into_iter();
        let few = |usual: usize| usual.min(most.max(1));
        let quotas = [
            (Fate::Missing, Trouble::Missing, few(2 + n / 150)),
            (Fate::Fee, Trouble::Fee, few(2 + n / 60)),
            (Fate::Late, Trouble::Late, few(1 + n / 80)),
            (Fate::Over, Trouble::Over, few(1 + n / 400)),
            (Fate::Empty, Trouble::Empty, few(1 + n / 60)),
            (Fate::Split, Trouble::Split, 0),
        ];
        let mut decoys = Vec::new();
        for (fate, trouble, usual) in quotas {
            for (nth, place) in places.by_ref().take(self.dial.quota(trouble, n, usual)).enumerate() {
                self.fates.insert(place, fate);
                if nth == 0 && matches!(fate, Fate::Missing | Fate::Empty) {
                    decoys.push((place, false));
                }
            }
        }
        let processors = self.dial.quota(Trouble::DecoyProcessor, n, (2 + n / 60).min(most));
        decoys.extend(places.by_ref().take(processors).map(|place| (place, false)));
        let customers = self.dial.quota(Trouble::DecoyCustomer, n, (1 + n / 80).min(most));
        decoys.extend(places.by_ref().take(customers).map(|place| (place, true)));
        self.draw_merges(self.dial.quota(Trouble::Merged, n, (1 + n / 60).min(most)), places);
        decoys
    }

    /// A merged payout and the one that arrives at the same bank within the next three days become one line.
    fn draw_merges(&mut self, quota: usize, places: impl Iterator<Item = usize>) {
        let free: Vec<usize> = places.collect();
        let mut made = 0;
        for place in free.iter().copied() {
            if made == quota {
                return;
            }
            let Some(paid) = self.paid.get(place) else { continue };
            let partner = free.iter().copied().find(|other| {
                let near = |other: &Paid| other.bank == paid.bank && (0..=1).contains(&(arrival(other) - arrival(paid)));
                *other != place && !self.fates.contains_key(other) && self.paid.get(*other).is_some_and(near)
            });
            if !self.fates.contains_key(&place)
                && let Some(partner) = partner
            {
                self.fates.insert(place, Fate::MergedInto(partner));
                self.fates.insert(partner, Fate::Normal);
                made += 1;
            }
        }
    }

    /// Now and then one of two equal payouts by hand does not arrive: which one cannot be told.
    pub(super) fn drop_a_twin(&mut self) {
        if self.dial.permille(Trouble::Missing) == Some(0) || !self.random.chance(500) {
            return;
        }
        let twin = self.paid.windows(2).position(|pair| match pair {
            [a, b] => {
                a.row.kind == PayoutKind::Manual
                    && b.row.kind == PayoutKind::Manual
                    && a.row.amount == b.row.amount
                    && a.bank == b.bank
            }
            _ => false,
        });
        let settled =
            |paid: &Paid| self.bank(paid).is_some_and(|(_, end)| add_weekdays(arrival(paid), GRACE_WEEKDAYS + 7) <= end);
        if let Some(place) = twin
            && let Some(paid) = self.paid.get(place).filter(|paid| settled(paid))
        {
            self.fates.insert(place, Fate::Missing);
            self.planted.push(("twin_missing", place, paid.row.amount));
        }
    }
}
