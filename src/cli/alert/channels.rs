//! `tieout alert channels|test|messages|replay`: who is told, and what was told.

use store::MessageWrite;

use super::known::open_to_write;
use crate::alerting::post::{Post, new_id};
use crate::cli::{print, print_list};
use crate::cli::table::{Align, Table};
use crate::cli::talk::{note, or_dash};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::alert::{ChannelView, MessageView};
use crate::views::load::{self, store_failure};

/// Every channel of the settings.
///
/// # Errors
/// A database that fails.
pub fn list(config: &Config) -> Result<Exit, Failure> {
    let states = match store::Store::open_existing(&config.database).map_err(store_failure)? {
        Some(store) => store.channel_states().map_err(store_failure)?,
        None => Vec::new(),
    };
    let of = |name: &str| states.iter().find(|state| state.name == name);
    let views: Vec<ChannelView<'_>> =
        config.alerting.channels.iter().map(|channel| ChannelView::of(&config.alerting, channel, of(&channel.name))).collect();
    if config.json {
        return print(|output| {
            let mut array = output.array()?;
            views.iter().try_for_each(|view| array.push(view))?;
            Ok(array.end()?)
        });
    }
    if views.is_empty() {
        note(config, "nobody is told: the settings name no channel; for example in tieout.toml:");
        note(config, "  [[channel]]\n  name = \"ops\"\n  kind = \"slack\"\n  url_env = \"TIEOUT_SLACK_URL\"");
    }
    let mut table = Table::new(&["channel", "kind", "least", "state"].map(|name| (name, Align::Left)));
    for view in &views {
        table.row([view.name.to_owned(), view.kind.to_owned(), view.least.to_owned(), view.state()]);
    }
    print(|output| Ok(table.write(output)?))
}

/// `tieout alert test`
#[derive(clap::Args, Debug)]
pub struct Test {
    /// The channel's name in the settings
    #[arg(value_name = "CHANNEL")]
    channel: String,
}

impl Test {
    /// Sends it.
    ///
    /// # Errors
    /// [`Exit::Usage`] for no such channel, [`Exit::Upstream`] where it is not taken.
    pub fn run(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        let post = Post::new(outside, &config.alerting);
        if post.channel(&self.channel).is_none() {
            return Err(Failure::new(Exit::Usage, format!("the settings name no channel '{}'", self.channel))
                .hint("tieout alert channels shows those that there are"));
        }
        let now = outside.now();
        let text = "This is a test. Whoever reads it is told of alerts.";
        let message = MessageWrite {
            id: new_id(outside),
            channel: self.channel.clone(),
            subject: "[tieout] A test".to_owned(),
            text: text.to_owned(),
            body: serde_json::json!({ "type": "alert.test", "timestamp": now, "data": { "what": text } }).to_string(),
            added_at: now,
            try_at: now,
        };
        let outcome = crate::cli::block_on(async { Ok::<_, Failure>(post.send(&message).await) })?;
        if let Some(error) = outcome.error {
            return Err(Failure::new(Exit::Upstream, format!("the channel '{}' did not take it: {error}", self.channel)));
        }
        if let Some(not_taken) = outcome.not_taken {
            return Err(Failure::new(Exit::Upstream, format!("the others on the channel '{}' have it, and it was {not_taken}", self.channel))
                .hint("take out who is not there any more, or put the address right"));
        }
        if store::Store::open_existing(&config.database).map_err(store_failure)?.is_some() {
            open_to_write(config, outside)?.disable_channel(&self.channel, None).map_err(store_failure)?;
        }
        note(config, &format!("the channel '{}' has taken it", self.channel));
        Ok(Exit::Fine)
    }
}

/// `tieout alert messages`
#[derive(clap::Args, Debug)]
pub struct Messages {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,
}

impl Messages {
    /// Shows them.
    ///
    /// # Errors
    /// No database, or one that fails.
    pub fn run(&self, config: &Config) -> Result<Exit, Failure> {
        let messages = load::open(config)?.messages(self.limit).map_err(store_failure)?;
        if config.json {
            return print_list(&messages, MessageView::of);
        }
        if messages.is_empty() {
            note(config, "nothing was told yet");
        }
        let columns = ["message", "channel", "written", "state", "tries", "subject", "error"];
        let mut table = Table::new(&columns.map(|name| (name, Align::Left)));
        for row in &messages {
            let view = MessageView::of(row);
            table.row([
                view.id.to_owned(),
                view.channel.to_owned(),
                view.written_at.to_string(),
                view.state.to_owned(),
                view.attempts.to_string(),
                view.subject.to_owned(),
                or_dash(view.error),
            ]);
        }
        print(|output| Ok(table.write(output)?))
    }
}

/// `tieout alert replay`
#[derive(clap::Args, Debug)]
pub struct Replay {
    /// The message's id
    #[arg(value_name = "MESSAGE", required_unless_present = "failed")]
    id: Option<String>,
    /// All that were given up
    #[arg(long, conflicts_with = "id")]
    failed: bool,
}

impl Replay {
    /// Lets them wait to be sent.
    ///
    /// # Errors
    /// No database, no such message, or a database that fails.
    pub fn run(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        load::open(config)?;
        let mut store = open_to_write(config, outside)?;
        let count = store.replay_messages(self.id.as_deref(), outside.now()).map_err(store_failure)?;
        if let (Some(id), 0) = (&self.id, count) {
            return Err(Failure::new(Exit::Usage, format!("there is no message '{id}'")).hint("tieout alert messages shows them"));
        }
        note(config, &format!("{count} to be sent once more, by tieout serve"));
        Ok(Exit::Fine)
    }
}
