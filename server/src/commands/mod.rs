//! The subcommands (contract, section 2). Stdout has only the output that the contract names;
//! everything else goes to stderr.

mod agents;
mod audit;
mod erase;
mod export;
mod import;
mod key;
mod migrate;
mod number_data;
mod secret;
mod serve;
mod settings;
mod simulate;
mod told;
mod user;

use crate::cli::{
    AgentsCommand, AuditCommand, Cli, Command, KeyCommand, SecretCommand, SettingsCommand,
    UserCommand,
};
use crate::options;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

pub(crate) use told::CommandFailure;
use told::{progress_bar, put, say};

/// Runs the program: parses the arguments, runs the subcommand, and returns the exit code.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    match options::read(&args).and_then(start) {
        Ok(code) => code,
        Err(CommandFailure::Help(text)) => {
            // A closed stdout is not an error.
            let _ = write!(std::io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(CommandFailure::Usage(text)) => {
            say(text);
            ExitCode::from(2)
        }
        Err(CommandFailure::Message(text)) => {
            say(text);
            ExitCode::FAILURE
        }
        Err(CommandFailure::Interrupted) => ExitCode::from(130),
        Err(CommandFailure::Unheard) => ExitCode::SUCCESS,
    }
}

fn start(cli: Cli) -> Result<ExitCode, CommandFailure> {
    log(&cli);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandFailure::new(format!("cannot start: {error}")))?;
    let done = runtime.block_on(run(cli));
    // Does not wait for threads that read stdin or resolve names.
    runtime.shutdown_background();
    done
}

async fn run(cli: Cli) -> Result<ExitCode, CommandFailure> {
    let global = cli.global;
    match cli.command {
        Command::Serve(config) => serve::run(&global, &config).await?,
        Command::Migrate => migrate::run(&global).await?,
        Command::User(UserCommand::Add { email, role, password_stdin: _ }) => {
            user::add(&global, &email, role).await?;
        }
        Command::Key(KeyCommand::Create(args)) => {
            key::create(&global, *args).await?;
        }
        Command::Simulate(args) => simulate::run(&args, std::io::stdout().lock())?,
        Command::Settings(SettingsCommand::Show) => settings::show(&global).await?,
        Command::Settings(SettingsCommand::Set { assignments }) => {
            settings::set(&global, &assignments).await?;
        }
        Command::Export(args) => export::run(&global, &args).await?,
        Command::Secret(SecretCommand::Rotate { output }) => {
            secret::rotate(&global, output.as_deref()).await?;
        }
        Command::Import(args) => return import::run(&global, &args).await,
        Command::Erase(args) => erase::run(&global, &args).await?,
        Command::Agents(AgentsCommand::Derive) => agents::run(&global).await?,
        Command::NumberData(what) => number_data::run(&global, &what).await?,
        Command::Audit(AuditCommand::Verify { head }) => {
            return audit::verify_log(&global, head).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Logs to stderr: `serve` from info on, other subcommands only warnings, since people read their
/// stderr.
fn log(cli: &Cli) {
    let level = if matches!(cli.command, Command::Serve(_)) { "info" } else { "warn" };
    let levels = cli.global.log.as_deref().unwrap_or(level);
    // sqlx logs every migration at info, and slow statements at warn, which belong in a server's
    // log but not on a terminal. A level in `levels` comes later and takes precedence.
    let sqlx = if matches!(cli.command, Command::Serve(_)) { "warn" } else { "error" };
    let filter = EnvFilter::new(format!("sqlx={sqlx},{levels}"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // Set already only in a test that calls this twice.
    let _ = subscriber.try_init();
}
