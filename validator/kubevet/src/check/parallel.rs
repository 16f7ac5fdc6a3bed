//! Work on several things at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::watch;

/// More threads than this gain little and take memory: each has its own engine.
const MOST_THREADS: usize = 4;

/// Work that takes no longer is left to one thread: several take a fifth more time of the processor, and nobody would notice the difference.
const PATIENCE: Duration = Duration::from_millis(40);

/// Results in the order of the tasks, computed on as many threads as there are cores where it takes long.
pub(super) fn in_parallel<T: Sync, R: Send>(tasks: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(tasks.len());
    watch::steps(tasks.len());
    let work = |task| {
        let result = work(task);
        watch::step();
        result
    };
    if threads < 2 {
        return tasks.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        while let Some((at, task)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, tasks.get(at)?))) {
            done.push((at, work(task)));
        }
        done
    };
    let help = || {
        thread::park_timeout(PATIENCE);
        run()
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..threads).filter_map(|_| thread::Builder::new().stack_size(watch::STACK).spawn_scoped(scope, help).ok()).collect();
        let own = run();
        helpers.iter().for_each(|helper| helper.thread().unpark());
        let others = helpers.into_iter().flat_map(|helper| helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        own.into_iter().chain(others).collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
