//! libpq connection strings: `host=db dbname=shop` and `postgresql://user@db:5432/shop?sslmode=require`.
//!
//! In: what `-d` or `--dbname` was given. Out: settings in order, the later one counting. Never: keeps a password, or
//! guesses at a string that libpq would refuse.
//!
//! Source: PostgreSQL 17, section 34.1.1 and `fe-connect.c`.

/// Settings that may hold a secret and are dropped as soon as they are read.
const SECRETS: [&str; 4] = ["password", "sslpassword", "passfile", "oauth_client_secret"];

/// A setting and its value.
pub(super) type Setting = (String, String);

/// Whether a database name is a whole connection string.
pub(super) fn is_conninfo(dbname: &str) -> bool {
    is_uri(dbname) || dbname.contains('=')
}

fn is_uri(text: &str) -> bool {
    text.starts_with("postgresql://") || text.starts_with("postgres://")
}

/// The settings of a connection string, or what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Vec<Setting>, &'static str> {
    let mut settings = if is_uri(text) { uri(text) } else { pairs(text) }?;
    settings.retain(|(key, _)| !SECRETS.contains(&key.as_str()));
    Ok(settings)
}

/// The settings of a URI, in libpq's order: a parameter after `?` comes later than the host before it, and counts.
fn uri(text: &str) -> Result<Vec<Setting>, &'static str> {
    let (_, rest) = text.split_once("://").ok_or("not a URI")?;
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let (authority, database) =
        rest.split_once('/').map_or((rest, None), |(authority, database)| (authority, Some(database)));
    let mut settings = Vec::new();
    let hosts = match authority.split_once('@') {
        Some((login, hosts)) => {
            let user = login.split(':').next().unwrap_or(login);
            settings.push(("user".to_owned(), decode(user)?));
            hosts
        }
        None => authority,
    };
    // libpq takes the first `@`; a second one is a password that was not encoded, or a trick.
    if hosts.contains('@') {
        return Err("two `@` before the path");
    }
    let (names, ports) = addresses(hosts)?;
    settings.push(("host".to_owned(), names));
    settings.push(("port".to_owned(), ports));
    if let Some(database) = database {
        settings.push(("dbname".to_owned(), decode(database)?));
    }
    for pair in query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or("a parameter without a value")?;
        settings.push((decode(key)?, decode(value)?));
    }
    settings.retain(|(_, value)| !value.is_empty());
    Ok(settings)
}

/// `a:1,[::1]:2` as the lists `a,::1` and `1,2`, as libpq keeps them.
fn addresses(hosts: &str) -> Result<Setting, &'static str> {
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let (name, rest) = rest.split_once(']').ok_or("an address without its `]`")?;
                match rest.strip_prefix(':') {
                    Some(port) => (name, port),
                    None if rest.is_empty() => (name, ""),
                    None => return Err("text after `]`"),
                }
            }
            None => host.split_once(':').unwrap_or((host, "")),
        };
        names.push(decode(name)?);
        ports.push(decode(port)?);
    }
    let list =
        |parts: Vec<String>| if parts.iter().all(String::is_empty) { String::new() } else { parts.join(",") };
    Ok((list(names), list(ports)))
}

/// Percent decoding; libpq refuses `%00`, and what is not UTF-8 is no name that a rule could match.
fn decode(text: &str) -> Result<String, &'static str> {
    const FAULT: &str = "a wrong percent escape";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(FAULT) };
        match u8::try_from(high * 16 + low) {
            Ok(0) | Err(_) => return Err(FAULT),
            Ok(byte) => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_binary| FAULT)
}

/// `key = value key='a \'value\''`.
fn pairs(text: &str) -> Result<Vec<Setting>, &'static str> {
    let mut settings = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or("a setting without `=`")?;
        let key = key.trim_end_matches(is_space);
        if key.is_empty() || key.contains(is_space) {
            return Err("a setting without `=`");
        }
        let (value, after) = value(after.trim_start_matches(is_space))?;
        settings.push((key.to_owned(), value));
        rest = after.trim_start_matches(is_space);
    }
    Ok(settings)
}

/// What C's `isspace` takes for space.
fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// One value and what follows it.
fn value(text: &str) -> Result<(String, &str), &'static str> {
    let (quoted, body) = match text.strip_prefix('\'') {
        Some(body) => (Quotes::Single, body),
        None => (Quotes::None, text),
    };
    let mut value = String::new();
    let mut letters = body.chars();
    loop {
        let rest = letters.as_str();
        match (letters.next(), quoted) {
            (None, Quotes::Single) => return Err("a quote that does not end"),
            (None, Quotes::None) => return Ok((value, "")),
            (Some('\''), Quotes::Single) => return Ok((value, letters.as_str())),
            (Some(space), Quotes::None) if is_space(space) => return Ok((value, rest)),
            // A backslash takes the next letter as it is, quote or not; at the very end it is dropped, as in libpq.
            (Some('\\'), _) => value.extend(letters.next()),
            (Some(letter), _) => value.push(letter),
        }
    }
}

#[derive(Clone, Copy)]
enum Quotes {
    None,
    Single,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap()
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn uris_are_read_as_libpq_reads_them() {
        for (text, expected) in [
            ("postgresql://", &[][..]),
            ("postgresql://db", &[("host", "db")]),
            (
                "postgres://u:s3cret@db:5433/shop",
                &[("user", "u"), ("host", "db"), ("port", "5433"), ("dbname", "shop")],
            ),
            ("postgresql://a:1,b:2/x", &[("host", "a,b"), ("port", "1,2"), ("dbname", "x")]),
            ("postgresql://[::1]:5/x", &[("host", "::1"), ("port", "5"), ("dbname", "x")]),
            ("postgresql://%2Fvar%2Frun/x", &[("host", "/var/run"), ("dbname", "x")]),
            ("postgresql:///x?host=prod&password=s3cret", &[("dbname", "x"), ("host", "prod")]),
            ("postgresql://dev/x?host=prod", &[("host", "dev"), ("dbname", "x"), ("host", "prod")]),
        ] {
            assert_eq!(settings(text), owned(expected), "{text}");
        }
    }

    #[test]
    fn pairs_are_read_as_libpq_reads_them() {
        for (text, expected) in [
            ("host=a dbname = b", &[("host", "a"), ("dbname", "b")][..]),
            ("host='a b' user=x\\ y", &[("host", "a b"), ("user", "x y")]),
            (r"user='it\'s' password=s3cret", &[("user", "it's")]),
            ("host=", &[("host", "")]),
            ("host=a host=b", &[("host", "a"), ("host", "b")]),
        ] {
            assert_eq!(settings(text), owned(expected), "{text}");
        }
    }

    #[test]
    fn what_libpq_refuses_is_refused() {
        for text in [
            "host",
            "host=a b",
            "=a",
            "host='a",
            "postgresql://a@b@c/",
            "postgresql://[::1/x",
            "postgresql://%zz/",
            "postgresql://a/b?c",
            "postgresql://%00/",
            "postgresql://[::1]x/",
            "postgresql://%f/",
            "postgresql://%ff/",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
