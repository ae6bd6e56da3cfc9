//! Which names announce a secret: `DB_PASSWORD`, `--api-key`, `X-Auth-Token`, and not `--token-ttl`.

/// Words that make a name secret, wherever they stand in it.
const SECRET: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "pass",
    "secret",
    "secrets",
    "token",
    "apikey",
    "credential",
    "credentials",
    "authtoken",
    "authorization",
    "cookie",
    "privatekey",
    "secretkey",
    "accesskey",
    "pgpassword",
];

/// Pairs of neighbouring words that do.
const SECRET_PAIRS: [(&str, &str); 12] = [
    ("api", "key"),
    ("access", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("auth", "key"),
    ("account", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("master", "key"),
    ("shared", "key"),
    ("ssh", "pass"),
    ("db", "pwd"),
];

/// Last words that turn it into something about a secret: where it lies, what it is called, how long it lasts.
const ABOUT: [&str; 38] = [
    "ttl",
    "path",
    "file",
    "files",
    "name",
    "names",
    "id",
    "ids",
    "ref",
    "arn",
    "type",
    "dir",
    "expiry",
    "expires",
    "expiration",
    "duration",
    "length",
    "min",
    "max",
    "url",
    "uri",
    "endpoint",
    "policy",
    "version",
    "format",
    "provider",
    "store",
    "stdin",
    "fd",
    "command",
    "cmd",
    "helper",
    "env",
    "prompt",
    "count",
    "rotation",
    "hash",
    "algorithm",
];

/// First words that do the same.
const WITHOUT: [&str; 9] = ["no", "ask", "prompt", "without", "disable", "enable", "skip", "show", "use"];

/// Whether the value of something called `name` is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let parts = parts(name);
    let first = parts.first().map_or("", String::as_str);
    let last = parts.last().map_or("", String::as_str);
    if WITHOUT.contains(&first) || ABOUT.contains(&last) {
        return false;
    }
    // A lone `PWD` is the working directory; `DB_PWD`, `MYSQL_PWD` are passwords.
    let abbreviated = parts.len() > 1 && last == "pwd" && first != "old";
    abbreviated
        || parts.iter().any(|part| SECRET.contains(&part.as_str()))
        || parts.windows(2).any(|pair| match pair {
            [one, two] => SECRET_PAIRS.contains(&(one.as_str(), two.as_str())),
            _ => false,
        })
}

/// The words of a name in lower case, split at `_ - .` and at camelCase humps.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        let splits = matches!(c, '_' | '-' | '.' | '/');
        if splits || (after_lower && c.is_ascii_uppercase()) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| !splits) {
            part.push(c.to_ascii_lowercase());
        }
        after_lower = c.is_ascii_lowercase();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "password",
            "PASSWORD",
            "DB_PASSWORD",
            "dbPassword",
            "PGPASSWORD",
            "MYSQL_PWD",
            "passwd",
            "passphrase",
            "api-key",
            "API_KEY",
            "apiKey",
            "apikey",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "token",
            "X-Auth-Token",
            "X-Api-Key",
            "PRIVATE-TOKEN",
            "client_secret",
            "SECRET_KEY_BASE",
            "private-key",
            "GITHUB_TOKEN",
            "db.password",
            "credentials",
            "Cookie",
            "ssh-pass",
            "AccountKey",
            "DB_PASS",
        ] {
            assert!(is_secret(name), "{name}");
        }
    }

    #[test]
    fn names_of_other_things() {
        for name in [
            "token-ttl",
            "TOKEN_EXPIRY",
            "SSH_KEY_PATH",
            "PASSWORD_FILE",
            "password-stdin",
            "secret-name",
            "PWD",
            "OLDPWD",
            "OLD_PWD",
            "KUBECONFIG",
            "key",
            "monkey",
            "author",
            "compass",
            "bypass",
            "keyboard",
            "no-password",
            "secret-id",
            "tokenizer",
            "PASSWORD_STORE_DIR",
            "credential-helper",
            "",
            "show-token",
            "api-key-file",
            "private-key-path",
            "public-key",
            "key-id",
            "auth",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
