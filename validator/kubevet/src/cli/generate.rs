//! `kubevet completions` and `kubevet man`

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;
use kustomize::Error;

use super::{ColorChoice, output};
use crate::write::{self, Inputs};

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
pub(super) fn man(args: &ManArgs, command: Command, color: ColorChoice) -> io::Result<u8> {
    match &args.directory {
        Some(directory) => {
            if let Err(error) = pages(command.disable_help_subcommand(true), directory) {
                return Ok(output::fail(vec![write::problem(error)], color));
            }
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            output::to_stdout(|out| out.write_all(&page))?;
        }
    }
    Ok(0)
}

/// Writes the page of a command, and those of its subcommands.
fn pages(mut command: Command, directory: &Path) -> Result<(), Error> {
    command.build();
    let commands = std::iter::once(&command).chain(command.get_subcommands().filter(|command| !command.is_hide_set()));
    commands.into_iter().try_for_each(|command| {
        let page = clap_mangen::Man::new(command.clone());
        write::replace(&directory.join(page.get_filename()), Some(&Inputs::default()), |out| page.render(out))
    })
}
