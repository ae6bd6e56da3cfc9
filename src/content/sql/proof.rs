//! The second reader of a statement: the grammar of `sqlparser`, strict about everything but plain reading.
//!
//! In: text without comments and with empty strings, as the lexer leaves it. Out: whether it is one query that changes
//! nothing. Never: more than [`DEEPEST`] levels - the crate recurses, and so does dropping its trees.

use super::Dialect;
use super::functions::is_harmless;
use super::lexer::{Statement as Cut, Token};
use sqlparser::ast::{CopySource, Expr, Query, Select, SetExpr, Statement, TableFactor, Visit, Visitor};
use sqlparser::dialect::{
    ClickHouseDialect, Dialect as Grammar, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::parser::Parser;
use std::ops::ControlFlow;

/// Nobody nests deeper by hand.
const DEEPEST: usize = 24;
/// `1+1+1+...` is one level of the tree for each sign.
const SIGNS: usize = 300;

/// Why a statement is no plain read, in one clause.
pub(super) type Doubt = String;

/// Proves that a statement is a query, or an `EXPLAIN` of something, or a `COPY ... TO STDOUT`, in which nothing writes.
pub(super) fn is_plain(cut: &Cut, dialect: Dialect) -> Result<(), Doubt> {
    match plain(&tree(cut, &cut.text, dialect)?) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(doubt) => Err(doubt.to_owned()),
    }
}

/// The tree of `text`, which is one statement, and as deep as `cut` says.
pub(super) fn tree(cut: &Cut, text: &str, dialect: Dialect) -> Result<Statement, Doubt> {
    bounded(cut)?;
    let mut statements = Parser::new(grammar(dialect))
        .with_recursion_limit(DEEPEST.saturating_mul(2))
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|_| "SQL that its grammar does not have".to_owned())?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        (Some(_), false) | (None, _) => Err("several statements where one was seen".to_owned()),
    }
}

fn plain(statement: &Statement) -> ControlFlow<&'static str> {
    if let Statement::Query(query) = statement {
        return query.visit(&mut Strict);
    }
    if let Statement::Copy { source, to: true, .. } = statement {
        return match source {
            CopySource::Query(query) => query.visit(&mut Strict),
            CopySource::Table { .. } => ControlFlow::Continue(()),
        };
    }
    if let Statement::Explain { statement, .. } = statement {
        // Planning a change writes nothing, and its words are read by the other reader.
        if let Statement::Query(query) = statement.as_ref() {
            return query.visit(&mut Strict);
        }
        let twice = matches!(statement.as_ref(), Statement::Explain { .. });
        return unless(twice.then_some("an explanation of one"));
    }
    let table = matches!(statement, Statement::ExplainTable { .. });
    unless((!table).then_some("a statement that is no query"))
}

fn grammar(dialect: Dialect) -> &'static dyn Grammar {
    match dialect {
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::MySql => &MySqlDialect {},
        Dialect::Sqlite => &SQLiteDialect {},
        Dialect::ClickHouse => &ClickHouseDialect {},
        Dialect::Generic => &GenericDialect,
    }
}

/// Refuses what would make a tree too deep for the stack.
fn bounded(cut: &Cut) -> Result<(), Doubt> {
    const CHAINS: [&str; 14] = [
        "and",
        "or",
        "union",
        "except",
        "intersect",
        "join",
        "not",
        "collate",
        "like",
        "is",
        "in",
        "between",
        "case",
        "at",
    ];
    let (mut depth, mut deepest, mut signs) = (0_usize, 0_usize, 0_usize);
    for token in &cut.tokens {
        match token {
            Token::Sign(sign) => match sign.as_str() {
                "(" | "[" => depth = depth.saturating_add(1),
                ")" | "]" => depth = depth.saturating_sub(1),
                "," => {}
                run => signs = signs.saturating_add(run.len()),
            },
            Token::Word(word) if CHAINS.contains(&word.as_str()) => signs = signs.saturating_add(1),
            Token::Word(_) | Token::Name(_) | Token::Text | Token::Number => {}
        }
        deepest = deepest.max(depth);
    }
    match deepest > DEEPEST || signs > SIGNS {
        true => Err("a statement too deep or too long to be read".to_owned()),
        false => Ok(()),
    }
}

/// Walks a query and stops at the first thing that a plain read does not have.
#[derive(Debug)]
struct Strict;

/// Goes on, or stops with this doubt.
fn unless(wrong: Option<&'static str>) -> ControlFlow<&'static str> {
    match wrong {
        Some(doubt) => ControlFlow::Break(doubt),
        None => ControlFlow::Continue(()),
    }
}

impl Visitor for Strict {
    type Break = &'static str;

    /// `WITH gone AS (DELETE ...)`: a statement inside of a query.
    fn pre_visit_statement(&mut self, _: &Statement) -> ControlFlow<Self::Break> {
        ControlFlow::Break("a statement inside of a query")
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        let writes = match query.body.as_ref() {
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => true,
            SetExpr::Select(_)
            | SetExpr::Query(_)
            | SetExpr::SetOperation { .. }
            | SetExpr::Values(_)
            | SetExpr::Table(_) => false,
        };
        unless(match writes {
            true => Some("a change inside of a query"),
            false => (!query.locks.is_empty()).then_some("a lock"),
        })
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Self::Break> {
        unless(select.into.is_some().then_some("a query that makes a table"))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Self::Break> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        unless((!is_harmless(&name(&function.name))).then_some("a function that is not known to be harmless"))
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Self::Break> {
        let called = if let TableFactor::Table { name, args: Some(_), .. } = factor {
            Some(name)
        } else if let TableFactor::Function { name, .. } = factor {
            Some(name)
        } else {
            None
        };
        unless(
            called
                .filter(|called| !is_harmless(&name(called)))
                .map(|_| "a function that is not known to be harmless"),
        )
    }
}

/// A function's name without `pg_catalog.`; anything else in front of it keeps it from being known.
pub(super) fn name(name: &sqlparser::ast::ObjectName) -> String {
    let text = name.to_string().to_lowercase();
    let bare = text.strip_prefix("pg_catalog.").map(str::to_owned);
    bare.unwrap_or(text).replace('"', "")
}
