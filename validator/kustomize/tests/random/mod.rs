//! Kustomizations that nobody has thought of: the same for the same seed.

mod kustomizations;
mod objects;

use std::fs;
use std::path::Path;

/// Numbers that look random (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// True in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub(crate) fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

/// Files of a root, and what it is called.
pub(crate) struct Root {
    files: Vec<(String, String)>,
    /// The directory to build.
    pub(crate) directory: &'static str,
}

impl Root {
    /// That of a seed. No two seeds have objects of the same names.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut writer = kustomizations::Writer::new(&mut random, seed);
        let directory = writer.root();
        Self { files: writer.files, directory }
    }

    pub(crate) fn lay_out(&self, below: &Path) {
        for (path, text) in &self.files {
            let path = below.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}
