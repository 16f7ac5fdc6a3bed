//! Which line is of which fix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use similar::{DiffOp, TextDiff};

use super::texts::Texts;

/// For each edited file, the fixes of each line.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks(BTreeMap<PathBuf, Vec<BTreeSet<usize>>>);

impl Marks {
    /// Marks what a fix changes from one state to the next.
    pub(super) fn add(&mut self, fix: usize, before: &Texts, after: &Texts) {
        for (path, text) in after.edited() {
            let old = before.get(path).ok().flatten().unwrap_or_else(|| "".into());
            if old == *text {
                continue;
            }
            let known = self.0.entry(path.to_owned()).or_default();
            known.resize(old.lines().count(), BTreeSet::new());
            let mut marks = Vec::with_capacity(text.lines().count());
            let mut gone = false;
            for op in TextDiff::from_lines(&*old, text).ops() {
                match *op {
                    DiffOp::Equal { old_index, len, .. } => {
                        for at in old_index..old_index + len {
                            let mut mark = known.get(at).cloned().unwrap_or_default();
                            if std::mem::take(&mut gone) {
                                mark.insert(fix);
                            }
                            marks.push(mark);
                        }
                    }
                    DiffOp::Delete { .. } => gone = true,
                    DiffOp::Insert { new_len, .. } => marks.extend(std::iter::repeat_n(BTreeSet::from([fix]), new_len)),
                    DiffOp::Replace { old_index, old_len, new_len, .. } => {
                        let mut mark: BTreeSet<usize> =
                            (old_index..old_index + old_len).filter_map(|at| known.get(at)).flatten().copied().collect();
                        mark.insert(fix);
                        marks.extend(std::iter::repeat_n(mark, new_len));
                    }
                }
            }
            if let (true, Some(last)) = (gone, marks.last_mut()) {
                last.insert(fix);
            }
            *known = marks;
        }
    }

    pub(super) fn of(&self, path: &Path) -> Vec<BTreeSet<usize>> {
        self.0.get(path).cloned().unwrap_or_default()
    }
}
