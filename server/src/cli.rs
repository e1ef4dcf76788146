//! The command line (contract, section 2). [`crate::options`] adds the environment and
//! `tollwarden.toml`.

mod export;
mod words;

use crate::config::Config;
use crate::withheld::Withheld;
use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use domain::audit::Head;
use domain::keys::{KeyName, Rate, parse_sources};
use domain::network::Network;
use domain::roles::{Role, Scope};
use domain::simulate::Attack;
use domain::sources::Dates;
use domain::{PhoneNumber, Source};
use std::path::PathBuf;

pub(crate) use export::ExportArgs;
use words::words;

/// Guards phone-based sign-in against toll fraud
#[derive(Debug, Clone, Parser)]
#[command(name = "tollwarden", version)]
pub struct Cli {
    /// What every subcommand takes.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every subcommand takes, before or after its name.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The directory of the private Postgres and of this server's secret
    #[arg(
        long,
        global = true,
        env = "TOLLWARDEN_DATA_DIR",
        value_name = "DIR",
        default_value = "var/"
    )]
    pub(crate) data_dir: PathBuf,

    // Hidden, since secrets on the command line are refused (`withheld::refuse_typed`).
    /// In DATABASE_URL
    #[arg(long, global = true, env = "DATABASE_URL", hide = true, hide_env_values = true)]
    pub(crate) database_url: Option<Withheld>,

    /// A file with the address of a Postgres of your own,
    /// postgres://user:password@host:5432/database; or the address itself in DATABASE_URL
    /// [default: a private one under --data-dir]
    #[arg(long, global = true, env = "DATABASE_URL_FILE", value_name = "FILE")]
    pub(crate) database_url_file: Option<PathBuf>,

    /// In DATABASE_MIGRATE_URL
    #[arg(long, global = true, env = "DATABASE_MIGRATE_URL", hide = true, hide_env_values = true)]
    pub(crate) database_migrate_url: Option<Withheld>,

    /// A file with the address of the same database as the role that owns the tables: it migrates,
    /// and the role of DATABASE_URL serves and owns nothing; or the address itself in
    /// DATABASE_MIGRATE_URL [default: that of DATABASE_URL does both]
    #[arg(long, global = true, env = "DATABASE_MIGRATE_URL_FILE", value_name = "FILE")]
    pub(crate) database_migrate_url_file: Option<PathBuf>,

    /// In TOLLWARDEN_SECRET
    #[arg(long, global = true, env = "TOLLWARDEN_SECRET", hide = true, hide_env_values = true)]
    pub(crate) secret: Option<Withheld>,

    /// A file with this server's secret, 64 hexadecimal digits: servers on one database share it;
    /// or the secret itself in TOLLWARDEN_SECRET [default: the file `secret` in --data-dir, made
    /// at the first start]
    #[arg(long, global = true, env = "TOLLWARDEN_SECRET_FILE", value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Where initdb and postgres are, for the private Postgres [default: looked for]
    #[arg(long, global = true, env = "TOLLWARDEN_PG_BIN", value_name = "DIR")]
    pub(crate) pg_bin: Option<PathBuf>,

    /// The configuration file; its keys are the long options, with _ instead of - [default:
    /// tollwarden.toml, if it is there]
    #[arg(long, global = true, env = "TOLLWARDEN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// What to log on stderr: error, warn, info, debug, trace, also for each part
    /// (info,sqlx=debug) [default: info for serve, else warn]
    #[arg(
        long,
        global = true,
        env = "TOLLWARDEN_LOG",
        value_name = "LEVELS",
        value_parser = levels
    )]
    pub(crate) log: Option<String>,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Runs the server
    Serve(Box<Config>),
    /// Updates the database schema
    Migrate,
    /// Console accounts
    #[command(subcommand)]
    User(UserCommand),
    /// API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Reads logs; the last line on stdout counts them as JSON
    Import(ImportArgs),
    /// Writes a report
    Export(Box<ExportArgs>),
    /// Generates simulated events, as NDJSON on stdout
    Simulate(SimulateArgs),
    /// Settings
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// This server's secret
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Erases a person from every table; prints the number of rows, by table, as JSON
    Erase(EraseArgs),
    /// User agents of stored events
    #[command(subcommand)]
    Agents(AgentsCommand),
    /// Google's metadata, in which numbers are looked up
    #[command(subcommand)]
    NumberData(NumberDataCommand),
}

