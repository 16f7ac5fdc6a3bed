//! The digests that images are pinned to elsewhere.

mod common;

use common::{deployment, facts};
use serde_json::{Value, json};

/// What the images of the first of some deployments are pinned to; each has one.
fn pinned(images: &[&str]) -> Value {
    let objects = images.iter().enumerate();
    let manifests: String = objects.map(|(at, image)| deployment(&format!("d{at}"), "").replace("example/app", image)).collect();
    json!(facts(&manifests).objects[0].pinned)
}

#[test]
fn a_digest_is_known_where_one_stands_for_the_same_text() {
    assert_eq!(pinned(&["redis:7", "redis:7@sha256:a"]), json!({"redis:7": "sha256:a"}));
    assert_eq!(pinned(&["redis:7", "redis:8@sha256:a"]), json!({}));
    assert_eq!(pinned(&["redis:7", "redis:7@sha256:a", "redis:7@sha256:a"]), json!({"redis:7": "sha256:a"}));
    assert_eq!(pinned(&["redis:7", "redis:7@sha256:a", "redis:7@sha256:b"]), json!({}), "which of the two?");
    assert_eq!(pinned(&["redis:7@sha256:a", "redis:7@sha256:a"]), json!({}), "it is pinned");
}
