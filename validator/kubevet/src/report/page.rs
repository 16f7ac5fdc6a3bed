//! A page of Markdown that is never larger than GitHub takes.

/// GitHub takes 65,536 characters, of which none is shorter than a byte; the rest is for what is around the page.
pub(crate) const LONGEST: usize = 60_000;

/// Room for the ends of a part.
pub(crate) const ENDS: usize = 200;

/// What was written so far.
#[derive(Debug, Default)]
pub(crate) struct Page(pub(crate) String);

impl Page {
    /// Adds a part if there is room for it, and for what ends the part that it is in.
    pub(crate) fn add(&mut self, part: &str, most: usize) -> bool {
        let fits = self.0.len() + part.len() + ENDS <= most;
        if fits {
            self.0.push_str(part);
        }
        fits
    }

    /// Adds parts, and says how many there was no room for.
    pub(crate) fn add_all(&mut self, parts: impl ExactSizeIterator<Item = String>, most: usize, rest: impl Fn(usize) -> String) {
        let all = parts.len();
        for (done, part) in parts.enumerate() {
            if !self.add(&part, most) {
                return self.end(&rest(all - done));
            }
        }
    }

    /// Adds what there is always room for.
    pub(crate) fn end(&mut self, part: &str) {
        self.0.push_str(part);
    }
}
