//! What is to be judged, and when.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, after, never};

use crate::stop::Stop;

/// How long nobody must have typed before what they typed is judged.
const PAUSE: Duration = Duration::from_millis(40);

/// Whoever types without a pause sees what is wrong after so long, though it is of a moment ago.
const LONG: Duration = Duration::from_secs(2);

/// What is to be judged.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The files that are not as they were.
    changed: BTreeSet<PathBuf>,
    /// Whether anything may be another.
    everything: bool,
    /// When nobody will have typed for a while.
    due: Option<Instant>,
    /// What ends the judgement that is at work.
    judging: Option<Stop>,
    /// Since when what is shown is not of the files as they are.
    outdated: Option<Instant>,
}

impl Pending {
    /// A file is not as it was. What is said of it as it was nobody wants to know, unless it is said very late.
    pub(super) fn add(&mut self, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        self.changed.insert(path);
        self.due = Some(Instant::now() + PAUSE);
        let outdated = *self.outdated.get_or_insert_with(Instant::now);
        self.judging.iter().filter(|_| outdated.elapsed() < LONG).for_each(Stop::now);
    }

    pub(super) fn add_everything(&mut self) {
        (self.everything, self.due) = (true, Some(Instant::now()));
        self.outdated.get_or_insert_with(Instant::now);
        self.judging.iter().for_each(Stop::now);
    }

    /// Somebody waits: they have finished typing.
    pub(super) fn hurry(&mut self) {
        self.due = self.due.map(|_| Instant::now());
    }

    /// Whether all that the server was told is judged, or will have been once the worker comes to what is asked now.
    pub(super) fn is_given(&self) -> bool {
        self.due.is_none()
    }

    /// Whether all that the server was told is judged and shown.
    pub(super) fn is_done(&self) -> bool {
        self.due.is_none() && self.judging.is_none()
    }

    /// Whether something can be judged now.
    pub(super) fn is_ready(&self) -> bool {
        self.due.is_some() && self.judging.is_none()
    }

    /// Fires when it is time to judge.
    pub(super) fn timer(&self) -> Receiver<Instant> {
        match self.due.filter(|_| self.judging.is_none()) {
            Some(due) => after(due.saturating_duration_since(Instant::now())),
            None => never(),
        }
    }

    /// What is judged from now on: the files that changed, nothing instead of a list where anything may be another.
    pub(super) fn begin(&mut self) -> (Option<Vec<PathBuf>>, Stop) {
        let changed = std::mem::take(&mut self.changed);
        let everything = std::mem::take(&mut self.everything);
        let stop = Stop::default();
        (self.due, self.judging) = (None, Some(stop.clone()));
        ((!everything).then(|| changed.into_iter().collect()), stop)
    }

    /// The judgement ended, with something to show or not.
    pub(super) fn end(&mut self, is_whole: bool) {
        self.judging = None;
        if is_whole {
            self.outdated = self.due;
        }
    }
}
