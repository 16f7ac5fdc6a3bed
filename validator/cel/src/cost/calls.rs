//! What functions cost, and how large what they give is.

use super::size::{Size, times};
use super::{CHARACTER, Estimate, Estimator, LIST, MESSAGE, Place};
use crate::check::Type;
use crate::syntax::{Call, Expr, Kind, Literal};

/// What a character of a regular expression costs for each of the text.
const PATTERN: f64 = 0.25;

/// The longest regular expression behind a named format.
const LONGEST_FORMAT_PATTERN: f64 = 128.0;

/// What it costs to ask what a user may do: two questions an expression.
const QUESTION: u64 = 350_000;

/// The first minor version whose server takes functions that parse an address, a quantity or a version for cheap, however long the text.
const CHEAP_PARSING_SINCE: u32 = 34;

/// What a function itself costs, and the size of its result where it is known.
type Found = (u64, Option<Size>);

impl<'e, 'b> Estimator<'e, 'b> {
    pub(super) fn call(&mut self, call: &'e Call, expr: &Expr) -> Estimate<'b> {
        let target = call.target.as_ref().map(|target| self.of(target));
        let args: Vec<Estimate<'b>> = call.args.iter().map(|arg| self.of(arg)).collect();
        let operands = target.iter().chain(&args).fold(0, |cost: u64, operand| cost.saturating_add(operand.cost));
        if let ("dyn", [arg]) = (&*call.name, &args[..]) {
            return Estimate { cost: operands.saturating_add(1), place: Place::Nowhere, ..arg.clone() };
        }
        let (cost, size) = match &target {
            Some(target) => self.method(call, target, &args),
            None => self.function(call, &args),
        };
        self.result(operands.saturating_add(cost), size, expr)
    }

    fn function(&self, call: &'e Call, args: &[Estimate<'b>]) -> Found {
        let text = |place: usize| args.get(place).map_or(Size::UNKNOWN, Estimate::size);
        let of_type = |place: usize| call.args.get(place).map_or(&Type::Dyn, |arg| self.checked.of(arg));
        let first = text(0);
        let looked_at = times(first.most, CHARACTER);
        let is_any = u64::from(*of_type(0) == Type::Dyn);
        match &*call.name {
            "url" | "jsonpatch.escapeKey" => (looked_at, Some(first)),
            "cidr" | "isIP" | "isCIDR" | "ip" | "quantity" | "isQuantity" | "semver" | "isSemver" if self.minor < CHEAP_PARSING_SINCE => {
                (looked_at, None)
            }
            "ip.isCanonical" if self.minor < CHEAP_PARSING_SINCE => (times(first.most, 2.0 * CHARACTER), None),
            "sets.contains" | "sets.intersects" => (first.by(text(1)).most.saturating_add(1), None),
            "sets.equivalent" => (times(first.by(text(1)).most, 2.0).saturating_add(1), None),
            // A character has at most four bytes.
            "bytes" if matches!(of_type(0), Type::String | Type::Dyn) => {
                (looked_at.max(is_any), Some(Size { least: first.least, most: first.most.wrapping_mul(4) }))
            }
            "string" if matches!(of_type(0), Type::Bytes | Type::Dyn) => {
                (looked_at.max(is_any), Some(Size { least: first.least / 4, most: first.most }))
            }
            "strings.quote" => {
                (looked_at, Some(Size { least: first.least.saturating_add(2), most: first.most.wrapping_mul(2).wrapping_add(2) }))
            }
            _ => (1, None),
        }
    }

