//! What was rendered already.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use kustomize::{Error, Render};

use crate::problem::Problem;

/// A render, and why kubectl made it although the engine was asked first.
pub(super) type Outcome = Result<(Arc<Render>, Option<Error>), Problem>;

/// What was rendered, by directory.
#[derive(Debug, Default)]
pub(super) struct Done(pub(super) Mutex<HashMap<PathBuf, Arc<OnceLock<Outcome>>>>);
