//! Mends findings: proposes fixes, proves them together, and goes on until there is nothing left to mend.

use super::outcome::{Mended, Options};
use super::work::Work;
use crate::check::{Memory, Settings, selection};
use crate::findings::Finding;
use crate::input::Input;
use crate::problem::Problem;
use crate::project::Project;

/// How often what became fixable is fixed too. What takes longer goes in a circle.
const ROUNDS: usize = 64;

/// Mends the findings of the inputs, as far as that can be proved. Nothing is written.
pub fn mend(project: &Project, inputs: &[Input], settings: &Settings, options: &Options) -> Mended {
    mend_again(project, inputs, settings, options, Memory::default())
}

/// Mends findings as [`mend()`] does; what is known of the inputs need not be done again.
pub fn mend_again(project: &Project, inputs: &[Input], settings: &Settings, options: &Options, memory: Memory) -> Mended {
    let selected = match selection(&options.rules, &project.catalog.ids()) {
        Ok(selected) => selected,
        Err(error) => return Mended { problems: vec![Problem::configuration("unknown-rule", error)], ..Mended::default() },
    };
    let is_asked = |finding: &Finding| selected(&finding.rule);
    let mut work = Work::begin(project, inputs, settings, memory);
    for _ in 0..ROUNDS {
        let batch = work.batch(&is_asked, options);
        if !batch.is_empty() {
            work.settle(batch, options);
        } else if !work.reconsider() {
            break;
        }
    }
    work.end(&is_asked, options)
}
