//! Texts that the canary found, shrunk, and texts of the same kind: each must lose nothing or be refused, forever.

use crate::cover::lost;
use crate::ground::{Ground, Ran};
use crate::hunt::{Variables, as_the_gate_reads};
use crate::skip;

/// What is wrong with reading it naively, and the text.
const FOUND: [(&str, &str); 74] = [
    // bash sets these itself: what the environment holds under their names is not what the text gets.
    ("a variable of bash's own", "l1 $RANDOM"),
    ("a variable of bash's own", "l1 $_"),
    ("a variable of bash's own", "l2 x\nl1 $_"),
    ("a variable of bash's own", "l1 $SHLVL $PPID"),
    ("a variable of bash's own", "l1 \"$UID\" \"$EUID\""),
    ("a variable of bash's own", "l1 $SECONDS $LINENO"),
    ("a variable of bash's own", "l1 $OPTIND $PWD"),
    ("a variable of bash's own", "l1 $HOSTNAME $BASH $BASH_VERSION $IFS$OSTYPE"),
    // The variable of a loop stays exported where it was.
    ("a loop sets an exported variable", "for A in x; do l1; done"),
    ("a loop sets an exported variable", "for A in x; do l1; done; l2"),
    ("a loop sets an exported variable", "for A in $(l1); do l2; done"),
    ("a loop sets an exported variable", "for A in l*; do { l1; }; done | l2"),
    // Assignments in front are made one after the other, and the next one's substitution sees the last.
    ("an assignment before a substitution", "A= x=$(l1) l2"),
    ("an assignment before a substitution", "B=z U=\"`l1`\""),
    ("an assignment before a substitution", "N= x=$(l1 | l2) l3 | l4"),
    ("an assignment before a substitution", "export x=y; l1 $(l2)"),
    // `$(l1)` becomes `l5 w l6`: the first ends the assignment, and the second is the program.
    ("an assignment of env that is split", "env A=$(l1) l2"),
    ("an assignment of env that is split", "env A=`l1` l2"),
    ("an assignment of env that is split", "env A=$W l2"),
    ("an assignment of env that is split", "nice env x=1 A=$(l1) l2"),
    ("an assignment of env that is split", "env -u A x=$(l1) l2"),
    ("a program that only the run knows", "nohup $A"),
    ("a program that only the run knows", "timeout 5 $(l1)"),
    ("a program that only the run knows", "nice \"$(l1)\" x"),
    ("a program that only the run knows", "xargs l?"),
    ("a program that only the run knows", "timeout $U 5 l1"),
    // `>&-` closes, and what touches it is a word of its own.
    ("a word behind a closed descriptor", "l1 >&-b"),
    ("a word behind a closed descriptor", "l1 <&-b 2>&-c"),
    // An empty process substitution is no word at all.
    ("an empty process substitution", "l1 <()"),
    ("an empty process substitution", "l1 a >() b"),
    ("a builtin behind a builtin", "builtin eval l1"),
    ("a builtin behind a builtin", "builtin builtin eval l1"),
    ("a builtin behind a builtin", "command builtin eval 'l1 a'"),
    ("a builtin behind a builtin", "builtin command eval l1"),
    ("a builtin behind a builtin", "builtin . /dev/stdin <<< l1"),
    ("a subscript that a test evaluates", "[[ -v 'a[$(l1)]' ]]"),
    ("a subscript that a test evaluates", "[[ a && -v a'[$(l1)]' ]]"),
    ("a subscript that a test evaluates", "[[ 'a[$(l1)]' -eq 0 ]]"),
    ("brackets that are no test", "[[<() ]]"),
    ("brackets that are no test", "l1; [[<(l2) a ]]"),
    ("brackets that are no test", "[[>out ]]"),
    ("an option of a wrapper that is split", "env -u$(l1) l2"),
    ("an option of a wrapper that is split", "nice -n $W l2"),
    ("an option of a wrapper that is split", "timeout $W l2"),
    ("an option of a wrapper that is split", "xargs -n $(l1) l2"),
    ("a builtin sets an exported variable", "read A <<< w; l1"),
    ("a builtin sets an exported variable", "read -r x A <<< 'v w'; l1 $A"),
    ("a builtin sets an exported variable", "mapfile -t A <<< w; l1 $A"),
    ("a builtin sets an exported variable", "unset A; l1 $A"),
    ("a builtin sets an exported variable", "l1 ${A:=x} ${NEW:=$A}; l2"),
    ("a builtin sets an exported variable", "[[ ab =~ b ]]; l1 $BASH_REMATCH"),
    ("a backslash at the end", "l1 '\n'\\"),
    ("a backslash at the end", "l1 a\nl2 b\\"),
    ("a builtin sets an exported variable", "declare A=; l1"),
    ("a builtin sets an exported variable", "declare A=new; l1 $A"),
    ("a builtin sets an exported variable", "typeset -r A=new; l1"),
    ("a builtin sets an exported variable", "A=(x); l1"),
    // bash splits the target: ` lead` opens `lead`.
    ("a target that is split", "l1 >$L"),
    ("a target that is split", ">$L"),
    // bash 5.2 prints a substitution and reads that again, and in print it loses the `;` behind a here-document: of
    // `l6; l2 c` it makes `l6 l2 c`.
    (
        "a here-document in a substitution",
        "case ${A%$(timeout -s KILL 5 l5 && while x=y <<EOF\n`l1 a`)'\nEOF\n\ndo\nl6; break; done)}\\\nb\nin\n*) l1;;\nesac",
    ),
    ("a here-document in a substitution", "l1 $(l2 <<E; l6; l2 c\nx\nE\n)"),
    ("a here-document in a substitution", "l1 $(l2 <<E\nx\nE\nl6; l2 c)"),
    ("a here-document in a substitution", "l1 $(if l2 <<E\nx\nE\nthen l6; l2 b; fi)"),
    ("a here-document in a substitution", "l1 \"$({ l2 <<E\nx\nE\nl6; l2 d; })\""),
    ("a here-document in a substitution", "l1 $(for i in a; do l2 <<'E'\nx\nE\nl6; l2 d; l1 x; done)"),
    ("a here-document in a substitution", "l1 <(l2 <<E\nx\nE\nl6; l2 d)"),
    ("a here-document in a substitution", "l1 $(l2 <<E | l3\nx\nE\nl6 & l2 d)"),
    ("a here-document in a substitution", "l1 $(l2 <<E && l3; l4\nx\nE\n)"),
    ("time in a substitution", "l6 \"$(time case x in \\\\))esac|\"$L\"\n{\t''&})\""),
    ("assignments before a redirection", "A=>`l3`"),
    ("a variable that a redirection sets", "A= l4 {a[$(l2)]}>o"),
    ("a name that a line continuation splits", "l6\nA+\\\n=b l1"),
    ("a here-document in a substitution", "l1 $( (l2 <<E\nx\nE\n); l6; l2 d)"),
    ("a here-document in a substitution", "l1 $(l2 $(l3 <<E\nx\nE\n); l6; l2 d)"),
];

