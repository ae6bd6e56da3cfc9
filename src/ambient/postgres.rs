//! `postgres`: which server and database a libpq program (psql, pg_dump, pg_restore, createdb ...) would act on.
//!
//! In: the connection options, connection strings, service files and `PG*` variables. Out: host, port, database, user.
//! Never: a password, a name lookup, an LDAP service lookup. `DATABASE_URL` is not looked at, because no libpq
//! program does; a script that passes it on shows it on the command line.
//!
//! The order is libpq's (`fe-connect.c`): connection string, options, service file, environment, defaults.

use super::{Asked, Fields, Presence, Unreadable, World, conninfo, file, path_text, text};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;

/// Settings that say where, and the variable each can come from.
const SETTINGS: [(&str, &str); 6] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("options", "PGOPTIONS"),
];

/// Where the packages of the large distributions put their socket. `/tmp` is not here: anyone can listen there.
const LOCAL: [&str; 2] = ["/var/run/postgresql", "/run/postgresql"];

/// Absent means the local socket, the default port and the user's own database.
pub(super) fn read(world: &World<'_>, asked: &Asked) -> Result<(Presence, Fields), Unreadable> {
    // Debian's wrapper around psql picks host and port by cluster name before psql is even started.
    for (given, what) in
        [(world.raw("PGCLUSTER").is_some(), "$PGCLUSTER"), (asked.given("cluster"), "--cluster")]
    {
        if given {
            return Err(Unreadable::Elsewhere { what: what.to_owned() });
        }
    }
    let mut settings = Settings::default();
    settings.take_command_line(asked)?;
    settings.take_service(world)?;
    settings.take_environment(world)?;
    let mut fields = Fields::default();
    settings.report(&mut fields)?;
    startup_file(world, asked, &mut fields)?;
    Ok((if settings.0.is_empty() { Presence::Absent } else { Presence::Read }, fields))
}

/// What has been said so far, each with its source; the first to speak counts.
#[derive(Debug, Default)]
struct Settings(BTreeMap<String, (String, String)>);

impl Settings {
    fn offer(&mut self, key: &str, value: &str, source: &str) {
        self.0.entry(key.to_owned()).or_insert_with(|| (value.to_owned(), source.to_owned()));
    }

    /// A connection string beats the options beside it: psql hands both to libpq, the string last.
    fn take_command_line(&mut self, asked: &Asked) -> Result<(), Unreadable> {
        if let Some(name) = asked.last("dbname") {
            if conninfo::is_conninfo(name) {
                let settings = conninfo::parse(name)
                    .map_err(|fault| Unreadable::malformed("the connection string", 0, fault))?;
                // Inside one string the later one counts, so it is offered first.
                for (key, value) in settings.iter().rev() {
                    self.offer(key, value, "connection string");
                }
            } else {
                self.offer("dbname", name, "--dbname");
            }
        }
        for (option, key) in [("host", "host"), ("port", "port"), ("username", "user")] {
            if let Some(value) = asked.last(option) {
                self.offer(key, value, &format!("--{option}"));
            }
        }
        Ok(())
    }

    /// A service that is named must exist: libpq fails without it, and so must our reading.
    fn take_service(&mut self, world: &World<'_>) -> Result<(), Unreadable> {
        let service = match self.0.get("service") {
            Some((name, source)) => Some((name.clone(), source.clone())),
            None => world.text("PGSERVICE")?.map(|name| (name, "$PGSERVICE".to_owned())),
        };
        let Some((name, source)) = service else { return Ok(()) };
        self.offer("service", &name, &source);
        for path in service_files(world, self)? {
            let Some(content) = file::read(&path)? else { continue };
            let path = path_text(&path)?;
            if let Some(settings) = service_section(&path, &content, &name)? {
                for (key, value) in settings {
                    self.offer(&key, &value, &format!("{path} service {name}"));
                }
                return Ok(());
            }
        }
        Err(Unreadable::Missing { what: "service", name, source_of_name: source })
    }

    /// The variables, for what nobody has said yet.
    fn take_environment(&mut self, world: &World<'_>) -> Result<(), Unreadable> {
        for (key, variable) in SETTINGS {
            // libpq takes a variable that is set but empty as said: an empty PGHOST is the local socket.
            if let Some(value) = world.env.get(OsStr::new(variable)) {
                let value = text(value, || format!("${variable}"))?;
                self.offer(key, &value, &format!("${variable}"));
            }
        }
        Ok(())
    }

    /// A setting that says something; an empty one kept others from speaking and then means the default.
    fn get(&self, key: &str) -> Option<(&str, &str)> {
        let (value, source) = self.0.get(key)?;
        (!value.is_empty()).then_some((value.as_str(), source.as_str()))
    }

