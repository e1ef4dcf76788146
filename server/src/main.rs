//! The program; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tollwarden_server::commands::main(std::env::args_os())
}
