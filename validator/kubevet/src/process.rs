//! Runs other programs with a limit of time.

use std::io::{self, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use kustomize::{Error, ErrorKind};

use crate::problem::invalid;

/// How much of what a program says about its failure is read.
const LONGEST_COMPLAINT: u64 = 1 << 14;

/// How often a program that has said everything is asked whether it ended.
const PAUSE: Duration = Duration::from_micros(200);

/// Gives a program its input, and its output to `read`. The program is ended where it takes longer than `limit`, whatever it does, and where
/// `read` refuses what it says.
pub(crate) fn ask<T: Send + 'static>(
    mut command: Command,
    input: Vec<u8>,
    limit: Duration,
    read: impl FnOnce(&mut BufReader<ChildStdout>) -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: &io::Error| Error::new(ErrorKind::Io, format!("cannot run {name}: {error}"));
    let deadline = Instant::now() + limit;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let (sender, answers) = mpsc::channel();
    let (complain, complaints) = mpsc::channel();
    // The threads are not waited for: what the program started may outlive it and keep its pipes open.
    if let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
        // A program that ends early doesn't read everything; its status says why.
        thread::spawn(move || drop(stdin.write_all(&input)));
        thread::spawn(move || drop(sender.send(read(&mut BufReader::new(stdout)))));
        thread::spawn(move || drop(complain.send(complaint(stderr))));
    }
    let answer = answers.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    let status = match &answer {
        Ok(Ok(_)) => ended(&mut child, deadline),
        _ => Ok(None),
    };
    if !matches!(status, Ok(Some(_))) {
        // It may have ended just now.
        let _ = child.kill();
        let _ = child.wait();
    }
    let too_long = || Error::new(ErrorKind::Limit, format!("{name} took longer than {} s", limit.as_secs_f32()));
    match (answer, status) {
        (Ok(Ok(answer)), Ok(Some(status))) if status.success() => Ok(answer),
        (Ok(Ok(_)), Ok(Some(status))) => {
            let said = complaints.recv_timeout(deadline.saturating_duration_since(Instant::now())).unwrap_or_default();
            let said = if said.trim().is_empty() { status.to_string() } else { said.trim().to_owned() };
            Err(invalid(format!("{name} failed: {said}")))
        }
        (Err(RecvTimeoutError::Timeout), _) | (Ok(Ok(_)), Ok(None)) => Err(too_long()),
        (Ok(Err(error)), _) | (_, Err(error)) => Err(failed(&error)),
        (Err(RecvTimeoutError::Disconnected), _) => Err(failed(&io::Error::other("its output is lost"))),
    }
}

/// The status of a program that ends before the deadline.
fn ended(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        match child.try_wait()? {
            None if Instant::now() < deadline => thread::sleep(PAUSE),
            status => return Ok(status),
        }
    }
}

/// The beginning of what a program says; the rest is read too, so that it is not held up.
fn complaint(mut stderr: impl Read) -> String {
    let mut said = Vec::new();
    let _ = stderr.by_ref().take(LONGEST_COMPLAINT).read_to_end(&mut said);
    let _ = io::copy(&mut stderr, &mut io::sink());
    String::from_utf8_lossy(&said).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::ask;

    fn shell(script: &str, input: &str, limit: Duration) -> Result<String, String> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let read = |out: &mut std::io::BufReader<std::process::ChildStdout>| {
            let mut text = String::new();
            out.take(1 << 20).read_to_string(&mut text).map(|_| text)
        };
        ask(command, input.as_bytes().to_vec(), limit, read).map_err(|error| error.message)
    }

    #[test]
    fn programs_answer_or_say_why_not() {
        let long = "a".repeat(300_000);
        let patient = Duration::from_secs(20);
        assert_eq!(shell("cat", &long, patient), Ok(long.clone()));
        assert_eq!(shell("exit 0", &long, patient), Ok(String::new()));
        assert_eq!(shell("echo because >&2; exit 3", "", patient), Err("sh failed: because".to_owned()));
        assert_eq!(shell("exit 3", "", patient), Err("sh failed: exit status: 3".to_owned()));
        // More than the pipe of errors holds.
        assert_eq!(shell("head -c 300000 /dev/zero >&2; echo done", "", patient), Ok("done\n".to_owned()));
        // An output that is not read to its end.
        assert!(shell("head -c 3000000 /dev/zero", "", patient).is_err());
    }

    #[test]
    fn programs_end_in_time() {
        let before = Instant::now();
        // One that says nothing, one that closed its output, and one that leaves another behind.
        for script in ["exec sleep 30", "exec >&-; sleep 30", "sleep 30 & wait"] {
            assert_eq!(shell(script, "", Duration::from_millis(100)), Err("sh took longer than 0.1 s".to_owned()), "{script}");
        }
        assert!(before.elapsed() < Duration::from_secs(10));
    }
}
