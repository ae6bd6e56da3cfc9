//! What one statement does, by its words.
//!
//! In: the tokens of a statement. Out: its classes. Never: a class because a word could be missing - every word that
//! writes counts wherever it stands outside of quotes, and what is kinder than that must be proven in `proof`.

use super::functions::{SECRETS, class, is_grammar, is_harmless};
use super::lexer::{Breadth, Statement, Token};
use super::{Dialect, proof};

type Classes = Vec<&'static str>;

/// So many tokens are somebody's export and not a statement; some questions below look at all of them again and again.
const LONGEST: usize = 20_000;

/// The classes of one statement; never none. `Err` says why nobody can tell.
pub(super) fn classes(statement: &Statement, dialect: Dialect, breadth: Breadth) -> Result<Classes, String> {
    if statement.tokens.len() > LONGEST {
        return Err("a statement too long to be read".to_owned());
    }
    let words = Words { tokens: &statement.tokens, dialect };
    let mut classes = match words.word(0) {
        "select" | "with" | "values" | "table" | "from" => query(&words, statement)?,
        "" if words.sign(0) == "(" => query(&words, statement)?,
        "explain" | "describe" | "desc" => explain(&words, statement)?,
        "copy" => copy(&words, statement)?,
        "show" => show(&words)?,
        "use" => match words.tokens.len() <= 4 {
            true => vec!["show"],
            false => return Err("a `use` with more than a name".to_owned()),
        },
        "set" | "reset" | "discard" | "deallocate" | "unlisten" | "listen" | "pragma" => {
            settings(&words, breadth)?
        }
        _ => change(&words)?,
    };
    classes.extend(words.secrets());
    classes.sort_unstable();
    classes.dedup();
    Ok(classes)
}

/// The tokens of a statement with questions about them.
struct Words<'s> {
    tokens: &'s [Token],
    dialect: Dialect,
}

