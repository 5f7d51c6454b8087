//! From the records of a request to its tree of spans. How it looks, `print` knows.
//!
//! Clocks of different machines differ: a span that another process called is never put before that one's begin, but moved
//! behind it with all that is in it. Within one process the clock is one, and is believed. The tree is kept flat, since its
//! depth is the input's. Spans that logged nothing, `silent` puts in.

mod silent;

use super::{record::Record, time::Nanos};
use std::{
    collections::{HashMap, HashSet},
    mem,
};

/// A request: what was logged for it.
#[derive(Debug, Default)]
pub struct Request {
    /// The tree from top to bottom: a span stands before what is in it.
    pub rows: Vec<Row>,
    /// The earliest [place](Row::place) of its records.
    pub start: Nanos,
    /// The latest one.
    pub end: Nanos,
    /// The names of its services, in order of appearance.
    pub services: Vec<String>,
}

/// A line of the tree.
#[derive(Debug)]
pub struct Row {
    /// In how many spans it stands.
    pub depth: usize,
    /// Whether nothing follows it in its span.
    pub is_last: bool,
    /// Its time, later by as much as its process's clock seems to be behind.
    pub place: Nanos,
    /// How many calls from one process to another lead here.
    pub hops: usize,
    /// What it is.
    pub item: Item,
}

/// What stands in a span.
#[derive(Debug)]
pub enum Item {
    /// A record.
    Record(Record),
    /// A span within.
    Span(Span),
}

/// A span: the run of a function, or whatever else was instrumented.
#[derive(Debug)]
pub struct Span {
    /// Its `span_id`.
    pub id: String,
    /// Whether it logged nothing itself, so that only the spans in it tell of it: that it stands where it does is a guess,
    /// and neither name nor service is known.
    pub is_silent: bool,
    /// `span_name`; empty when its records do not say.
    pub name: String,
    /// The service that it ran in.
    pub service: String,
    /// `module_name` of its first record.
    pub module: String,
    /// When its first record was logged, or the first in a span within it in the same process.
    pub start: Nanos,
    /// From `start` to the last such record; `None` when there is but one.
    pub duration: Option<Nanos>,
    /// By how much its times, if they are right, are before those of the span that called it: the process's clock is
    /// behind by at least that, or the caller logged nothing before.
    pub is_early_by: Nanos,
}

impl Request {
    /// Makes the tree. Of records with one uuid the first is taken.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Request {
        let mut seen = HashSet::new();
        let mut records: Vec<Record> = records
            .into_iter()
            .filter(|record| seen.insert(record.uuid))
            .collect();
        records.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut services: Vec<String> = Vec::new();
        for record in &records {
            let service = record.text("service_name");
            if !services.iter().any(|known| known == service) {
                services.push(service.to_string());
            }
        }
        let rows = Spans::new(records).into_rows();
        let places = rows
            .iter()
            .filter(|row| matches!(row.item, Item::Record(_)))
            .map(|row| row.place);
        Request {
            start: places.clone().min().unwrap_or_default(),
            end: places.max().unwrap_or_default(),
            rows,
            services,
        }
    }

    /// The records in the order of their places; of those at one place, the caller's first.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Record> {
        let mut records: Vec<(&Row, &Record)> = self
            .rows
            .iter()
            .filter_map(|row| match &row.item {
                Item::Record(record) => Some((row, record)),
                Item::Span(_) => None,
            })
            .collect();
        records.sort_by(|(row, record), (other_row, other)| {
            (row.place, row.hops, order(record)).cmp(&(other_row.place, other_row.hops, order(other)))
        });
        records.into_iter().map(|(_, record)| record).collect()
    }

    /// How many records there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| matches!(row.item, Item::Record(_)))
            .count()
    }
}

/// By time; within one lane by number, which is right at equal times too.
fn order(record: &Record) -> (Nanos, &str, u64, u64) {
    (record.time, &record.instance, record.lane, record.seq)
}

/// The process that a record comes from.
fn process(record: &Record) -> &str {
    if record.instance.is_empty() {
        record.text("service_name")
    } else {
        &record.instance
    }
}

/// The spans while the tree is made. The first is no span but the request itself.
struct Spans {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    parent: usize,
    id: String,
    process: String,
    is_silent: bool,
    records: Vec<Record>,
    children: Vec<usize>,
    start: Nanos,
    end: Nanos,
    count: usize,
    /// By how much later than they say its records are put.
    shift: Nanos,
    is_early_by: Nanos,
    depth: usize,
    hops: usize,
}

const REQUEST: usize = 0;

impl Spans {
    fn new(records: Vec<Record>) -> Spans {
        let mut nodes = vec![Node::default()];
        let mut by_span: HashMap<(String, String), usize> = HashMap::new();
        for record in records {
            let span = record.text("span_id");
            let node = if span.is_empty() {
                REQUEST
            } else {
                *by_span
                    .entry((process(&record).to_string(), span.to_string()))
                    .or_insert_with(|| {
                        nodes.push(Node {
                            id: span.to_string(),
                            process: process(&record).to_string(),
                            start: record.time,
                            end: record.time,
                            ..Node::default()
                        });
                        nodes.len() - 1
                    })
            };
            let node = &mut nodes[node];
            node.end = record.time;
            node.count += 1;
            node.records.push(record);
        }
        let mut spans = Spans { nodes };
        spans.link();
        spans.measure();
        spans
    }

