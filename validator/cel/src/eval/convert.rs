//! Values to and from those of the crate `cel`, whose functions take them.

use std::sync::Arc;

use kube_cel::cel;
use kube_cel::cel::objects::{Key as CelKey, Map as CelMap, OptionalValue};

use super::{Fault, no_overload};
use crate::value::{Key, Map, Value};

pub(super) fn to_cel(value: &Value) -> Result<cel::Value, Fault> {
    Ok(match value {
        Value::Null => cel::Value::Null,
        Value::Bool(value) => cel::Value::Bool(*value),
        Value::Int(value) => cel::Value::Int(*value),
        Value::Uint(value) => cel::Value::UInt(*value),
        Value::Double(value) => cel::Value::Float(*value),
        Value::String(text) => cel::Value::String(Arc::new(text.to_string())),
        Value::Bytes(bytes) => cel::Value::Bytes(Arc::new(bytes.to_vec())),
        Value::List(list) => cel::Value::List(Arc::new(list.items.iter().map(to_cel).collect::<Result<_, _>>()?)),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| Ok((cel_key(key)?, to_cel(value)?)));
            cel::Value::Map(CelMap { map: Arc::new(entries.collect::<Result<_, Fault>>()?) })
        }
        Value::Duration(span) => cel::Value::String(Arc::new(super::time::shown_duration(*span))),
        Value::Timestamp(moment) => cel::Value::String(Arc::new(super::time::shown_timestamp(moment))),
        Value::Library(value) => value.clone(),
        Value::Optional(_) | Value::Format(_) | Value::Type(_) | Value::Unknown(_) => return no_overload("value"),
    })
}

fn cel_key(key: &Key) -> Result<CelKey, Fault> {
    Ok(match key {
        Key::Bool(value) => CelKey::Bool(*value),
        Key::Int(value) => CelKey::Int(i64::try_from(*value).or_else(|_| no_overload("key"))?),
        Key::String(text) => CelKey::String(Arc::new(text.to_string())),
    })
}

pub(super) fn from_cel(value: cel::Value) -> Value {
    match value {
        cel::Value::Null => Value::Null,
        cel::Value::Bool(value) => Value::Bool(value),
        cel::Value::Int(value) => Value::Int(value),
        cel::Value::UInt(value) => Value::Uint(value),
        cel::Value::Float(value) => Value::Double(value),
        cel::Value::String(text) => Value::string(text.as_str()),
        cel::Value::Bytes(bytes) => Value::Bytes(bytes.as_slice().into()),
        cel::Value::List(items) => Value::list(items.iter().cloned().map(from_cel).collect()),
        cel::Value::Map(map) => {
            let entries = map.map.iter().map(|(key, value)| (own_key(key), from_cel(value.clone())));
            Value::Map(Arc::new(entries.collect::<Map>()))
        }
        cel::Value::Opaque(opaque) => match opaque.downcast_ref::<OptionalValue>() {
            Some(optional) => Value::Optional(optional.value().cloned().map(from_cel).map(Arc::new)),
            None => Value::Library(cel::Value::Opaque(opaque)),
        },
        other => Value::Library(other),
    }
}

fn own_key(key: &CelKey) -> Key {
    match key {
        CelKey::Bool(value) => Key::Bool(*value),
        CelKey::Int(value) => Key::Int(i128::from(*value)),
        CelKey::Uint(value) => Key::Int(i128::from(*value)),
        CelKey::String(text) => Key::String(Arc::from(text.as_str())),
    }
}
