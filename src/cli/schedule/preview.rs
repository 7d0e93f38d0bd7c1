//! `tieout schedule preview`: when an expression is due.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schedule::{Expression, Occurrence};

use super::zone;
use crate::cli::print;
use crate::cli::table::{Align, Table};
use crate::cli::talk::{note, or_dash};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::zone_of;
use crate::views::occurrence::OccurrenceView;

/// `tieout schedule preview`
#[derive(clap::Args, Debug)]
pub struct Preview {
    /// Cron of five fields, such as "0 7 * * MON-FRI", or words, such as "every weekday at 7"
    #[arg(value_name = "EXPR", value_parser = Expression::parse, allow_hyphen_values = true)]
    expression: Expression,
    /// The time zone whose clocks count, as an IANA name; else the business time zone that is configured, else UTC
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    tz: Option<TimeZone>,
    /// From this instant on, which counts too; else from now, or --as-of
    #[arg(long, value_name = "INSTANT")]
    from: Option<Timestamp>,
    /// So many
    #[arg(short = 'n', value_name = "N", default_value_t = 10)]
    count: usize,
}

impl Preview {
    /// Runs it.
    ///
    /// # Errors
    /// stdout that cannot be written.
    pub fn run(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        let zone = self.tz.clone().unwrap_or_else(|| zone_of(config.time_zone.as_deref(), &[]));
        let from = self.from.unwrap_or_else(|| outside.as_of(config.as_of));
        let due = self.expression.occurrences(zone.clone(), from).take(self.count);
        if config.json {
            return print(|output| {
                let mut array = output.array()?;
                for one in due {
                    array.push(&OccurrenceView::of(&one))?;
                }
                Ok(array.end()?)
            });
        }
        self.for_people(config, &zone, &due.collect::<Vec<_>>())
    }

    fn for_people(&self, config: &Config, zone: &TimeZone, due: &[Occurrence]) -> Result<Exit, Failure> {
        let zone = zone.iana_name().unwrap_or("UTC");
        note(config, &format!("{} in {zone}", self.expression.text()));
        if due.is_empty() && self.count > 0 {
            note(config, "it is never due: no such day comes within a hundred years");
        }
        let mut table = Table::new(&[("local", Align::Left), ("utc", Align::Left), ("remark", Align::Left)]);
        for one in due {
            let local = one.at.strftime("%a %Y-%m-%d %H:%M %:z").to_string();
            let view = OccurrenceView::of(one);
            table.row([local, view.at.to_string(), or_dash(view.remark.as_deref())]);
        }
        print(|output| Ok(table.write(output)?))
    }
}
