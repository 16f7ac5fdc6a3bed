//! Times a renderer and `kubectl kustomize` side by side, as whole processes, on generated overlays of 40, 2,000 and 20,000
//! objects: `race target/release/kubevet render`. kubectl is not asked for 20,000, which takes it hours; `kubectl.1.36` races too where it is on PATH.
//!
//! `race target/release/kubevet check --environment prod` sets a whole check against kubectl's render alone; its output is a report.
//!
//! Every time is CPU time (user and system), the least of a few runs; memory is the peak of the resident set.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

#[path = "../benches/overlay/mod.rs"]
mod overlay;

const SIZES: [usize; 3] = [40, 2_000, 20_000];

/// What is raced against, where it is on PATH: the reference, and the newest version that is rendered like.
const KUBECTLS: [&str; 2] = ["kubectl", "kubectl.1.36"];

/// How often 2,000 and 20,000 objects run in turns for their ratio: what else the machine does then meets both.
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let command: Vec<String> = std::env::args().skip(1).collect();
    if command.is_empty() {
        return Err("usage: race COMMAND [ARG ...], which gets a directory as its last argument".into());
    }
    let directory = tempfile::tempdir()?;
    let overlay = |size: usize| overlay::write(&directory.path().join(size.to_string()), size);
    let built = SIZES.iter().map(|size| overlay(*size)).collect::<Result<Vec<PathBuf>, _>>()?;
    let mut out = std::io::stdout();
    // The system keeps but the largest peak of all processes so far; so the smaller ones go first.
    let mut ours = Vec::new();
    for path in &built {
        ours.push(time(&command, path, 5)?);
    }
    let kubectls: Vec<[String; 2]> =
        KUBECTLS.iter().filter(|name| is_on_path(name)).map(|name| [(*name).to_owned(), "kustomize".to_owned()]).collect();
    for ((size, path), ours) in SIZES.iter().zip(&built).zip(&ours) {
        write!(out, "{size:>6} objects: {:>8.3} s {:>6} MiB", ours.cpu.as_secs_f64(), ours.peak >> 10)?;
        for kubectl in kubectls.iter().filter(|_| *size <= 2_000) {
            let theirs = time(kubectl, path, if *size > 100 { 1 } else { 3 })?;
            let ratio = theirs.cpu.as_secs_f64() / ours.cpu.as_secs_f64();
            let same = if theirs.output == ours.output { "the same output" } else { "another output" };
            let (name, cpu) = (&kubectl[0], theirs.cpu.as_secs_f64());
            write!(out, "; {name} {cpu:>8.3} s {:>6} MiB, {ratio:.0} times as much, {same}", theirs.peak >> 10)?;
        }
        writeln!(out)?;
    }
    let [_, middle, large] = built.as_slice() else { return Ok(()) };
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for (best, path) in best.iter_mut().zip([middle, large]) {
            *best = time(&command, path, 1)?.cpu.min(*best);
        }
    }
    let [middle, large] = best.map(|cpu| cpu.as_secs_f64());
    let ratio = large / middle;
    writeln!(
        out,
        "20,000 objects cost {ratio:.2} times what 2,000 do: {large:.3} s and {middle:.4} s, the best of {ROUNDS} runs in turns"
    )?;
    Ok(())
}

fn is_on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// One process's cost and output.
struct Cost {
    cpu: Duration,
    /// KiB
    peak: i64,
    output: Vec<u8>,
}

fn time(command: &[String], directory: &PathBuf, runs: usize) -> Result<Cost, Box<dyn Error>> {
    let (program, arguments) = command.split_first().ok_or("no command")?;
    let mut best: Option<Cost> = None;
    for _ in 0..runs {
        let before = children()?;
        let output = Command::new(program).args(arguments).arg(directory).stderr(Stdio::inherit()).output()?;
        // 1 is a check with findings.
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(format!("{program} failed").into());
        }
        let cpu = children()?.saturating_sub(before);
        let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
        if best.as_ref().is_none_or(|best| cpu < best.cpu) {
            best = Some(Cost { cpu, peak, output: output.stdout });
        }
    }
    best.ok_or_else(|| "no runs".into())
}

/// CPU time of all processes that have ended.
fn children() -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(microseconds)?))
}
