//! Spans that logged nothing: others name them as their parent, and that is all that a store knows of them. Each gets a place,
//! so that one request is one tree. The rest of the tree is `tree`'s.

use super::{Node, REQUEST, Spans};
use std::collections::HashMap;

impl Spans {
    /// Puts in the parents that the `orphans` name, spans with their parent's id in the order of time.
    ///
    /// Where such a span was itself called from, nobody says. It goes into the outermost span of its children's process that
    /// began before it, else into the request's first span. When every span is an orphan, the first one's parent is the
    /// request's first span; if it is that one's alone it is left out, for it is most often a gateway's, which logs elsewhere.
    pub(super) fn put_in_silent(&mut self, parents: &mut Vec<usize>, orphans: Vec<(usize, String)>) {
        let mut silent: Vec<(String, Vec<usize>)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (orphan, id) in orphans {
            let at = *known.entry(id.clone()).or_insert_with(|| {
                silent.push((id, Vec::new()));
                silent.len() - 1
            });
            silent[at].1.push(orphan);
        }
        let mut is_orphan = vec![false; parents.len()];
        silent
            .iter()
            .for_each(|(_, children)| children.iter().for_each(|child| is_orphan[*child] = true));
        let has_root = (1..parents.len()).any(|index| parents[index] == REQUEST && !is_orphan[index]);
        if !has_root && !silent.is_empty() {
            let (id, children) = silent.remove(0);
            children.iter().for_each(|child| is_orphan[*child] = false);
            if children.len() > 1 {
                self.put_in(parents, REQUEST, id, &children);
                is_orphan.push(false);
            }
        }

        let outermost = self.outermost(parents, &is_orphan);
        let Some(first) = (1..parents.len()).find(|index| parents[*index] == REQUEST && !is_orphan[*index])
        else {
            return;
        };
        for (id, children) in silent {
            let start = self.nodes[children[0]].start;
            let place = children.iter().find_map(|child| {
                let spans = outermost.get(&self.nodes[*child].process)?;
                let before = spans.iter().rev().find(|span| self.nodes[**span].start <= start);
                before.or(spans.first()).copied()
            });
            self.put_in(parents, place.unwrap_or(first), id, &children);
        }
    }

    /// Of each process, those of its spans that stand in no other of the same process. None that is in an orphan: what an
    /// orphan's parent is put into may not stand in the orphan.
    fn outermost(&self, parents: &[usize], is_orphan: &[bool]) -> HashMap<String, Vec<usize>> {
        let mut children = vec![Vec::new(); parents.len()];
        for (index, parent) in parents.iter().enumerate().skip(1) {
            if !is_orphan[index] {
                children[*parent].push(index);
            }
        }
        let mut outermost: HashMap<String, Vec<usize>> = HashMap::new();
        let mut waiting = vec![REQUEST];
        while let Some(index) = waiting.pop() {
            let node = &self.nodes[index];
            if index != REQUEST && !node.is_silent && self.nodes[parents[index]].process != node.process {
                outermost.entry(node.process.clone()).or_default().push(index);
            }
            waiting.append(&mut children[index]);
        }
        outermost.values_mut().for_each(|spans| spans.sort_unstable());
        outermost
    }

    /// One span. Called from one process alone it counts as that one's, by whose clock its time is; else as its parent's.
    fn put_in(&mut self, parents: &mut Vec<usize>, parent: usize, id: String, children: &[usize]) {
        let first = &self.nodes[children[0]];
        let is_one = children
            .iter()
            .all(|child| self.nodes[*child].process == first.process);
        let process = if is_one { first } else { &self.nodes[parent] }.process.clone();
        let start = if is_one || parent == REQUEST {
            first.start
        } else {
            self.nodes[parent].start
        };
        for child in children {
            parents[*child] = self.nodes.len();
        }
        parents.push(parent);
        self.nodes.push(Node {
            id,
            process,
            is_silent: true,
            start,
            end: start,
            ..Node::default()
        });
    }
}
