//! The programs that rable sees in a text.

use crate::literal::literal;
use rable::{Node, NodeKind};

/// The raw words that name programs, or `None` where the text is not understood.
pub(crate) fn programs(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    rable::parse(text, false).ok()?.iter().for_each(|node| visit(node, &mut names));
    Some(names)
}

fn visit(node: &Node, names: &mut Vec<String>) {
    if let NodeKind::Command { words, .. } = &node.kind
        && let Some(NodeKind::Word { value, .. }) = words.first().map(|word| &word.kind)
    {
        names.extend(literal(value));
    }
    inside(&node.kind, |child| visit(child, names));
}

/// Everything that stands in a node.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of node of another crate")]
fn inside(kind: &NodeKind, mut child: impl FnMut(&Node)) {
    use NodeKind as K;
    match kind {
        K::Command { assignments, words, redirects } => {
            assignments.iter().chain(words).chain(redirects).for_each(child)
        }
        K::Word { parts: nodes, .. }
        | K::Pipeline { commands: nodes, .. }
        | K::Array { elements: nodes }
        | K::ArithConcat { parts: nodes } => nodes.iter().for_each(child),
        K::List { items } => items.iter().for_each(|item| child(&item.command)),
        K::If { condition, then_body, else_body, redirects } => {
            child(condition);
            child(then_body);
            else_body.as_deref().into_iter().chain(redirects).for_each(child);
        }
        K::While { condition, body, redirects } | K::Until { condition, body, redirects } => {
            child(condition);
            child(body);
            redirects.iter().for_each(child);
        }
        K::For { words, body, redirects, .. } | K::Select { words, body, redirects, .. } => {
            words.iter().flatten().for_each(&mut child);
            child(body);
            redirects.iter().for_each(child);
        }
        K::ForArith { body, redirects, .. }
        | K::Subshell { body, redirects }
        | K::BraceGroup { body, redirects }
        | K::ConditionalExpr { body, redirects } => {
            child(body);
            redirects.iter().for_each(child);
        }
        K::Case { word, patterns, redirects } => {
            child(word);
            for pattern in patterns {
                pattern.patterns.iter().chain(&pattern.body).for_each(&mut child);
            }
            redirects.iter().for_each(child);
        }
        K::ArithmeticCommand { expression, redirects, .. } => {
            expression.as_deref().into_iter().chain(redirects).for_each(child);
        }
        K::Function { body: one, .. }
        | K::Coproc { command: one, .. }
        | K::Redirect { target: one, .. }
        | K::CommandSubstitution { command: one, .. }
        | K::ProcessSubstitution { command: one, .. }
        | K::ArithUnaryOp { operand: one, .. }
        | K::ArithPreIncr { operand: one }
        | K::ArithPostIncr { operand: one }
        | K::ArithPreDecr { operand: one }
        | K::ArithPostDecr { operand: one }
        | K::ArithSubscript { index: one, .. }
        | K::UnaryTest { operand: one, .. }
        | K::CondNot { operand: one }
        | K::CondParen { inner: one }
        | K::Negation { pipeline: one }
        | K::Time { pipeline: one, .. } => child(one),
        K::ArithBinaryOp { left, right, .. }
        | K::ArithComma { left, right }
        | K::BinaryTest { left, right, .. }
        | K::CondAnd { left, right }
        | K::CondOr { left, right }
        | K::ArithAssign { target: left, value: right, .. } => {
            child(left);
            child(right);
        }
        K::ArithmeticExpansion { expression } => expression.as_deref().into_iter().for_each(child),
        K::ArithTernary { condition, if_true, if_false } => {
            child(condition);
            if_true.as_deref().into_iter().chain(if_false.as_deref()).for_each(child);
        }
        K::WordLiteral { .. }
        | K::HereDoc { .. }
        | K::ParamExpansion { .. }
        | K::ParamLength { .. }
        | K::ParamIndirect { .. }
        | K::AnsiCQuote { .. }
        | K::LocaleString { .. }
        | K::BraceExpansion { .. }
        | K::ArithNumber { .. }
        | K::ArithVar { .. }
        | K::ArithEmpty
        | K::ArithEscape { .. }
        | K::ArithDeprecated { .. }
        | K::CondTerm { .. }
        | K::Empty
        | K::Comment { .. } => {}
    }
}
