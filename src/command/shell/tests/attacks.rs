//! Holes that were found by reading the parser as an attacker would, each with the text that went through it.
//!
//! With most of these, bash once started `l2`, or `l1` with other words, another directory or another environment than the
//! parser said. `real.rs` gives every row that is followed to bash again.

use super::{bash, check, unseen};
use crate::command::shell::Dialect;

/// Texts for bash.
pub(super) const ROWS: &[(&str, &str)] = &[
    ("command -pp cd x; l1", "command -pp cd x ; {. x} l1"),
    ("command -pp export B=1; l1", "command -pp export B=1 ; [B=1] l1"),
    (
        r#"x=safe; "read" x <<<evil; l1 $x"#,
        r#"read x <<"evil\n" !a builtin that sets variables is not written plainly at 8 ; l1 safe"#,
    ),
    (
        r#"x=1; "read" x <<<'a[$(l2)]'; l1 $((x))"#,
        r#"read x <<"a[$(l2)]\n" !a builtin that sets variables is not written plainly at 5 ; l1 <$((x))>1number"#,
    ),
    (
        r#"command command command command read A <<<evil; l1 "$A""#,
        r#"command command command command read A <<"evil\n" !a builtin that sets variables is not written plainly at 0 ; l1 plain"#,
    ),
    (
        "c=read; x=safe; $c x <<<evil; l1 $x",
        r#"read x <<"evil\n" !a builtin that sets variables is not written plainly at 16 ; l1 safe"#,
    ),
    (
        "x=safe; {read,x} <<<evil; l1 $x",
        r#"read x <<"evil\n" !a builtin that sets variables is not written plainly at 8 ; l1 safe"#,
    ),
    (
        "n=x; x=safe; read $n <<<evil; l1 $x",
        r#"read x <<"evil\n" !a builtin that sets variables is not written plainly at 13 ; l1 safe"#,
    ),
    (r#"x=safe; read "x" <<<evil; l1 $x"#, r#"read x <<"evil\n" ; l1 <$x>*dynamic"#),
    ("x=safe; read 'x' <<<evil; l1 $x", r#"read x <<"evil\n" ; l1 <$x>*dynamic"#),
    (r#"export "B=1"; l1"#, "export B=1 ; [B=1] l1"),
    (r#"declare -x "A=1"; l1 $A"#, "declare -x A=1 ; [A=1] l1 1"),
    (r#"x=1; unset "x"; l1 $x"#, "unset x ; [-x] l1 <$x>*dynamic"),
    ("x=1; export x+=5; l1 $x", "export x+=5 ; [?x] l1 <$x>*dynamic"),
    (
        "cd=safe; for i in 1 2; do l1 $cd; read cd <<<evil; done",
        r#"l1 <$cd>*dynamic ; read cd <<"evil\n" ; l1 <$cd>*dynamic ; read cd <<"evil\n""#,
    ),
    ("REPLY=safe; read <<<evil; l1 $REPLY", r#"read <<"evil\n" ; l1 <$REPLY>*dynamic"#),
    ("MAPFILE=safe; mapfile -t <<<evil; l1 $MAPFILE", r#"mapfile -t <<"evil\n" ; l1 <$MAPFILE>*dynamic"#),
    ("BASH_REMATCH=safe; [[ evil =~ evil ]]; l1 $BASH_REMATCH", "l1 <$BASH_REMATCH>*dynamic"),
    (r#"PWD=safe; cd x; l1 "$PWD""#, r#"cd x ; {. x} l1 <\"$PWD\">1dynamic"#),
    ("RANDOM=5; l1 $RANDOM", "l1 <$RANDOM>*number"),
    ("_=x; l1 $_", "l1 <$_>*dynamic"),
    ("GROUPS=safe; l1 $GROUPS", "l1 <$GROUPS>*dynamic"),
    (
        "true 'a[$(l2)]'; l1 $((_))",
        "refused at 20: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    (
        "l1 $((BASH_EXECUTION_STRING)) # a[$(l2)]",
        "refused at 3: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    (
        "x86_64='a[$(l2)]'; l1 $((HOSTTYPE))",
        "refused at 22: bash evaluates this variable's value as an expression, and it may be no number",
    ),
    ("l1 >a*", "l1 ><a*>1glob1"),
    ("l1 >{q..q}", "l1 ><{q..q}>1brace"),
    ("x='a*'; l1 >$x", "l1 ><$x>1dynamic"),
    ("export X={a,b}; l1", "export <X={a,b}>*brace1 !a declaration whose name is not plain at 0 ; [?X] l1"),
    ("readonly x=1\nx=2\nl1 $x", "readonly x=1 !a read-only variable is set again at 0 ; l1 2"),
    ("UID=5; x=2\nl1 $x", "refused at 4: this variable changes how bash reads or runs later text"),
    ("local x=5; l1 $x", "local x=5 ; l1 <$x>*dynamic"),
    ("export -r X=5; l1 $X", "export -r X=5 !a declaration whose name is not plain at 0 ; [X=5] l1 5"),
    ("declare -p X=5; l1 $X", "declare -p X=5 !a declaration whose name is not plain at 0 ; l1 <$X>*dynamic"),
    ("unset -f A; l1", "unset -f A ; [?A] l1"),
    ("unset -vf A; l1", "unset -vf A ; [?A] l1"),
    ("x=1\nx=$((1/0)); x=2\nl1 $x", "l1 <$x>*number"),
    ("x=1\n[ \"${A:1:-9}\" ]; x=2\nl1 $x", r#"'[' <\"${A:1:-9}\">1dynamic ']' ; l1 <$x>*number"#),
    ("E=1; export E=5 <missing; l1 $E", "[E=1] export E=5 <missing | ; [?E] l1 <$E>*dynamic"),
    ("x=1; { x=2; } <missing; l1 $x", "<missing ; l1 <$x>*number"),
    ("x=1; if x=2; then l2; fi <missing; l1 $x", "<missing ; l2 | ; l1 <$x>*number"),
    ("x=1; while x=2; do l2; break; done <missing; l1 $x", "<missing ; l2 | ; break | ; l1 <$x>*number"),
    ("x=1; while break; x=2; do :; done; l1 $x", "break ; : ; l1 <$x>*number"),
    ("i=5; for ((i = 0; i < 3; i++)); do l1 $i; done", "l1 <$i>*number"),
    ("export x=1; x=2; l1", "export x=1 ; [x=2] l1"),
    ("export x=1; for x in a b; do l1; done; l2", "export x=1 ; [?x] l1 ; [?x] l2"),
    ("read A <<<evil; l1", r#"read A <<"evil\n" ; [?A] l1"#),
    ("unset A; A=5; l1", "unset A ; [-A] l1"),
    ("x=1; x=2 y=$x l1", "[x=2 y=2] l1"),
    ("x=1; x=2 y=$x; l1 $y", "l1 2"),
    ("y=1; x=$((y = 5)); l1 $y", "l1 <$y>*number"),
    ("y=1; x=($((y = 5))); l1 $y", "l1 <$y>*number"),
    ("y=1; : <<D\n$((y = 5))\nD\nl1 $y", ": | ; l1 <$y>*number"),
    ("x=1; x=2 readonly x; l1 $x", "[x=2] readonly x ; [?x] l1 <$x>*dynamic"),
    ("y=1; x1='a[$(l2)]'; l1 $((x$y))", "refused at 27: a name in arithmetic is put together"),
    ("[[ -v 'a[$(l2)]' ]]", "'[[' !`-v` evaluates the name it is given at 3"),
    ("x='a[$(l2)]'; [[ -v $x ]]", "'[[' !`-v` evaluates the name it is given at 17"),
    (
        r#"[ "-$(echo v)" 'a[$(l2)]' ]"#,
        "echo v ; '[' <-...>1dynamic1 'a[$(l2)]' ']' !a value may be an operator of this test at 0",
    ),
    (
        r#"printf "-$(echo v)" 'a[$(l2)]' x"#,
        "echo v ; printf <-...>1dynamic1 'a[$(l2)]' x !`printf -v` evaluates the name it is given at 0",
    ),
    ("jobs -x l2", "jobs -x l2 !this option gives a command another meaning at 0"),
    ("HOME=x cd; l1", "[HOME=x] cd ; {. ?} l1"),
    ("cd a/link; cd ..; l1", "cd a/link ; {. a/link} cd .. ; {. a/link .. a} l1"),
    (
        r#"shopt -s null""glob; l1 zz*"#,
        "shopt -s nullglob !this option may change how later text is read at 0 ; l1 <zz*>+glob2",
    ),
    (
        "shopt -s nocaseglob; l1 A*",
        "shopt -s nocaseglob !this option may change how later text is read at 0 ; l1 <A*>+glob1",
    ),
    (
        r#"eval '"cd" x'; l1"#,
        r#"eval '\"cd\" x' !this builtin runs text that the gate cannot follow at 0 ; l1"#,
    ),
    ("EXECIGNORE=*/l1; l1", "refused at 11: this variable changes how bash reads or runs later text"),
    ("l1 3<<A\nx\nA", "l1"),
    ("l1 <<A 3<<B <&3\na\nA\nb\nB", "l1 |"),
    ("l1 <<A <>f\na\nA", "l1 >f |"),
    (
        "l1 \"$(cat <<'A'\nA l2 )\nA\n)\"",
        "refused at 16: a line that may end a here-document in a substitution",
    ),
    ("set -x; PS4='$(l2)'; l1", "refused at 12: this variable changes how bash reads or runs later text"),
];

#[test]
fn no_hole_is_open_again() {
    check(ROWS, bash);
}

/// Texts for dash, which has neither braces nor `declare`, and keeps what stands in front of `:`.
pub(super) const POSIX: &[(&str, &str)] = &[
    ("l1 {a,b} {1..3}", "l1 <{a,b}>*brace <{1..3}>*brace"),
    (
        "x=1; declare x=2; l1 $x",
        "[x=1] declare x=2 !a POSIX shell may read this differently at 5 ; [x=2] l1 2",
    ),
    ("x=1; x=2 :; l1 $x", "[x=1 x=2] : ; [?x] l1 <$x>*dynamic"),
    ("builtin export X=1; l1", "builtin export X=1 !a POSIX shell may read this differently at 0 ; [X=1] l1"),
];

#[test]
fn no_hole_is_open_again_in_a_posix_shell() {
    check(POSIX, |text| unseen(text, Dialect::Posix));
}
