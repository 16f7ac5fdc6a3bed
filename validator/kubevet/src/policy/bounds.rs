//! Asks an engine within bounds: of time, and whatever its builtins do with the arguments that a policy gives them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use kustomize::{Error, ErrorKind, Place};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, LimitError, Value};

use crate::watch;

/// What a rule, or a test of one, may take of a run where nobody says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Steps of an evaluation between two looks at the clock.
const STEPS: NonZeroU32 = NonZeroU32::new(1 << 8).unwrap();

/// What is asked, for whom to blame.
#[derive(Clone, Debug)]
pub(super) struct Whom {
    /// Such as `rule probes/liveness`.
    pub(super) name: Arc<str>,
    /// Where it is written, if that is one place.
    pub(super) place: Option<Place>,
}

/// An engine that survives what it is asked; clones are cheap.
#[derive(Clone, Debug)]
pub(super) struct Bounded {
    engine: Engine,
    /// As it was before it was asked anything: an evaluation that was broken off leaves its traces.
    fresh: Arc<Engine>,
    input: Value,
}

impl Bounded {
    pub(super) fn new(engine: Engine) -> Self {
        Self { fresh: Arc::new(engine.clone()), engine, input: Value::Undefined }
    }

    pub(super) fn set_input(&mut self, input: Value) {
        self.input = input.clone();
        self.engine.set_input(input);
    }

    /// Adds data before anything is asked.
    pub(super) fn add_data(&mut self, data: Value) -> Result<(), String> {
        survive(|| self.engine.add_data(data))?;
        self.fresh = Arc::new(self.engine.clone());
        Ok(())
    }

    /// The value of a Rego rule.
    pub(super) fn ask(&mut self, whom: &Whom, query: &str, limit: Duration) -> Result<Value, Broken> {
        let answer = ask(&mut self.engine, whom, query, limit);
        if matches!(answer, Err(Broken::TooLong | Broken::Panic(_))) {
            self.engine = Engine::clone(&self.fresh);
            self.engine.set_input(self.input.clone());
        }
        answer
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// It took longer than it may.
    TooLong,
    /// The engine's text.
    Error(String),
    /// What the engine said when it met what its makers had not in mind.
    Panic(String),
}

/// The value of a Rego rule.
pub(super) fn ask(engine: &mut Engine, whom: &Whom, query: &str, limit: Duration) -> Result<Value, Broken> {
    let _at = watch::bounded(Arc::clone(&whom.name), limit, whom.place.clone());
    engine.set_execution_timer_config(ExecutionTimerConfig { limit, check_interval: STEPS });
    match watch::survive(|| engine.eval_rule(query.to_owned())) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if matches!(error.downcast_ref(), Some(LimitError::TimeLimitExceeded { .. })) => Err(Broken::TooLong),
        Ok(Err(error)) => Err(Broken::Error(error.to_string())),
        Err(panic) => Err(Broken::Panic(broke(&panic))),
    }
}

/// What the engine gives, or its text where it fails or breaks.
pub(super) fn survive<T, E: std::fmt::Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    watch::survive(work).map_err(|panic| broke(&panic))?.map_err(|error| error.to_string())
}

fn broke(panic: &str) -> String {
    format!("the engine broke: {panic}")
}

/// How many results a rule may have on one input. The largest overlays in use have some ten thousand findings of all rules.
const MOST_RESULTS: usize = 50_000;

/// An error where a rule has more results than anybody reads.
pub(super) fn check_results(count: usize) -> Result<(), Error> {
    if count <= MOST_RESULTS {
        return Ok(());
    }
    let message = format!("it has {count} results, of which {MOST_RESULTS} are the limit");
    Err(Error::new(ErrorKind::Limit, message).help("say it once for all, or name the first few"))
}