    /// Turns settings into fields.
    fn report(&self, fields: &mut Fields) -> Result<(), Unreadable> {
        const DEFAULT: &str = "the tool's default";
        match (self.get("hostaddr"), self.get("host")) {
            // The address is where the packets go; the name beside it is only compared with the certificate.
            (Some((address, source)), name) => {
                fields.set("host", address, source)?;
                if let Some((name, source)) = name {
                    fields.set("host-name", name, source)?;
                }
            }
            (None, Some((host, source))) => {
                fields.set("host", host, source)?;
                if LOCAL.contains(&host) {
                    fields.set("place", "this-host", source)?;
                }
            }
            (None, None) => {
                fields.set("host", "local-socket", DEFAULT)?;
                fields.set("place", "this-host", DEFAULT)?;
            }
        }
        let (port, source) = self.get("port").unwrap_or(("5432", DEFAULT));
        fields.set("port", port, source)?;
        if let Some((user, source)) = self.get("user") {
            fields.set("user", user, source)?;
        }
        if let Some((service, source)) = self.get("service") {
            fields.set("service", service, source)?;
        }
        // Without a name the database is called like the user.
        if let Some((database, source)) = self.get("dbname").or_else(|| self.get("user")) {
            fields.set("database", database, source)?;
        }
        // `-c role=admin` or another search path; it can carry any setting, so only its place is shown.
        match self.get("options") {
            Some((_, source)) => fields.set("hidden-options", "options", source),
            None => Ok(()),
        }
    }
}

/// The service files that libpq may look into, in its order.
fn service_files(world: &World<'_>, settings: &Settings) -> Result<Vec<PathBuf>, Unreadable> {
    let mut paths = Vec::new();
    if let Some((path, _)) = settings.get("servicefile") {
        paths.push(world.cwd.join(path));
    } else if let Some(path) = world.text("PGSERVICEFILE")? {
        paths.push(world.cwd.join(path));
    } else {
        paths.push(world.home()?.join(".pg_service.conf"));
    }
    match world.text("PGSYSCONFDIR")? {
        Some(directory) => paths.push(world.cwd.join(directory).join("pg_service.conf")),
        // Compiled in: Debian's place, Red Hat's, upstream's. More than one of them on a host means that the
        // answer depends on which libpq the program was linked with.
        None => {
            let places = ["etc/postgresql-common", "etc/sysconfig/pgsql", "etc", "usr/local/pgsql/etc"];
            let mut found = Vec::new();
            for place in places.map(|place| world.system(place).join("pg_service.conf")) {
                if file::exists(&place)? {
                    found.push(place);
                }
            }
            if let [first, .., last] = found.as_slice() {
                return Err(Unreadable::disagree(
                    "the system's services",
                    path_text(first)?,
                    path_text(last)?,
                ));
            }
            paths.append(&mut found);
        }
    }
    Ok(paths)
}

/// The settings of the first section called `name`; the first of two equal keys counts, as in libpq.
fn service_section(
    path: &str,
    content: &str,
    name: &str,
) -> Result<Option<Vec<(String, String)>>, Unreadable> {
    let mut found: Option<Vec<(String, String)>> = None;
    for (number, line) in (1..).zip(content.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            // The section ends where the next begins; a second one of the same name is never reached.
            if found.is_some() {
                break;
            }
            // libpq looks for the name and one bracket, and does not mind what follows.
            if header.strip_prefix(name).is_some_and(|rest| rest.starts_with(']')) {
                found = Some(Vec::new());
            }
            continue;
        }
        let Some(settings) = &mut found else { continue };
        if line.starts_with("ldap") {
            return Err(Unreadable::Elsewhere {
                what: format!("the LDAP lookup in `{path}`, line {number},"),
            });
        }
        match line.split_once('=') {
            Some((key, value))
                if !key.contains([' ', '\t']) && !["service", "servicefile"].contains(&key) =>
            {
                settings.push((key.to_owned(), value.to_owned()));
            }
            Some(_) | None => return Err(Unreadable::malformed(path, number, "not a setting")),
        }
    }
    Ok(found)
}

/// psql runs this file before anything else, with `-c` too, and a `\connect` in it changes the target.
fn startup_file(world: &World<'_>, asked: &Asked, fields: &mut Fields) -> Result<(), Unreadable> {
    if asked.given("no-psqlrc") {
        return Ok(());
    }
    let path = match (world.text("PSQLRC")?, world.home()) {
        (Some(path), _) => world.cwd.join(path),
        (None, Ok(home)) => home.join(".psqlrc"),
        (None, Err(_homeless)) => return Ok(()),
    };
    if file::exists(&path)? { fields.set("startup-file", path_text(&path)?, "psql") } else { Ok(()) }
}
