//! The digests that images are pinned to.

use std::collections::{BTreeMap, HashMap};

use crate::objects::{Index, Object};

/// For each object: the images of its containers that are not pinned, and the digest that the same text is pinned to somewhere among all objects.
pub fn pinned(index: &Index<'_>) -> Vec<BTreeMap<String, String>> {
    let mut digests: HashMap<&str, Option<&str>> = HashMap::new();
    for (image, digest) in index.objects.iter().flat_map(images).filter_map(|image| image.split_once('@')) {
        // Which of two is meant nobody knows.
        digests.entry(image).and_modify(|known| *known = known.filter(|known| *known == digest)).or_insert(Some(digest));
    }
    let of_object = |object: &Object<'_>| {
        if digests.is_empty() {
            return BTreeMap::new();
        }
        let known = images(object).filter_map(|image| Some((image, (*digests.get(image)?)?)));
        known.map(|(image, digest)| (image.to_owned(), digest.to_owned())).collect()
    };
    index.objects.iter().map(of_object).collect()
}

fn images<'a>(object: &Object<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let template = object.pod_template();
    let containers: Vec<_> = template.iter().flat_map(|template| template.containers()).collect();
    containers.into_iter().filter_map(|(_, container)| container.str_at(&["image"]))
}