impl Words<'_> {
    /// The word at a place; empty where there is another token or none.
    fn word(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(Token::Word(word)) => word,
            Some(Token::Name(_) | Token::Text | Token::Number | Token::Sign(_)) | None => "",
        }
    }

    fn sign(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(Token::Sign(sign)) => sign,
            Some(Token::Word(_) | Token::Name(_) | Token::Text | Token::Number) | None => "",
        }
    }

    /// A word or quoted name.
    fn name(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(Token::Word(name) | Token::Name(name)) => name,
            Some(Token::Text | Token::Number | Token::Sign(_)) | None => "",
        }
    }

    fn before(&self, at: usize) -> Option<usize> {
        at.checked_sub(1)
    }

    fn has(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Word(known) if known == word))
    }

    /// Where the group that holds a place ends: its closing parenthesis, or the end.
    fn end_of_group(&self, from: usize) -> usize {
        let mut depth = 0_usize;
        for at in from..self.tokens.len() {
            match self.sign(at) {
                "(" => depth = depth.saturating_add(1),
                ")" if depth == 0 => return at,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// Whether `UPDATE` or `DELETE` at this place spares a row: a `WHERE` of its own that asks about something.
    /// `WHERE true` and `WHERE 1 = 1` ask about nothing.
    fn is_narrowed(&self, from: usize) -> bool {
        let end = self.end_of_group(from);
        let mut depth = 0_usize;
        let mut own = None;
        for at in from..end {
            match (self.sign(at), self.word(at)) {
                ("(", _) => depth = depth.saturating_add(1),
                (")", _) => depth = depth.saturating_sub(1),
                (_, "where") if depth == 0 => own = Some(at.saturating_add(1)),
                _ => {}
            }
        }
        const EMPTY: [&str; 8] = ["true", "false", "not", "and", "or", "is", "null", "returning"];
        let asks = |at: usize| !self.name(at).is_empty() && !EMPTY.contains(&self.word(at));
        own.is_some_and(|start| (start..end).take_while(|at| self.word(*at) != "returning").any(asks))
    }

    /// Every change that a word outside of quotes names.
    fn changes(&self) -> Classes {
        let mut classes = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let Token::Word(word) = token else { continue };
            let before = self.before(at).map_or("", |before| self.word(before));
            let dotted = self.before(at).is_some_and(|before| self.sign(before) == ".");
            let called = self.sign(at.saturating_add(1)) == "(";
            match word.as_str() {
                _ if dotted => {}
                "update" if ["for", "key"].contains(&before) && self.locks(at) => classes.push("lock"),
                "share" if ["for", "key", "in"].contains(&before) => classes.push("lock"),
                // `ON DELETE CASCADE`; `WHEN MATCHED THEN DELETE`, of which `merge` says so.
                "update" | "delete" if before == "on" || (before == "then" && self.has("merge")) => {}
                "update" => classes.push(if self.is_narrowed(at) { "update" } else { "update-all" }),
                "delete" => classes.push(if self.is_narrowed(at) { "delete" } else { "delete-all" }),
                "insert" => classes.push("insert"),
                "merge" => classes.extend(["insert", "update", "delete"]),
                "truncate" if !called => classes.push("truncate"),
                "drop" => classes.push("drop"),
                "alter" => classes.push("alter"),
                "create" => classes.push("create"),
                "grant" | "revoke" => classes.push("grant"),
                "outfile" | "dumpfile" => classes.push("copy-out"),
                "into" if self.is_query_into(at) => classes.push("create"),
                _ => {}
            }
        }
        classes
    }

    /// `FOR UPDATE`, `FOR NO KEY UPDATE`, and not `ON DUPLICATE KEY UPDATE`.
    fn locks(&self, at: usize) -> bool {
        let word = |back: usize| at.checked_sub(back).map_or("", |at| self.word(at));
        word(1) == "for" || (word(1) == "key" && word(2) == "no")
    }

    /// `SELECT ... INTO t`, and not `INSERT INTO`, `MERGE INTO`.
    fn is_query_into(&self, at: usize) -> bool {
        let before = self.before(at).map_or("", |before| self.word(before));
        !["insert", "replace", "merge", "ignore", "overwrite"].contains(&before)
    }

    /// What the called functions do beyond computing.
    fn calls(&self) -> Classes {
        let called = (0..self.tokens.len()).filter(|at| self.sign(at.saturating_add(1)) == "(");
        called.filter_map(|at| self.call(at)).collect()
    }

    fn call(&self, at: usize) -> Option<&'static str> {
        let name = self.name(at);
        if name.is_empty() {
            return None;
        }
        let before = |back: usize| at.checked_sub(back);
        let qualified = before(1).is_some_and(|before| self.sign(before) == ".");
        let schema = before(2).map_or("", |schema| self.name(schema));
        let deeper = before(3).is_some_and(|before| self.sign(before) == ".");
        if qualified {
            let known = schema == "pg_catalog" && !deeper && is_harmless(name);
            return match known || self.is_alias(at) {
                true => None,
                false => Some(class(name)),
            };
        }
        let word = self.word(at);
        if is_grammar(word) || is_harmless(name) || self.is_alias(at) {
            return None;
        }
        Some(class(name))
    }

    /// `WITH t (a, b) AS (`, `AS t (a, b)` and `INSERT INTO t (a, b)` name columns and call nothing.
    fn is_alias(&self, at: usize) -> bool {
        let mut head = at;
        while let Some(name) = head.checked_sub(2).filter(|_| self.sign(head.saturating_sub(1)) == ".") {
            head = name;
        }
        let before = self.before(head).map_or("", |before| self.word(before));
        // Only names and commas, up to the end: then every list is looked at once, however they are nested.
        let open = at.saturating_add(2);
        let column = |at: &usize| !self.name(*at).is_empty() || self.sign(*at) == ",";
        let close = open.saturating_add((open..self.tokens.len()).take_while(column).count());
        let (next, last) = (close.saturating_add(1), close.saturating_add(2));
        let defines = self.word(next) == "as"
            && (self.sign(last) == "(" || ["materialized", "not"].contains(&self.word(last)));
        self.sign(close) == ")" && (["as", "into", "copy"].contains(&before) || defines)
    }

    /// Tables and columns that hold passwords.
    fn secrets(&self) -> Option<&'static str> {
        let secret = |at: usize| {
            let name = self.name(at);
            let table = ["from", "join", "table", "into", "update", "describe", "desc"];
            let before = |back: usize| at.checked_sub(back).map_or("", |at| self.name(at));
            let listed = SECRETS.contains(&name);
            let users = name == "user" || name == "users";
            let system = users && ["mysql", "system"].contains(&before(2));
            // `mysql mysql -e 'select * from user'`
            let bare = self.dialect == Dialect::MySql && name == "user" && table.contains(&before(1));
            listed || system || bare
        };
        (0..self.tokens.len()).any(secret).then_some("secret")
    }
}

