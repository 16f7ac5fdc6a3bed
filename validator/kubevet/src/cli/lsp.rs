//! `kubevet lsp`

use clap::Args;

use super::{ColorChoice, output};
use crate::lsp;

/// Arguments of `lsp`.
#[derive(Debug, Args)]
#[command(after_help = "\
An editor starts it and speaks the language server protocol with it on standard
input and output; the book shows how to set up Neovim, Helix, Zed, Emacs and
VS Code. It judges as `kubevet check` does in the folder that is open.

Exit codes: 0 where the editor ended it, 1 where it went away")]
pub(super) struct LspArgs {
    /// For editors that name the way to speak: there is no other.
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Runs the server and gives its exit code.
pub(super) fn run(_args: &LspArgs, color: ColorChoice) -> u8 {
    match lsp::serve() {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(error) => output::fail(vec![output::unwritten(error)], color),
    }
}
