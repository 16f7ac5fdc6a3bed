//! What one build may make and look at.
//!
//! A few lines of YAML can ask for any amount of work: bases that double at each level, a value copied into itself, a text put before each
//! of many names. So whatever makes something or goes through something charges it to the one budget of the build, before or right when it
//! is done, and the build ends with an error at the line that asked for too much. A base that several builds share charges each of them what
//! building it would, so that it does not matter who was first.

use std::cell::Cell;

use crate::error::{Error, ErrorKind};
use crate::yaml::node::{Node, Value};

/// The limits of one build.
///
/// A repository of 20,000 objects, 14 MB of YAML, makes 700,000 values and 50 MB of text in 3,000,000 steps. At the limit a build takes some
/// 500 MiB and a few seconds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many values (scalars, maps, lists) may be read, copied and set.
    pub values: u64,
    /// How many bytes of text may be read, copied and set.
    pub bytes: u64,
    /// How many steps the build may take: one is to make or to look at one value, or to see whether something is meant for one object.
    pub steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { values: 4_000_000, bytes: 128 << 20, steps: 200_000_000 }
    }
}

/// An amount of what [`Limits`] limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) values: u64,
    pub(crate) bytes: u64,
    pub(crate) steps: u64,
}

impl Cost {
    /// To make values with so much text.
    pub(crate) fn of(values: usize, bytes: usize) -> Self {
        Self { values: values as u64, bytes: bytes as u64, steps: values as u64 }
    }

    /// To have one object more, besides its values: its names and where to find it.
    pub(crate) const OBJECT: Self = Self { values: 20, bytes: 0, steps: 20 };

    /// To set one text.
    pub(crate) fn text(text: &str) -> Self {
        Self::of(1, text.len())
    }

    /// To make a copy of a tree.
    pub(crate) fn tree(node: &Node) -> Self {
        let mut cost = Self { values: 1, bytes: 0, steps: 1 };
        match &node.value {
            Value::Scalar(scalar) => cost.bytes = scalar.text.len() as u64,
            Value::Seq(seq) => seq.items.iter().for_each(|item| cost.add(Self::tree(item))),
            Value::Map(map) => map.entries().iter().for_each(|entry| {
                cost.bytes += entry.key.text.len() as u64;
                cost.add(Self::tree(&entry.value));
            }),
        }
        cost
    }

    /// To look at so much.
    pub(crate) fn steps(steps: usize) -> Self {
        Self { values: 0, bytes: 0, steps: steps as u64 }
    }

    /// About how many bytes of memory that takes.
    pub(crate) fn memory(self) -> u64 {
        self.values.saturating_mul(100).saturating_add(self.bytes)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.values = self.values.saturating_add(other.values);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.steps = self.steps.saturating_add(other.steps);
    }

    /// How much more this is than `earlier`.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self { values: self.values - earlier.values, bytes: self.bytes - earlier.bytes, steps: self.steps - earlier.steps }
    }
}

/// The limits of a build and what it has used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget {
    limits: Limits,
    used: Cell<Cost>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// What was charged so far.
    pub(crate) fn used(&self) -> Cost {
        self.used.get()
    }

    /// Whether there is room for that much more.
    pub(crate) fn allows(&self, cost: Cost) -> bool {
        let mut used = self.used.get();
        used.add(cost);
        used.values <= self.limits.values && used.bytes <= self.limits.bytes && used.steps <= self.limits.steps
    }

    /// Charges something whose maker cannot fail; the next [`Self::charge`] does.
    pub(crate) fn count(&self, cost: Cost) {
        let mut used = self.used.get();
        used.add(cost);
        self.used.set(used);
    }

    /// Charges something.
    ///
    /// # Errors
    /// Where that is more than there may be; the error has no place.
    #[inline]
    pub(crate) fn charge(&self, cost: Cost) -> Result<(), Error> {
        self.count(cost);
        if self.allows(Cost::default()) { Ok(()) } else { Err(self.exceeded()) }
    }

    #[cold]
    fn exceeded(&self) -> Error {
        let (Limits { values, bytes, .. }, used) = (self.limits, self.used.get());
        let limit = if used.values > values {
            format!("{values} values")
        } else if used.bytes > bytes {
            format!("{} MiB of text", bytes >> 20)
        } else {
            format!("{} steps", self.limits.steps)
        };
        let help =
            "make less of it: fewer objects, labels, copies or levels of bases in one overlay; build parts of it as overlays of their own";
        Error::new(ErrorKind::Limit, format!("the build needs more than {limit}")).help(help)
    }
}
