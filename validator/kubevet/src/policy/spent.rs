//! The time that rules take, and why there is no answer where there is none.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kustomize::Error;

use super::bounds::Broken;

/// The time of a rule.
#[derive(Debug, Default)]
pub(super) struct Spent {
    nanoseconds: AtomicU64,
    /// Set by the first question for which there was no time left; one problem is enough.
    told: OnceLock<()>,
}

/// Why a rule gave no answer.
pub(super) enum Failure {
    /// It has taken all the time that it may take.
    Time,
    /// The same, and a problem says so already.
    Told,
    /// What the engine says.
    Engine(String),
    /// What is wrong with its results.
    Error(Error),
}

impl Spent {
    /// Why there is no answer, told once.
    pub(super) fn failure(&self, broken: Broken) -> Failure {
        match broken {
            Broken::TooLong if self.told.set(()).is_ok() => Failure::Time,
            Broken::TooLong => Failure::Told,
            Broken::Error(text) | Broken::Panic(text) => Failure::Engine(text),
        }
    }

    pub(super) fn time(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    pub(super) fn on<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        self.nanoseconds.fetch_add(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        done
    }
}
