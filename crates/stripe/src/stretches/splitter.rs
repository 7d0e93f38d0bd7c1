//! How dense a stretch is, where to cut it, and whether that pays.

use crate::request::PAGE_SIZE;

/// A list is walked for so many pages before any of it is cut: most lists end before.
const PAGES_FIRST: u64 = 4;

/// Less than so many pages are not cut: each part ends with a page that is not full.
const PAGES_SPLIT_MIN: u64 = 8;

/// Where nothing tells how far a list goes back, it is first looked at so many pages further back.
const PAGES_LEAP: i64 = 12;

/// How often a list is cut however short it is: twenty parts keep an endpoint busy that is a fifth of a second away, and some end
/// early. ...
const SPLITS_FREE: u64 = 28;

/// ... and once more for so many pages of it. A cut costs one request at the most, and half of one as a rule.
const PAGES_A_SPLIT: u64 = 160;

/// What one stretch has shown so far: objects, from the newest second to the oldest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Density {
    objects: i64,
    span: Option<(i64, i64)>,
}

impl Density {
    /// Adds a page.
    pub(super) fn add(&mut self, objects: usize, newest: i64, oldest: i64) {
        self.objects = self.objects.saturating_add(i64::try_from(objects).unwrap_or(i64::MAX));
        let (was_newest, was_oldest) = self.span.unwrap_or((newest, oldest));
        self.span = Some((was_newest.max(newest), was_oldest.min(oldest)));
    }

    /// How far back it probably goes: to `from`, and without that as far again as all of the list that was seen.
    pub(super) fn reach(&self, from: Option<i64>, newest: Option<i64>) -> Option<i64> {
        let (own_newest, oldest) = self.span?;
        let seen = newest.unwrap_or(own_newest).saturating_sub(oldest);
        let leap = self.seconds(PAGES_LEAP)?;
        Some(from.unwrap_or_else(|| oldest.saturating_sub(seen.max(leap))))
    }

    /// About how many pages lie between what was read and `from`.
    pub(super) fn pages_back_to(&self, from: i64) -> u64 {
        let Some((newest, oldest)) = self.span else { return 0 };
        let objects = i128::from(self.objects) * i128::from(oldest.saturating_sub(from).max(0));
        let pages = objects / (i128::from(width(newest, oldest)) * i128::from(page_size()));
        u64::try_from(pages).unwrap_or(u64::MAX)
    }

    /// Where to cut: in the middle of what is left, or as far back as a list without an end is looked at. What is newer and has
    /// not been read is never empty by this: the second that was read last stays whole.
    pub(super) fn cut(&self, from: Option<i64>, newest: Option<i64>) -> Option<i64> {
        let (_, oldest) = self.span?;
        let reach = self.reach(from, newest)?;
        let at = if from.is_some() { reach.saturating_add(oldest.saturating_sub(reach) / 2) } else { reach };
        // Nothing was created before 1970.
        (at > from.unwrap_or(0) && at <= oldest).then_some(at)
    }

    /// About how many seconds so many pages span.
    fn seconds(&self, pages: i64) -> Option<i64> {
        let (newest, oldest) = self.span?;
        let objects = i128::from(pages) * i128::from(page_size());
        let seconds = objects * i128::from(width(newest, oldest)) / i128::from(self.objects.max(1));
        Some(i64::try_from(seconds).unwrap_or(i64::MAX).max(1))
    }
}

/// How many seconds lie between these two, both included.
fn width(newest: i64, oldest: i64) -> i64 {
    newest.saturating_sub(oldest).saturating_add(1).max(1)
}

fn page_size() -> i64 {
    i64::try_from(PAGE_SIZE).unwrap_or(i64::MAX)
}

/// How many requests may still be risked on cuts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Purse {
    pages: u64,
    pub(super) splits: u64,
}

impl Purse {
    /// A page was read.
    pub(super) const fn page(&mut self) {
        self.pages = self.pages.saturating_add(1);
    }

    /// A stretch was cut.
    pub(super) const fn spend(&mut self) {
        self.splits = self.splits.saturating_add(1);
    }

    /// Whether to cut a stretch of about so many pages.
    pub(super) const fn pays(self, pages: u64) -> bool {
        let affordable = self.splits < SPLITS_FREE + self.pages / PAGES_A_SPLIT;
        self.pages >= PAGES_FIRST && pages >= PAGES_SPLIT_MIN && affordable
    }
}
