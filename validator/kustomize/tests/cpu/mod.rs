//! The CPU time of a test's own thread: a limit on it holds on a busy machine too.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// CPU time that the calling thread has used so far.
pub(crate) fn used() -> Duration {
    Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap())
}
