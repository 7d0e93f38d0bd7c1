//! What can be done.

/// What an entry of the trail says was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditAct {
    /// What stood in the database before there was a trail.
    Adopt,
    /// What was judged.
    Reconcile,
    /// A file was taken.
    Import,
    /// A file was taken back.
    ImportUndo,
    /// A schedule was added.
    ScheduleAdd,
    /// A schedule was paused.
    SchedulePause,
    /// A schedule goes on.
    ScheduleResume,
    /// A schedule was removed.
    ScheduleRemove,
    /// A run was asked for.
    ScheduleRun,
    /// A run was asked for that does once more what another did.
    ScheduleRetry,
    /// A run was called off.
    ScheduleCancel,
    /// What is watched stands otherwise.
    AlertLook,
    /// Somebody said that they know of an alert.
    AlertAck,
    /// A rule was set or taken back.
    AlertRule,
    /// A silence was begun.
    AlertSilence,
    /// A silence was ended.
    AlertUnsilence,
    /// What was delivered is to be worked off again.
    WebhookReplay,
    /// The database was restored from a backup.
    Restore,
    /// A person said that they know what is wrong with the trail.
    AuditAccept,
}

impl AuditAct {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Adopt,
        Self::Reconcile,
        Self::Import,
        Self::ImportUndo,
        Self::ScheduleAdd,
        Self::SchedulePause,
        Self::ScheduleResume,
        Self::ScheduleRemove,
        Self::ScheduleRun,
        Self::ScheduleRetry,
        Self::ScheduleCancel,
        Self::AlertLook,
        Self::AlertAck,
        Self::AlertRule,
        Self::AlertSilence,
        Self::AlertUnsilence,
        Self::WebhookReplay,
        Self::Restore,
        Self::AuditAccept,
    ];

    /// The word in flags, columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adopt => "adopt",
            Self::Reconcile => "reconcile",
            Self::Import => "import",
            Self::ImportUndo => "import.undo",
            Self::ScheduleAdd => "schedule.add",
            Self::SchedulePause => "schedule.pause",
            Self::ScheduleResume => "schedule.resume",
            Self::ScheduleRemove => "schedule.remove",
            Self::ScheduleRun => "schedule.run",
            Self::ScheduleRetry => "schedule.retry",
            Self::ScheduleCancel => "schedule.cancel",
            Self::AlertLook => "alert.look",
            Self::AlertAck => "alert.ack",
            Self::AlertRule => "alert.rule",
            Self::AlertSilence => "alert.silence",
            Self::AlertUnsilence => "alert.unsilence",
            Self::WebhookReplay => "webhook.replay",
            Self::Restore => "restore",
            Self::AuditAccept => "audit.accept",
        }
    }

    /// That of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}
