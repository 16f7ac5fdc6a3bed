//! Pictures of who may talk to whom: Mermaid for Markdown, DOT for Graphviz.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use kubevet_facts::traffic::ports::{PortSet, Protocol};
use kubevet_facts::traffic::reach::{End, Reachability};

use crate::escape;

/// How a flow is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    /// Configuration asks for it, policies allow it.
    Needed,
    /// Configuration asks for it, policies forbid it.
    Blocked,
    /// Policies allow it, no configuration asks for it.
    Unneeded,
}

/// A picture: nodes are workloads, the world outside, and ingress controllers; lines are flows.
struct Picture<'a> {
    /// Workloads by namespace.
    namespaces: BTreeMap<&'a str, Vec<&'a str>>,
    /// Sender, receiver and kind of line, with what flows.
    lines: BTreeMap<(&'a str, &'a str, Line), BTreeSet<String>>,
}

/// The node for everything outside of the cluster.
const OUTSIDE: &str = "outside";
/// The node for ingress controllers.
const CONTROLLER: &str = "ingress controller";

impl<'a> Picture<'a> {
    /// Draws what is restricted: where nothing isolates either side, everything is allowed, and lines to everywhere would say nothing.
    fn of(reach: &'a Reachability) -> Self {
        let mut picture = Picture { namespaces: BTreeMap::new(), lines: BTreeMap::new() };
        for id in &reach.workloads {
            picture.namespaces.entry(id.split('/').next().unwrap_or("")).or_default().push(id);
        }
        for flow in &reach.needed {
            let line = if flow.allowed { Line::Needed } else { Line::Blocked };
            picture.add(&flow.src, &flow.dst, line, format!("{} {}", protocol(flow.protocol), flow.port));
        }
        for row in &reach.ingress_controller {
            picture.add(CONTROLLER, &row.dst, Line::Needed, label(row.protocol, &row.ports));
        }
        let needed: BTreeSet<_> = reach.needed.iter().map(|flow| (&*flow.src, &*flow.dst, flow.protocol)).collect();
        let open = |list: &[std::sync::Arc<str>], id: &str| list.iter().any(|open| **open == *id);
        for row in &reach.allowed {
            match (&row.src, &row.dst) {
                (End::Workload(src), End::Workload(dst)) => {
                    let restricted = !open(&reach.open.egress, src) || !open(&reach.open.ingress, dst);
                    if restricted && !needed.contains(&(&**src, &**dst, row.protocol)) {
                        picture.add(src, dst, Line::Unneeded, label(row.protocol, &row.ports));
                    }
                }
                (End::Workload(src), End::External(_)) if !open(&reach.open.egress, src) => {
                    picture.add(src, OUTSIDE, Line::Unneeded, label(row.protocol, &row.ports));
                }
                (End::External(_), End::Workload(dst)) if !open(&reach.open.ingress, dst) => {
                    picture.add(OUTSIDE, dst, Line::Unneeded, label(row.protocol, &row.ports));
                }
                _ => {}
            }
        }
        picture
    }

    fn add(&mut self, src: &'a str, dst: &'a str, line: Line, what: String) {
        self.lines.entry((src, dst, line)).or_default().insert(what);
    }

    /// A number for each node that is drawn.
    fn numbers(&self) -> BTreeMap<&'a str, usize> {
        let others = [OUTSIDE, CONTROLLER].into_iter().filter(|node| self.lines.keys().any(|(src, dst, _)| src == node || dst == node));
        self.namespaces.values().flatten().copied().chain(others).zip(0..).collect()
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Sctp => "SCTP",
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
    }
}

fn label(of: Protocol, ports: &PortSet) -> String {
    if *ports == PortSet::all() {
        return format!("{} all", protocol(of));
    }
    let range = |(low, high): &(u16, u16)| if low == high { low.to_string() } else { format!("{low}-{high}") };
    format!("{} {}", protocol(of), ports.ranges().iter().map(range).collect::<Vec<_>>().join(" "))
}

/// `Deployment web` of `shop/Deployment/web`, and other nodes as they are.
fn title(id: &str) -> String {
    id.split_once('/').map_or(id, |(_, rest)| rest).replace('/', " ")
}

/// Text between quotes in Mermaid, which knows entities of its own, and draws HTML and Markdown.
fn in_mermaid(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in escape::line(text).chars() {
        match character {
            '"' | '#' | '&' | '<' | '>' | '`' => escaped.push_str(&format!("#{};", u32::from(character))),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text between quotes in DOT.
fn in_dot(text: &str) -> String {
    escape::line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Writes a Mermaid flowchart.
pub fn mermaid(reach: &Reachability, out: &mut dyn Write) -> io::Result<()> {
    let picture = Picture::of(reach);
    let numbers = picture.numbers();
    writeln!(out, "flowchart LR")?;
    for (at, (namespace, workloads)) in picture.namespaces.iter().enumerate() {
        writeln!(out, "  subgraph ns{at}[\"{}\"]", in_mermaid(namespace))?;
        for id in workloads {
            writeln!(out, "    n{}[\"{}\"]", numbers.get(id).unwrap_or(&0), in_mermaid(&title(id)))?;
        }
        writeln!(out, "  end")?;
    }
    for (id, number) in numbers.iter().filter(|(id, _)| !id.contains('/')) {
        writeln!(out, "  n{number}([\"{id}\"])")?;
    }
    for (at, ((src, dst, line), what)) in picture.lines.iter().enumerate() {
        let arrow = match line {
            Line::Needed => "-->",
            Line::Blocked => "--x",
            Line::Unneeded => "-.->",
        };
        let (src, dst) = (numbers.get(src).unwrap_or(&0), numbers.get(dst).unwrap_or(&0));
        writeln!(out, "  n{src} {arrow}|\"{}\"| n{dst}", what.iter().map(String::as_str).collect::<Vec<_>>().join(", "))?;
        if *line == Line::Blocked {
            writeln!(out, "  linkStyle {at} stroke:red")?;
        }
    }
    Ok(())
}

/// Writes a Graphviz digraph.
pub fn dot(reach: &Reachability, out: &mut dyn Write) -> io::Result<()> {
    let picture = Picture::of(reach);
    let numbers = picture.numbers();
    writeln!(out, "digraph traffic {{\n  rankdir=LR;\n  node [shape=box];")?;
    for (at, (namespace, workloads)) in picture.namespaces.iter().enumerate() {
        writeln!(out, "  subgraph cluster{at} {{\n    label=\"{}\";", in_dot(namespace))?;
        for id in workloads {
            writeln!(out, "    n{} [label=\"{}\"];", numbers.get(id).unwrap_or(&0), in_dot(&title(id)))?;
        }
        writeln!(out, "  }}")?;
    }
    for (id, number) in numbers.iter().filter(|(id, _)| !id.contains('/')) {
        writeln!(out, "  n{number} [label=\"{id}\", shape=ellipse];")?;
    }
    for ((src, dst, line), what) in &picture.lines {
        let style = match line {
            Line::Needed => "style=solid",
            Line::Blocked => "style=solid, color=red, arrowhead=tee",
            Line::Unneeded => "style=dashed",
        };
        let (src, dst) = (numbers.get(src).unwrap_or(&0), numbers.get(dst).unwrap_or(&0));
        let what = what.iter().map(String::as_str).collect::<Vec<_>>().join("\\n");
        writeln!(out, "  n{src} -> n{dst} [label=\"{what}\", {style}];")?;
    }
    writeln!(out, "}}")
}
