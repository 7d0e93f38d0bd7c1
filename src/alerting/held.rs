//! What waits for the end of the quiet hours: told together with what else comes up until then, and not at all where it is over by then.

use alerts::{Condition, Notice, Severity, Told};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is told of one thing, as programs get it and as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct Data {
    notice: String,
    rule: String,
    condition: String,
    severity: String,
    subject: String,
    what: String,
    how_much: Option<String>,
    since: Timestamp,
    done: Option<String>,
    to_do: String,
    link: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Box<Data>),
    More(Vec<Data>),
}

#[derive(Deserialize)]
struct Body {
    data: OneOrMore,
}

impl Data {
    /// Of what is told.
    pub fn of(told: &Told) -> Self {
        let Told { notice, rule, condition, severity, subject, what, how_much, since, done, to_do, link } = told.clone();
        let (notice, condition, severity) = (notice.as_str(), condition.as_str(), severity.as_str());
        let [notice, condition, severity] = [notice, condition, severity].map(str::to_owned);
        Self { notice, rule, condition, severity, subject, what, how_much, since, done, to_do, link }
    }

    fn told(self) -> Option<Told> {
        let Self { notice, rule, condition, severity, subject, what, how_much, since, done, to_do, link } = self;
        let (notice, condition) = (Notice::from_word(&notice)?, Condition::from_word(&condition)?);
        let severity = Severity::from_word(&severity)?;
        Some(Told { notice, rule, condition, severity, subject, what, how_much, since, done, to_do, link })
    }
}

/// What a message tells, by its body; `None` where it tells of something else than alerts.
pub fn told(body: &str) -> Option<Vec<Told>> {
    let Body { data } = serde_json::from_str(body).ok()?;
    match data {
        OneOrMore::One(one) => Some(vec![one.told()?]),
        OneOrMore::More(more) => more.into_iter().map(Data::told).collect(),
    }
}

/// What waited and what came up, as one. Of what began and is over while nobody was told, nobody is.
pub fn together(waited: Vec<Told>, came_up: Vec<Told>) -> Vec<Told> {
    came_up.into_iter().fold(waited, |mut all, one| {
        let before = all
            .iter_mut()
            .find(|other| (&other.rule, &other.subject) == (&one.rule, &one.subject) && other.notice != Notice::Recovered);
        match before.map(|before| (before.notice, before)) {
            None => all.push(one),
            Some((Notice::Opened, _)) if one.notice == Notice::Recovered => {
                all.retain(|other| {
                    (&other.rule, &other.subject) != (&one.rule, &one.subject) || other.notice == Notice::Recovered
                });
            }
            Some((_, before)) if one.notice == Notice::Recovered => *before = one,
            Some((notice, before)) => *before = Told { notice, ..one },
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(notice: Notice, subject: &str) -> Told {
        Told {
            notice,
            rule: "run_failed".to_owned(),
            condition: Condition::RunFailed,
            severity: Severity::Warning,
            subject: subject.to_owned(),
            what: format!("{subject} {}", notice.as_str()),
            how_much: None,
            since: Timestamp::UNIX_EPOCH,
            done: None,
            to_do: "look".to_owned(),
            link: None,
        }
    }

    fn after(night: &[(Notice, &str)]) -> Vec<(Notice, String)> {
        let told = night.iter().fold(Vec::new(), |all, (notice, subject)| together(all, vec![one(*notice, subject)]));
        told.into_iter().map(|one| (one.notice, one.what)).collect()
    }

    #[test]
    fn a_quiet_night_is_told_of_as_it_stands_in_the_morning() {
        use Notice::{Again, Opened, Recovered};
        assert_eq!(after(&[(Opened, "a"), (Opened, "b"), (Recovered, "a")]), [(Opened, "b opened".to_owned())]);
        assert_eq!(after(&[(Opened, "a"), (Recovered, "a")]), []);
        assert_eq!(after(&[(Opened, "a"), (Again, "a")]), [(Opened, "a again".to_owned())], "nobody was told that it began");
        assert_eq!(after(&[(Again, "a"), (Recovered, "a")]), [(Recovered, "a recovered".to_owned())], "told of before the night");
        let twice = [(Recovered, "a recovered".to_owned()), (Opened, "a opened".to_owned())];
        assert_eq!(after(&[(Recovered, "a"), (Opened, "a")]), twice);
        assert_eq!(after(&[(Recovered, "a"), (Opened, "a"), (Recovered, "a")]), [(Recovered, "a recovered".to_owned())]);
    }

    #[test]
    fn a_body_is_read_back_as_what_was_told() {
        let all = [one(Notice::Opened, "a"), one(Notice::Again, "b")];
        let data: Vec<Data> = all.iter().map(Data::of).collect();
        assert_eq!(told(&serde_json::json!({ "type": "alert.several", "data": data }).to_string()).unwrap(), all);
        assert_eq!(told(&serde_json::json!({ "type": "alert.opened", "data": data[0] }).to_string()).unwrap(), all[..1]);
        assert_eq!(told(r#"{"type":"digest","data":{"period":"week"}}"#), None);
    }
}