    /// Finds each span's parent, in its own process first. One that logged nothing is put in; without one it stands in the
    /// request; a circle is cut open.
    fn link(&mut self) {
        let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate().skip(1) {
            by_id.entry(&node.id).or_default().push(index);
        }
        let mut orphans: Vec<(usize, String)> = Vec::new();
        let mut parents: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for (index, node) in self.nodes.iter().enumerate() {
            let id = node
                .records
                .iter()
                .map(|record| record.text("parent_span_id"))
                .find(|id| !id.is_empty());
            if let Some(id) = id.filter(|id| index != REQUEST && !by_id.contains_key(id)) {
                orphans.push((index, id.to_string()));
            }
            let candidates = id.and_then(|id| by_id.get(id)).map_or(&[][..], Vec::as_slice);
            let others = || candidates.iter().copied().filter(|other| *other != index);
            let own = others().find(|other| self.nodes[*other].process == node.process);
            parents.push(if index == REQUEST {
                REQUEST
            } else {
                own.or_else(|| others().next()).unwrap_or(REQUEST)
            });
        }
        let mut on_path = vec![false; parents.len()];
        let mut is_done = vec![false; parents.len()];
        is_done[REQUEST] = true;
        for index in 0..parents.len() {
            let mut path = Vec::new();
            let mut at = index;
            while !is_done[at] {
                is_done[at] = true;
                on_path[at] = true;
                path.push(at);
                if on_path[parents[at]] {
                    parents[at] = REQUEST;
                }
                at = parents[at];
            }
            path.into_iter().for_each(|at| on_path[at] = false);
        }
        self.put_in_silent(&mut parents, orphans);
        for (index, parent) in parents.into_iter().enumerate().skip(1) {
            self.nodes[index].parent = parent;
            self.nodes[parent].children.push(index);
        }
    }

    /// Parents before children.
    fn top_down(&self) -> Vec<usize> {
        let mut order = vec![REQUEST];
        let mut next = 0;
        while let Some(index) = order.get(next) {
            order.extend(&self.nodes[*index].children);
            next += 1;
        }
        order
    }

    /// Start and end of each span with what is in it in its own process; then by how much it is put later.
    fn measure(&mut self) {
        let order = self.top_down();
        for &index in order.iter().skip(1).rev() {
            let Node {
                parent,
                start,
                end,
                count,
                ..
            } = self.nodes[index];
            if self.nodes[parent].process == self.nodes[index].process {
                let parent = &mut self.nodes[parent];
                parent.start = parent.start.min(start);
                parent.end = parent.end.max(end);
                parent.count += count;
            }
        }
        for &index in order.iter().skip(1) {
            let node = &self.nodes[index];
            let parent = &self.nodes[node.parent];
            let is_early_by = match node.parent {
                REQUEST => 0,
                _ if parent.process == node.process => 0,
                _ => (parent.start + parent.shift - node.start).max(0),
            };
            let is_call = parent.process != node.process;
            let shift = if is_call { is_early_by } else { parent.shift };
            let hops = parent.hops + usize::from(is_call);
            let depth = parent.depth + 1;
            let node = &mut self.nodes[index];
            (node.shift, node.is_early_by, node.depth, node.hops) = (shift, is_early_by, depth, hops);
        }
    }

    fn into_rows(mut self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut waiting = self.open(REQUEST);
        while let Some(Waiting {
            depth,
            is_last,
            place,
            hops,
            next,
        }) = waiting.pop()
        {
            let item = match next {
                Next::Record(record) => Item::Record(record),
                Next::Span(index) => {
                    let span = self.span(index);
                    waiting.extend(self.open(index));
                    Item::Span(span)
                }
            };
            rows.push(Row {
                depth,
                is_last,
                place,
                hops,
                item,
            });
        }
        rows
    }

    fn span(&self, index: usize) -> Span {
        let node = &self.nodes[index];
        let text = |key: &str| {
            let texts = node.records.iter().map(|record| record.text(key));
            texts
                .clone()
                .find(|text| !text.is_empty())
                .unwrap_or_default()
                .to_string()
        };
        Span {
            id: node.id.clone(),
            is_silent: node.is_silent,
            name: text("span_name"),
            service: text("service_name"),
            module: text("module_name"),
            start: node.start,
            duration: (node.count > 1 && !node.is_silent).then_some(node.end - node.start),
            is_early_by: node.is_early_by,
        }
    }

    /// What stands in a span, the last first.
    fn open(&mut self, index: usize) -> Vec<Waiting> {
        let records = mem::take(&mut self.nodes[index].records);
        let children = mem::take(&mut self.nodes[index].children);
        let Node {
            shift, depth, hops, ..
        } = self.nodes[index];
        let records = records
            .into_iter()
            .map(|record| (record.time + shift, Next::Record(record)));
        let spans = children.into_iter().map(|child| {
            let node = &self.nodes[child];
            (node.start + node.shift, Next::Span(child))
        });
        let mut items: Vec<(Nanos, Next)> = records.chain(spans).collect();
        items.sort_by_key(|(time, _)| *time);
        let last = items.len().saturating_sub(1);
        let wait = |(at, (place, next))| Waiting {
            depth,
            is_last: at == last,
            place,
            hops,
            next,
        };
        items.into_iter().enumerate().map(wait).rev().collect()
    }
}

/// A row that is not yet written.
struct Waiting {
    depth: usize,
    is_last: bool,
    place: Nanos,
    hops: usize,
    next: Next,
}

enum Next {
    Record(Record),
    Span(usize),
}

#[cfg(test)]
mod tests;
