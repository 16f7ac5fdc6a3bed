//! What rules read below `data` besides each other: documents that people give.

use kustomize::{Error, Node};
use regorus::unstable::Module;
use regorus::{Engine, Value};

use super::bounds::survive;
use super::heads::heads;
use super::{own, value};
use crate::problem::invalid;

/// Documents, merged, and as they were read.
#[derive(Clone, Debug, Default)]
pub struct Data {
    merged: Option<Value>,
    trees: Vec<Node>,
}

impl Data {
    /// Adds a document at a path of `data`.
    ///
    /// # Errors
    /// For what another document says otherwise, and for what is kubevet's own.
    pub fn add(&mut self, path: &[String], tree: &Node) -> Result<(), Error> {
        let mut data = value::from_node(tree);
        for step in path.iter().rev() {
            data = value::with_entry(Value::new_object(), step, data);
        }
        let taken = data.as_object().ok().and_then(|map| map.keys().find_map(|key| own::has_data(key.as_string().ok()?)));
        if let Some(taken) = taken {
            return Err(invalid(format!("data.{taken} is kubevet's own")).help("call it something else"));
        }
        // The engine knows how documents merge.
        let mut engine = Engine::new();
        // What the engine says behind that are the values.
        let failed = |error: String| {
            let what = error.split(" generated multiple times").next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            invalid(format!("this does not fit what other documents of --data say: the {what} is there already, and another one"))
        };
        self.give(&mut engine).and_then(|()| survive(|| engine.add_data(data))).map_err(failed)?;
        self.merged = Some(engine.get_data());
        self.trees.push(tree.clone());
        Ok(())
    }

    /// The documents.
    pub fn trees(&self) -> &[Node] {
        &self.trees
    }

    /// Gives all documents to an engine.
    pub(super) fn give(&self, engine: &mut Engine) -> Result<(), String> {
        self.merged.iter().try_for_each(|data| survive(|| engine.add_data(data.clone())))
    }

    /// Refuses data where a module has a rule, or its package: it would hide what the rule finds.
    pub(super) fn check(&self, module: &Module) -> Result<(), Error> {
        let Some(data) = &self.merged else { return Ok(()) };
        let path = own::path(&module.package.refr);
        let mut at = data;
        let mut walked = Vec::new();
        let conflict = |path: &[&str]| {
            let message =
                format!("--data has data.{}, which is what {} defines", path.join("."), module.package.refr.span().source.get_path());
            Err(invalid(message).help("the one would hide the other: call the data something else"))
        };
        for step in path {
            walked.push(step);
            match value::get(at, step) {
                Some(next @ Value::Object(_)) => at = next,
                Some(_) => return conflict(&walked),
                None => return Ok(()),
            }
        }
        match heads(module).iter().find(|name| value::get(at, name).is_some()) {
            Some(name) => conflict(&[walked.as_slice(), &[name]].concat()),
            None => Ok(()),
        }
    }

    /// Whether two say the same.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.merged == other.merged
    }
}
