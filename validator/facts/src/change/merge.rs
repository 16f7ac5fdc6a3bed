//! How `kubectl apply` changes an object: the three-way strategic merge of what was applied last, what is applied now, and what is there.
//!
//! What `new` lacks and `old` had is deleted; what both lack stays; lists are merged by their merge keys or replaced, as the schema says
//! (`k8s.io/apimachinery/pkg/util/strategicpatch`). Objects without a schema are merged as JSON, which replaces lists.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::Refusal;
use super::shape::{Shape, identity};
use crate::objects::Path;
use crate::schema::table::Merge;

/// One merge and what makes it impossible.
#[derive(Default)]
pub(super) struct Merger {
    /// Elements that can't be merged, because they lack their merge key.
    pub(super) refused: Vec<Refusal>,
}

impl Merger {
    /// The object after `new` was applied over `live`, which `old` made.
    pub(super) fn apply(&mut self, old: &Json, new: &Json, live: &Json, shape: Shape) -> Json {
        self.value(Some(old), new, live, shape, None, &Path::default())
    }

    fn value(&mut self, old: Option<&Json>, new: &Json, live: &Json, shape: Shape, merge: Option<&'static Merge>, path: &Path) -> Json {
        match (new, live) {
            (Json::Object(new), Json::Object(live)) if !merge.is_some_and(|merge| merge.replaces) => {
                let retains = merge.is_some_and(|merge| merge.retains_keys);
                Json::Object(self.map(old.and_then(Json::as_object), new, live, shape, retains, path))
            }
            (Json::Array(new), Json::Array(live)) if merge.is_some_and(|merge| merge.merges) => {
                let key = merge.map_or("", |merge| &merge.key);
                let old = old.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
                Json::Array(if key.is_empty() { set(old, new, live) } else { self.list(old, new, live, shape, key, path) })
            }
            _ => without_nulls(new),
        }
    }

    fn map(
        &mut self,
        old: Option<&Map<String, Json>>,
        new: &Map<String, Json>,
        live: &Map<String, Json>,
        shape: Shape,
        retains: bool,
        path: &Path,
    ) -> Map<String, Json> {
        let mut result = Map::new();
        for (key, live) in live {
            let was = old.and_then(|old| old.get(key));
            match new.get(key) {
                Some(Json::Null) => {}
                Some(new) => {
                    let merged = self.value(was, new, live, shape.field(key), shape.merge(key), &path.with(&**key));
                    result.insert(key.clone(), merged);
                }
                None if was.is_none() => _ = result.insert(key.clone(), live.clone()),
                None => {}
            }
        }
        for (key, new) in new.iter().filter(|(key, new)| !live.contains_key(*key) && !new.is_null()) {
            result.insert(key.clone(), without_nulls(new));
        }
        if retains && &result != live {
            result.retain(|key, _| new.contains_key(key));
        }
        result
    }

    fn list(&mut self, old: &[Json], new: &[Json], live: &[Json], shape: Shape, key: &str, path: &Path) -> Vec<Json> {
        let key = [Box::from(key)];
        if let Some(at) = new.iter().position(|item| identity(item, &key).is_none()) {
            self.refuse(&path.with(at), &key[0]);
            return new.to_vec();
        }
        let (news, lives, olds) = (Groups::of(new, &key), Groups::of(live, &key), Groups::of(old, &key));
        let mut result = Vec::new();
        let mut done: HashMap<String, usize> = HashMap::new();
        for (at, item) in new.iter().enumerate() {
            let id = identity(item, &key).unwrap_or_default();
            let turn = done.entry(id.clone()).and_modify(|turn| *turn += 1).or_insert(0);
            let (all, lives) = (news.get(&id), lives.get(&id));
            let (path, last) = (path.with(at), lives.len().max(1) - 1);
            if *turn > last {
                continue;
            }
            // Elements that the list has more often than before all end in one, the first of them last.
            let extra = if *turn == last { all.iter().skip(*turn + 1).rev().copied().collect() } else { Vec::new() };
            let mut merged = lives.get(*turn).map_or_else(|| Json::Object(Map::new()), |live| (*live).clone());
            for item in &extra {
                merged = self.value(None, item, &merged, shape.item(), None, &path);
            }
            let old = olds.get(&id).get(*turn).copied();
            result.push(self.value(old, item, &merged, shape.item(), None, &path));
        }
        // What neither names is the server's, and stays where it was.
        for (at, item) in live.iter().enumerate() {
            let id = identity(item, &key).unwrap_or_default();
            if news.get(&id).is_empty() && olds.get(&id).is_empty() {
                result.insert(at.min(result.len()), item.clone());
            }
        }
        result
    }

    fn refuse(&mut self, path: &Path, key: &str) {
        self.refused.push(Refusal {
            path: path.clone(),
            field: path.to_string(),
            reason: super::Why::Client,
            message: format!("has no {key}, by which kubectl merges the elements of this list, so nothing is sent to the API server"),
        });
    }
}

/// The elements of a list, by what tells them apart.
struct Groups<'a>(HashMap<String, Vec<&'a Json>>);

impl<'a> Groups<'a> {
    fn of(list: &'a [Json], key: &[Box<str>]) -> Self {
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
        for item in list {
            groups.entry(identity(item, key).unwrap_or_default()).or_default().push(item);
        }
        Groups(groups)
    }

    fn get(&self, id: &str) -> &[&'a Json] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }
}

/// A list of values that are merged as a set.
fn set(old: &[Json], new: &[Json], live: &[Json]) -> Vec<Json> {
    let mut result: Vec<Json> = Vec::new();
    for item in new {
        if !result.contains(item) {
            result.push(item.clone());
        }
    }
    result.extend(live.iter().filter(|item| !new.contains(item) && !old.contains(item)).cloned());
    result
}

fn without_nulls(value: &Json) -> Json {
    match value {
        Json::Object(fields) => Json::Object(
            fields.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), without_nulls(value))).collect(),
        ),
        Json::Array(items) => Json::Array(items.iter().map(without_nulls).collect()),
        value => value.clone(),
    }
}
