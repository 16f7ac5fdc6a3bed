//! The `kubevet` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    kubevet::cli::main()
}
