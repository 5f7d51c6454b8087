//! A project as `cargo metadata` tells it: its folder and its packages. Nothing is changed here.

use serde_json::Value;
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};
use tracel_schema::nearest::did_you_mean;

/// A package that stands alone, or a workspace.
#[derive(Debug)]
pub struct Project {
    /// The folder of the workspace, or of the lone package.
    pub root: PathBuf,
    /// The packages that are meant, in Cargo's order.
    pub packages: Vec<Package>,
}

/// A package of the project.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What Cargo calls it, and no other package of the project.
    pub id: String,
    /// Its Cargo.toml.
    pub manifest: PathBuf,
    /// The folder of its Cargo.toml.
    pub folder: PathBuf,
    /// Whether it is a proc-macro crate.
    pub is_macro: bool,
    /// Its build script.
    pub script: Option<PathBuf>,
    /// The source of its binaries.
    pub mains: Vec<PathBuf>,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// `rust-version`.
    pub rust_version: Option<String>,
    /// `[package.metadata.tracel] schema`.
    pub schema: Option<String>,
}

/// What a package depends on.
#[derive(Debug)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// What the package calls it, where that is another name.
    pub rename: Option<String>,
    /// Whether it is one of the build script, or only of tests.
    pub kind: Option<String>,
}

impl Project {
    /// The project in `folder`; with `names`, only these of its packages. In a package's folder it is that package alone, in
    /// a workspace's all of them.
    ///
    /// # Errors
    /// When Cargo finds no package there, in its words, and when there is none of such a name.
    pub fn read(folder: &Path, names: &[String]) -> Result<Project, String> {
        if !folder.is_dir() {
            return Err(format!("{}: there is no such folder", folder.display()));
        }
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(folder)
            .output()
            .map_err(|error| format!("cargo cannot be started in {}: {error}", folder.display()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("cargo cannot read the project:\n{}", said.trim_end()));
        }
        let json: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("cargo metadata is not understood: {error}"))?;
        let root = PathBuf::from(text(&json["workspace_root"]).unwrap_or_default());
        let mut packages: Vec<Package> = list(&json["packages"]).filter_map(Package::read).collect();
        let folder = folder
            .canonicalize()
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let here = folder
            .ancestors()
            .find(|folder| folder.join("Cargo.toml").is_file());
        if names.is_empty() {
            let is_here = |package: &Package| package.folder.canonicalize().ok().as_deref() == here;
            let is_root = root.canonicalize().ok().as_deref() == here;
            if !is_root && packages.iter().any(is_here) {
                packages.retain(is_here);
            }
        } else {
            for name in names {
                if !packages.iter().any(|package| package.name == *name) {
                    let all = packages.iter().map(|package| package.name.as_str());
                    let way_out = did_you_mean(name, all, "`cargo metadata --no-deps` lists them");
                    return Err(format!("the project has no package `{name}`; {way_out}"));
                }
            }
            packages.retain(|package| names.contains(&package.name));
        }
        Ok(Project { root, packages })
    }
}

impl Package {
    fn read(json: &Value) -> Option<Package> {
        let manifest = PathBuf::from(text(&json["manifest_path"])?);
        let sources = |kind: &'static str| {
            let of_kind = move |target: &&Value| list(&target["kind"]).any(|it| it == kind);
            list(&json["targets"])
                .filter(of_kind)
                .filter_map(|target| text(&target["src_path"]).map(PathBuf::from))
        };
        let dependency = |json: &Value| {
            Some(Dependency {
                name: text(&json["name"])?,
                rename: text(&json["rename"]),
                kind: text(&json["kind"]),
            })
        };
        Some(Package {
            name: text(&json["name"])?,
            id: text(&json["id"])?,
            folder: manifest.parent()?.to_path_buf(),
            is_macro: sources("proc-macro").next().is_some(),
            script: sources("custom-build").next(),
            mains: sources("bin").collect(),
            dependencies: list(&json["dependencies"]).filter_map(dependency).collect(),
            rust_version: text(&json["rust_version"]),
            schema: text(&json["metadata"]["tracel"]["schema"]),
            manifest,
        })
    }

    /// Whether it depends on this package; `kind` is `Some("build")` for its build script.
    pub(super) fn depends_on(&self, name: &str, kind: Option<&str>) -> bool {
        self.dependencies
            .iter()
            .any(|dependency| dependency.name == name && dependency.kind.as_deref() == kind)
    }
}

fn text(json: &Value) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn list(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}
