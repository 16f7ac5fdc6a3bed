//! "Did you mean": the candidate that is closest to a misspelt word.

/// The candidate closest to `word`, if it is close enough to be meant. Differences in case cost nothing.
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    const LONGEST: usize = 64;
    // Among so many, one that is close says little, and comparing with each takes long.
    const MOST: usize = 500;
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    // A word of one letter is near to every other such word.
    let limit = (1 + lower.chars().count() / 4).min(lower.chars().count() - 1);
    let measured = candidates.into_iter().take(MOST).filter(|candidate| !candidate.is_empty() && candidate.len() <= LONGEST);
    let measured = measured.map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate));
    measured.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Whether one word is the other with one slip, or in other case. Short words are too near to each other to tell.
pub(crate) fn is_slip(word: &str, meant: &str) -> bool {
    const SHORT: usize = 5;
    let (word, meant) = (word.to_lowercase(), meant.to_lowercase());
    word == meant || (word.len() >= SHORT && word.len().abs_diff(meant.len()) <= 1 && distance(&word, &meant) == 1)
}

/// Edits (insert, delete, replace, swap neighbours) from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (i, x) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let replace = row[j] + usize::from(x != *y);
            let mut best = replace.min(row[j + 1] + 1).min(next[j] + 1);
            if j > 0 && last == Some(*y) && b[j - 1] == x {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(x);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_words_are_meant() {
        let fields = ["image", "imagePullPolicy", "name", "ports", "livenessProbe"];
        for (word, meant) in [
            ("imagePullPolcy", Some("imagePullPolicy")),
            ("IMAGE", Some("image")),
            ("liveness_probe", Some("livenessProbe")),
            ("nmae", Some("name")),
            ("port", Some("ports")),
            ("volumes", None),
            ("", None),
        ] {
            assert_eq!(closest(word, fields), meant, "{word}");
        }
    }
}
