//! Runs: one row for each execution of a job.

use jiff::Timestamp;

use crate::database::{Read, Row, dynamic, params};
use crate::read::query::{Query, text};
use crate::{LeaseName, Result, Store, StoreError, points, rows};

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunState {
    /// It has not ended, or its process died.
    Running,
    /// It did all.
    Done,
    /// It ended, and not everything was read.
    Incomplete,
    /// It failed.
    Failed,
}

impl RunState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Incomplete, Self::Failed];

    /// The word in columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }

    /// The state of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Who asked for a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RunTrigger {
    /// A person, on the command line.
    #[default]
    Person,
    /// A schedule.
    Schedule,
    /// Somebody who called the sync endpoint.
    Api,
    /// What Stripe delivered.
    Webhook,
}

impl RunTrigger {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Person, Self::Schedule, Self::Api, Self::Webhook];

    /// The word in columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Schedule => "schedule",
            Self::Api => "api",
            Self::Webhook => "webhook",
        }
    }

    /// The trigger of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// Names a run; counts up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// One execution of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// One of [`RUN_JOBS`].
    pub job: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` while it runs, or when its process died. Of a sync or a reconciliation that died, when the next one began.
    pub ended_at: Option<Timestamp>,
    /// Who asked for it; `None` where an earlier version did not note it.
    pub trigger: Option<RunTrigger>,
    /// How it stands.
    pub state: RunState,
    /// What it did, as a JSON text; `{}` until it ends.
    pub summary: String,
}

/// The jobs that leave a run; an import leaves its file.
pub const RUN_JOBS: &[&str] = &["sync", "webhook", "reconcile"];

/// Which runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Only this job's.
    pub job: Option<String>,
    /// Only those that stand so.
    pub state: Option<RunState>,
    /// Only those that were asked for so.
    pub trigger: Option<RunTrigger>,
    /// Only those with lower numbers: the next page.
    pub before: Option<RunId>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// The jobs of which one at a time runs under a lease.
const fn jobs_under(lease: LeaseName) -> &'static [&'static str] {
    match lease {
        LeaseName::Sync => &["sync", "webhook"],
        LeaseName::Reconcile => &["reconcile"],
        LeaseName::Schedule => &[],
    }
}

impl Store {
    /// Begins a run of `job` that a person has asked for; see [`Store::begin_run_by`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin_run(&mut self, job: &str, started_at: Timestamp) -> Result<RunId> {
        self.begin_run_by(RunTrigger::Person, job, started_at)
    }

    /// Begins a run of `job`. Who holds a lease knows that nobody else does what it is for: runs that are still noted as doing so have
    /// died or were overtaken, and are noted as failed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin_run_by(&mut self, trigger: RunTrigger, job: &str, started_at: Timestamp) -> Result<RunId> {
        let alone_in = self.lease.as_ref().map_or(&[][..], |lease| jobs_under(lease.name()));
        let begun = self.write(points::RUN_BEGIN, |transaction| {
            for job in alone_in {
                transaction.execute(
                    "UPDATE run SET ended_at = ?1, state = ?2 WHERE job = ?3 AND ended_at IS NULL",
                    params![started_at.as_microsecond(), RunState::Failed.as_str(), *job],
                )?;
            }
            let id: i64 = transaction.query_row("SELECT COALESCE(MAX(id), 0) + 1 FROM run", params![], |row| row.get(0))?;
            transaction.execute(
                "INSERT INTO run (id, job, started_at, ended_at, state, summary, trigger) VALUES (?1, ?2, ?3, NULL, ?4, '{}', ?5)",
                params![id, job, started_at.as_microsecond(), RunState::Running.as_str(), trigger.as_str()],
            )?;
            Ok(RunId(id))
        })?;
        self.run = Some(begun);
        Ok(begun)
    }

    /// Ends a run. `summary` is a JSON text.
    ///
    /// # Errors
    /// [`StoreError::Absent`] when there is no such run.
    pub fn end_run(&mut self, run: RunId, ended_at: Timestamp, state: RunState, summary: &str) -> Result<()> {
        self.write(points::RUN_END, |transaction| {
            let rows = transaction.execute(
                "UPDATE run SET ended_at = ?2, state = ?3, summary = ?4 WHERE id = ?1",
                params![run.0, ended_at.as_microsecond(), state.as_str(), summary],
            )?;
            if rows == 0 { Err(StoreError::Absent { noun: "run", id: run.0.to_string() }) } else { Ok(()) }
        })
    }

    /// Forgets what deliveries and reconciliations have left that were over before an instant, but for the newest of each. Syncs and
    /// imports stay: what they brought names them. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_runs(&mut self, before: Timestamp) -> Result<u64> {
        self.write(points::RUN_FORGET, |transaction| {
            let sql = "DELETE FROM run WHERE job IN ('webhook', 'reconcile') AND ended_at < ?1 \
                 AND id < (SELECT MAX(newest.id) FROM run newest WHERE newest.job = run.job)";
            Ok(u64::try_from(transaction.execute(sql, params![before.as_microsecond()])?).unwrap_or(u64::MAX))
        })
    }

    /// The newest runs, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn runs(&self, limit: u64) -> Result<Vec<Run>> {
        self.runs_of(&RunFilter { limit: Some(limit), ..RunFilter::default() })
    }

    /// The runs that a filter names, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn runs_of(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM run"));
        query.when("job = $", text(filter.job.as_deref()));
        query.when("state = $", text(filter.state.map(RunState::as_str)));
        query.when("trigger = $", text(filter.trigger.map(RunTrigger::as_str)));
        query.when("id < $", filter.before.map(|before| before.0));
        let (sql, parameters) = query.order("id DESC", filter.limit);
        self.read(|connection| Ok(connection.prepare(&sql)?.query_map(&dynamic(&parameters), run)?.collect::<Read<_>>()?))
    }

    /// One run, by its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn run(&self, id: RunId) -> Result<Option<Run>> {
        self.read(|connection| {
            let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM run WHERE id = ?1"))?;
            Ok(statement.query_map(params![id.0], run)?.next().transpose()?)
        })
    }
}

const COLUMNS: &str = "id, job, started_at, ended_at, state, summary, trigger";

fn run(row: &Row<'_>) -> Read<Run> {
    let mut c = rows::Columns::new(row, 0);
    Ok(Run {
        id: RunId(c.get()?),
        job: c.get()?,
        started_at: c.with(rows::time)?,
        ended_at: c.with(rows::time_or_none)?,
        state: c.word(RunState::from_word)?,
        summary: c.get()?,
        trigger: c.get::<Option<String>>()?.as_deref().and_then(RunTrigger::from_word),
    })
}
