//! What a crate hands on to those that extend its schema: that schema and all that it extends itself, in one text. Only
//! its form lives here: who writes and who reads it, `build` knows.

use crate::{
    compiled::{self, Writer},
    sources::{Graph, Source},
};
use std::path::PathBuf;

/// The first cell of the first row.
const HEAD: &str = "tracel-published";
/// The version of this form: to be raised with every change of it.
const VERSION: u32 = 1;

/// The schema of a crate, with all that it extends: texts, as their authors wrote them, so that a service's own version
/// of TraceL reads them, and errors name their lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// The first one is the crate's own.
    files: Vec<Source>,
    /// The file, the name in its `extends`, and the file that this means.
    edges: Vec<(usize, String, usize)>,
}

impl Published {
    pub(crate) fn new(graph: &Graph, named: impl Fn(&Source) -> (String, PathBuf)) -> Published {
        let files = graph.files.iter().map(|file| {
            let (id, shown) = named(file);
            let text = file.text.clone();
            Source { id, shown, text }
        });
        Published {
            files: files.collect(),
            edges: graph.edges.clone(),
        }
    }

    /// Reads what a schema crate wrote.
    ///
    /// # Errors
    /// When the text is something else, has another version, was cut short or changed.
    pub fn read(text: &str) -> Result<Published, compiled::Error> {
        let mut published = Published::default();
        let Published { files, edges } = &mut published;
        compiled::rows(text, HEAD, VERSION, |row| {
            match row.text()?.as_str() {
                "file" => files.push(Source {
                    id: row.text()?,
                    shown: row.text()?.into(),
                    text: row.text()?,
                }),
                "extends" => {
                    let edge = (row.parse()?, row.text()?, row.parse()?);
                    if edge.0 >= files.len() || edge.2 >= files.len() {
                        return Err("there is no such file".to_owned());
                    }
                    edges.push(edge);
                }
                other => return Err(format!("unknown row {other:?}")),
            }
            Ok(())
        })?;
        match published.files.is_empty() {
            true => Err(compiled::Error::Torn),
            false => Ok(published),
        }
    }

    /// The text of it.
    pub fn write(&self) -> String {
        let mut out = Writer::new(HEAD, VERSION);
        for file in &self.files {
            out.cell("file").cell(&file.id).cell(file.shown.to_string_lossy());
            out.cell(&file.text).end();
        }
        for (from, name, to) in &self.edges {
            out.cell("extends").cell(from).cell(name).cell(to).end();
        }
        out.seal()
    }

    /// The crate's own schema.
    pub fn root(&self) -> Option<&Source> {
        self.files.first()
    }

    /// Whether a file is in it.
    pub fn holds(&self, id: &str) -> bool {
        self.files.iter().any(|file| file.id == id)
    }

    /// What `name` means in the file `from`, which is in it.
    pub fn base(&self, name: &str, from: &str) -> Option<&Source> {
        let from = self.files.iter().position(|file| file.id == from)?;
        let mut edges = self.edges.iter();
        let edge = edges.find(|(at, called, _)| (*at, called.as_str()) == (from, name))?;
        self.files.get(edge.2)
    }
}

#[cfg(test)]
mod tests {
    use super::{Published, Source};
    use crate::compiled::Error;

    fn published() -> Published {
        let file = |id: &str, text: &str| Source {
            id: id.into(),
            shown: format!("{id}/schema.toml").into(),
            text: text.into(),
        };
        Published {
            files: vec![file("acme", "[schema]\r\n\tname = \"a\\\"\n"), file("org", "")],
            edges: vec![(0, "org-schema".into(), 1)],
        }
    }

    #[test]
    fn it_is_read_back_and_looked_up() {
        let published = published();
        assert_eq!(Published::read(&published.write()), Ok(published.clone()));
        assert_eq!(published.root().map(|file| file.id.as_str()), Some("acme"));
        let base = published.base("org-schema", "acme");
        assert_eq!(base.map(|file| file.id.as_str()), Some("org"));
        assert_eq!(published.base("org-schema", "org"), None);
        assert!(published.holds("org") && !published.holds("elsewhere"));
    }

    #[test]
    fn what_is_cut_or_changed_is_refused() {
        let text = published().write();
        for (at, _) in text.char_indices() {
            let cut = Published::read(&text[..at]);
            assert!(matches!(cut, Err(Error::Torn | Error::Foreign)), "{at}: {cut:?}");
        }
        assert_eq!(
            Published::read(&text.replace("\t0\torg", "\t1\torg")),
            Err(Error::Torn)
        );
        let beyond = Published {
            edges: vec![(0, "x".into(), 2)],
            ..published()
        };
        assert!(matches!(Published::read(&beyond.write()), Err(Error::Row { .. })));
        assert_eq!(Published::read(&Published::default().write()), Err(Error::Torn));
    }
}
