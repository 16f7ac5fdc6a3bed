//! Watches a run from outside: what its threads are at, for how long, and how much memory that takes.
//!
//! What can be interrupted ends by itself, with a better error. This is for what can't: one step of a rule that multiplies numbers of a billion digits,
//! a stage that nobody thought of. The run goes on in a thread of its own, which the end of the process ends.

use std::fmt::Write as _;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use kustomize::Place;

use crate::problem::{Problem, invalid};
use crate::progress::Progress;

/// How often the watch looks. Memory grows by less than 50 MiB meanwhile.
const TICK: Duration = Duration::from_millis(10);

/// What ends by itself has this much longer than its limit before the watch ends the run.
const GRACE: Duration = Duration::from_secs(1);

/// What a rule may add to the memory of the process.
const MEMORY: u64 = 512 << 20;

/// The stack of a thread that works on what others wrote; only what is used of it takes memory.
pub(crate) const STACK: usize = 16 << 20;

/// Something that a thread is at.
struct Activity {
    number: u64,
    thread: ThreadId,
    what: Arc<str>,
    since: Instant,
    bounds: Option<Bounds>,
}

struct Bounds {
    time: Duration,
    /// The memory of the process when it began.
    memory: u64,
    /// Where people look for the cause.
    place: Option<Place>,
}

/// What all threads are at, in the order in which it began.
static ACTIVITIES: Mutex<Vec<Activity>> = Mutex::new(Vec::new());

static NEXT: AtomicU64 = AtomicU64::new(0);

/// The memory of the process when the watch last looked, in bytes.
static RESIDENT: AtomicU64 = AtomicU64::new(0);

/// What the last panic said.
static PANIC: Mutex<String> = Mutex::new(String::new());

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends an activity where it is dropped.
#[must_use = "an activity lasts as long as this does"]
#[derive(Debug)]
pub(crate) struct Lasting(u64);

impl Drop for Lasting {
    fn drop(&mut self) {
        lock(&ACTIVITIES).retain(|activity| activity.number != self.0);
    }
}

fn begin(what: Arc<str>, bounds: Option<Bounds>) -> Lasting {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    lock(&ACTIVITIES).push(Activity { number, thread: thread::current().id(), what, since: Instant::now(), bounds });
    Lasting(number)
}

/// Says what this thread is at, such as `building overlays/prod`.
pub(crate) fn at(what: impl Into<Arc<str>>) -> Lasting {
    begin(what.into(), None)
}

/// Says what this thread is at, such as `rule probes/liveness`, how long that may take at most, and where it is written.
pub(crate) fn bounded(what: impl Into<Arc<str>>, time: Duration, place: Option<Place>) -> Lasting {
    begin(what.into(), Some(Bounds { time, memory: RESIDENT.load(Ordering::Relaxed), place }))
}

/// How many of the things that are alike are done, and how many there are.
static STEPS: Mutex<(usize, usize)> = Mutex::new((0, 0));

/// Says that so many things that are alike begin.
pub(crate) fn steps(all: usize) {
    *lock(&STEPS) = (0, all);
}

/// Says that one of them is done.
pub(crate) fn step() {
    lock(&STEPS).0 += 1;
}

/// Runs something that may take so long, and shows what it is at; an error says what it was at when it was ended, or broke.
pub(crate) fn run<T: Send + 'static>(
    limit: Duration,
    progress: &Progress,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    keep_panics();
    RESIDENT.store(resident(), Ordering::Relaxed);
    let start = Instant::now();
    let (done, outcome) = mpsc::channel();
    let work = move || {
        // Nobody listens any more where the run was given up.
        let _ = done.send(work());
    };
    if let Err(error) = thread::Builder::new().stack_size(STACK).spawn(work) {
        return Err(Problem::unjudged("internal", invalid(format!("cannot start a thread: {error}"))));
    }
    loop {
        match outcome.recv_timeout(TICK) {
            Ok(value) => return Ok(value),
            Err(RecvTimeoutError::Disconnected) => {
                let error = invalid(format!("kubevet broke: {}", lock(&PANIC)));
                return Err(Problem::unjudged("internal", error));
            }
            Err(RecvTimeoutError::Timeout) if start.elapsed() > limit => {
                let activities = activities();
                let separator = if activities.is_empty() { "" } else { ": " };
                let error = invalid(format!("the run took longer than {}{separator}{activities}", shown(limit)));
                return Err(Problem::unjudged("timeout", error));
            }
            Err(RecvTimeoutError::Timeout) => RESIDENT.store(resident(), Ordering::Relaxed),
        }
        progress.show(start.elapsed(), current);
        if let Some(problem) = exceeded() {
            return Err(problem);
        }
    }
}

/// Gives what a panic said, where something panics: a mistake in what we call, with arguments that others chose.
pub(crate) fn survive<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| lock(&PANIC).clone())
}