    fn method(&self, call: &'e Call, target: &Estimate<'b>, args: &[Estimate<'b>]) -> Found {
        let text = |place: usize| args.get(place).map_or(Size::UNKNOWN, Estimate::size);
        let (own, first) = (target.size(), text(0));
        let looked_at = times(own.most, CHARACTER);
        let searched = |pattern: Size| times(own.most.saturating_add(1), CHARACTER).saturating_mul(times(pattern.most, PATTERN));
        match (&*call.name, args.len()) {
            ("check", _) => (QUESTION, None),
            ("fieldSelector" | "labelSelector", 1) => {
                let requirements = times(times(first.most, 0.5), (LIST + MESSAGE) as f64);
                (LIST.saturating_add(times(first.most, CHARACTER)).saturating_add(requirements), None)
            }
            ("isSorted" | "sum" | "min" | "max" | "indexOf" | "lastIndexOf", _) => match self.element(call, target) {
                Some((Type::String | Type::Bytes, element)) => {
                    (own.most.saturating_mul(times(element.most, CHARACTER).saturating_add(1)), None)
                }
                Some(_) => (own.most, None),
                None => (looked_at, None),
            },
            ("lowerAscii" | "upperAscii" | "substring" | "trim", _) => (looked_at, Some(own)),
            ("replace", 2..) => (times(own.most, 2.0 * CHARACTER), Some(replaced(own, first, text(1)))),
            ("split", _) => {
                let most = match call.args.get(1).map(|limit| &limit.kind) {
                    Some(Kind::Literal(Literal::Int(limit))) => *limit as u64,
                    _ => own.most,
                };
                (times(own.most, 2.0 * CHARACTER), Some(Size { least: 0, most }))
            }
            ("join", _) => {
                let mut size = self.element(call, target).map_or(Size { least: 0, most: 0 }, |(_, element)| own.by(element));
                if !args.is_empty() {
                    let separators = Size { least: own.least.saturating_sub(1), most: own.most.saturating_sub(1) };
                    size = size.plus(first.by(separators));
                }
                (times(size.most, CHARACTER), Some(size))
            }
            ("find" | "findAll", 1..) => (searched(first), Some(Size { least: 0, most: own.most })),
            ("matches", 1) => (searched(first), None),
            ("contains", 1) => (looked_at.saturating_mul(times(first.most, CHARACTER)), None),
            ("startsWith" | "endsWith", 1) => (times(first.most, CHARACTER), None),
            ("format", _) => (looked_at, None),
            ("containsIP", 1) => (self.compared(call, first, 4), None),
            ("containsCIDR", 1) => (self.compared(call, first, 7), None),
            ("validate", 1) => (times(times(first.most, CHARACTER), LONGEST_FORMAT_PATTERN * PATTERN), None),
            _ => (1, None),
        }
    }

    /// The type and size of the elements of the list that a method is called on.
    fn element(&self, call: &Call, target: &Estimate<'b>) -> Option<(&'e Type, Size)> {
        let Type::List(item) = self.checked.of(call.target.as_deref()?) else { return None };
        let size = match target.place {
            Place::At(Some(bounds)) => bounds.element.as_ref().map(|element| Size { least: 0, most: element.most }),
            _ => None,
        };
        Some((item, size.unwrap_or(Size::UNKNOWN)))
    }

    /// An address compared with a network, after it is read where it is a text.
    fn compared(&self, call: &Call, address: Size, cost: u64) -> u64 {
        let is_text = call.args.first().is_some_and(|arg| matches!(self.checked.of(arg), Type::String | Type::Dyn));
        if is_text { times(address.most, CHARACTER).saturating_add(cost) } else { cost }
    }
}

/// A text with each of some parts replaced.
fn replaced(own: Size, part: Size, by: Size) -> Size {
    // How many parts there are, and how much is kept beside them. An empty part is before and after each character.
    let (count, kept) = if part.least == 0 {
        (own.most.saturating_add(1), own.most)
    } else if by.most <= part.least {
        (0, own.most)
    } else {
        ((own.most as f64 / part.least as f64).ceil() as u64, 0)
    };
    let most = count.saturating_mul(by.most).saturating_add(kept);
    let (count, kept) = if part.most == 0 {
        (own.least.saturating_add(1), own.least)
    } else if part.most <= by.least {
        (0, own.least)
    } else {
        ((own.least as f64 / part.most as f64).ceil() as u64, 0)
    };
    Size { least: count.saturating_mul(by.least).saturating_add(kept), most }
}
