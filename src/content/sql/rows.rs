//! The rows behind an `UPDATE` or `DELETE`: the query that finds as many.
//!
//! In: a text as a client would get it, and how many rows are enough. Out: `SELECT 1 FROM t WHERE c LIMIT n`, printed from
//! the tree that the parser made. Never: a byte of the text that did not go through that tree; a query that is no `read`;
//! a condition that could hold for the change and not for the query.
//!
//! Whoever knows how the query is asked would write a condition that finds nothing then:
//! `DELETE FROM t WHERE current_setting('transaction_read_only') = 'off'`. So a condition may ask about the columns of
//! tables, literals and the time, and about nothing that tells who is asking.

use super::functions::is_determined;
use super::lexer::{self, Piece, Statement as Cut, Token};
use super::{Dialect, classes, proof};
use sqlparser::ast::{
    Delete, Expr, FromTable, Ident, ObjectName, SetExpr, Statement, TableFactor, TableWithJoins, Update,
    Value, ValueWithSpan, Visit, Visitor,
};
use std::ops::ControlFlow;

/// Why rows cannot be counted, in one clause.
type Doubt = &'static str;

const NOT_PLAIN: Doubt = "it is not one UPDATE or DELETE of one table with a WHERE and nothing else";

/// The query that finds the rows of the one `UPDATE` or `DELETE` in a text, and at most so many.
///
/// # Errors
/// Why there is none, in one clause.
pub fn rows(text: &[u8], dialect: Dialect, most: u64) -> Result<String, String> {
    let (text, cut) = one_statement(text, dialect)?;
    let tree = proof::tree(&cut, text, dialect)?;
    let change = Change::of(&tree).ok_or(NOT_PLAIN)?;
    let mut asks = Determined { target: change.qualified };
    if let ControlFlow::Break(doubt) = change.table.visit(&mut asks) {
        return Err(doubt.to_owned());
    }
    if let ControlFlow::Break(doubt) = change.condition.visit(&mut asks) {
        return Err(doubt.to_owned());
    }
    let query = format!("SELECT 1 FROM {} WHERE {} LIMIT {most}", change.table, change.condition);
    match is_same(&query, dialect, &change, &cut) {
        true => Ok(query),
        false => Err("its condition cannot be written down again word for word".to_owned()),
    }
}

/// The text, and its one statement as the lexer cuts it.
fn one_statement(text: &[u8], dialect: Dialect) -> Result<(&str, Cut), Doubt> {
    let found = classes(text, dialect).classes;
    let one = found.len() == 1 && (found.contains("update") || found.contains("delete"));
    let text = std::str::from_utf8(text).ok().filter(|_| one).ok_or(NOT_PLAIN)?;
    // What a backslash in a string means is a setting of the server, what a comment is a matter of the version.
    let hash = dialect == Dialect::MySql && text.contains('#');
    if hash || ["\\", "--", "/*"].iter().any(|sign| text.contains(sign)) {
        return Err("a comment or backslash stands in it");
    }
    let pieces = lexer::cut(text, dialect).map_err(|_| NOT_PLAIN)?.pieces;
    match <[Piece; 1]>::try_from(pieces) {
        Ok([Piece::Statement(cut)]) => Ok((text, cut)),
        Ok([Piece::Meta(_)]) | Err(_) => Err(NOT_PLAIN),
    }
}

/// What a plain change is about.
struct Change<'t> {
    table: &'t TableFactor,
    condition: &'t Expr,
    qualified: Qualified,
}

/// Whether a name says which schema or database its table is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Qualified {
    No,
    Yes,
}

impl Qualified {
    fn of(name: &ObjectName) -> Self {
        if name.0.len() > 1 { Self::Yes } else { Self::No }
    }
}

