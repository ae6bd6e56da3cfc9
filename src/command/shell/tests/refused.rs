//! Every refusal in the source, each with a text that meets it: reason and place.

use super::{bash, check, limits, posix};

/// Below words: quotes, expansions, arithmetic, here-documents.
pub(super) const LEXER: &[(&str, &str)] = &[
    ("l1 &\\\n& l2", "refused at 4: an operator is split by a line continuation"),
    ("l1 |\\\n| l2", "refused at 4: an operator is split by a line continuation"),
    ("l1 ;\\\n; l2", "refused at 4: an operator is split by a line continuation"),
    ("l1 >\\\n> f", "refused at 4: an operator is split by a line continuation"),
    ("(\\\n(1))", "refused at 1: an operator is split by a line continuation"),
    ("case x in x) l1;;\\\n& esac", "refused at 17: an operator is split by a line continuation"),
    ("l1 a(b)", "refused at 4: a parenthesis in a word"),
    ("l1 a<(l2)", "refused at 4: a process substitution inside a word"),
    ("l1 'a", "refused at 3: a quote is not closed"),
    (r#"l1 "a"#, "refused at 3: a quote is not closed"),
    ("l1 $'a", "refused at 6: a quote is not closed"),
    (r"l1 $'a\", "refused at 7: a quote is not closed"),
    ("l1 `l2", "refused at 3: a backquote is not closed"),
    (r#"l1 `l2 \`l3\``"#, "refused at 3: backslashes between backquotes"),
    (r#""`l1 \\x`""#, "refused at 1: backslashes between backquotes"),
    ("l1 `cat <<A`", "refused at 11: this is not followed between backquotes"),
    ("l1 `l2)`", "refused at 6: this is not followed between backquotes"),
    (r#"l1 `a\`"#, "refused at 3: backslashes between backquotes"),
    ("l1 $\\\n(l2)", "refused at 3: an expansion is split by a line continuation"),
    ("l1 'a\nb'\\", "refused at 8: a backslash ends a text of several lines"),
    ("l1 $(time l2)", "refused at 5: `time` in a substitution"),
    ("l1 <()", "refused at 6: a process substitution without a command"),
    ("l1 $(l2 <<A\nx\nA\nl3)", "refused at 18: a here-document among other commands of a substitution"),
    ("l1 $[1+1]", "refused at 3: `$[ ]` is not followed"),
    (r#"l1 $"a""#, r#"refused at 3: `$"..."` is translated before it runs"#),
    ("l1 $A\\\nB", "refused at 5: a name is split by a line continuation"),
    (r#"l1 $'\c'"#, "refused at 6: this escape is not followed"),
    (r#"l1 $'\u0041'"#, "refused at 6: this escape is not followed"),
    (r#"l1 $'\z'"#, "refused at 6: this escape is not followed"),
    (r#"l1 $'\x'"#, "refused at 7: this escape is not followed"),
    (r#"l1 $'\x00'"#, "refused at 9: this escape is not followed"),
    (r#"l1 $'\400'"#, "refused at 9: this escape is not followed"),
    ("l1 $(l2", "refused at 7: a substitution is not closed"),
    ("l1 $(l2 <<A\n)", "refused at 10: a here-document is not ended"),
    ("l1 $(l2 <<A)\nx\nA", "refused at 11: a here-document is not ended in its substitution"),
    ("l1 <<A $(l2\nl3)\nx\nA", "refused at 14: a here-document begins in the line of this substitution"),
    ("l1 $(l2 <<A\nA l3 )\nA\n)", "refused at 12: a line that may end a here-document in a substitution"),
    ("l1 ${!A}", "refused at 5: this expansion is not followed"),
    ("l1 ${@:1}", "refused at 5: this expansion is not followed"),
    ("l1 ${A@P}", "refused at 6: this expansion is not followed"),
    ("l1 ${A", "refused at 6: this expansion is not followed"),
    ("l1 ${A:-{x}}", "refused at 8: this expansion is not followed"),
    ("l1 ${A:-x\ny}", "refused at 9: this expansion is not followed"),
    (r#"l1 "${A:-'x'}""#, "refused at 9: quotes in an expansion between quotes"),
    ("l1 ${A:-<(l2)}", "refused at 8: a process substitution in an expansion"),
    ("l1 ${A }", "refused at 6: this expansion is not followed"),
    ("l1 ${}", "refused at 5: this expansion is not followed"),
    ("l1 $((1 + a[0]))", "refused at 11: this arithmetic is not followed"),
    ("l1 $((${A:-1}))", "refused at 9: this arithmetic is not followed"),
    ("l1 $(($1 + 1))", "refused at 8: this arithmetic is not followed"),
    ("l1 $(('1'))", "refused at 6: this arithmetic is not followed"),
    ("l1 $((1", "refused at 7: an arithmetic expression is not closed"),
    ("l1 $((A$N))", "refused at 7: a name in arithmetic is put together"),
    ("l1 $((N${N}))", "refused at 7: a name in arithmetic is put together"),
    ("l1 <<", "refused at 5: a here-document has no delimiter"),
    ("l1 <<$A\nx\n$A", "refused at 7: a here-document's delimiter is no plain word"),
    ("l1 <<''\nx\n", "refused at 7: a here-document's delimiter is no plain word"),
    ("l1 <<'a\nb'\nx\na\nb", "refused at 10: a here-document's delimiter is no plain word"),
    ("l1 <<A", "refused at 5: a here-document is not ended"),
    ("l1 <<A\nx", "refused at 5: a here-document is not ended"),
    ("l1 <<A\nx\\\nA", "refused at 10: a line continuation in a here-document"),
    (
        "l1 $((A))",
        "refused at 3: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    (
        "l1 $((UNSEEN_NOT)); read UNSEEN_NOT",
        "refused at 3: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    (
        "l1 $((_))",
        "refused at 3: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    (
        "l1 $((REPLY))",
        "refused at 3: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    (
        "l1 $((HOSTTYPE))",
        "refused at 3: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    (
        "((A)); l1",
        "refused at 0: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    (
        "l1 ${A:$W}",
        "refused at 6: bash evaluates this variable's value as an expression, and it may be no number",
    ),
];

#[test]
fn what_the_lexer_cannot_follow_is_refused() {
    check(LEXER, bash);
}

/// Between words: what does not fit together.
pub(super) const GRAMMAR: &[(&str, &str)] = &[
    ("l1 )", "refused at 3: this does not belong here"),
    ("l1 ;; l2", "refused at 3: this does not belong here"),
    ("l1; }", "refused at 4: this does not belong here"),
    ("l1; fi", "refused at 4: this does not belong here"),
    ("l1 (l2)", "refused at 4: a parenthesis in a word"),
    ("(l1) l2", "refused at 5: this does not belong here"),
    ("if l1; then l2", "refused at 14: a compound command is not whole"),
    ("if l1; l2; fi", "refused at 11: a compound command is not whole"),
    ("while l1; l2; done", "refused at 14: a compound command is not whole"),
    ("for x in a; l1; done", "refused at 12: a compound command is not whole"),
    ("{ l1", "refused at 4: a compound command is not whole"),
    ("{ l1;", "refused at 5: a compound command is not whole"),
    ("time -x l1", "refused at 5: an option of `time` is not followed"),
    ("time -- l1", "refused at 5: an option of `time` is not followed"),
    ("l1 () b", "refused at 6: a function's body is no group"),
    ("'a'() { l1; }", "refused at 3: a parenthesis in a word"),
    ("function $A { l1; }", "refused at 9: a function's name is no plain word"),
    ("f( x) { l1; }", "refused at 3: a parenthesis in a word"),
    ("f() l1", "refused at 4: a function's body is no group"),
    ("f() if l1; then l2; fi", "refused at 4: a function's body is no group"),
    ("(l1", "refused at 3: a subshell is not closed"),
    ("for $A in b; do l1; done", "refused at 6: a loop has no plain variable"),
    ("for 1a in b; do l1; done", "refused at 6: a loop has no plain variable"),
    ("for; do l1; done", "refused at 3: a loop has no plain variable"),
    ("case", "refused at 4: `case` has no word"),
    ("case ; in a) l1;; esac", "refused at 5: `case` has no word"),
    ("case x in ) l1;; esac", "refused at 10: a pattern is missing"),
    ("case x in a l1;; esac", "refused at 12: a pattern is not closed"),
    ("case x in a || b) l1;; esac", "refused at 12: a pattern is not closed"),
    ("case x in a) l1;; b) l2", "refused at 23: a branch of `case` is not closed"),
    ("case x in a) (l1) b) l2;; esac", "refused at 18: this does not belong here"),
    ("[[ a", "refused at 4: a test is not closed"),
    ("[[ a ; b ]]", "refused at 5: a test is not closed"),
    ("[[ a =~ (a b) ]]", "refused at 10: a regular expression is not followed"),
    ("[[ a =~ ) ]]", "refused at 8: a regular expression is not followed"),
    ("l1 &&", "refused at 5: a command is missing"),
    ("l1 | | l2", "refused at 5: a command is missing"),
    (";", "refused at 0: a command is missing"),
    ("&& l1", "refused at 0: a command is missing"),
    ("l1; ; l2", "refused at 4: a command is missing"),
    ("! ", "refused at 2: a command is missing"),
    ("i\\\nf l1; then l2; fi", "refused at 0: a name is split by a line continuation"),
    ("ti\\\nme l1", "refused at 0: a name is split by a line continuation"),
    ("{\\\n l1; }", "refused at 3: a reserved word is split by a line continuation"),
    ("then l1", "refused at 0: this does not belong here"),
    ("}", "refused at 0: this does not belong here"),
    ("coproc l1", "refused at 0: coprocesses and select are not followed"),
    ("select x in a b; do l1; done", "refused at 0: coprocesses and select are not followed"),
    ("l1 {fd}>f", "refused at 7: a redirection is not followed"),
    ("l1 2\\\n>f", "refused at 6: a redirection is not followed"),
    ("a[0]=1", "refused at 0: an element of an array is not followed"),
    ("a[$(l1)]=1", "refused at 0: an element of an array is not followed"),
    ("x\\\ny=1", "refused at 0: a name is split by a line continuation"),
    ("x=<(l1)", "refused at 7: a process substitution in an assignment"),
    ("x=(a", "refused at 4: an array is not closed"),
    ("x=([0]=a)", "refused at 3: a subscript in an array is not followed"),
    ("x=(a;b)", "refused at 4: an array is not closed"),
    ("declare -a x=(a", "refused at 15: an array is not closed"),
    ("l1 >", "refused at 3: a redirection has no target"),
    ("l1 > ; l2", "refused at 3: a redirection has no target"),
    ("l1 2>&$A", "refused at 3: a descriptor that only the run knows"),
    ("l1 <&word", "refused at 3: a descriptor that only the run knows"),
    ("l1 <& $(l2)", "refused at 3: a descriptor that only the run knows"),
];

#[test]
fn what_the_grammar_cannot_follow_is_refused() {
    check(GRAMMAR, bash);
}

/// Commands that run or change what no text shows. The other commands of the text are still read, to be shown.
pub(super) const WALK: &[(&str, &str)] = &[
    ("$U x", "<$U>*number x !the program's name is known only when it runs at 0"),
    ("$(l1) x", "l1 ; <$(l1)>*dynamic x !the program's name is known only when it runs at 0"),
    ("{a,$U} x", "<{a,$U}>*brace x !the program's name is known only when it runs at 0"),
    ("~nobody/l1", "<~nobody/l1>1tilde !the program's name is known only when it runs at 0"),
    (r#""$@""#, r#"<\"$@\">*dynamic !the program's name is known only when it runs at 0"#),
    ("source f", "source f !this builtin runs or changes what the gate cannot see at 0"),
    (". f", ". f !this builtin runs or changes what the gate cannot see at 0"),
    (r#"f\unction x"#, "function x !this builtin runs or changes what the gate cannot see at 0"),
    ("let x=1", "let x=1 !this builtin runs or changes what the gate cannot see at 0"),
    ("getopts a x", "getopts a x !this builtin runs or changes what the gate cannot see at 0"),
    ("compgen -W x", "compgen -W x !this builtin runs or changes what the gate cannot see at 0"),
    ("fc -s", "fc -s !this builtin runs or changes what the gate cannot see at 0"),
    ("'[[' a ]]", "'[[' a ']]' !this builtin runs or changes what the gate cannot see at 0"),
    ("'select' x", "select x !this builtin runs or changes what the gate cannot see at 0"),
    ("'coproc' x", "coproc x !this builtin runs or changes what the gate cannot see at 0"),
    ("command . f", "command . f !this builtin runs or changes what the gate cannot see at 0"),
    ("builtin source f", "builtin source f !this builtin runs or changes what the gate cannot see at 0"),
    ("command $U x", "command <$U>*number x !the program's name is known only when it runs at 0"),
    (r#"eval "$U""#, r#"eval <\"$U\">1number !this builtin runs text that the gate cannot follow at 0"#),
    ("eval 'cd x'", "eval 'cd x' !this builtin runs text that the gate cannot follow at 0"),
    ("eval 'x=1'", "eval x=1 !this builtin runs text that the gate cannot follow at 0"),
    ("eval 'l1 ('", "eval 'l1 (' !this builtin runs text that the gate cannot follow at 0"),
    (r#"eval "'cd' x""#, r#"eval '\'cd\' x' !this builtin runs text that the gate cannot follow at 0"#),
    (
        r#"eval "$(l1)""#,
        r#"l1 ; eval <\"$(l1)\">1dynamic !this builtin runs text that the gate cannot follow at 0"#,
    ),
    (
        r#"trap "$U" EXIT"#,
        r#"trap <\"$U\">1number EXIT !this builtin runs text that the gate cannot follow at 0"#,
    ),
    ("trap 'cd x' EXIT", "trap 'cd x' EXIT !this builtin runs text that the gate cannot follow at 0"),
    ("trap 'l1 (' EXIT", "trap 'l1 (' EXIT !this builtin runs text that the gate cannot follow at 0"),
    ("hash -p /bin/rm ls", "hash -p /bin/rm ls !this option gives a command another meaning at 0"),
    ("hash $U", "hash <$U>*number !this option gives a command another meaning at 0"),
    ("enable -f x.so y", "enable -f x.so y !this option gives a command another meaning at 0"),
    (r#"bind -x '"a": l1'"#, r#"bind -x '\"a\": l1' !this option gives a command another meaning at 0"#),
    ("complete -C l1 x", "complete -C l1 x !this option gives a command another meaning at 0"),
    ("jobs -x l1", "jobs -x l1 !this option gives a command another meaning at 0"),
    ("shopt -s extglob", "shopt -s extglob !this option may change how later text is read at 0"),
    (
        "shopt -s expand_aliases",
        "shopt -s expand_aliases !this option may change how later text is read at 0",
    ),
    ("shopt -s nocaseglob", "shopt -s nocaseglob !this option may change how later text is read at 0"),
    ("shopt -s failglob", "shopt -s failglob !this option may change how later text is read at 0"),
    (
        r#"shopt -s null""glob; l1 x*"#,
        "shopt -s nullglob !this option may change how later text is read at 0 ; l1 <x*>+glob1",
    ),
    ("shopt -u $U", "shopt -u <$U>*number !this option may change how later text is read at 0"),
    ("printf -v x a", "printf -v x a !`printf -v` evaluates the name it is given at 0"),
    ("printf -v 'a[$(l1)]' x", "printf -v 'a[$(l1)]' x !`printf -v` evaluates the name it is given at 0"),
    (
        r#"printf "-$1" 'a[$(l1)]' x"#,
        "printf <-...>1dynamic1 'a[$(l1)]' x !`printf -v` evaluates the name it is given at 0",
    ),
    ("printf $U x", "printf <$U>*number x !`printf -v` evaluates the name it is given at 0"),
    (r#"printf "$U" x"#, r#"printf <\"$U\">1number x !`printf -v` evaluates the name it is given at 0"#),
    (r#"read "RAN"DOM"#, "read RANDOM !a variable that changes how bash runs later text at 0"),
    ("read 'a[$(l1)]'", "read 'a[$(l1)]' !a name that is known only when it runs, or has a subscript at 0"),
    (
        r#"read "$U""#,
        r#"read <\"$U\">1number !a name that is known only when it runs, or has a subscript at 0"#,
    ),
    ("read $U", "read <$U>*number !a name that is known only when it runs, or has a subscript at 0"),
    ("read -Z x", "read -Z x !an option that the gate does not know at 0"),
    ("read -a 'x[0]'", "read -a 'x[0]' !a name that is known only when it runs, or has a subscript at 0"),
    ("read -p $U x", "read -p <$U>*number x !an option's value is known only when it runs at 0"),
    ("read -d", "read -d !an option's value is known only when it runs at 0"),
    (r#"read -"$U" x"#, r#"read <-\"$U\">1number1 x !an option that the gate does not know at 0"#),
    ("unset 'a[$(l1)]'", "unset 'a[$(l1)]' !a name that is known only when it runs, or has a subscript at 0"),
    ("unset -n x", "unset -n x !an option that the gate does not know at 0"),
    ("mapfile -C l1 x", "mapfile -C l1 x !an option that the gate does not know at 0"),
    ("wait -p 'a[$(l1)]'", "wait -p 'a[$(l1)]' !an option that the gate does not know at 0"),
    ("export 'a[$(l1)]=1'", "export 'a[$(l1)]=1' !a declaration whose name is not plain at 0"),
    ("export $U", "export <$U>*number !a declaration whose name is not plain at 0"),
    ("export -f f", "export -f f !a declaration whose name is not plain at 0"),
    ("export -n A", "export -n A !a declaration whose name is not plain at 0"),
    ("export -r x=1", "export -r x=1 !a declaration whose name is not plain at 0"),
    ("readonly -x x=1", "readonly -x x=1 !a declaration whose name is not plain at 0"),
    ("declare -n x=y", "declare -n x=y !a declaration whose name is not plain at 0"),
    ("declare -i x=y", "declare -i x=y !a declaration whose name is not plain at 0"),
    ("declare -A x", "declare -A x !a declaration whose name is not plain at 0"),
    (r#"declare "a[\$(l1)]=1""#, "declare 'a[$(l1)]=1' !a declaration whose name is not plain at 0"),
    ("declare x=1 -x", "declare x=1 -x !a declaration whose name is not plain at 0"),
    ("declare -p x=1", "declare -p x=1 !a declaration whose name is not plain at 0"),
    ("typeset $U=1", "typeset <$U=1>1number !a declaration whose name is not plain at 0"),
    (r#""read" x"#, "read x !a builtin that sets variables is not written plainly at 0"),
    (r#"read x"y""#, "read xy !a builtin that sets variables is not written plainly at 0"),
    ("x=y; read $x", "read y !a builtin that sets variables is not written plainly at 5"),
    ("{read,x}", "read x !a builtin that sets variables is not written plainly at 0"),
    (
        "command command command command read x",
        "command command command command read x !a builtin that sets variables is not written plainly at 0",
    ),
    ("c=export; $c x=1", "export x=1 !a builtin that sets variables is not written plainly at 10"),
    ("readonly x=1; x=2", "readonly x=1 !a read-only variable is set again at 0"),
    ("declare -r x; read x", "declare -r x !a read-only variable is set again at 0 ; read x"),
    ("readonly x; unset x", "readonly x !a read-only variable is set again at 0 ; unset x"),
    ("set -o posix", "set -o posix !this option may change how later text is read at 0"),
    ("set -k", "set -k !this option may change how later text is read at 0"),
    ("set -a", "set -a !this option may change how later text is read at 0"),
    ("set +B", "set +B !this option may change how later text is read at 0"),
    ("set -o history", "set -o history !this option may change how later text is read at 0"),
    ("set $U", "set <$U>*number !this option may change how later text is read at 0"),
    ("set -o $U", "set -o <$U>*number !this option may change how later text is read at 0"),
    ("set ''", "set '' !this option may change how later text is read at 0"),
    ("[ -v 'a[$(l1)]' ]", "'[' -v 'a[$(l1)]' ']' !`-v` evaluates the name it is given at 0"),
    (r#"[ -v "$1" ]"#, r#"'[' -v <\"$1\">1dynamic ']' !`-v` evaluates the name it is given at 0"#),
    (r#"test -R "$U""#, r#"test -R <\"$U\">1number !`-v` evaluates the name it is given at 0"#),
    (
        r#"[ "$1" 'a[$(l1)]' ]"#,
        r#"'[' <\"$1\">1dynamic 'a[$(l1)]' ']' !a value may be an operator of this test at 0"#,
    ),
    (
        r#"[ "-$1" 'a[$(l1)]' ]"#,
        "'[' <-...>1dynamic1 'a[$(l1)]' ']' !a value may be an operator of this test at 0",
    ),
    (
        r#"[ "-v$1" 'a[$(l1)]' ]"#,
        "'[' <-v...>1dynamic2 'a[$(l1)]' ']' !a value may be an operator of this test at 0",
    ),
    ("[ $W = x ]", "'[' <$W>*dynamic = x ']' !an unquoted value may become several words of this test at 0"),
    (
        r#"[ ! "$1" 'a[$(l1)]' ]"#,
        r#"'[' '!' <\"$1\">1dynamic 'a[$(l1)]' ']' !a value may be an operator of this test at 0"#,
    ),
    ("[[ $A -eq 1 ]]", "'[[' !`[[` evaluates this operand as an expression, and it may be no number at 3"),
    (
        "[[ 'a[$(l1)]' -lt 1 ]]",
        "'[[' !`[[` evaluates this operand as an expression, and it may be no number at 3",
    ),
    ("[[ 1 -ge x ]]", "'[[' !`[[` evaluates this operand as an expression, and it may be no number at 9"),
    ("[[ -v 'a[$(l1)]' ]]", "'[[' !`-v` evaluates the name it is given at 3"),
    ("[[ -v $A ]]", "'[[' !`-v` evaluates the name it is given at 3"),
    (r#"[[ -R "$A" ]]"#, "'[[' !`-v` evaluates the name it is given at 3"),
    ("PS4='$(l1)'", "refused at 4: this variable changes how bash reads or runs later text"),
    ("for PS4 in x; do l1; done", "refused at 4: this variable changes how bash reads or runs later text"),
    ("read POSIXLY_CORRECT", "refused at 5: this variable changes how bash reads or runs later text"),
    ("export BASH_COMPAT=4", "refused at 7: this variable changes how bash reads or runs later text"),
    (": ${SHELLOPTS:=x}", "refused at 13: this variable changes how bash reads or runs later text"),
    ("BASHOPTS=x", "refused at 9: this variable changes how bash reads or runs later text"),
    ("EXECIGNORE=x l1", "refused at 11: this variable changes how bash reads or runs later text"),
    ("BASH_CMDS=(l1 /x)", "refused at 10: this variable changes how bash reads or runs later text"),
    ("BASH_ALIASES=(l1 l2)", "refused at 13: this variable changes how bash reads or runs later text"),
    ("UID=0", "refused at 4: this variable changes how bash reads or runs later text"),
    ("EUID=0; PPID=1", "refused at 5: this variable changes how bash reads or runs later text"),
    ("LC_ALL=zh_TW.BIG5; l1 é", "refused at 7: this variable changes how bash reads or runs later text"),
];

#[test]
fn commands_that_hide_something_are_opaque() {
    check(WALK, bash);
}

/// The reasons in the source, one for each place that refuses.
fn reasons() -> Vec<&'static str> {
    let sources = [
        include_str!("../mod.rs"),
        include_str!("../lexer.rs"),
        include_str!("../grammar.rs"),
        include_str!("../unfold/mod.rs"),
        include_str!("../unfold/simple.rs"),
        include_str!("../unfold/variables.rs"),
        include_str!("../builtin.rs"),
    ];
    let mut found = Vec::new();
    for source in sources {
        for opening in [".refuse(", "refused(", "reason: "] {
            let places =
                source.match_indices(opening).map(|(at, _)| source[at + opening.len()..].trim_start());
            // A reason that is handed through has no quotes here, and has them where it comes from.
            found.extend(places.filter_map(|behind| behind.strip_prefix('"')).map(literal));
        }
    }
    found
}

/// A literal from behind its first quote, as it stands in the source.
fn literal(source: &'static str) -> &'static str {
    let bytes = source.as_bytes();
    let end = (0..bytes.len()).find(|at| bytes[*at] == b'"' && bytes[at.wrapping_sub(1)] != b'\\').unwrap();
    &source[..end]
}

#[test]
fn every_refusal_in_the_source_has_its_row() {
    let tables = [LEXER, GRAMMAR, WALK, posix::REFUSED];
    let rows: Vec<String> =
        tables.iter().flat_map(|table| table.iter()).map(|row| row.1.replace('"', "\\\"")).collect();
    let reasons = reasons();
    assert!(reasons.len() > 90, "only {} places found: the search is broken", reasons.len());
    let mut missing = Vec::new();
    for reason in &reasons {
        let places = reasons.iter().filter(|other| other == &reason).count();
        let met = rows.iter().filter(|row| row.contains(reason)).count();
        if met < places && !limits::REASONS.contains(reason) {
            missing.push(format!("{reason}: {met} rows for {places} places"));
        }
    }
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
