//! `kubevet completions` and `kubevet man`

use std::io;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use super::output;

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet completions bash > ~/.local/share/bash-completion/completions/kubevet
  kubevet completions zsh > ~/.zfunc/_kubevet")]
pub(super) struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet man | man -l -
  kubevet man --directory ~/.local/share/man/man1")]
pub(super) struct ManArgs {
    /// Write a page for each command to DIR; without it, the main page goes to standard output.
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// Prints the completion script.
pub(super) fn completions(args: &CompletionsArgs, mut command: Command) -> io::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "kubevet", &mut script);
    output::to_stdout(|out| out.write_all(&script)).map(|()| 0)
}

/// Prints or writes the manual.
pub(super) fn man(args: &ManArgs, command: Command) -> io::Result<u8> {
    match &args.directory {
        Some(directory) => {
            let failed = |error: io::Error| io::Error::new(error.kind(), format!("cannot write pages to {}: {error}", directory.display()));
            std::fs::create_dir_all(directory).and_then(|()| clap_mangen::generate_to(command, directory)).map_err(failed)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            output::to_stdout(|out| out.write_all(&page))?;
        }
    }
    Ok(0)
}