/// What to do with the metadata of numbers.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum NumberDataCommand {
    /// Loads newer metadata, without a new release: shows which numbers of the last 30 days change
    /// region, type, validity or spelling, and asks before it is used
    Update {
        /// The npm package google-libphonenumber as npm packs it, or metadata.js of Google's
        /// libphonenumber; at most 16 MiB
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Returns to the built-in metadata, in the same way
    Reset {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What to do with user agents.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AgentsCommand {
    /// Derives the browsers and operating systems of all stored events again, with this version's
    /// data, and the counts based on them; prints how many changed, as JSON
    Derive,
}

/// Whom to erase.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("whom").required(true).args(["user", "phone"]))]
pub(crate) struct EraseArgs {
    /// A user, by any of their names; all joined names are erased, too
    #[arg(long, value_name = "USER", value_parser = user)]
    pub(crate) user: Option<String>,
    /// A number, such as +14155550100
    #[arg(long, value_name = "NUMBER")]
    pub(crate) phone: Option<PhoneNumber>,
    /// Only count the rows; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What to do with the server's secret.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum SecretCommand {
    /// Replaces the secret: stored secrets are encrypted again, and the audit log continues under a
    /// new key; earlier entries still verify. Restart every server afterwards
    Rotate {
        /// Where to write the new secret if the current one comes from the environment, or from a
        /// file that cannot be replaced
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// What to do with the audit log.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AuditCommand {
    /// Verifies the whole log: prints its head and length; or the first entry that is missing or
    /// was changed, and exits with 1
    Verify {
        /// A head noted earlier, which must still be in the log
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<Head>,
    },
}

/// What to do with settings.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Prints all settings as TOML
    Show,
    /// Changes some settings, all of them or none
    Set {
        /// A setting and its new value, such as fraud_alerts.auto_block=true
        #[arg(required = true, value_name = "NAME=VALUE")]
        assignments: Vec<String>,
    },
}

/// What to do with accounts.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum UserCommand {
    /// Creates a console account
    Add {
        /// Its e-mail address
        #[arg(long, value_name = "E")]
        email: String,
        /// What it may do
        #[arg(long, value_parser = words(Role::ALL))]
        role: Role,
        /// Read the password from stdin, up to the end of its first line
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// What to do with API keys.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum KeyCommand {
    /// Prints a new API key on stdout, once
    Create(Box<KeyArgs>),
}

/// What a new API key is to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyArgs {
    /// Its name, which is also the source of its events unless they name another
    #[arg(long, value_name = "N", value_parser = KeyName::parse)]
    pub(crate) name: KeyName,
    /// What it may do, separated by commas
    #[arg(
        long,
        required = true,
        value_name = "S",
        value_delimiter = ',',
        value_parser = words(Scope::ALL)
    )]
    pub(crate) scope: Vec<Scope>,
    /// Sources whose events it may write besides its own, separated by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = source)]
    pub(crate) source: Vec<Source>,
    /// Numbers that its events report as verified count as trusted
    #[arg(long)]
    pub(crate) trusted: bool,
    /// Codes that its events report as sent or failed, and their costs, count for limits and caps
    #[arg(long)]
    pub(crate) counts: bool,
    /// Two names in one of its events are treated as one user
    #[arg(long)]
    pub(crate) names: bool,
    /// Requests a second
    #[arg(long, value_name = "N", default_value = "500")]
    pub(crate) rate: Rate,
    /// When it ends (RFC 3339) [default: never]
    #[arg(long, value_name = "T", value_parser = instant)]
    pub(crate) expires: Option<DateTime<Utc>>,
    /// Networks it may be used from, separated by commas [default: anywhere]
    #[arg(long, value_name = "CIDR,…", value_delimiter = ',')]
    pub(crate) from: Vec<Network>,
}

/// What to import.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportArgs {
    /// Whose records the logs contain: detected automatically, Tollwarden's own events, or
    /// Microsoft's; with `b2c` or `entra`, records that name no service are taken as of that one
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "auto",
        value_parser = ["auto", "neutral", "azure", "b2c", "entra"]
    )]
    pub(crate) format: String,
    /// What comes first in dates such as 11/20/2026 [default: the month, and only with AM or PM]
    #[arg(long, value_name = "ORDER", value_parser = words(&[Dates::Dmy, Dates::Mdy]))]
    pub(crate) dates: Option<Dates>,
    /// Exit with 3 if a line was rejected
    #[arg(long)]
    pub(crate) strict: bool,
    /// Keep watching directories for new and grown files
    #[arg(long)]
    pub(crate) follow: bool,
    /// Files, whole directories, or - for stdin; plain or gzip
    #[arg(required = true, value_name = "FILE|DIR|-")]
    pub(crate) paths: Vec<PathBuf>,
}

/// What to make up.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimulateArgs {
    /// Number of events
    #[arg(long, value_name = "N")]
    pub(crate) events: u64,
    /// Number of days to spread them over, at most 3650
    #[arg(long, value_name = "D")]
    pub(crate) days: u32,
    /// The same seed generates the same events
    #[arg(long, value_name = "S")]
    pub(crate) seed: u64,
    /// When they start (RFC 3339)
    #[arg(long, value_name = "T", default_value = "2026-01-01T00:00:00Z", value_parser = instant)]
    pub(crate) start: DateTime<Utc>,
    /// Attacks to include; may be repeated
    #[arg(long, value_name = "KIND", value_parser = words(Attack::ALL))]
    pub(crate) attack: Vec<Attack>,
}

fn instant(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.to_utc()).map_err(|_| "must be RFC 3339, such as 2026-01-01T00:00:00Z")
}

fn source(text: &str) -> Result<Source, String> {
    let read = parse_sources(text).map_err(|invalid| invalid.to_string())?;
    read.into_iter().next().ok_or_else(|| "a source has 1 to 64 characters".to_owned())
}

fn user(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("must be a user's name") } else { Ok(text.to_owned()) }
}

fn levels(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("must be levels (error, warn, info, debug, trace, off), alone or for parts \
                       (info,sqlx=debug)"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