/// A query: `read`, if two readers find nothing else in it.
fn query(words: &Words<'_>, statement: &Statement) -> Result<Classes, String> {
    let mut classes = words.changes();
    classes.extend(words.calls());
    if !classes.is_empty() {
        return Ok(classes);
    }
    // `TABLE orders`, for which the grammar has no place of its own.
    let only_a_name = (1..words.tokens.len()).all(|at| !words.name(at).is_empty() || words.sign(at) == ".");
    if words.word(0) != "table" || !only_a_name {
        proof::is_plain(statement, words.dialect)?;
    }
    Ok(vec!["read"])
}

/// `EXPLAIN` shows; with `ANALYZE` it does what it explains, and even without the planner calls functions.
fn explain(words: &Words<'_>, statement: &Statement) -> Result<Classes, String> {
    const VERBS: [&str; 10] =
        ["select", "with", "values", "table", "insert", "update", "delete", "merge", "replace", "create"];
    let verb = (1..words.tokens.len()).find(|at| VERBS.contains(&words.word(*at)));
    let Some(verb) = verb else {
        let name = (1..words.tokens.len())
            .all(|at| !words.name(at).is_empty() || [".", "%"].contains(&words.sign(at)));
        let text =
            words.tokens.iter().skip(2).all(|token| !matches!(token, Token::Sign(sign) if sign == "("));
        return match name || text {
            true => Ok(vec!["show"]),
            false => Err("an explanation that cannot be followed".to_owned()),
        };
    };
    let analyzes = (1..verb).any(|at| ["analyze", "analyse"].contains(&words.word(at)));
    let mut classes = words.changes();
    if !analyzes {
        classes.clear();
    }
    classes.extend(words.calls());
    if classes.is_empty() {
        proof::is_plain(statement, words.dialect)?;
        classes.push("show");
    }
    Ok(classes)
}

/// `COPY`: in, out to a file or program of the server, or to the client.
fn copy(words: &Words<'_>, statement: &Statement) -> Result<Classes, String> {
    if words.has("program") {
        return Err("a program that the server starts".to_owned());
    }
    let mut depth = 0_usize;
    let mut direction = None;
    for at in 0..words.tokens.len() {
        match (words.sign(at), words.word(at)) {
            ("(", _) => depth = depth.saturating_add(1),
            (")", _) => depth = depth.saturating_sub(1),
            (_, "from" | "to") if depth == 0 && direction.is_none() => direction = Some(at),
            _ => {}
        }
    }
    let at = direction.ok_or("a copy without a direction")?;
    let mut classes = words.changes();
    classes.extend(words.calls());
    match (words.word(at), words.word(at.saturating_add(1))) {
        ("to", "stdout") if classes.is_empty() => {
            proof::is_plain(statement, words.dialect)?;
            classes.push("copy-stdout");
        }
        ("to", "stdout") => {}
        ("to", _) => classes.push("copy-out"),
        (_, _) => classes.push("copy-in"),
    }
    Ok(classes)
}

/// `SHOW`: what it shows, it only shows; MySQL allows a `WHERE` with calls.
fn show(words: &Words<'_>) -> Result<Classes, String> {
    let mut classes = words.calls();
    classes.extend(words.changes().into_iter().filter(|class| *class != "create"));
    if words.word(1) == "create" && words.word(2) == "user" {
        classes.push("secret");
    }
    // `SHOW GRANTS`, `SHOW CREATE TABLE`, `SHOW TRIGGERS` name what they show.
    classes.retain(|class| !["create", "grant"].contains(class));
    if classes.iter().all(|class| *class == "secret") {
        classes.push("show");
    }
    Ok(classes)
}

