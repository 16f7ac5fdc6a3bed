//! Rules: where they come from, what they are, and how they are evaluated. The only place that names regorus.

mod batch;
mod bounds;
mod builtins;
mod catalog;
mod compile;
mod conftest;
mod data;
mod embedded;
mod engine;
mod files;
mod foreign;
mod glance;
mod guard;
mod inquiry;
mod load;
mod metadata;
mod modules;
mod own;
mod packages;
mod parameters;
mod portability;
mod reach;
mod ruleset;
mod testing;
mod text;
mod value;

pub use bounds::PATIENCE;
pub use catalog::{Catalog, Rule};
pub use data::Data;
pub(crate) use embedded::{json as embedded_json, kinds as embedded_kinds, text as embedded};
pub use engine::{Evaluator, Related, Verdict};
pub use files::{PolicyFile, PolicyFiles};
pub use inquiry::{Inquiry, Refusal};
pub use metadata::{Declaration, Examples, Guard, Scope, ValueType};
pub use parameters::{Parameter, Parameters};
pub use portability::portability;
pub use ruleset::{Question, Ruleset, Subject};
pub(crate) use value::json;

pub use testing::{Coverage, Outcome, TestReport, TestResult, run as run_tests};
