//! Which strings are secrets by their own look, whatever they are called.

/// A token format: a fixed beginning, then at least so many of these characters.
struct Shape {
    prefix: &'static str,
    alphabet: fn(u8) -> bool,
    at_least: usize,
}

const fn shape(prefix: &'static str, alphabet: fn(u8) -> bool, at_least: usize) -> Shape {
    Shape { prefix, alphabet, at_least }
}

fn alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// base64url and what else stands in tokens.
fn url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn dotted(byte: u8) -> bool {
    url(byte) || byte == b'.'
}

fn path(byte: u8) -> bool {
    url(byte) || byte == b'/'
}

/// As their makers publish them for secret scanners.
const SHAPES: [Shape; 38] = [
    shape("ghp_", alnum, 36), // GitHub: personal, OAuth, user, server, refresh, fine-grained
    shape("gho_", alnum, 36),
    shape("ghu_", alnum, 36),
    shape("ghs_", alnum, 36),
    shape("ghr_", alnum, 36),
    shape("github_pat_", url, 22),
    shape("glpat-", url, 20), // GitLab
    shape("glrt-", url, 20),
    shape("AKIA", upper, 16), // AWS
    shape("ASIA", upper, 16),
    shape("xoxb-", url, 10), // Slack
    shape("xoxp-", url, 10),
    shape("xoxa-", url, 10),
    shape("xoxr-", url, 10),
    shape("xoxs-", url, 10),
    shape("xapp-", url, 10),
    shape("hooks.slack.com/services/", path, 20),
    shape("AIza", url, 35), // Google
    shape("ya29.", url, 20),
    shape("GOCSPX-", url, 20),
    shape("sk_live_", alnum, 16), // Stripe
    shape("rk_live_", alnum, 16),
    shape("sk_test_", alnum, 16),
    shape("sk-ant-", url, 20), // model providers
    shape("sk-proj-", url, 20),
    shape("sk-", alnum, 32),
    shape("hf_", alnum, 30),
    shape("npm_", alnum, 36), // package registries
    shape("pypi-AgE", url, 50),
    shape("dckr_pat_", url, 20),
    shape("hvs.", url, 20), // HashiCorp Vault
    shape("hvb.", url, 20),
    shape("dop_v1_", alnum, 64), // DigitalOcean
    shape("SG.", dotted, 40),    // SendGrid
    shape("glsa_", url, 32),     // Grafana
    shape("shpat_", alnum, 32),  // Shopify
    shape("AGE-SECRET-KEY-1", upper, 50),
    shape("ATATT3", url, 50), // Atlassian
];

/// Every token in `text`.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    SHAPES.iter().flat_map(move |shape| found(text, shape)).chain(jwts(text)).chain(private_keys(text))
}

fn found<'a>(text: &'a str, shape: &'a Shape) -> impl Iterator<Item = &'a str> {
    text.match_indices(shape.prefix).filter_map(move |(at, prefix)| {
        let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        let starts = !before.is_some_and(u8::is_ascii_alphanumeric);
        let body = run(text.get(at + prefix.len()..)?, shape.alphabet);
        (starts && body >= shape.at_least).then(|| text.get(at..at + prefix.len() + body)).flatten()
    })
}

/// How many bytes of `alphabet` stand at the start of `text`.
fn run(text: &str, alphabet: fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| alphabet(*byte)).count()
}

/// JSON web tokens: three base64url parts, of which the first two begin like JSON objects.
fn jwts(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("eyJ").filter_map(move |(at, _)| {
        let token = text.get(at..)?;
        let token = token.get(..run(token, dotted))?;
        let mut parts = token.split('.');
        let (header, payload) = (parts.next()?, parts.next()?);
        (header.len() >= 10 && payload.starts_with("eyJ")).then_some(token)
    })
}

/// PEM private keys, whole; without an end line, to the end of the text.
fn private_keys(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("-----BEGIN ").filter_map(move |(at, _)| {
        let block = text.get(at..)?;
        let label = block.split_once('\n').map_or(block, |(first, _)| first);
        let length = block.find("-----END ").map_or(block.len(), |end| {
            end + block.get(end..).and_then(|last| last.find('\n')).unwrap_or(block.len() - end)
        });
        label.contains("PRIVATE KEY").then(|| block.get(..length)).flatten()
    })
}
