//! Matches.

use facts::{AccountId, Match, MatchKind, MatchState, Subject};

use super::query::{Query, text};
use crate::database::{Connection, Value, dynamic, params};
use crate::{Result, Store, outcome, rows};

/// Which matches. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct MatchFilter {
    /// Of this kind.
    pub kind: Option<MatchKind>,
    /// In this state.
    pub state: Option<MatchState>,
    /// Of this account.
    pub account: Option<AccountId>,
    /// With this member on either side.
    pub member: Option<Subject>,
    /// At most so many.
    pub limit: Option<u64>,
}

const HAS_MEMBER: &str = "m.id IN (SELECT mm.match_id FROM match_member mm WHERE mm.kind = $a AND mm.member_id = $b)";

const MEMBERS: &str = "SELECT side, kind, member_id FROM match_member WHERE match_id = ?1 ORDER BY side, place";

impl Store {
    /// Matches, by id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn matches(&self, filter: &MatchFilter) -> Result<Vec<Match>> {
        let mut query = Query::new(select());
        query.when("m.kind = $", text(filter.kind.map(MatchKind::as_str)));
        query.when("m.state = $", text(filter.state.map(MatchState::as_str)));
        query.when("m.account = $", text(filter.account.as_ref().map(AccountId::as_str)));
        if let Some(member) = &filter.member {
            query.both(HAS_MEMBER, member.kind, &member.id);
        }
        let (sql, parameters) = query.order("m.id", filter.limit);
        self.view(|connection| rows_of(connection, &sql, parameters))
    }

    /// The match with this id.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn match_(&self, id: &str) -> Result<Option<Match>> {
        let mut query = Query::new(select());
        query.when("m.id = $", text(Some(id)));
        let (sql, parameters) = query.order("m.id", None);
        self.view(|connection| Ok(rows_of(connection, &sql, parameters)?.pop()))
    }
}

fn select() -> String {
    format!("SELECT {} FROM \"match\" m", rows::MATCH)
}

fn rows_of(connection: &Connection, sql: &str, parameters: Vec<Value>) -> Result<Vec<Match>> {
    let mut statement = connection.prepare(sql)?;
    let mut found = statement.query(&dynamic(&parameters))?;
    let mut matches = Vec::new();
    while let Some(ref row) = found.next()? {
        matches.push(with_members(connection, rows::match_(row)?)?);
    }
    Ok(matches)
}

fn with_members(connection: &Connection, mut one: Match) -> Result<Match> {
    let mut statement = connection.prepare(MEMBERS)?;
    let mut found = statement.query(params![one.id.as_str()])?;
    while let Some(ref row) = found.next()? {
        outcome::add_member(&mut one, row, 0)?;
    }
    Ok(one)
}

/// The matches that a bank line stands in, by id.
pub(super) fn of_bank_line(connection: &Connection, line: &str) -> Result<Vec<Match>> {
    let sql = format!(
        "{} JOIN match_member mm ON mm.match_id = m.id WHERE mm.kind = 'bank_line' AND mm.member_id = ?1 ORDER BY m.id",
        select()
    );
    rows_of(connection, &sql, vec![line.to_owned().into()])
}