/// Has panics say into [`PANIC`] what they would say on standard error.
fn keep_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let payload = info.payload();
            let message = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let at = info.location().map(|at| format!(" ({}:{})", at.file().rsplit('/').next().unwrap_or_default(), at.line()));
            *lock(&PANIC) = format!("{}{}", message.unwrap_or("no message"), at.unwrap_or_default());
            // Who asks for it gets all.
            if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
                tell(info);
            }
        }));
    });
}

/// The problem of an activity that goes beyond its bounds.
fn exceeded() -> Option<Problem> {
    let activities = lock(&ACTIVITIES);
    let memory = RESIDENT.load(Ordering::Relaxed);
    activities.iter().find_map(|activity| {
        let bounds = activity.bounds.as_ref()?;
        let limit = if activity.since.elapsed() > bounds.time + GRACE {
            format!("longer than {}", shown(bounds.time))
        } else if memory.saturating_sub(bounds.memory) > MEMORY {
            format!("more than {} MiB of memory", MEMORY >> 20)
        } else {
            return None;
        };
        let around = activities.iter().filter(|other| other.thread == activity.thread && other.number < activity.number);
        let around: Vec<&str> = around.map(|other| &*other.what).collect();
        let around = if around.is_empty() { String::new() } else { format!(", {}", around.join(", ")) };
        let error = invalid(format!("{} took {limit}{around}", activity.what));
        Some(Problem::unjudged("policy-limit", bounds.place.clone().into_iter().fold(error, kustomize::Error::at)))
    })
}

/// `3 of 20: judging overlays/dev, rule probes/liveness`
fn current() -> String {
    let (done, all) = *lock(&STEPS);
    let activities = activities();
    if activities.is_empty() || all < 2 { activities } else { format!("{done} of {all}: {activities}") }
}

/// `building overlays/prod; judging overlays/dev, rule probes/liveness`
fn activities() -> String {
    let activities = lock(&ACTIVITIES);
    let mut text = String::new();
    let mut threads: Vec<ThreadId> = Vec::new();
    for activity in activities.iter() {
        if threads.contains(&activity.thread) {
            continue;
        }
        threads.push(activity.thread);
        let of_thread: Vec<&str> = activities.iter().filter(|other| other.thread == activity.thread).map(|other| &*other.what).collect();
        let _ = write!(text, "{}{}", if text.is_empty() { "" } else { "; " }, of_thread.join(", "));
    }
    text
}

/// `10 s`, `1.5 s`
pub(crate) fn shown(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// The memory of the process in bytes; 0 where the system doesn't tell, and no limit holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// What one run watches is what all threads of the process are at.
    static TURN: Mutex<()> = Mutex::new(());

    /// Longer than any limit here; what was given up goes on for that long.
    const A_WHILE: Duration = Duration::from_millis(1500);

    /// Waits for what was given up: it would be watched in the next test.
    fn settle() {
        while !lock(&ACTIVITIES).is_empty() {
            thread::sleep(TICK);
        }
    }

    fn message(problem: &Problem) -> &str {
        &problem.error.message
    }

    #[test]
    fn gives_what_the_work_gives() {
        let _turn = lock(&TURN);
        assert_eq!(run(LONG, &Progress::default(), || 7).unwrap(), 7);
    }

    #[test]
    fn names_what_takes_too_long() {
        let _turn = lock(&TURN);
        let problem = run(Duration::from_millis(50), &Progress::default(), || {
            let _outer = at("judging overlays/slow");
            let _inner = at("rule test/slow");
            thread::sleep(A_WHILE);
        });
        let problem = problem.unwrap_err();
        assert!(message(&problem).starts_with("the run took longer than 0.05 s"), "{problem:?}");
        // Other tests run in other threads.
        assert!(message(&problem).contains("judging overlays/slow, rule test/slow"), "{problem:?}");
        assert_eq!((problem.code, problem.failure), ("timeout", Some(crate::problem::Failure::Unjudged)));
        settle();
    }

    #[test]
    fn names_the_rule_that_takes_too_much_memory() {
        let _turn = lock(&TURN);
        let problem = run(LONG, &Progress::default(), || {
            let _outer = at("judging overlays/fat");
            let _inner = bounded("rule test/fat", LONG, None);
            let held: Vec<Vec<u8>> = (0..700).map(|_| vec![1; 1 << 20]).collect();
            thread::sleep(A_WHILE);
            drop(held);
        });
        assert_eq!(message(&problem.unwrap_err()), "rule test/fat took more than 512 MiB of memory, judging overlays/fat");
        settle();
    }

    #[test]
    fn says_what_broke() {
        let _turn = lock(&TURN);
        let broken = run(LONG, &Progress::default(), || panic!("out of range"));
        assert!(message(&broken.unwrap_err()).starts_with("kubevet broke: out of range (watch.rs:"));
        assert!(survive(|| Vec::<u8>::new()[1]).unwrap_err().contains("index"));
    }
}