impl<'t> Change<'t> {
    /// Every part of a statement is named here, so that none that a later parser adds is overlooked.
    fn of(tree: &'t Statement) -> Option<Self> {
        let (TableWithJoins { relation, joins }, condition) = if let Statement::Delete(delete) = tree {
            deleted(delete)?
        } else if let Statement::Update(update) = tree {
            updated(update)?
        } else {
            return None;
        };
        let TableFactor::Table {
            name,
            alias,
            args: None,
            with_hints,
            version: None,
            with_ordinality: false,
            partitions,
            json_path: None,
            sample: None,
            index_hints,
        } = relation
        else {
            return None;
        };
        let columns = alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
        let plain = joins.is_empty() && with_hints.is_empty() && partitions.is_empty() && !columns;
        (plain && index_hints.is_empty()).then_some(Self {
            table: relation,
            condition,
            qualified: Qualified::of(name),
        })
    }
}

fn deleted(delete: &Delete) -> Option<(&TableWithJoins, &Expr)> {
    let Delete {
        delete_token: _,
        optimizer_hints,
        tables,
        from: FromTable::WithFromKeyword(from),
        using: None,
        selection: Some(condition),
        returning: None,
        output: None,
        order_by,
        limit: None,
    } = delete
    else {
        return None;
    };
    let [table] = from.as_slice() else { return None };
    (optimizer_hints.is_empty() && tables.is_empty() && order_by.is_empty()).then_some((table, condition))
}

fn updated(update: &Update) -> Option<(&TableWithJoins, &Expr)> {
    let Update {
        update_token: _,
        optimizer_hints,
        table,
        assignments: _,
        from: None,
        selection: Some(condition),
        returning: None,
        output: None,
        or: None,
        order_by,
        limit: None,
    } = update
    else {
        return None;
    };
    (optimizer_hints.is_empty() && order_by.is_empty()).then_some((table, condition))
}

/// Schemas that tell of sessions, settings and statements. Names that begin with `pg_`, `sqlite_` or `pragma_` do so
/// without one.
const TELLING: [&str; 7] =
    ["crdb_internal", "information_schema", "mysql", "ndbinfo", "performance_schema", "sys", "system"];

/// Stops at whatever could answer a query otherwise than a change.
#[derive(Debug)]
struct Determined {
    /// How the changed table is named: `mysql -D information_schema` finds `processlist` without its schema, and nothing
    /// there can be changed.
    target: Qualified,
}

fn unless(wrong: bool, doubt: Doubt) -> ControlFlow<Doubt> {
    if wrong { ControlFlow::Break(doubt) } else { ControlFlow::Continue(()) }
}

const ASKS: Doubt = "its condition asks about more than columns, literals and the time";

