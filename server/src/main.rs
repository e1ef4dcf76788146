//! The `tollwarden` program; its code is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tollwarden_server::commands::main(std::env::args_os())
}
