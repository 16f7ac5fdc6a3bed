//! What a long run is at, where a person waits for it at a terminal.

use std::cell::Cell;
use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::escape;

/// A run that takes no longer says nothing.
const SHORT: Duration = Duration::from_secs(1);

/// How long a picture stays.
const PICTURE: Duration = Duration::from_millis(100);

/// One line on standard error, which goes away with this.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    line: Option<ProgressBar>,
    pictures: Cell<u128>,
}

impl Progress {
    /// On standard error, if a person looks at it.
    pub(crate) fn on_terminal() -> Self {
        if !is_watched(io::stderr().is_terminal(), |name| std::env::var_os(name)) {
            return Self::default();
        }
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        Self { line: Some(line.with_style(style)), pictures: Cell::default() }
    }

    /// Shows what a run that lasts for so long is at; nothing where it is at nothing that has a name.
    pub(crate) fn show(&self, lasts: Duration, what: impl FnOnce() -> String) {
        let (Some(line), pictures) = (&self.line, lasts.as_millis() / PICTURE.as_millis()) else { return };
        if lasts < SHORT || self.pictures.replace(pictures) == pictures {
            return;
        }
        let what = what();
        if !what.is_empty() {
            line.set_message(escape::line(&format!("{} s, {what}", lasts.as_secs())).into_owned());
            line.tick();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.line.iter().for_each(ProgressBar::finish_and_clear);
    }
}

/// Logs of CI systems keep every picture, whether they pretend to be a terminal or not.
fn is_watched<V: AsRef<OsStr>>(is_terminal: bool, variable: impl Fn(&str) -> Option<V>) -> bool {
    let is = |name: &str, value: &str| variable(name).is_some_and(|is| is.as_ref() == value);
    is_terminal && !is("TERM", "dumb") && (variable("CI").is_none() || is("CI", "") || is("CI", "false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_are_told() {
        let with = |is_terminal: bool, set: &'static [(&str, &str)]| {
            is_watched(is_terminal, |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| *value))
        };
        assert!(with(true, &[]) && with(true, &[("TERM", "xterm"), ("CI", "false")]));
        assert!(!with(false, &[]) && !with(true, &[("TERM", "dumb")]) && !with(true, &[("CI", "true")]) && !with(true, &[("CI", "1")]));
    }

    #[test]
    fn nobody_else_asks_what_it_is_at() {
        Progress::default().show(Duration::from_secs(9), || unreachable!("there is no terminal"));
    }
}
