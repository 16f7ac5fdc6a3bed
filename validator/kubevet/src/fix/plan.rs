//! Which findings are mended how: what asks for a fix, and the ways to give it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kustomize::{Note, Render};

use super::candidate::{Ask, Candidate};
use super::entry::of_note;
use super::holder::{Library, base};
use super::index::{Index, real};
use super::operation::Operation;
use super::place::View;
use super::refusal::Refusal;
use super::texts::Texts;
use super::way::Way;
use crate::check::Examined;
use crate::findings::Finding;
use crate::paths::shown;
use crate::remedy::Edit;

/// A state of the files, and what was judged of it.
pub(crate) struct State {
    pub(crate) texts: Texts,
    pub(crate) examined: Examined,
    library: Library,
    index: Index,
}

impl State {
    /// A state; what did not change since an earlier one is not looked at again.
    pub(crate) fn new(texts: Texts, examined: Examined, earlier: Option<&Self>) -> Self {
        let index = Index::of(&examined, earlier.map(|earlier| &earlier.index));
        Self { texts, examined, library: Library::default(), index }
    }

    /// The overlay of a finding.
    pub(crate) fn overlay(&self, finding: &Finding) -> Option<usize> {
        self.index.overlay(finding.overlays.first()?, finding.environments.first()?)
    }

    pub(crate) fn render(&self, overlay: usize) -> Option<&Render> {
        match self.examined.renders.get(overlay)?.1.as_slice() {
            [one] => Some(one),
            // Manifests of several files are no overlay.
            _ => None,
        }
    }

    fn directory(&self, overlay: usize) -> Option<&Path> {
        Some(&self.examined.renders.get(overlay)?.0.path)
    }

    /// The note that a finding is about.
    pub(crate) fn note(&self, overlay: usize, finding: &Finding) -> Option<(&Render, &Note)> {
        let (render, cause) = (self.render(overlay)?, finding.cause()?);
        let is_it = |note: &&Note| {
            let source = render.sources.get(note.origin.source);
            (note.origin.key, note.origin.end) == (cause.start, cause.end) && source.path() == cause.source.path()
        };
        Some((render, render.notes.iter().find(is_it)?))
    }