/// Settings of the session, against those of the server.
fn settings(words: &Words<'_>, breadth: Breadth) -> Result<Classes, String> {
    let first = words.word(0);
    let second = words.word(1);
    let mut classes = words.changes();
    classes.extend(words.calls());
    const SERVER: [&str; 12] = [
        "global",
        "persist",
        "persist_only",
        "cluster",
        "sql_log_bin",
        "master",
        "slave",
        "replica",
        "binary",
        "query",
        "resource",
        "gtid_purged",
    ];
    let text = SERVER.iter().any(|word| words.has(word));
    match (first, second) {
        ("pragma", _) => return pragma(words),
        ("set", "password") | ("set", "default") => classes.push("grant"),
        // Where names are looked up decides which function `now()` is.
        ("set", _) if words.has("search_path") && words.has("pg_catalog") => classes.push("call"),
        ("set", _) if words.tokens.iter().any(|token| *token == Token::Name("pg_catalog".to_owned())) => {
            classes.push("call");
        }
        (_, _) if text => classes.push("server"),
        ("set", _) => {
            let encoding =
                ["names", "client_encoding", "character", "charset"].iter().any(|word| words.has(word));
            if encoding && breadth == Breadth::Wide {
                return Err("another encoding, and text in it".to_owned());
            }
        }
        (_, _) => {}
    }
    if classes.is_empty() {
        classes.push("set");
    }
    Ok(classes)
}

/// SQLite: a pragma without a value shows, most with one change the file or how it is kept.
fn pragma(words: &Words<'_>) -> Result<Classes, String> {
    const SHOWS: [&str; 22] = [
        "application_id",
        "cache_size",
        "collation_list",
        "compile_options",
        "database_list",
        "encoding",
        "foreign_key_check",
        "foreign_key_list",
        "foreign_keys",
        "freelist_count",
        "function_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "integrity_check",
        "journal_mode",
        "page_count",
        "page_size",
        "quick_check",
        "table_info",
        "table_list",
        "user_version",
    ];
    const ASKS: [&str; 9] = [
        "foreign_key_check",
        "foreign_key_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "integrity_check",
        "quick_check",
        "table_info",
        "table_xinfo",
    ];
    let name = match words.sign(2) {
        "." => words.word(3),
        _ => words.word(1),
    };
    let value = words.tokens.iter().any(|token| matches!(token, Token::Sign(sign) if sign != "."));
    match (value, SHOWS.contains(&name), ASKS.contains(&name)) {
        (false, true, _) | (true, _, true) => Ok(vec!["show"]),
        _ => Ok(vec!["call"]),
    }
}

/// Everything that begins with a verb of its own.
fn change(words: &Words<'_>) -> Result<Classes, String> {
    let (first, second) = (words.word(0), words.word(1));
    let mut classes = match first {
        "begin" | "start" | "commit" | "end" | "rollback" | "savepoint" | "release" | "abort" => {
            return transaction(words);
        }
        "insert" | "replace" | "upsert" => vec!["insert"],
        "update" | "delete" | "merge" => Vec::new(),
        "truncate" => vec!["truncate"],
        "drop" => return Ok(drop_of(words)),
        "create" => create(words),
        "alter" => return Ok(alter(words)),
        "grant" | "revoke" | "reassign" | "security" => return Ok(vec!["grant"]),
        "comment" | "rename" | "exchange" | "attach" | "detach" | "undrop"
            if words.dialect != Dialect::Sqlite =>
        {
            vec!["alter"]
        }
        "import" => vec!["create"],
        "load" if ["data", "xml"].contains(&second) => vec!["copy-in"],
        "load" | "flush" | "shutdown" | "restart" | "purge" | "change" | "install" | "uninstall"
        | "binlog" | "clone" | "system" | "stop" | "cache" | "backup" | "restore" => vec!["server"],
        "vacuum" | "analyze" | "analyse" | "reindex" | "optimize" | "cluster" | "refresh" | "checkpoint"
        | "check" | "repair" | "checksum" => vec!["maintenance"],
        "lock" | "unlock" => vec!["lock"],
        "kill" | "cancel" => vec!["kill"],
        "exists" if words.dialect == Dialect::ClickHouse && words.tokens.len() <= 6 => {
            return Ok(vec!["show"]);
        }
        "call" | "execute" | "exec" | "do" | "prepare" | "handler" | "declare" | "fetch" | "move"
        | "close" | "notify" | "attach" | "detach" => vec!["call"],
        _ => return Err("a statement whose first word is not known".to_owned()),
    };
    if classes == ["grant"] {
        return Ok(classes); // `CREATE POLICY ... FOR DELETE`
    }
    // `ANALYZE DELETE ...` of MariaDB runs it; a CTE in front of an `INSERT` may delete.
    classes.extend(words.changes());
    if first != "create" || words.has("as") {
        classes.extend(words.calls().into_iter().filter(|_| is_evaluated(words)));
    }
    Ok(classes)
}

