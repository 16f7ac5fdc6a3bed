//! Edits of a YAML text that stands in a block of another one, as patches do in a kustomization.

use kustomize::Node;
use kustomize::yaml::Dialect;

use super::edit::{documents, edit};
use super::refusal::Refusal;
use super::tree::Change;
use crate::locate;
use crate::location::Step;

/// Whether a value is written as a block of lines as they are. What is read as JSON does not keep how it was written.
pub(super) fn is_block(file: &str, node: &Node) -> bool {
    node.as_scalar().is_some() && file.get(node.origin.start as usize..).is_some_and(|text| text.starts_with('|'))
}

/// Where a text stands in another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outer {
    /// The document of the file.
    pub(crate) document: usize,
    /// The block in it.
    pub(crate) path: Vec<Step>,
    /// How the file is read.
    pub(crate) is_kustomization: bool,
}

impl Outer {
    fn dialect(&self) -> Dialect {
        if self.is_kustomization { Dialect::YamlV2 } else { Dialect::YamlV3 }
    }

    fn block<'n>(&self, file: &str, documents: &'n [Node]) -> Result<&'n Node, Refusal> {
        let block = documents.get(self.document).and_then(|root| locate::resolve(root, &self.path));
        let block = block.ok_or_else(Refusal::not_there)?;
        if is_block(file, block) {
            Ok(block)
        } else {
            Err(Refusal::new("the patch stands in the kustomization in another way than as a block (`|`)"))
        }
    }

    /// The text.
    ///
    /// # Errors
    /// There is none, or it is no block of lines as they are.
    pub(crate) fn text(&self, file: &str) -> Result<String, Refusal> {
        let documents = documents(file, self.dialect())?;
        Ok(self.block(file, &documents)?.text().unwrap_or_default().to_owned())
    }

    /// Changes a document of the text; gives the whole file.
    ///
    /// # Errors
    /// Those of [`edit`], and where the lines of the block can't be told.
    pub(crate) fn edit(&self, file: &str, dialect: Dialect, document: usize, change: &Change) -> Result<String, Refusal> {
        let before = documents(file, self.dialect())?;
        let block = self.block(file, &before)?;
        let old = block.text().unwrap_or_default().to_owned();
        let new = edit(&old, dialect, document, change)?;
        let (start, end) = (block.origin.start as usize, block.origin.end as usize);
        let unclear = || Refusal::new("the lines of the patch in the kustomization can't be told apart");
        let written = file.get(start..end).ok_or_else(unclear)?;
        let header = written.find('\n').ok_or_else(unclear)? + 1;
        let body = written.get(header..).ok_or_else(unclear)?;
        let line_break = if body.contains("\r\n") { "\r\n" } else { "\n" };
        let rows: Vec<&str> = body.split('\n').map(|row| row.trim_end_matches('\r')).collect();
        let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
            (old.trim_end_matches('\n').split('\n').collect(), new.trim_end_matches('\n').split('\n').collect());
        let indentation = std::iter::zip(&rows, &old_lines).find(|(_, line)| !line.is_empty());
        let indentation = indentation.and_then(|(row, line)| row.strip_suffix(line)).ok_or_else(unclear)?;
        let from = std::iter::zip(&old_lines, &new_lines).take_while(|(old, new)| old == new).count();
        let most = old_lines.len().min(new_lines.len()) - from;
        let same = std::iter::zip(old_lines.iter().rev(), new_lines.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
        let kept = |range: std::ops::Range<usize>| rows.get(range).ok_or_else(unclear);
        let fresh = new_lines.get(from..new_lines.len() - same).ok_or_else(unclear)?;
        let fresh = fresh.iter().map(|line| if line.is_empty() { String::new() } else { format!("{indentation}{line}") });
        let rows: Vec<String> = kept(0..from)?
            .iter()
            .map(|row| (*row).to_owned())
            .chain(fresh)
            .chain(kept(old_lines.len() - same..rows.len())?.iter().map(|row| (*row).to_owned()))
            .collect();
        let splice = [&file[..start + header], &rows.join(line_break), &file[end..]].concat();
        let mut intended = before.clone();
        let scalar = intended.get_mut(self.document).and_then(|root| super::tree::found(root, &self.path)).and_then(Node::as_scalar_mut);
        scalar.ok_or_else(unclear)?.text = new.into();
        if documents(&splice, self.dialect())? != intended {
            return Err(Refusal::new("the patch in the kustomization can't be written again as it would have to be"));
        }
        Ok(splice)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_keep_their_shape() {
        let path = |keys: &[&str]| {
            keys.iter().map(|key| key.parse().map_or_else(|_| Step::Key((*key).to_owned()), Step::Index)).collect::<Vec<_>>()
        };
        let outer = Outer { document: 0, path: path(&["patches", "0", "patch"]), is_kustomization: true };
        let change = Change::Set(path(&["b", "c"]), json!(1));
        for (before, after) in [
            (
                "patches:\n  - patch: |-\n      a: 1\n      b:\n        d: 2\n    target: {kind: X}\n",
                "patches:\n  - patch: |-\n      a: 1\n      b:\n        d: 2\n        c: 1\n    target: {kind: X}\n",
            ),
            ("patches:\n- patch: |\n    # on a\n\n    b: {}\n", "patches:\n- patch: |\n    # on a\n\n    b:\n      c: 1\n"),
            ("patches:\n- patch: |\n    a: 1", "patches:\n- patch: |\n    a: 1\n    b:\n      c: 1"),
            (
                "patches:\r\n- patch: |-\r\n    b:\r\n      a: 1\r\nx: 1\r\n",
                "patches:\r\n- patch: |-\r\n    b:\r\n      a: 1\r\n      c: 1\r\nx: 1\r\n",
            ),
        ] {
            assert_eq!(outer.edit(before, Dialect::YamlV3, 0, &change).as_deref(), Ok(after));
        }
        assert!(outer.edit("patches:\n- patch: 'a: 1'\n", Dialect::YamlV3, 0, &change).is_err());
    }
}
