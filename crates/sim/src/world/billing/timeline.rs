//! What an object says from instant to instant, and the events that tell of it.

use crate::catalog::Step;

/// The states of one object, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Timeline<S> {
    first: Version<S>,
    later: Vec<Version<S>>,
}

#[derive(Clone, Debug)]
struct Version<S> {
    since: i64,
    events: &'static [&'static str],
    state: S,
}

impl<S: Clone> Timeline<S> {
    /// An object that begins at `since` in `state`.
    pub(crate) const fn new(since: i64, events: &'static [&'static str], state: S) -> Self {
        Self { first: Version { since, events, state }, later: Vec::new() }
    }

    /// What it says at `at`; before it began, what it said first.
    pub(crate) fn at(&self, at: i64) -> &S {
        let known = self.later.partition_point(|version| version.since <= at);
        let newest = known.checked_sub(1).and_then(|place| self.later.get(place));
        &newest.unwrap_or(&self.first).state
    }

    /// What it says in the end.
    pub(crate) fn last(&self) -> &S {
        &self.later.last().unwrap_or(&self.first).state
    }

    /// It changes at `at`, which is not before its last change; the events tell of it.
    pub(crate) fn change(&mut self, at: i64, events: &'static [&'static str], change: impl FnOnce(&mut S)) {
        let mut state = self.last().clone();
        change(&mut state);
        self.later.push(Version { since: at, events, state });
    }

    /// Every state and since when it holds, oldest first.
    pub(crate) fn states(&self) -> impl Iterator<Item = (i64, &S)> {
        std::iter::once(&self.first).chain(&self.later).map(|version| (version.since, &version.state))
    }

    /// Its events, oldest first.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let versions = std::iter::once(&self.first).chain(&self.later);
        versions.flat_map(|version| version.events.iter().map(|event| Step { at: version.since, event })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_before_a_change_shows_what_was() {
        let mut told = Timeline::new(10, &["invoice.created"], 'a');
        told.change(20, &["invoice.finalized", "invoice.paid"], |state| *state = 'b');
        told.change(20, &[], |state| *state = 'c');
        told.change(30, &["invoice.updated"], |state| *state = 'd');
        let said: Vec<char> = [5, 10, 19, 20, 29, 30, 99].iter().map(|at| *told.at(*at)).collect();
        assert_eq!(said, ['a', 'a', 'a', 'c', 'c', 'd', 'd']);
        let steps: Vec<(i64, &str)> = told.steps().iter().map(|step| (step.at, step.event)).collect();
        assert_eq!(steps, [(10, "invoice.created"), (20, "invoice.finalized"), (20, "invoice.paid"), (30, "invoice.updated")]);
    }
}
