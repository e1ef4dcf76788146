//! The arguments of `export`.

use super::words::words;
use clap::Args;
use domain::Channel;
use domain::bucket::Bucket;
use domain::conversion::By;
use domain::reports::{Format, Report};
use std::path::PathBuf;

/// What to export.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExportArgs {
    /// Which report
    #[arg(value_parser = words(Report::ALL))]
    pub(crate) report: Report,
    /// File format
    #[arg(long, default_value = "csv", value_parser = words(Format::ALL))]
    pub(crate) format: Format,
    /// Begin CSV with a byte-order mark, so that Excel reads it as UTF-8
    #[arg(long)]
    pub(crate) bom: bool,
    /// Start, inclusive (RFC 3339) [default: 30 days before --to]
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
    /// End, exclusive (RFC 3339) [default: now]
    #[arg(long, value_name = "T")]
    pub(crate) to: Option<String>,
    /// Instead of start and end: the last minutes, hours or days, such as 30d
    #[arg(long, value_name = "RANGE", conflicts_with_all = ["from", "to"])]
    pub(crate) range: Option<String>,
    /// Only this channel
    #[arg(long, value_parser = words(Channel::ALL))]
    pub(crate) channel: Option<Channel>,
    /// Only this number, such as +14155550100, or its handle
    #[arg(long, value_name = "NUMBER")]
    pub(crate) number: Option<String>,
    /// Only from this address
    #[arg(long, value_name = "IP")]
    pub(crate) ip: Option<String>,
    /// Only of this flow, by its exact name
    #[arg(long, value_name = "FLOW")]
    pub(crate) flow: Option<String>,
    /// Only from browsers of this family
    #[arg(long, value_name = "BROWSER")]
    pub(crate) browser: Option<String>,
    /// Only to numbers of this region, such as US
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Only for this reason, by its code
    #[arg(long, value_name = "REASON")]
    pub(crate) reason: Option<String>,
    /// Only of this user (attempts, fraud-reports)
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Only with this outcome (attempts)
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) outcome: Option<String>,
    /// The step of time (failures-by-...) [default: depends on the range]
    #[arg(long, value_parser = words(Bucket::ALL))]
    pub(crate) bucket: Option<Bucket>,
    /// How conversion is grouped [default: region]
    #[arg(long, value_parser = words(By::ALL))]
    pub(crate) by: Option<By>,
    /// As known at this time, without what was received later (RFC 3339) [default: now]
    #[arg(long, value_name = "T")]
    pub(crate) as_of: Option<String>,
    /// The file to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl ExportArgs {
    /// The arguments as the query parameters of a report's URL.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let word = |word: Option<&'static str>| word.map(str::to_owned);
        let given = [
            ("format", Some(self.format.to_string())),
            ("bom", self.bom.then(|| "1".to_owned())),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
            ("range", self.range.clone()),
            ("channel", word(self.channel.map(Channel::as_str))),
            ("number", self.number.clone()),
            ("ip", self.ip.clone()),
            ("flow", self.flow.clone()),
            ("browser", self.browser.clone()),
            ("region", self.region.clone()),
            ("reason", self.reason.clone()),
            ("user", self.user.clone()),
            ("outcome", self.outcome.clone()),
            ("bucket", word(self.bucket.map(Bucket::as_str))),
            ("by", word(self.by.map(By::as_str))),
            ("as_of", self.as_of.clone()),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}
