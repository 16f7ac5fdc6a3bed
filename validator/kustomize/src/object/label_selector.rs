//! Kubernetes label selectors in their text form: `app=web,tier in (a, b),!legacy` (`labels.Parse` of apimachinery).

use crate::yaml::node::Node;

/// Requirements that must all hold.
pub(crate) struct LabelSelector(Vec<Requirement>);

struct Requirement {
    key: String,
    operator: Operator,
}

enum Operator {
    Exists,
    DoesNotExist,
    In(Vec<String>),
    NotIn(Vec<String>),
    GreaterThan(i64),
    LessThan(i64),
}

impl LabelSelector {
    /// Parses `text`; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { tokens: tokenize(text), at: 0, text };
        let mut requirements = Vec::new();
        if parser.tokens.is_empty() {
            return Ok(Self(requirements));
        }
        loop {
            requirements.push(parser.requirement()?);
            match parser.next() {
                None => return Ok(Self(requirements)),
                Some(token) if token == "," => {}
                Some(token) => return Err(parser.unexpected(&token, "`,`")),
            }
        }
    }

    /// Whether the map `labels` (or its absence) satisfies all requirements.
    pub(crate) fn matches(&self, labels: Option<&Node>) -> bool {
        self.0.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.get(&requirement.key)).and_then(Node::text);
            let number = || value.and_then(|value| value.parse::<i64>().ok());
            match &requirement.operator {
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
                Operator::In(values) => value.is_some_and(|value| values.iter().any(|other| other == value)),
                Operator::NotIn(values) => value.is_none_or(|value| values.iter().all(|other| other != value)),
                Operator::GreaterThan(bound) => number().is_some_and(|number| number > *bound),
                Operator::LessThan(bound) => number().is_some_and(|number| number < *bound),
            }
        })
    }
}

/// Words and the signs `( ) , ! = == != > <`.
fn tokenize(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let is_sign = |char: char| matches!(char, '(' | ')' | ',' | '!' | '=' | '>' | '<');
        let is_space = |char: char| matches!(char, ' ' | '\t' | '\r' | '\n');
        if is_space(char) {
            continue;
        }
        let mut token = String::from(char);
        if is_sign(char) {
            if matches!(char, '=' | '!') && chars.peek() == Some(&'=') {
                token.extend(chars.next());
            }
        } else {
            while let Some(char) = chars.next_if(|char| !is_sign(*char) && !is_space(*char)) {
                token.push(char);
            }
        }
        tokens.push(token);
    }
    tokens
}

struct Parser<'a> {
    tokens: Vec<String>,
    at: usize,
    text: &'a str,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn unexpected(&self, token: &str, wanted: &str) -> String {
        format!("the selector `{}` has `{token}` where {wanted} is expected", self.text)
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut token = self.next().ok_or_else(|| format!("the selector `{}` ends early", self.text))?;
        let negated = token == "!";
        if negated {
            token = self.next().unwrap_or_default();
        }
        let key = token;
        if !is_label_key(&key) {
            return Err(format!("`{key}` in the selector `{}` is not a label key", self.text));
        }
        if negated {
            return Ok(Requirement { key, operator: Operator::DoesNotExist });
        }
        if matches!(self.peek(), None | Some(",")) {
            return Ok(Requirement { key, operator: Operator::Exists });
        }
        let sign = self.next().unwrap_or_default();
        let operator = match sign.as_str() {
            "=" | "==" => Operator::In(vec![self.value()?]),
            "!=" => Operator::NotIn(vec![self.value()?]),
            "in" => Operator::In(self.values()?),
            "notin" => Operator::NotIn(self.values()?),
            ">" => Operator::GreaterThan(self.number()?),
            "<" => Operator::LessThan(self.number()?),
            _ => return Err(self.unexpected(&sign, "an operator")),
        };
        Ok(Requirement { key, operator })
    }

    /// A value; an empty one where a `,` or the end follows.
    fn value(&mut self) -> Result<String, String> {
        match self.peek() {
            None | Some(",") => Ok(String::new()),
            Some(token) if is_label_value(token) => Ok(self.next().unwrap_or_default()),
            Some(token) => Err(self.unexpected(token, "a label value")),
        }
    }

    fn number(&mut self) -> Result<i64, String> {
        let value = self.value()?;
        value.parse().map_err(|_| self.unexpected(&value, "an integer"))
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.next() {
            Some(token) if token == "(" => {}
            token => return Err(self.unexpected(&token.unwrap_or_default(), "`(`")),
        }
        let mut values = Vec::new();
        loop {
            match self.next().as_deref() {
                Some(")") => {
                    // `()` and `(a,)` hold an empty value.
                    values.push(String::new());
                    return Ok(values);
                }
                Some(",") => values.push(String::new()),
                Some(token) if is_label_value(token) => {
                    values.push(token.to_owned());
                    match self.next().as_deref() {
                        Some(")") => return Ok(values),
                        Some(",") => {}
                        token => return Err(self.unexpected(token.unwrap_or_default(), "`,` or `)`")),
                    }
                }
                token => return Err(self.unexpected(token.unwrap_or_default(), "a label value")),
            }
        }
    }
}

/// `[prefix/]name`, as apimachinery's `IsQualifiedName` has it.
fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let is_subdomain = |text: &str| {
        let is_part = |part: &str| {
            let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !part.is_empty() && part.bytes().all(inner) && !part.starts_with('-') && !part.ends_with('-')
        };
        text.len() <= 253 && text.split('.').all(is_part)
    };
    !name.is_empty() && is_label_value(name) && prefix.is_none_or(is_subdomain)
}

/// At most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn is_label_value(value: &str) -> bool {
    let ends = |char: char| char.is_ascii_alphanumeric();
    value.is_empty()
        || (value.len() <= 63
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            && value.starts_with(ends)
            && value.ends_with(ends))
}

#[cfg(test)]
mod tests {
    use super::LabelSelector;

    #[test]
    fn parses_what_kubernetes_parses() {
        for good in ["", "a", "!a", "a=b", "a==b", "a!=b", "a in (b, c)", "a notin (b)", "a>1", "x.y/a=b,c", "a=", "a in ()"] {
            assert!(LabelSelector::parse(good).is_ok(), "{good}");
        }
        for bad in ["a b", "=", "a in b", "a in (b", "a=b=c", "a>x", "a,", "a=-", "/a"] {
            assert!(LabelSelector::parse(bad).is_err(), "{bad}");
        }
    }
}