    /// The findings that ask for a fix, by what they are made of; with the overlay of each.
    pub(crate) fn asks(&self, is_asked: &dyn Fn(&Finding) -> bool) -> BTreeMap<Ask, Vec<(usize, usize)>> {
        let mut asks: BTreeMap<Ask, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, finding) in self.examined.report.findings.iter().enumerate() {
            if finding.remedies.is_empty() || finding.is_accepted() || !is_asked(finding) {
                continue;
            }
            let Some((overlay, ask)) = self.overlay(finding).and_then(|overlay| Some((overlay, self.ask(overlay, finding)?))) else {
                continue;
            };
            asks.entry(ask).or_default().push((at, overlay));
        }
        asks.into_iter().flat_map(|(ask, members)| self.told_apart(ask, members)).collect()
    }

    /// Findings that are alike: each asks for itself where an overlay has several.
    fn told_apart(&self, ask: Ask, members: Vec<(usize, usize)>) -> BTreeMap<Ask, Vec<(usize, usize)>> {
        let overlays: BTreeSet<usize> = members.iter().map(|(_, overlay)| *overlay).collect();
        if overlays.len() == members.len() {
            return [(ask, members)].into();
        }
        let mut asks: BTreeMap<Ask, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, overlay) in members {
            let own = self.examined.report.findings.get(at).map_or_else(|| ask.clone(), |finding| ask.apart(finding));
            asks.entry(own).or_default().push((at, overlay));
        }
        asks
    }

    fn ask(&self, overlay: usize, finding: &Finding) -> Option<Ask> {
        let render = self.render(overlay)?;
        let object = self.index.place(overlay, &finding.object).and_then(|at| render.objects.get(at));
        let (file, at) = match object {
            Some(object) => {
                let (source, start) = base(&render.sources, object);
                // Bytes move with the edits of others.
                let document = source.text().get(..start as usize).map_or(0, |before| before.matches("\n---").count());
                (shown(source.path()), document)
            }
            None => finding.cause().map(|cause| (shown(cause.source.path()), cause.start as usize))?,
        };
        Some(Ask::of(finding, file, at))
    }

    /// A fix that was made for an earlier state, if it is one of this state too.
    pub(crate) fn again(&self, old: &Candidate, suggestions: bool) -> Option<Candidate> {
        let members = self.asks(&|finding| finding.rule == old.ask.rule()).remove(&old.ask)?;
        let (candidates, _) = self.candidates(&old.ask, &members, suggestions);
        let new = candidates.into_iter().find(|new| new.operations == old.operations)?;
        Some(Candidate { more: old.more.clone(), chosen: old.chosen.clone(), ..new })
    }

    /// The ways to mend the findings of one ask, the best first; and why there are no more.
    pub(crate) fn candidates(&self, ask: &Ask, members: &[(usize, usize)], suggestions: bool) -> (Vec<Candidate>, Option<Refusal>) {
        let mut found = Vec::new();
        let mut refusal = None;
        let asking: BTreeSet<usize> = members.iter().map(|(_, overlay)| *overlay).collect();
        for (finding, overlay) in members {
            let Some(it) = self.examined.report.findings.get(*finding) else { continue };
            let mut remedies: Vec<_> = it.remedies.iter().enumerate().filter(|(_, remedy)| remedy.safe || suggestions).collect();
            remedies.sort_by_key(|(_, remedy)| !remedy.safe);
            for (at, remedy) in remedies {
                let mut add = |title: &str, restores: bool, ways: &[Vec<Way>]| {
                    for (users, operations) in self.levels(ways, &asking, *overlay) {
                        if found.iter().any(|known: &Candidate| known.operations == operations) {
                            continue;
                        }
                        let members = members.iter().copied().filter(|(_, overlay)| users.contains(overlay)).collect();
                        let (ask, title, offer) = (ask.clone(), title.to_owned(), remedy.title.clone());
                        found.push(Candidate {
                            ask,
                            title,
                            offer,
                            safe: remedy.safe,
                            remedy: at,
                            restores,
                            by: *finding,
                            members,
                            operations,
                            more: Vec::new(),
                            chosen: Vec::new(),
                        });
                    }
                };
                if let Some(way) = self.restoring(*overlay, it, &remedy.edits) {
                    add(&format!("leave in what {} takes out", way.file.display()), true, &[vec![way]]);
                }
                match self.ways(*overlay, it, &remedy.edits) {
                    Ok(ways) => add(&remedy.title, false, &ways),
                    Err(why) => drop(refusal.get_or_insert(why)),
                }
            }
        }
        // What is right for all comes first, whichever of them says it.
        found.sort_by_key(|candidate: &Candidate| (!candidate.safe, std::cmp::Reverse(candidate.members.len())));
        if found.is_empty() && refusal.is_none() {
            refusal = Some(Refusal::new("other overlays have the lines too and do not ask for it"));
        }
        (found, refusal)
    }

    /// An overlay to do edits in.
    fn view(&self, overlay: usize) -> Option<View<'_>> {
        let (directory, render) = self.directory(overlay).zip(self.render(overlay))?;
        Some(View { directory, render, library: &self.library })
    }

    /// The way to leave in what a patch takes out, where that is all that an edit is for.
    fn restoring(&self, overlay: usize, finding: &Finding, edits: &[Edit]) -> Option<Way> {
        let [edit] = edits else { return None };
        self.view(overlay)?.restoring(&finding.object, edit)
    }

    /// The ways to do each edit.
    fn ways(&self, overlay: usize, finding: &Finding, edits: &[Edit]) -> Result<Vec<Vec<Way>>, Refusal> {
        let view = self.view(overlay).ok_or_else(|| Refusal::new("only overlays are fixed"))?;
        let ways = |edit: &Edit| match edit {
            Edit::Source(edit) => {
                let (render, note) = self.note(overlay, finding).ok_or_else(Refusal::not_there)?;
                Ok(vec![of_note(&self.library, &render.sources, &note.origin, edit)?])
            }
            edit => view.ways(&finding.object, edit),
        };
        edits.iter().map(ways).collect()
    }

    /// Choices of ways that affect the same overlays, all of which ask for it: the widest first.
    fn levels(&self, ways: &[Vec<Way>], asking: &BTreeSet<usize>, overlay: usize) -> Vec<(BTreeSet<usize>, Vec<Operation>)> {
        let users = |way: &Way| {
            let users = self.index.readers(&real(&way.file)).unwrap_or_else(|| [overlay].into());
            // Who reads the file and has no such object gets nothing of it.
            match way.anchor.as_ref().and_then(|anchor| self.index.having(anchor)) {
                Some(having) => &users & &having,
                None => users,
            }
        };
        let fits = |users: &BTreeSet<usize>| users.contains(&overlay) && users.is_subset(asking);
        let mut sets: Vec<BTreeSet<usize>> = ways.iter().flatten().map(users).filter(fits).collect();
        sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
        sets.dedup();
        let mut levels = Vec::new();
        for set in sets {
            let of_level =
                |ways: &Vec<Way>| ways.iter().filter(|way| users(way) == set).map(|way| way.operation.clone()).collect::<Vec<_>>();
            let choices: Vec<Vec<Operation>> = ways.iter().map(of_level).collect();
            if choices.iter().any(Vec::is_empty) {
                continue;
            }
            let most = choices.iter().map(Vec::len).max().unwrap_or_default();
            let choose =
                |nth: usize| choices.iter().filter_map(|choice| choice.get(nth.min(choice.len() - 1)).cloned()).collect::<Vec<_>>();
            levels.extend((0..most).map(|nth| (set.clone(), choose(nth))));
        }
        levels
    }
}
