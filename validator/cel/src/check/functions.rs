//! What functions and methods take and give, and since which version of Kubernetes (`k8s.io/apiserver/pkg/cel/environment/base.go`).

use std::sync::Arc;

use super::{Type, fits};

/// Why a call is wrong.
pub(super) enum Wrong {
    /// There is no such function.
    Unknown,
    /// It takes other operands.
    Operands,
}

/// A type in a signature; `A` stands for one that the operands decide.
#[derive(Clone, Copy)]
enum T {
    A,
    Dyn,
    Bool,
    Int,
    Uint,
    Double,
    Str,
    Bytes,
    Span,
    Time,
    Type,
    ListA,
    ListStr,
    MapAny,
    OptA,
    OptListStr,
    OptFormat,
    Of(&'static str),
}

use T::*;

const QUANTITY: T = Of("kubernetes.Quantity");
const IP: T = Of("net.IP");
const CIDR: T = Of("net.CIDR");
const URL: T = Of("kubernetes.URL");
const SEMVER: T = Of("kubernetes.Semver");
const FORMAT: T = Of("kubernetes.NamedFormat");

/// The first minor version that has it, its name, what it is called on, what it takes, what it gives.
type Signature = (u32, &'static str, Option<T>, &'static [T], T);

#[rustfmt::skip]
const SIGNATURES: &[Signature] = &[
    (0, "size", None, &[Str], Int), (0, "size", None, &[Bytes], Int), (0, "size", None, &[ListA], Int), (0, "size", None, &[MapAny], Int),
    (0, "size", Some(Str), &[], Int), (0, "size", Some(Bytes), &[], Int), (0, "size", Some(ListA), &[], Int), (0, "size", Some(MapAny), &[], Int),
    (0, "type", None, &[A], Type), (0, "dyn", None, &[A], Dyn),
    (0, "int", None, &[Int], Int), (0, "int", None, &[Uint], Int), (0, "int", None, &[Double], Int), (0, "int", None, &[Str], Int),
    (0, "int", None, &[Time], Int), (0, "int", None, &[Span], Int),
    (0, "uint", None, &[Uint], Uint), (0, "uint", None, &[Int], Uint), (0, "uint", None, &[Double], Uint), (0, "uint", None, &[Str], Uint),
    (0, "double", None, &[Double], Double), (0, "double", None, &[Int], Double), (0, "double", None, &[Uint], Double),
    (0, "double", None, &[Str], Double),
    (0, "bool", None, &[Bool], Bool), (0, "bool", None, &[Str], Bool), (0, "bytes", None, &[Bytes], Bytes), (0, "bytes", None, &[Str], Bytes),
    (0, "string", None, &[Str], Str), (0, "string", None, &[Bool], Str), (0, "string", None, &[Bytes], Str), (0, "string", None, &[Double], Str),
    (0, "string", None, &[Int], Str), (0, "string", None, &[Uint], Str), (0, "string", None, &[Span], Str), (0, "string", None, &[Time], Str),
    (31, "string", None, &[IP], Str), (31, "string", None, &[CIDR], Str),
    (0, "duration", None, &[Span], Span), (0, "duration", None, &[Int], Span), (0, "duration", None, &[Str], Span),
    (0, "timestamp", None, &[Time], Time), (0, "timestamp", None, &[Int], Time), (0, "timestamp", None, &[Str], Time),
    (0, "contains", Some(Str), &[Str], Bool), (0, "startsWith", Some(Str), &[Str], Bool), (0, "endsWith", Some(Str), &[Str], Bool),
    (0, "matches", Some(Str), &[Str], Bool), (0, "matches", None, &[Str, Str], Bool),
    (0, "charAt", Some(Str), &[Int], Str), (0, "indexOf", Some(Str), &[Str], Int), (0, "indexOf", Some(Str), &[Str, Int], Int),
    (0, "lastIndexOf", Some(Str), &[Str], Int), (0, "lastIndexOf", Some(Str), &[Str, Int], Int),
    (0, "lowerAscii", Some(Str), &[], Str), (0, "upperAscii", Some(Str), &[], Str), (0, "trim", Some(Str), &[], Str),
    (0, "replace", Some(Str), &[Str, Str], Str), (0, "replace", Some(Str), &[Str, Str, Int], Str),
    (0, "split", Some(Str), &[Str], ListStr), (0, "split", Some(Str), &[Str, Int], ListStr),
    (0, "substring", Some(Str), &[Int], Str), (0, "substring", Some(Str), &[Int, Int], Str),
    (0, "join", Some(ListStr), &[], Str), (0, "join", Some(ListStr), &[Str], Str),
    (28, "format", Some(Str), &[ListA], Str), (0, "strings.quote", None, &[Str], Str),
    (0, "find", Some(Str), &[Str], Str), (0, "findAll", Some(Str), &[Str], ListStr), (0, "findAll", Some(Str), &[Str, Int], ListStr),
    (0, "isSorted", Some(ListA), &[], Bool), (0, "sum", Some(ListA), &[], A), (0, "min", Some(ListA), &[], A), (0, "max", Some(ListA), &[], A),
    (0, "indexOf", Some(ListA), &[A], Int), (0, "lastIndexOf", Some(ListA), &[A], Int),
    (30, "sets.contains", None, &[ListA, ListA], Bool), (30, "sets.equivalent", None, &[ListA, ListA], Bool),
    (30, "sets.intersects", None, &[ListA, ListA], Bool),
    (29, "optional.of", None, &[A], OptA), (29, "optional.none", None, &[], OptA), (29, "optional.ofNonZeroValue", None, &[A], OptA),
    (29, "hasValue", Some(OptA), &[], Bool), (29, "value", Some(OptA), &[], A), (29, "orValue", Some(OptA), &[A], A),
    (29, "or", Some(OptA), &[OptA], OptA),
    (0, "url", None, &[Str], URL), (0, "isURL", None, &[Str], Bool),
    (0, "getScheme", Some(URL), &[], Str), (0, "getHost", Some(URL), &[], Str), (0, "getHostname", Some(URL), &[], Str),
    (0, "getPort", Some(URL), &[], Str), (0, "getEscapedPath", Some(URL), &[], Str), (0, "getQuery", Some(URL), &[], MapAny),
    (29, "quantity", None, &[Str], QUANTITY), (29, "isQuantity", None, &[Str], Bool), (29, "sign", None, &[QUANTITY], Int),
    (29, "isInteger", Some(QUANTITY), &[], Bool), (29, "asInteger", Some(QUANTITY), &[], Int),
    (29, "asApproximateFloat", Some(QUANTITY), &[], Double),
    (29, "add", Some(QUANTITY), &[QUANTITY], QUANTITY), (29, "add", Some(QUANTITY), &[Int], QUANTITY),
    (29, "sub", Some(QUANTITY), &[QUANTITY], QUANTITY), (29, "sub", Some(QUANTITY), &[Int], QUANTITY),
    (29, "isGreaterThan", Some(QUANTITY), &[QUANTITY], Bool), (29, "isLessThan", Some(QUANTITY), &[QUANTITY], Bool),
    (29, "compareTo", Some(QUANTITY), &[QUANTITY], Int),
    (31, "ip", None, &[Str], IP), (31, "isIP", None, &[Str], Bool), (31, "ip.isCanonical", None, &[Str], Bool),
    (31, "family", Some(IP), &[], Int), (31, "isUnspecified", Some(IP), &[], Bool), (31, "isLoopback", Some(IP), &[], Bool),
    (31, "isLinkLocalMulticast", Some(IP), &[], Bool), (31, "isLinkLocalUnicast", Some(IP), &[], Bool),
    (31, "isGlobalUnicast", Some(IP), &[], Bool),
    (31, "cidr", None, &[Str], CIDR), (31, "isCIDR", None, &[Str], Bool), (31, "ip", Some(CIDR), &[], IP),
    (31, "containsIP", Some(CIDR), &[Str], Bool), (31, "containsIP", Some(CIDR), &[IP], Bool),
    (31, "containsCIDR", Some(CIDR), &[Str], Bool), (31, "containsCIDR", Some(CIDR), &[CIDR], Bool),
    (31, "prefixLength", Some(CIDR), &[], Int), (31, "masked", Some(CIDR), &[], CIDR),
    (32, "format.named", None, &[Str], OptFormat), (32, "validate", Some(FORMAT), &[Str], OptListStr),
    (32, "format.dns1123Label", None, &[], FORMAT), (32, "format.dns1123Subdomain", None, &[], FORMAT),
    (32, "format.dns1035Label", None, &[], FORMAT), (32, "format.qualifiedName", None, &[], FORMAT),
    (32, "format.dns1123LabelPrefix", None, &[], FORMAT), (32, "format.dns1123SubdomainPrefix", None, &[], FORMAT),
    (32, "format.dns1035LabelPrefix", None, &[], FORMAT), (32, "format.labelValue", None, &[], FORMAT),
    (32, "format.uri", None, &[], FORMAT), (32, "format.uuid", None, &[], FORMAT), (32, "format.byte", None, &[], FORMAT),
    (32, "format.date", None, &[], FORMAT), (32, "format.datetime", None, &[], FORMAT),
    (34, "semver", None, &[Str], SEMVER), (34, "semver", None, &[Str, Bool], SEMVER), (34, "isSemver", None, &[Str], Bool),
    (34, "isSemver", None, &[Str, Bool], Bool), (34, "major", Some(SEMVER), &[], Int), (34, "minor", Some(SEMVER), &[], Int),
    (34, "patch", Some(SEMVER), &[], Int), (34, "isGreaterThan", Some(SEMVER), &[SEMVER], Bool),
    (34, "isLessThan", Some(SEMVER), &[SEMVER], Bool), (34, "compareTo", Some(SEMVER), &[SEMVER], Int),
    // What a user may do, whose own type is anything here.
    (28, "path", Some(Dyn), &[Str], Dyn), (28, "group", Some(Dyn), &[Str], Dyn), (28, "serviceAccount", Some(Dyn), &[Str, Str], Dyn),
    (28, "resource", Some(Dyn), &[Str], Dyn), (28, "subresource", Some(Dyn), &[Str], Dyn), (28, "namespace", Some(Dyn), &[Str], Dyn),
    (28, "name", Some(Dyn), &[Str], Dyn), (28, "check", Some(Dyn), &[Str], Dyn), (28, "allowed", Some(Dyn), &[], Bool),
    (28, "reason", Some(Dyn), &[], Str), (29, "errored", Some(Dyn), &[], Bool), (29, "error", Some(Dyn), &[], Str),
    (31, "fieldSelector", Some(Dyn), &[Str], Dyn), (31, "labelSelector", Some(Dyn), &[Str], Dyn),
];

/// Methods of times; those of a moment also take a time zone.
const PARTS: &[&str] = &[
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
];

/// What a call gives.
pub(super) fn result(name: &str, target: Option<&Type>, args: &[Type], minor: u32) -> Result<Type, Wrong> {
    if let Some(target) = target.filter(|_| PARTS.contains(&name)) {
        let of_span = matches!(target, Type::Duration) && PARTS[6..].contains(&name) && args.is_empty();
        let of_moment = matches!(target, Type::Timestamp | Type::Dyn) && args.iter().all(|arg| fits(arg, &Type::String)) && args.len() < 2;
        return if of_span || of_moment { Ok(Type::Int) } else { Err(Wrong::Operands) };
    }
    let mut is_known = false;
    let mut found = Vec::new();
    for (since, known, on, takes, gives) in SIGNATURES {
        if *known != name || *since > minor {
            continue;
        }
        is_known = true;
        let mut decided = None;
        let is_on = match (on, target) {
            (None, None) => true,
            (Some(on), Some(target)) => takes_type(*on, target, &mut decided),
            _ => false,
        };
        if is_on && takes.len() == args.len() && takes.iter().zip(args).all(|(wanted, arg)| takes_type(*wanted, arg, &mut decided)) {
            found.push(given(*gives, decided));
        }
    }
    match &found[..] {
        [] if is_known => Err(Wrong::Operands),
        [] => Err(Wrong::Unknown),
        [first, rest @ ..] => Ok(if rest.iter().all(|other| other == first) { first.clone() } else { Type::Dyn }),
    }
}

/// Whether an operand fits, and what it decides.
fn takes_type(wanted: T, found: &Type, decided: &mut Option<Type>) -> bool {
    let mut decide = |found: &Type| match decided {
        Some(known) if *known == Type::Dyn => true,
        Some(known) => fits(found, known),
        None => {
            *decided = Some(found.clone());
            true
        }
    };
    match (wanted, found) {
        (A, found) => decide(found),
        (ListA, Type::List(item)) => decide(item),
        (OptA, Type::Optional(held)) => decide(held),
        (ListA | OptA, Type::Dyn) => decide(&Type::Dyn),
        (ListA | OptA, _) => false,
        (MapAny, found) => matches!(found, Type::Map(..) | Type::Dyn),
        (wanted, found) => fits(found, &given(wanted, None)),
    }
}

fn given(gives: T, decided: Option<Type>) -> Type {
    let of = |item: Type| Arc::new(item);
    let any = || decided.clone().unwrap_or(Type::Dyn);
    match gives {
        A => any(),
        Dyn => Type::Dyn,
        Bool => Type::Bool,
        Int => Type::Int,
        Uint => Type::Uint,
        Double => Type::Double,
        Str => Type::String,
        Bytes => Type::Bytes,
        Span => Type::Duration,
        Time => Type::Timestamp,
        T::Type => Type::Type,
        ListA => Type::List(of(any())),
        ListStr => Type::List(of(Type::String)),
        MapAny => Type::Map(of(Type::String), of(Type::Dyn)),
        OptA => Type::Optional(of(any())),
        OptListStr => Type::Optional(of(Type::List(of(Type::String)))),
        OptFormat => Type::Optional(of(Type::Library("kubernetes.NamedFormat"))),
        Of(name) => Type::Library(name),
    }
}