impl Visitor for Determined {
    type Break = Doubt;

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Doubt> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        unless(!is_determined(&proof::name(&function.name)), ASKS)
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<Doubt> {
        let text = name.to_string().to_lowercase();
        let parts: Vec<&str> = text.split('.').map(|part| part.trim_matches(['"', '`'])).collect();
        let own = |part: &&str| ["pg_", "sqlite_", "pragma_"].iter().any(|start| part.starts_with(start));
        let schema = parts
            .split_last()
            .is_some_and(|(_, schemas)| schemas.iter().any(|schema| TELLING.contains(schema)));
        let hidden = self.target == Qualified::Yes && Qualified::of(name) == Qualified::No;
        unless(schema || hidden || parts.iter().any(own), ASKS)
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Doubt> {
        let plain = if let TableFactor::Table { args, sample, version, .. } = factor {
            args.is_none() && sample.is_none() && version.is_none()
        } else {
            matches!(factor, TableFactor::Derived { sample: None, .. } | TableFactor::NestedJoin { .. })
        };
        unless(!plain, ASKS)
    }

    /// `@x` and `@@x`: variables of a session.
    fn pre_visit_ident(&mut self, ident: &Ident) -> ControlFlow<Doubt> {
        unless(ident.quote_style.is_none() && ident.value.starts_with('@'), ASKS)
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<Doubt> {
        unless(matches!(value.value, Value::Placeholder(_)), "a parameter has its value elsewhere")
    }
}

/// Whether a printed query is a read about the same table and the same condition, as both readers see them: the parser by
/// its tree, in which every literal stands, the lexer by its words and signs, which no printer may join or part.
fn is_same(query: &str, dialect: Dialect, change: &Change<'_>, changing: &Cut) -> bool {
    let found = classes(query.as_bytes(), dialect).classes;
    let Ok(pieces) = lexer::cut(query, dialect) else { return false };
    let ([Piece::Statement(cut)], true) = (pieces.pieces.as_slice(), found.iter().eq(["read"])) else {
        return false;
    };
    let Some((table, condition)) = parts(&changing.tokens) else { return false };
    let word = |word: &str| Token::Word(word.to_owned());
    let expected = [
        &[word("select"), Token::Number, word("from")],
        table,
        &[word("where")],
        condition,
        &[word("limit"), Token::Number],
    ];
    if spaced(&cut.tokens) != spaced(&expected.concat()) {
        return false;
    }
    let Ok(Statement::Query(tree)) = proof::tree(cut, query, dialect) else { return false };
    let SetExpr::Select(select) = tree.body.as_ref() else { return false };
    let [TableWithJoins { relation, joins }] = select.from.as_slice() else { return false };
    joins.is_empty() && relation == change.table && select.selection.as_ref() == Some(change.condition)
}

/// The tokens of the table and of the condition.
fn parts(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let outer = |wanted: &str| {
        let mut depth = 0_usize;
        tokens.iter().position(|token| {
            match token {
                Token::Sign(sign) if sign == "(" => depth = depth.saturating_add(1),
                Token::Sign(sign) if sign == ")" => depth = depth.saturating_sub(1),
                Token::Sign(_) | Token::Word(_) | Token::Name(_) | Token::Text | Token::Number => {}
            }
            depth == 0 && matches!(token, Token::Word(word) if word == wanted)
        })
    };
    let end = outer("where")?;
    let condition = tokens.get(end.saturating_add(1)..)?;
    let table = match tokens {
        [Token::Word(verb), Token::Word(from), ..] if verb == "delete" && from == "from" => {
            tokens.get(2..end)?
        }
        [Token::Word(verb), ..] if verb == "update" => tokens.get(1..outer("set")?)?,
        _ => return None,
    };
    Some((table, condition))
}

/// The tokens with `a=-1` as `a = -1`, and `!=` as `<>`: the two ways in which the printer's signs may differ from the
/// caller's without meaning anything else.
fn spaced(tokens: &[Token]) -> Vec<Token> {
    const COMPARES: [&str; 7] = ["=", "<", ">", "<=", ">=", "<>", "!="];
    let sign = |text: &str| Token::Sign(if text == "!=" { "<>" } else { text }.to_owned());
    let each = tokens.iter().flat_map(|token| match token {
        Token::Sign(run) => {
            let parted = run.split_at_checked(run.len().saturating_sub(1));
            match parted.filter(|(first, last)| COMPARES.contains(first) && ["+", "-"].contains(last)) {
                Some((first, last)) => vec![sign(first), sign(last)],
                None => vec![sign(run)],
            }
        }
        Token::Word(_) | Token::Name(_) | Token::Text | Token::Number => vec![token.clone()],
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Statements whose rows can be counted, and the queries that do.
    #[test]
    fn plain_changes_have_a_query() {
        use Dialect::{ClickHouse, MySql, Postgres, Sqlite};
        for (dialect, text, query) in [
            (Postgres, "DELETE FROM orders WHERE id = 7", "SELECT 1 FROM orders WHERE id = 7 LIMIT 11"),
            (Postgres, "delete from orders where id=-7;", "SELECT 1 FROM orders WHERE id = -7 LIMIT 11"),
            (
                Postgres,
                "update shop.orders as o set state = 'new', at = now() where o.state = 'it''s -stuck'",
                "SELECT 1 FROM shop.orders AS o WHERE o.state = 'it''s -stuck' LIMIT 11",
            ),
            (
                Postgres,
                "DELETE FROM \"Orders\" o WHERE \"Where\" != 'x' AND (a > 1 OR NOT b) AND c::text LIKE '%;%'",
                "SELECT 1 FROM \"Orders\" o WHERE \"Where\" <> 'x' AND (a > 1 OR NOT b) AND c::TEXT LIKE '%;%' LIMIT 11",
            ),
            (
                Postgres,
                "delete from t where at < now() - interval '30 days' and lower(name) in ('a', $$b$$)",
                "SELECT 1 FROM t WHERE at < now() - INTERVAL '30 days' AND lower(name) IN ('a', $$b$$) LIMIT 11",
            ),
            (
                Postgres,
                "delete from t where id in (select order_id from lines where deleted is not null)",
                "SELECT 1 FROM t WHERE id IN (SELECT order_id FROM lines WHERE deleted IS NOT NULL) LIMIT 11",
            ),
            (
                MySql,
                "UPDATE `shop`.`orders` SET a = 1 WHERE `id` = 5 AND b = \"x\"",
                "SELECT 1 FROM `shop`.`orders` WHERE `id` = 5 AND b = \"x\" LIMIT 11",
            ),
            (
                Sqlite,
                "delete from t where a between 1 and 2",
                "SELECT 1 FROM t WHERE a BETWEEN 1 AND 2 LIMIT 11",
            ),
            (ClickHouse, "delete from t where a = 1", "SELECT 1 FROM t WHERE a = 1 LIMIT 11"),
        ] {
            assert_eq!(rows(text.as_bytes(), dialect, 11).as_deref(), Ok(query), "{text}");
        }
    }

    #[track_caller]
    fn refused(dialect: Dialect, texts: &[&str], doubt: &str) {
        for text in texts {
            let found = rows(text.as_bytes(), dialect, 11);
            assert!(found.as_ref().is_err_and(|why| why.contains(doubt)), "{text:?}: {found:?}");
        }
    }

    #[test]
    fn what_is_more_than_one_plain_change_has_none() {
        let texts = [
            "",
            "select 1",
            "delete from t",
            "delete from t where true",
            "delete from t where a = 1; delete from t",
            "delete from t where a = 1; select 1",
            "begin; delete from t where a = 1; commit",
            "\\echo x\ndelete from t where a = 1",
            "delete from t using u where t.a = u.a",
            "delete from t where a = 1 returning a",
            "delete from t where current of c",
            "update t set a = 1 from u where t.a = u.a",
            "update t set a = 1 where b = 2 returning *",
            "update t set a = f() where b = 2",
            "with gone as (delete from u where a = 1 returning a) delete from t where a = 1",
            "with u as (select 1) delete from t where a = 1",
            "delete from t where a in (delete from u where a = 1 returning a)",
            "delete from t where exists (select 1 from u for update)",
            "delete from t where a = f(b)",
            "delete from t where a = x.lower(b)",
            "delete from t where a = pg_terminate_backend(1)",
            "delete from t where a = (select b into u from v)",
            "insert into t select 1 where a = 1",
            "explain delete from t where a = 1",
            "drop table t",
            "delete from t where a in (select b from u tablesample system (1))",
            "delete from pg_shadow where usename = 'x'",
        ];
        refused(Dialect::Postgres, &texts, "");
        let texts = [
            "delete t from t join u on t.a = u.a where u.b = 1",
            "delete from t where a = 1 limit 5",
            "delete from t where a = 1 order by a",
            "update t, u set t.a = 1 where t.b = u.b",
            "update t partition (p0) set a = 1 where b = 2",
            "delete from t where a = 1\nsystem rm -rf /",
            "delete from t where a = 1\\G",
        ];
        refused(Dialect::MySql, &texts, "");
        refused(Dialect::Generic, &["delete t where a = 1"], "");
    }

    #[test]
    fn comments_and_backslashes_are_read_in_too_many_ways() {
        let texts = [
            "delete from t where a = 1 -- and b = 2",
            "delete from t where a = 1 /* and b = 2 */",
            "delete /*+ x */ from t where a = 1",
            "delete from t where a = 'x\\y'",
            "delete from t where a = E'x\\ny'",
        ];
        refused(Dialect::Postgres, &texts, "comment or backslash");
        refused(Dialect::MySql, &["delete from t where a = 1 # or 1"], "comment or backslash");
        for hidden in ["delete from t where a = 1 /*! or 1 */", "delete from t where a = 'x\\' or 'y'"] {
            refused(Dialect::MySql, &[hidden], "");
        }
    }

    #[test]
    fn parameters_have_their_value_elsewhere() {
        for text in
            ["delete from t where a = $1", "delete from t where a = :x", "delete from t where a = :'x'"]
        {
            refused(Dialect::Postgres, &[text], "");
        }
        refused(Dialect::MySql, &["delete from t where a = ?"], "");
        refused(Dialect::Sqlite, &["delete from t where a = ?1", "delete from t where a = ?"], "");
    }

    /// Each of these would find nothing when it is counted, and everything when it is deleted.
    #[test]
    fn a_condition_may_not_ask_who_is_asking() {
        let texts = [
            "delete from t where a > 0 and current_setting('transaction_read_only') = 'off'",
            "delete from t where a > 0 and current_query() like 'delete%'",
            "delete from t where a > 0 and pg_backend_pid() = a",
            "delete from t where a > 0 and txid_current_if_assigned() is not null",
            "delete from t where a > 0 and random() < 0.5",
            "delete from t where a > 0 and clock_timestamp() = b",
            "delete from t where a > 0 and current_user = 'x'",
            "delete from t where a in (select 1 from pg_settings where setting = 'off')",
            "delete from t where a in (select 1 from \"pg_catalog\".\"pg_settings\")",
            "delete from t where a in (select 1 from pg_stat_activity where query like 'delete%')",
            "delete from t where a in (select 1 from information_schema.tables)",
            "delete from t where a in (select x.b from u x, pg_locks)",
            "delete from t where a in (select g from generate_series(1, 3) g)",
            "delete from shop.t where a in (select 1 from processlist)",
        ];
        refused(Dialect::Postgres, &texts, "asks about more");
        let texts = [
            "delete from t where a > 0 and @@transaction_read_only = 0",
            "delete from t where a > 0 and @x = 0",
            "delete from t where a > 0 and connection_id() = a",
            "delete from shop.t where a in (select 1 from processlist where info like 'delete%')",
            "delete from t where a in (select 1 from performance_schema.threads)",
            "delete from t where a in (select 1 from `information_schema`.`processlist`)",
            "delete from t where a > 0 and rand() < 0.5",
        ];
        refused(Dialect::MySql, &texts, "asks about more");
        refused(
            Dialect::Sqlite,
            &["delete from t where a in (select 1 from pragma_table_info)"],
            "asks about more",
        );
        refused(
            Dialect::ClickHouse,
            &["delete from t where a in (select 1 from system.processes)"],
            "asks about more",
        );
    }

    /// `~-` is another operator of PostgreSQL than `~` and a minus; `<-` is none.
    #[test]
    fn signs_are_neither_joined_nor_parted() {
        refused(Dialect::MySql, &["delete from t where a = b*-c", "delete from t where a = 1--1"], "");
        refused(Dialect::Sqlite, &["delete from t where a = b*-c"], "word for word");
        for (text, query) in [
            ("delete from t where a<-b and c !=-1", "SELECT 1 FROM t WHERE a < -b AND c <> -1 LIMIT 5"),
            ("delete from t where a ~-b", "SELECT 1 FROM t WHERE a ~- b LIMIT 5"),
        ] {
            assert_eq!(rows(text.as_bytes(), Dialect::Postgres, 5).as_deref(), Ok(query));
        }
    }
}
