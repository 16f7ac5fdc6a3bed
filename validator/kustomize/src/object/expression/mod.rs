//! Regular expressions of kustomizations and of Kubernetes, which are Go's: what Go refuses is refused, and what it accepts means what it means there.
//!
//! Rust's syntax is much the same, but wider in some places (set operations, stacked repetitions, `\<`) and narrower in others (`\Q…\E`, a `{`
//! that repeats nothing, octal escapes), and its `\d`, `\s`, `\w` and `\b` are those of Unicode. So each expression is written anew. On the way
//! it is weighed, because a few characters can ask for an automaton of any size.

mod classes;
mod translation;

use regex::{Regex, RegexBuilder};

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::{Error, ErrorKind};

use translation::Translation;

/// The largest automaton, in bytes; real ones have some kilobytes.
const LARGEST: usize = 4 << 20;

/// Steps that it takes to compile an expression, and to compile a part of it for one character.
const STEPS: (usize, usize) = (500, 20);

/// How many bytes of text count as one step, for an expression for one character.
const BYTES_OF_STEP: usize = 32;

/// A compiled expression.
pub(crate) struct Expression {
    regex: Regex,
    weight: usize,
}

impl Expression {
    /// Compiles the expression that Kustomize makes of what is `written`; its errors have no place.
    ///
    /// # Errors
    /// Where Go would not compile it, and where it is more than the build may use.
    pub(crate) fn new(context: &Context, written: &str, go: &str) -> Result<Self, Error> {
        let invalid = |why: &str| Error::new(ErrorKind::Invalid, format!("`{written}` is not a regular expression: {why}"));
        let (text, weight) = Translation::of(go).map_err(|why| invalid(&why))?;
        context.budget.charge(Cost::steps(STEPS.0 + weight.saturating_mul(STEPS.1)))?;
        let compiled = RegexBuilder::new(&text).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
        let regex = compiled.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                let message = format!("the regular expression `{written}` needs an automaton of more than {} MiB", LARGEST >> 20);
                Error::new(ErrorKind::Limit, message).help("repeat less of it")
            }
            // Nothing is left but names of Unicode that it does not have.
            error => invalid(error.to_string().lines().last().unwrap_or_default()),
        })?;
        Ok(Self { regex, weight })
    }

    /// Whether it matches a part of the text.
    pub(crate) fn is_match(&self, context: &Context, text: &str) -> bool {
        context.budget.count(Cost::steps(self.weight.saturating_mul(text.len()) / BYTES_OF_STEP));
        self.regex.is_match(text)
    }
}

/// A regular expression of Go in the syntax of the crate `regex`, where it means the same.
///
/// # Errors
/// Why Go does not compile it.
pub fn regex_of_go(go: &str) -> Result<String, String> {
    Translation::of(go).map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::Expression;
    use crate::context::Context;

    fn matches(go: &str, text: &str) -> bool {
        let context = Context::default();
        Expression::new(&context, go, go).unwrap_or_else(|error| panic!("{error}")).is_match(&context, text)
    }

    #[test]
    fn what_go_accepts_means_what_it_means_there() {
        let cases: &[(&str, &str, bool)] = &[
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^\Qab\E+$", "abb", true),
            ("^a{$", "a{", true),
            ("^a{,2}$", "a{,2}", true),
            ("^a{01}$", "a{01}", true),
            ("^{$", "{", true),
            ("^a{2,}?b$", "aab", true),
            (r"^\d$", "٣", false),
            (r"^\w$", "é", false),
            (r"^\W$", "é", true),
            (r"^\s$", "\u{b}", false),
            (r"^\s$", "\u{a0}", false),
            (r"\bé", "é", false),
            ("^[a&&b]+$", "a&b", true),
            ("^[+--]$", ",", true),
            ("^[[a]$", "[", true),
            ("^[]a]+$", "]a", true),
            ("^[^]a]$", "b", true),
            ("^[[:alpha:][:^space:]]$", "7", true),
            (r"^[\d\-x-]+$", "7-x", true),
            (r"^[\w-]+$", "a-b", true),
            (r"^\<a\>$", "<a>", true),
            (r"^\_\/$", "_/", true),
            (r"^\101\0$", "A\0", true),
            (r"^\x41\x{e9}$", "Aé", true),
            (r"^\pL\p{^L}\PL$", "a11", true),
            (r"^\p{Greek}$", "α", true),
            ("(?P<a>x)(?<b>y)", "xy", true),
            ("(?i)ABC", "abc", true),
            ("(?is-m:A.)b", "a\nb", true),
            ("(?i-s)A", "a", true),
            ("^a$|^b$", "a\n", false),
            ("(a|)(|b)()", "", true),
            ("(?:(?:a{10}){10}){10}", "a", false),
        ];
        for (go, text, expected) in cases {
            assert_eq!(matches(go, text), *expected, "{go} {text:?}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for go in [
            "*a",
            "a**",
            "a+*",
            "a{2}{3}",
            "a??+",
            "(*)",
            "(|+)",
            "(",
            ")",
            "a)b",
            "[",
            "[a",
            "[]",
            "[z-a]",
            "[a--c]",
            r"[a-\d]",
            "[[:foo:]]",
            r"\",
            r"\y",
            r"\1",
            r"\8",
            r"\u0041",
            r"\C",
            r"\Z",
            r"\x4",
            r"\x{110000}",
            r"\p{greek}",
            r"\p{Letter}",
            r"\p{Nothing}",
            "a{1001}",
            "a{2,1}",
            "(.{0,500}){0,20}",
            "(?x)a",
            "(?u:a)",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?P=a)",
            "(?P<a>x)(?P<a>y)",
            "(?P<>x)",
            "(?i-)a",
            "(?",
        ] {
            assert!(Expression::new(&Context::default(), go, go).is_err(), "{go}");
        }
    }
}
