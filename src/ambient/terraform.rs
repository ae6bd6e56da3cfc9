//! `terraform-workspace`: which directory, workspace and backend terraform would act on.
//!
//! In: `-chdir`, `TF_WORKSPACE`, `TF_DATA_DIR`, and what `terraform init` and `terraform workspace select` left below
//! `.terraform`. Out: directory, workspace, backend and where it keeps the state. Never: reads state, variables
//! or credentials; only listed backend settings become fields.

use super::tree::{Document, Node};
use super::{Asked, Fields, Presence, Unreadable, World, file, json, path_text, resolve, without_secrets};
use std::path::{Path, PathBuf};

/// Backend settings that say where the state is. All others may be secrets (`access_key`, `conn_str`, `token`).
const PLACES: [&str; 13] = [
    "address",
    "bucket",
    "container_name",
    "hostname",
    "key",
    "namespace",
    "organization",
    "path",
    "prefix",
    "region",
    "resource_group_name",
    "storage_account_name",
    "workspace_key_prefix",
];

/// Absent means the default workspace of a directory that was never initialised with a backend.
pub(super) fn read(world: &World<'_>, asked: &Asked) -> Result<(Presence, Fields), Unreadable> {
    let mut fields = Fields::default();
    let mut presence = Presence::Absent;
    let directory = match asked.only("chdir")? {
        Some(path) => {
            let directory = resolve(world.cwd, Path::new(path));
            fields.set("directory", path_text(&directory)?, "-chdir")?;
            directory
        }
        None => {
            fields.set("directory", path_text(world.cwd)?, "current directory")?;
            world.cwd.to_owned()
        }
    };
    // terraform changes its directory first, so TF_DATA_DIR is relative to the new one.
    let data = match world.text("TF_DATA_DIR")? {
        Some(path) => directory.join(path),
        None => directory.join(".terraform"),
    };
    let (workspace, source) = workspace(world, &data)?;
    if source != DEFAULT {
        presence = Presence::Read;
    }
    fields.set("workspace", workspace, source)?;
    if backend(data.join("terraform.tfstate"), &mut fields)? == Presence::Read {
        presence = Presence::Read;
    }
    hidden(world, &mut fields)?;
    Ok((presence, fields))
}

const DEFAULT: &str = "the tool's default";

/// TF_WORKSPACE beats what `terraform workspace select` wrote, and terraform shows neither before it acts.
fn workspace(world: &World<'_>, data: &Path) -> Result<(String, String), Unreadable> {
    if let Some(name) = world.text("TF_WORKSPACE")? {
        return Ok((name, "$TF_WORKSPACE".to_owned()));
    }
    let path = data.join("environment");
    let name = file::read(&path)?.map(|text| text.trim().to_owned()).filter(|name| !name.is_empty());
    match name {
        Some(name) => Ok((name, path_text(&path)?)),
        None => Ok(("default".to_owned(), DEFAULT.to_owned())),
    }
}

/// The backend that `terraform init` wrote down. terraform refuses to run when the configuration says otherwise.
fn backend(path: PathBuf, fields: &mut Fields) -> Result<Presence, Unreadable> {
    let Some(content) = file::read(&path)? else { return Ok(Presence::Absent) };
    let path = path_text(&path)?;
    let root = json::parse(&content, json::Keys::Folded)
        .map_err(|(line, fault)| Unreadable::malformed(&path, line, fault))?;
    let document = Document { path, root }.checked()?;
    let backend = document.map(&document.root, "backend")?;
    let Some(kind) = document.text(backend, "type")? else { return Ok(Presence::Absent) };
    fields.set("backend", kind, format!("{} backend.type", document.path))?;
    let config = document.map(backend, "config")?;
    for place in PLACES {
        if let Some(value) = document.text(config, place)? {
            // The http backend takes its password in the address, too.
            let value = if place == "address" { without_secrets(&value) } else { value };
            fields.set(format!("backend-{place}"), value, format!("{} backend.config", document.path))?;
        }
    }
    remote_workspaces(&document, config, fields)?;
    Ok(Presence::Read)
}

/// HCP Terraform and its kin name the workspace here, and the local name then is always `default`. One backend
/// writes a map, the other a list of one map.
fn remote_workspaces(document: &Document, config: &Node, fields: &mut Fields) -> Result<(), Unreadable> {
    let maps = match config.get("workspaces") {
        Some(map @ Node::Map(_)) => std::slice::from_ref(map),
        Some(Node::List(maps)) => maps,
        Some(Node::Null | Node::Text(_) | Node::Typed(_)) | None => return Ok(()),
    };
    let source = format!("{} backend.config.workspaces", document.path);
    for map in maps {
        if let Some(name) = document.text(map, "name")? {
            fields.set("workspace", name, &source)?;
        }
        for key in ["prefix", "project"] {
            if let Some(value) = document.text(map, key)? {
                fields.set(format!("backend-workspaces-{key}"), value, &source)?;
            }
        }
    }
    Ok(())
}

/// `TF_CLI_ARGS` and `TF_CLI_ARGS_apply` put options into the command that nobody sees. Names only: `-var` and
/// `-backend-config` carry secrets.
fn hidden(world: &World<'_>, fields: &mut Fields) -> Result<(), Unreadable> {
    let names: Vec<&str> = world
        .env
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, _)| name.to_str())
        .filter(|name| *name == "TF_CLI_ARGS" || name.starts_with("TF_CLI_ARGS_"))
        .collect();
    if names.is_empty() { Ok(()) } else { fields.set("hidden-options", names.join(" "), "environment") }
}