/// Whether parentheses behind names are calls here, and not lists of columns.
fn is_evaluated(words: &Words<'_>) -> bool {
    ["insert", "replace", "upsert", "update", "delete", "merge", "create"].contains(&words.word(0))
}

/// Words that may follow `BEGIN` and its like; `BEGIN NOT ATOMIC` begins a program of MariaDB.
fn transaction(words: &Words<'_>) -> Result<Classes, String> {
    const PLAIN: [&str; 28] = [
        "abort",
        "and",
        "begin",
        "chain",
        "commit",
        "committed",
        "consistent",
        "deferrable",
        "deferred",
        "end",
        "exclusive",
        "immediate",
        "isolation",
        "level",
        "no",
        "only",
        "read",
        "release",
        "repeatable",
        "rollback",
        "serializable",
        "snapshot",
        "start",
        "to",
        "transaction",
        "uncommitted",
        "work",
        "write",
    ];
    if words.word(0) == "start" && words.word(1) != "transaction" {
        return Ok(vec!["server"]);
    }
    let point = words.has("savepoint") || words.word(0) == "release" || words.has("to");
    let plain = |token: &Token| match token {
        Token::Word(word) => PLAIN.contains(&word.as_str()) || word == "with" || word == "savepoint",
        Token::Sign(sign) => sign == ",",
        Token::Name(_) | Token::Text | Token::Number => false,
    };
    let strange = words.tokens.iter().filter(|token| !plain(token)).count();
    match strange == 0 || (point && strange == 1 && words.changes().is_empty()) {
        true => Ok(vec!["transaction"]),
        false => Err("a transaction with more than its own words".to_owned()),
    }
}

const PEOPLE: [&str; 6] = ["role", "user", "group", "policy", "privileges", "owned"];

fn drop_of(words: &Words<'_>) -> Classes {
    match PEOPLE.contains(&words.word(1)) {
        true => vec!["grant"],
        false => vec!["drop"],
    }
}

fn create(words: &Words<'_>) -> Classes {
    let at = if words.word(1) == "or" { 3 } else { 1 };
    let object = words.word(at);
    let mut classes = vec!["create"];
    if at == 3 {
        classes.push("alter"); // what was there before is gone
    }
    if PEOPLE.contains(&object) {
        return vec!["grant"];
    }
    const HOLDS: [&str; 16] = [
        "table",
        "index",
        "unique",
        "view",
        "materialized",
        "database",
        "schema",
        "sequence",
        "temp",
        "temporary",
        "type",
        "domain",
        "unlogged",
        "global",
        "local",
        "statistics",
    ];
    if !HOLDS.contains(&object) {
        // Functions, triggers, rules, extensions, events, servers: code, or a way out of the database.
        classes.push("call");
    }
    classes
}

fn alter(words: &Words<'_>) -> Classes {
    match words.word(1) {
        "system" | "instance" => vec!["server"],
        "role" | "user" | "group" | "default" | "policy" => vec!["grant"],
        _ => {
            let mut classes = vec!["alter"];
            if words.has("owner") || (words.has("security") && words.has("level")) {
                classes.push("grant");
            }
            if words.has("drop") {
                classes.push("drop");
            }
            // ClickHouse: `ALTER TABLE t DELETE WHERE ...`
            let changes = words.changes();
            classes.extend(
                changes
                    .into_iter()
                    .filter(|class| class.starts_with("delete") || class.starts_with("update")),
            );
            classes
        }
    }
}
