//! Texts for a shell that is some `sh`: what bash and dash read differently is refused, the rest is read for both.

use super::{check, unseen};
use crate::command::shell::Dialect;

/// What only bash has, or has in another way.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("time l1", "refused at 0: a POSIX shell may read this differently"),
    ("l1 |& l2", "refused at 4: a POSIX shell may read this differently"),
    ("[[ a ]]", "refused at 0: a POSIX shell may read this differently"),
    ("((1))", "refused at 0: a POSIX shell may read this differently"),
    ("for ((;;)); do l1; done", "refused at 6: a POSIX shell may read this differently"),
    ("l1 &>f", "refused at 3: a POSIX shell may read this differently"),
    ("l1 &>>f", "refused at 3: a POSIX shell may read this differently"),
    ("l1 <<<a", "refused at 3: a POSIX shell may read this differently"),
    ("l1 >&f", "refused at 6: a POSIX shell may read this differently"),
    ("l1 $'a'", "refused at 3: a POSIX shell may read this differently"),
    ("l1 <(l2)", "refused at 3: a POSIX shell may read this differently"),
    ("a+=b", "refused at 0: a POSIX shell may read this differently"),
    ("a=(b)", "refused at 2: a POSIX shell may read this differently"),
    ("l1 ${a[0]}", "refused at 6: a POSIX shell may read this differently"),
    ("l1 ${a:1}", "refused at 6: a POSIX shell may read this differently"),
    ("l1 ${a/b}", "refused at 6: a POSIX shell may read this differently"),
    ("l1 ${a^}", "refused at 6: a POSIX shell may read this differently"),
    ("l1 ${a,}", "refused at 6: a POSIX shell may read this differently"),
    ("case x in a) l1;& b) l2;; esac", "refused at 17: a POSIX shell may read this differently"),
    ("case x in a) l1;;& b) l2;; esac", "refused at 18: a POSIX shell may read this differently"),
    ("declare x=1", "declare x=1 !a POSIX shell may read this differently at 0"),
    ("typeset x=1", "typeset x=1 !a POSIX shell may read this differently at 0"),
    ("builtin cd x", "builtin cd x !a POSIX shell may read this differently at 0"),
    ("mapfile x", "mapfile x !a POSIX shell may read this differently at 0"),
    ("readarray x", "readarray x !a POSIX shell may read this differently at 0"),
    ("pushd x", "pushd x !a POSIX shell may read this differently at 0"),
    ("popd", "popd !a POSIX shell may read this differently at 0"),
    ("shopt -s nullglob", "shopt -s nullglob !a POSIX shell may read this differently at 0"),
    ("alias a=b", "alias a=b !an alias changes what later words mean at 0"),
    ("unalias a", "unalias a !an alias changes what later words mean at 0"),
    ("export x=$y", "export <x=$y>+dynamic2 !a declaration whose name is not plain at 0"),
    ("export x=~/y", "export <x=~/y>1tilde !a declaration whose name is not plain at 0"),
];

#[test]
fn what_only_bash_reads_this_way_is_refused() {
    check(REFUSED, |text| unseen(text, Dialect::Posix));
}

/// Each row is bash: its own reading has no such doubt.
#[test]
fn bash_itself_is_not_asked_to_do_without() {
    for (text, _) in REFUSED {
        let read = super::show(&unseen(text, Dialect::Bash));
        assert!(!read.contains("POSIX shell"), "{text}: {read}");
    }
}

/// What every shell has. The environment is not known: whatever is assigned may be exported.
pub(super) const FOLLOWED: &[(&str, &str)] = &[
    (r#"l1 a "b c" 'd' e\ f"#, "l1 a 'b c' d 'e f'"),
    ("l1 {a,b} x{1..3} >{a,b}", "l1 <{a,b}>*brace <x{1..3}>*brace1 ><{a,b}>1brace"),
    (r#"x={a,b}; l1 "$x""#, "[x='{a,b}'] l1 '{a,b}'"),
    ("l1 a* ~ ~/x", "l1 <a*>+glob1 <~>1tilde <~/x>1tilde"),
    (
        r#"l1 $x "$x" ${x:-y} $((1 + 1))"#,
        r#"l1 <$x>*dynamic <\"$x\">1dynamic <${x:-y}>*dynamic <$((1 + 1))>1number"#,
    ),
    ("x=1; l1 $x; l2", "[x=1] l1 1 ; [x=1] l2"),
    ("x=1; x=2 l1; l2 $x", "[x=1 x=2] l1 ; [x=1] l2 1"),
    ("x=1; x=2 :; l1 $x", "[x=1 x=2] : ; [?x] l1 <$x>*dynamic"),
    ("x=1; x=2 export y; l1 $x", "[x=1 x=2] export y ; [?y ?x] l1 <$x>*dynamic"),
    ("x=1; x=2 read y; l1 $x", "[x=1 x=2] read y ; [x=1] l1 1"),
    ("export x=1; l1", "export x=1 ; [x=1] l1"),
    ("for i in a b; do l1 $i; done", "l1 a ; l1 b"),
    ("for KUBECONFIG in a b; do l1; done", "[?KUBECONFIG] l1"),
    (r#"while read -r x; do l1 "$x"; done"#, r#"read -r x ; l1 <\"$x\">1dynamic"#),
    ("read KUBECONFIG; l1", "read KUBECONFIG ; [?KUBECONFIG] l1"),
    ("local x=1; l1 $x", "local x=1 ; l1 <$x>*dynamic"),
    ("cd x; l1; cd ..; l2", "cd x ; {. x} l1 ; {. x} cd .. ; {. x ..} l2"),
    ("f() { l1; }", "l1 ; function !a function gives a name another meaning at 0"),
    ("l1 <<A\n$(l2)\nA", "l2 ; l1 |"),
    ("l1 <<-A\n\tx\n\tA", r#"l1 <<"x\n""#),
    ("! l1 | l2 && l3 || l4 & wait", "l1 & ; l2 | & ; l3 & ; l4 & ; wait"),
    ("if l1; then l2; fi; case x in a) l3;; esac", "l1 ; l2 ; l3"),
    (
        "`l1`; l2 $(l3)",
        "l1 ; <`l1`>*dynamic !the program's name is known only when it runs at 0 ; l3 ; l2 <$(l3)>*dynamic",
    ),
    ("unset A; l1", "unset A ; [-A] l1"),
    ("set -eu; l1", "set -eu ; l1"),
    ("command -v l1; command l2", "command -v l1 ; command l2"),
];

#[test]
fn what_every_shell_reads_alike_is_followed() {
    check(FOLLOWED, |text| unseen(text, Dialect::Posix));
}
