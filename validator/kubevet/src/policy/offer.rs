//! How to mend what a rule finds, from the `fix` of its result.

use regorus::Value;

use super::value;
use crate::remedy::{Edit, Remedy, SourceEdit, has_placeholder};

/// How many ways to mend it a result may offer, and how many edits each may have.
const MOST: usize = 64;

/// The remedies of a result, the best first; an error says what is wrong with them. Only of a result about a note may entries of files be changed.
pub(super) fn remedies_of(result: &Value, is_of_note: bool) -> Result<Vec<Remedy>, String> {
    let Some(fix) = value::get(result, "fix") else { return Ok(Vec::new()) };
    let offers = value::elements(fix).unwrap_or_else(|| vec![fix]);
    if offers.len() > MOST {
        return Err(format!("a result's \"fix\" has {} alternatives, of which {MOST} are the limit", offers.len()));
    }
    offers.into_iter().map(|offer| remedy_of(offer, is_of_note)).collect()
}

fn remedy_of(offer: &Value, is_of_note: bool) -> Result<Remedy, String> {
    let title = value::text(offer, "title").filter(|title| !title.trim().is_empty() && !title.contains(char::is_control));
    let title = title.ok_or("a result's \"fix\" has no \"title\" of one line")?;
    let wrong = |what: &str| format!("the fix \"{title}\" {what}");
    let safe = match value::get(offer, "safe") {
        None => false,
        Some(Value::Bool(safe)) => *safe,
        Some(_) => return Err(wrong("has a \"safe\" that is neither true nor false")),
    };
    // The order of edits counts, so a set is none.
    let edits = value::get(offer, "edits").filter(|edits| matches!(edits, Value::Array(_))).and_then(value::elements);
    let edits = edits.filter(|edits| (1..=MOST).contains(&edits.len()));
    let edits = edits.ok_or_else(|| wrong(&format!("has no list \"edits\" of 1 to {MOST} edits")))?;
    let edits = edits.into_iter().map(|edit| edit_of(edit, is_of_note).map_err(|what| wrong(&what))).collect::<Result<Vec<_>, _>>()?;
    if safe && edits.iter().filter_map(Edit::value).any(has_placeholder) {
        return Err(wrong("is \"safe\" and has a value that a person must choose"));
    }
    Ok(Remedy { title, safe, edits })
}

fn edit_of(edit: &Value, is_of_note: bool) -> Result<Edit, String> {
    let object = value::get(edit, "object").map(|object| value::object(object).ok_or("has an edit whose \"object\" is incomplete"));
    let object = object.transpose()?;
    let value = || -> Result<_, String> {
        let value = value::get(edit, "value").ok_or("has an edit without a \"value\"")?;
        serde_json::to_value(value).map_err(|error| format!("has a \"value\" that is none of JSON: {error}"))
    };
    let path =
        |path: &Value| value::path(path).filter(|path| !path.is_empty()).ok_or("has an edit whose path is not a list of keys and indexes");
    let kinds = ["set", "remove", "add", "create", "source"].map(|kind| value::get(edit, kind));
    Ok(match kinds {
        [Some(set), None, None, None, None] => Edit::Set { object, path: path(set)?, value: value()? },
        [None, Some(remove), None, None, None] => Edit::Remove { object, path: path(remove)? },
        [None, None, Some(add), None, None] => Edit::Add { object, path: path(add)?, value: value()? },
        [None, None, None, Some(create), None] => {
            let has =
                |value: Option<&Value>, key: &str| value.and_then(|value| value::text(value, key)).is_some_and(|text| !text.is_empty());
            let is_object = has(Some(create), "apiVersion") && has(Some(create), "kind") && has(value::get(create, "metadata"), "name");
            is_object.then_some(()).ok_or("creates what is no object with \"apiVersion\", \"kind\" and \"metadata.name\"")?;
            Edit::Create { object: serde_json::to_value(create).map_err(|error| error.to_string())? }
        }
        [None, None, None, None, Some(_)] if !is_of_note => return Err("has a \"source\" edit, and its result no \"note\"".to_owned()),
        [None, None, None, None, Some(source)] => Edit::Source(match source.as_string().map(|kind| kind.to_string()).as_deref() {
            Ok("remove") => SourceEdit::Remove,
            Ok("quote") => SourceEdit::Quote,
            Ok("rename") => SourceEdit::Rename(value::text(edit, "to").ok_or("has a \"rename\" without \"to\"")?),
            Ok("rewrite") => SourceEdit::Rewrite { to: value::text(edit, "to"), value: value()? },
            _ => return Err("has a \"source\" that is none of remove, quote, rename and rewrite".to_owned()),
        }),
        _ => return Err("has an edit that is not one of set, remove, add, create and source".to_owned()),
    })
}
