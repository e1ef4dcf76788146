//! What the subcommands do (contract, section 2). stdout holds only what the contract's table
//! names; all else goes to stderr.

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
use crate::options::{self, Stop};
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

pub use told::{Failure, put, say};

/// The whole program: reads the arguments, does what they say, gives the exit code.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    let cli = match options::read(&args) {
        Ok(cli) => cli,
        Err(Stop::Asked(text)) => {
            // Help that nobody reads is no failure.
            let _ = write!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err(Stop::Usage(text)) => {
            say(text);
            return ExitCode::from(2);
        }
        Err(Stop::File(text)) => {
            say(text);
            return ExitCode::FAILURE;
        }
    };
    log(&cli);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(format!("cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(Failure::Message(message)) => {
            say(message);
            ExitCode::FAILURE
        }
        Err(Failure::Interrupted) => ExitCode::from(130),
        Err(Failure::Unheard) => ExitCode::SUCCESS,
    };
    // Whatever still reads stdin or resolves a name must not hold the end up.
    runtime.shutdown_background();
    code
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
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

/// Logs to stderr. `serve` tells how it goes; the others speak of trouble only, since their
/// stderr is read beside their output.
fn log(cli: &Cli) {
    let level = if matches!(cli.command, Command::Serve(_)) { "info" } else { "warn" };
    let levels = cli.global.log.as_deref().unwrap_or(level);
    // Its info level tells of every migration step that had nothing to do. A level for it among
    // those asked for comes later and counts.
    // Of statements that took long, too: those are for the server's log, not for a terminal.
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