/// The environment of every row.
fn variables(ground: &Ground) -> Variables {
    let rest = [
        ("HOME", "/"),
        ("A", "plain"),
        ("B", "b"),
        ("N", "3"),
        ("W", "two words"),
        ("U", "l3"),
        ("L", " lead"),
        ("RANDOM", "l1"),
        ("_", "l2"),
        ("SHLVL", "41"),
        ("PPID", "7"),
        ("UID", "l2"),
        ("EUID", "0"),
        ("SECONDS", "l4"),
        ("LINENO", "x"),
        ("OPTIND", "5"),
        ("PWD", "/nowhere"),
        ("PS4", "$(l6 ps4) "),
        ("HOSTNAME", "h"),
        ("BASH", "b"),
        ("BASH_VERSION", "1"),
        ("OSTYPE", "o"),
    ];
    let mut variables = Variables::from([("PATH".into(), ground.path().into())]);
    variables.extend(rest.map(|(name, value)| (name.into(), value.into())));
    variables
}

#[test]
fn what_was_found_once_is_not_lost_again() {
    let mut ground = match Ground::prepare() {
        Ok(ground) => ground,
        Err(missing) => return skip("what_was_found_once_is_not_lost_again", missing),
    };
    let variables = variables(&ground);
    let mut failures = Vec::new();
    for (kind, text) in FOUND {
        let Ok(read) = as_the_gate_reads(text.as_bytes(), &variables) else { continue };
        let ran: Ran = ground.run(text.as_bytes(), &variables);
        if let Some(lost) = lost(&ran, &read, &variables) {
            failures.push(format!("{kind}: {text:?}: {lost}"));
        }
    }
    assert!(failures.is_empty(), "{} of {} rows:\n{}", failures.len(), FOUND.len(), failures.join("\n"));
}
