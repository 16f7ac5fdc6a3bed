//! How large values are: characters, elements, entries.

/// Between so many and so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Size {
    pub(super) const ONE: Size = Size { least: 1, most: 1 };
    pub(super) const UNKNOWN: Size = Size { least: 0, most: u64::MAX };

    pub(super) fn exactly(count: usize) -> Size {
        Size { least: count as u64, most: count as u64 }
    }

    /// That of the elements of a list before the first one is looked at.
    pub(super) fn of_none(is_empty: bool) -> Size {
        Size { least: if is_empty { 0 } else { u64::MAX }, most: 0 }
    }

    /// That of one of two.
    pub(super) fn or(self, other: Size) -> Size {
        Size { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    /// That of one after the other.
    pub(super) fn plus(self, other: Size) -> Size {
        Size { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }

    /// That of as many of them as another one says.
    pub(super) fn by(self, other: Size) -> Size {
        Size { least: self.least.saturating_mul(other.least), most: self.most.saturating_mul(other.most) }
    }
}

/// Those of the keys and values of a list or map that an expression makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Elements {
    pub(super) is_list: bool,
    pub(super) key: Size,
    pub(super) value: Size,
}

impl Elements {
    pub(super) fn or(self, other: Elements) -> Elements {
        Elements { key: self.key.or(other.key), value: self.value.or(other.value), ..self }
    }
}

/// A number times a factor, rounded up.
pub(super) fn times(number: u64, factor: f64) -> u64 {
    (number as f64 * factor).ceil() as u64
}
