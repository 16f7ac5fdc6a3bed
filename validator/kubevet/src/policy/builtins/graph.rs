//! Paths in graphs, as OPA counts them: from a neighbour of a start on, a node that was passed ends every other way to it.

use std::collections::BTreeSet;

use regorus::Value;

use super::{Answer, Refusal, wrong};

/// Nodes of all paths together.
const MOST: usize = 1 << 20;

/// How long a path may be: each node takes its part of the stack.
const LONGEST: usize = 2000;

/// `graph.reachable_paths(graph, starts)`
pub(super) fn reachable_paths(arguments: &[Value]) -> Answer {
    let [graph @ Value::Object(_), starts] = arguments else { return Err(wrong("a graph and its starts")) };
    let Some(starts) = nodes(starts) else { return Err(wrong("a list or set of starts")) };
    let mut search = Search { graph, found: BTreeSet::new(), size: 0 };
    for start in starts {
        let Some(neighbours) = edges(graph, start) else { continue };
        if neighbours.is_empty() {
            search.keep(&[start])?;
        }
        for neighbour in neighbours {
            search.follow(neighbour, &mut vec![start], &mut BTreeSet::from([start]))?;
        }
    }
    Ok(Value::from(search.found))
}

struct Search<'a> {
    graph: &'a Value,
    found: BTreeSet<Value>,
    size: usize,
}

impl<'a> Search<'a> {
    fn follow(&mut self, node: &'a Value, path: &mut Vec<&'a Value>, passed: &mut BTreeSet<&'a Value>) -> Result<(), Refusal> {
        if path.len() > LONGEST {
            return Err(Refusal::Much(format!("found a path of more than {LONGEST} nodes")));
        }
        let Some(neighbours) = edges(self.graph, node) else { return self.keep(path) };
        path.push(node);
        if neighbours.is_empty() {
            self.keep(path)?;
        }
        for neighbour in neighbours {
            if passed.contains(neighbour) {
                self.keep(path)?;
            } else {
                passed.insert(node);
                self.follow(neighbour, path, passed)?;
            }
        }
        path.pop();
        Ok(())
    }

    fn keep(&mut self, path: &[&Value]) -> Result<(), Refusal> {
        self.size += path.len();
        if self.size > MOST {
            return Err(Refusal::Much(format!("found paths of more than {MOST} nodes")));
        }
        self.found.insert(Value::from(path.iter().map(|node| (*node).clone()).collect::<Vec<_>>()));
        Ok(())
    }
}

/// The neighbours of a node; nothing where the graph doesn't have it.
fn edges<'a>(graph: &'a Value, node: &Value) -> Option<Vec<&'a Value>> {
    match graph.as_object().ok()?.get(node)? {
        Value::Null => Some(Vec::new()),
        neighbours => nodes(neighbours),
    }
}

fn nodes(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Set(items) => Some(items.iter_sorted().collect()),
        _ => None,
    }
}
