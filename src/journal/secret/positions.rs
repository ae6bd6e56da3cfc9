//! Option letters that hold a secret in well-known programs, whatever their value looks like.
//!
//! `mysql -phunter2` has no name in it that announces a secret. These positions count wherever the program's name
//! stands in the row, so that `sudo mysql -p...` and a program without a tool entry are covered too. A letter that is
//! wrong costs a readable word in the record; one that is missing costs the secret.

/// How the value of an option is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    /// Only joined: alone the option asks at the terminal, and the next word is something else.
    Joined,
    /// Joined, or the next word.
    Either,
}

/// Which part of the value is the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// `user:password`.
    AfterColon,
    /// `user%password`.
    AfterPercent,
}

struct Position {
    programs: &'static [&'static str],
    /// A word that must stand between program and option: `docker run -p` publishes a port.
    behind: Option<&'static str>,
    options: &'static [&'static str],
    given: Given,
    part: Part,
}

const fn position(
    programs: &'static [&'static str],
    options: &'static [&'static str],
    given: Given,
    part: Part,
) -> Position {
    Position { programs, behind: None, options, given, part }
}

/// Sources: mysql(1) 8.0, curl(1) 8.5, sshpass(1), redis-cli --help 7.2, ldapsearch(1), docker-login(1), sqlcmd,
/// mongosh, smbclient(1), httpie, zip(1), unzip(1), 7z, ipmitool(1).
const POSITIONS: [Position; 9] = [
    position(
        &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlcheck",
            "mysqlshow",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
            "mycli",
            "7z",
            "7za",
            "7zr",
        ],
        &["-p"],
        Given::Joined,
        Part::Whole,
    ),
    position(
        &["sshpass", "mongo", "mongosh", "mongodump", "mongorestore"],
        &["-p"],
        Given::Either,
        Part::Whole,
    ),
    position(&["redis-cli", "valkey-cli"], &["-a", "--pass"], Given::Either, Part::Whole),
    position(
        &["ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldappasswd", "ldapwhoami"],
        &["-w"],
        Given::Either,
        Part::Whole,
    ),
    position(&["sqlcmd", "bcp", "zip", "unzip", "ipmitool"], &["-P"], Given::Either, Part::Whole),
    Position {
        behind: Some("login"),
        ..position(
            &["docker", "podman", "nerdctl", "helm", "oras", "az"],
            &["-p"],
            Given::Either,
            Part::Whole,
        )
    },
    position(&["curl"], &["-u", "--user", "-U", "--proxy-user"], Given::Either, Part::AfterColon),
    position(&["http", "https", "xh"], &["-a", "--auth"], Given::Either, Part::AfterColon),
    position(&["smbclient", "rpcclient"], &["-U", "--user"], Given::Either, Part::AfterPercent),
];

/// Every secret that stands in such a position of `words`.
pub(super) fn secrets(words: &[String]) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let name = word.rsplit('/').next().unwrap_or_default();
        for position in POSITIONS.iter().filter(|position| position.programs.contains(&name)) {
            found.extend(behind(position, words.get(at.saturating_add(1)..).unwrap_or_default()));
        }
    }
    found
}

fn behind<'w>(position: &Position, words: &'w [String]) -> Vec<&'w str> {
    let start = match position.behind {
        Some(verb) => words.iter().position(|word| word == verb).unwrap_or(words.len()),
        None => 0,
    };
    let words = words.get(start..).unwrap_or_default();
    let values = words.iter().enumerate().filter_map(|(at, word)| {
        let option = position.options.iter().find(|option| word.starts_with(*option))?;
        let joined = word.get(option.len()..).filter(|value| !value.is_empty());
        match (joined, position.given) {
            // `--username` is not `--user` with the value `name`.
            (Some(value), _) if option.starts_with("--") => value.strip_prefix('='),
            (Some(value), _) => Some(value),
            (None, Given::Either) => words.get(at.saturating_add(1)).map(String::as_str),
            (None, Given::Joined) => None,
        }
    });
    values.filter_map(|value| part(position.part, value)).collect()
}

fn part(part: Part, value: &str) -> Option<&str> {
    let separator = match part {
        Part::Whole => return Some(value),
        Part::AfterColon => ':',
        Part::AfterPercent => '%',
    };
    value.split_once(separator).map(|(_, secret)| secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_well_known_programs() {
        for (typed, secret) in [
            ("mysql -pS3 -h db", &["S3"][..]),
            ("sudo /usr/bin/mysqldump -u root -pS3 shop", &["S3"]),
            ("mysql -p shop", &[]),
            ("sshpass -p S3 ssh host -p 22", &["S3", "22"]),
            ("redis-cli -a S3 ping", &["S3"]),
            ("redis-cli --pass S3", &["S3"]),
            ("curl -u me:S3 https://x", &["S3"]),
            ("curl -ume:S3 https://x", &["S3"]),
            ("curl --user=me:S3 https://x", &["S3"]),
            ("curl -u me https://x", &[]),
            ("curl --user-agent x:y https://x", &[]),
            ("docker login -u me -p S3 host", &["S3"]),
            ("docker run -p 80:80 image", &[]),
            ("smbclient //h/s -U me%S3", &["S3"]),
            ("ls -p S3", &[]),
            ("mysql", &[]),
        ] {
            let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            assert_eq!(secrets(&words), secret, "{typed}");
        }
    }
}
