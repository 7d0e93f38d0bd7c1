//! What the simulator leaves out of Stripe's objects, or adds, on purpose: read from `left-out.txt`, and held against what
//! was found.

use std::collections::BTreeSet;

use crate::check::Findings;
use crate::table::{Field, Presence, Table};

/// The fields that are named in `left-out.txt`, each as `object path`.
pub struct LeftOut {
    /// Never rendered.
    without: BTreeSet<String>,
    /// Rendered although Stripe has no such field.
    beyond: BTreeSet<String>,
}

impl LeftOut {
    /// Reads reasons, and below each the fields that it holds for: `- object path` for what is left out, `+ object path` for
    /// what is there in addition. `- object path.*` leaves out whatever may be absent below a path and is never rendered.
    pub fn read(text: &str) -> Self {
        let mut all = Self { without: BTreeSet::new(), beyond: BTreeSet::new() };
        let mut reason = "";
        for line in text.lines().filter(|line| !line.is_empty()) {
            let (set, name) = match line.trim_start().split_at_checked(2) {
                Some(("- ", name)) => (&mut all.without, name),
                Some(("+ ", name)) => (&mut all.beyond, name),
                _ => {
                    reason = line;
                    continue;
                }
            };
            assert!(!reason.is_empty(), "{name} is left out without a reason");
            assert!(set.insert(name.to_owned()), "{name} is left out twice");
        }
        all
    }

    /// Everything in which what was found differs from the table and this list. Each line says what to do.
    pub fn differences(&self, table: &Table, found: &Findings<'_>) -> Vec<String> {
        let mut all: Vec<String> = found.wrong.iter().map(|(what, example)| format!("{what}: {example}")).collect();
        let mut used = BTreeSet::new();
        for (kind, root) in &table.kinds {
            self.below(&format!("{kind} "), root, found, &mut used, &mut all);
        }
        for (name, example) in found.extra.iter().filter(|(name, _)| !self.beyond.contains(*name)) {
            all.push(format!("{name} is no field of Stripe's: {example}"));
        }
        let unneeded = self.without.difference(&used).chain(self.beyond.iter().filter(|name| !found.extra.contains_key(*name)));
        all.extend(unneeded.map(|name| format!("{name} is in left-out.txt without need")));
        all
    }

    /// The same for the fields below one object that was rendered.
    fn below(&self, path: &str, holder: &Field, found: &Findings<'_>, used: &mut BTreeSet<String>, all: &mut Vec<String>) {
        if found.held[holder.number] == 0 {
            return;
        }
        for (segment, field) in &holder.fields {
            let name = format!("{path}{segment}");
            let (seen, missing) = (found.seen[field.number], found.missing[field.number]);
            if seen == 0 && missing > 0 && field.presence != Presence::Variant {
                match [name.clone(), format!("{path}*")].into_iter().find(|entry| self.without.contains(entry)) {
                    Some(entry) if entry == name || field.presence == Presence::Sometimes => drop(used.insert(entry)),
                    _ => all.push(format!("{name} is never rendered; render it, or say in left-out.txt why not")),
                }
            } else if field.presence == Presence::Always && missing > 0 {
                all.push(format!("{name} is missing in {missing} of {} objects", missing + seen));
            }
            self.below(&format!("{name}."), field, found, used, all);
            if let Some(item) = &field.item {
                self.below(&format!("{name}[]."), item, found, used, all);
            }
        }
    }
}
