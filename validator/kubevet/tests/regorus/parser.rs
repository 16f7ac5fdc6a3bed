//! What the engine's parser takes and refuses.

use std::time::Instant;

use serde_json::json;

use super::{compiled, differs, plain};

/// Workaround: `internal.template_string`.
#[test]
fn strings_with_values_in_them() {
    differs("p := $\"a {input.b} {input.c}\"", r#"{"b": [1]}"#, "error: ", json!("a [1] <undefined>"));
}

/// Workaround: kubevet's own parser reads the older syntax and prints the newer one.
#[test]
fn the_older_syntax() {
    differs("p[x] { x := input.a }", r#"{"a": 1}"#, "error: ", json!([1]));
}

/// Workaround: `cost` refuses what would take too long.
#[test]
fn brackets_take_twice_the_time_at_each_level() {
    let nested = |depth: usize| format!("p := {}1{}", "[".repeat(depth), "]".repeat(depth));
    let time = |depth: usize| {
        let start = Instant::now();
        plain(&nested(depth), "{}");
        start.elapsed()
    };
    // The first call also prepares what all have in common.
    time(1);
    assert!(time(16) > 6 * time(10), "the time grows with the depth only");
    let refused = compiled(&nested(40), "{}");
    assert!(refused.as_str().is_some_and(|text| text.contains("nested too deep")), "{refused}");
}
