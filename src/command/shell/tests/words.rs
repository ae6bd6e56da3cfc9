//! Every production, every kind of quoting, every expansion: texts and the words that come of them.

use super::{bash, check};

/// The grammar of POSIX, and what bash adds to it.
pub(super) const PRODUCTIONS: &[(&str, &str)] = &[
    ("l1 a b", "l1 a b"),
    ("l1 a; l2 b", "l1 a ; l2 b"),
    ("l1 a;", "l1 a"),
    ("l1\nl2\n\nl3", "l1 ; l2 ; l3"),
    ("l1 && l2 || l3", "l1 ; l2 ; l3"),
    ("l1 &&\nl2 ||\n\nl3", "l1 ; l2 ; l3"),
    ("l1 | l2 | l3", "l1 ; l2 | ; l3 |"),
    ("l1 |\nl2", "l1 ; l2 |"),
    ("l1 |& l2", "l1 ; l2 |"),
    ("! l1 | l2", "l1 ; l2 |"),
    ("! ! l1", "l1"),
    ("time l1 a", "l1 a"),
    ("time -p l1", "l1"),
    ("! time l1", "l1"),
    ("l1 & l2 &", "l1 & ; l2 &"),
    ("l1 & wait", "l1 & ; wait"),
    ("(l1; l2)", "l1 ; l2"),
    ("( l1 ) ; (l2)", "l1 ; l2"),
    ("((1 + 2)) && l1", "l1"),
    ("(l1 &) ; l2", "l1 & ; l2"),
    ("{ l1; l2; }", "l1 ; l2"),
    ("{ l1; } | { l2; l3; }", "l1 ; l2 | ; l3 |"),
    ("if l1; then l2; fi", "l1 ; l2"),
    ("if l1; then l2; elif l3; then l4; else l5; fi", "l1 ; l2 ; l3 ; l4 ; l5"),
    ("if l1\nthen\nl2\nelse l3\nfi", "l1 ; l2 ; l3"),
    ("if ! l1; then l2; fi > f", ">f ; l1 ; l2"),
    ("while l1; do l2; done", "l1 ; l2"),
    ("until l1\ndo l2\ndone", "l1 ; l2"),
    (r#"while read -r x; do l1 "$x"; done < f"#, r#"<f ; read -r x | ; l1 <\"$x\">1dynamic |"#),
    ("for x in a b; do l1 $x; done", "l1 a ; l1 b"),
    ("for x in a b\ndo l1 $x\ndone", "l1 a ; l1 b"),
    ("for x\nin a\ndo l1 $x; done", "l1 a"),
    (r#"for x; do l1 "$x"; done"#, r#"l1 <\"$x\">1dynamic"#),
    ("for x do l1; done", "l1"),
    ("for x in; do l1 $x; done", ""),
    (r#"for x in a $W *.c; do l1 "$x"; done"#, r#"l1 <\"$x\">1dynamic"#),
    ("for ((i = 0; i < 3; i++)); do l1 $i; done", "l1 <$i>*number"),
    ("for ((;;)) do l1; done", "l1"),
    ("case $A in a) l1;; b|c) l2;; *) l3; esac", "l1 ; l2 ; l3"),
    ("case x in (x) l1;; esac", "l1"),
    ("case x in x) l1;& y) l2;;& z) l3;; esac", "l1 ; l2 ; l3"),
    ("case x in esac", ""),
    ("case $(l1) in $(l2)) l3;; esac", "l1 ; l2 ; l3"),
    ("case x\nin\nx)\nl1\n;;\nesac", "l1"),
    ("[[ -f x && $A == p* || ! ( a < b ) ]] && l1", "l1"),
    ("[[ $A =~ ^(a|b)[0-9]+$ ]] || l1", "l1"),
    ("[[ -n $(l1) ]]", "l1"),
    ("[[ $# -eq 1 && $N -lt 4 ]]", ""),
    ("f() { l1; }", "l1 ; function !a function gives a name another meaning at 0"),
    ("function f { l1; }", "l1 ; function !a function gives a name another meaning at 0"),
    ("function f() (l1)", "l1 ; function !a function gives a name another meaning at 0"),
    ("f () { l1; } > out", ">out ; l1 ; function !a function gives a name another meaning at 0"),
    (">f", ">f"),
    ("> f l1 a", "l1 a >f"),
    ("x=1", ""),
    ("x=1 l1", "[x=1] l1"),
    ("x=1 y=2 l1 z=3", "[x=1 y=2] l1 z=3"),
    ("x= l1", "[x=''] l1"),
    ("x=(a b $(l1)); l2", "l1 ; l2"),
    ("x=(\na # c\nb\n); l1", "l1"),
    ("# only a comment", ""),
    ("l1 # a comment; l2", "l1"),
    ("l1#a '#b' #c", "'l1#a' '#b'"),
    ("# a\nl1 # b\n# c\nl2", "l1 ; l2"),
    ("\n\n", ""),
];

#[test]
fn every_production_gives_its_commands() {
    check(PRODUCTIONS, bash);
}

/// Quotes, escapes, continuations, characters of more than one byte.
pub(super) const QUOTES: &[(&str, &str)] = &[
    (r#"l1 'a b' "c d" e\ f"#, "l1 'a b' 'c d' 'e f'"),
    (r#"l1 a'b'"c"\d"#, "l1 abcd"),
    (r#"l1 '' "" ''"""#, "l1 '' '' ''"),
    (r#"l1 'a\b' "a\b" a\b"#, r#"l1 'a\\b' 'a\\b' ab"#),
    (r#"l1 "a\"b\$c\`d\\e""#, r#"l1 'a\"b$c`d\\e'"#),
    ("l1 \"a\nb\"", r#"l1 'a\nb'"#),
    (r#"l1 'it'\''s'"#, r#"l1 'it\'s'"#),
    (r#"l1 "a'b" 'a"b'"#, r#"l1 'a\'b' 'a\"b'"#),
    (
        "l1 $'a\tb\n' $'\\x41\\102\\e' $'\\'\\\"\\\\\\?' $'a\\'b'",
        r#"l1 'a\tb\n' 'AB\u{1b}' '\'\"\\?' 'a\'b'"#,
    ),
    (r#"l1 $'\0' x$'a\0'y"#, "l1 '' xay"),
    (r#"l1 $'\.' $'\[x\]'"#, r#"l1 '\\.' '\\[x\\]'"#),
    (r#"l1 $'ab'$'cd'"ef"'gh'"#, "l1 abcdefgh"),
    (r#"l1 "$'a'""#, r#"l1 '$\'a\''"#),
    (r#"l1 a\"#, r#"l1 'a\\'"#),
    ("l1 a\\\nb \"c\\\nd\" 'e\\\nf'", r#"l1 ab cd 'e\\\nf'"#),
    ("l1 \\\n a", "l1 a"),
    (r#"\l1 a; 'l1' b; "l"1 c; l""1 d"#, "l1 a ; l1 b ; l1 c ; l1 d"),
    (r#"l1 \; \& \| \( \) \< \> \# \~ \* \{"#, "l1 ';' '&' '|' '(' ')' '<' '>' '#' '~' '*' '{'"),
    (r#"l1 é "naïve" \ü 'ß'"#, "l1 é naïve ü ß"),
    ("l1 -- -x --y=z a=b", "l1 -- -x --y=z a=b"),
    (r#"l1 $ "$" a$ $. $, $/ '$A' \$A"#, "l1 '$' '$' 'a$' '$.' '$,' '$/' '$A' '$A'"),
    (r#"l1 a"$"b"#, "l1 'a$b'"),
];

#[test]
fn every_kind_of_quotes_gives_its_text() {
    check(QUOTES, bash);
}

/// Parameters, substitutions, arithmetic, tildes, patterns: filled in where their value is known, loose where not.
pub(super) const EXPANSIONS: &[(&str, &str)] = &[
    (r#"l1 $A ${A} "$A" "${A}" x$A y${A}z"#, "l1 plain plain plain plain xplain yplainz"),
    (r#"l1 $W "$W" x$W"#, "l1 <$W>*dynamic 'two words' <x$W>+dynamic1"),
    (r#"l1 $G "$G""#, "l1 <$G>*dynamic 'a*'"),
    (r#"l1 $E "$E" x$E ''$E"#, r#"l1 <$E>*dynamic '' <x$E>+dynamic1 <\'\'$E>*dynamic"#),
    (
        r#"l1 $U "$U" x$U "x$U" $U/y"#,
        r#"l1 <$U>*number <\"$U\">1number <x$U>1number1 <x...>1number1 <$U/y>1number"#,
    ),
    (
        r#"l1 $N $((N + 1)) "$((1))" $((2))x"#,
        r#"l1 3 <$((N + 1))>1number <\"$((1))\">1number <$((2))x>1number"#,
    ),
    (
        r#"l1 $? $# $$ "$?" ${#A} ${#U}"#,
        r#"l1 <$?>1number <$#>1number <$$>1number <\"$?\">1number <${#A}>1number <${#U}>1number"#,
    ),
    (
        r#"l1 $@ "$@" $* "$*" x"$@" ""$@"#,
        r#"l1 <$@>*dynamic <\"$@\">*dynamic <$*>*dynamic <\"$*\">1dynamic <x\"$@\">+dynamic1 <\"\"$@>*dynamic"#,
    ),
    (
        r#"l1 $! $- $0 $1 "$1" $10 ${10} ${#}"#,
        r#"l1 <$!>*dynamic <$->*dynamic <$0>*dynamic <$1>*dynamic <\"$1\">1dynamic <$10>+dynamic <${10}>*dynamic <${#}>*dynamic"#,
    ),
    ("l1 ${?} ${@} ${*} ${!}", "l1 <${?}>*dynamic <${@}>*dynamic <${*}>*dynamic <${!}>*dynamic"),
    (
        r#"l1 ${U:-a} "${U-b}" ${U:+c} ${U:?d} ${A#p} ${A##p} ${A%n} ${A%%n}"#,
        r#"l1 <${U:-a}>*dynamic <\"${U-b}\">1dynamic <${U:+c}>*dynamic <${U:?d}>*dynamic <${A#p}>*dynamic <${A##p}>*dynamic <${A%n}>*dynamic <${A%%n}>*dynamic"#,
    ),
    (
        "l1 ${A/a/b} ${A//a} ${A^} ${A,,} ${A:1} ${A:1:2} ${A: -1}",
        "l1 <${A/a/b}>*dynamic <${A//a}>*dynamic <${A^}>*dynamic <${A,,}>*dynamic <${A:1}>*dynamic <${A:1:2}>*dynamic <${A: -1}>*dynamic",
    ),
    (
        r#"l1 ${U:-$(l2)} "${U:-$(l3 "a b")}" ${U:-`l4`} ${U:-${V:-$(l5)}}"#,
        r#"l2 ; l3 'a b' ; l4 ; l5 ; l1 <${U:-$(l2)}>*dynamic <\"${U:-$(l3 \"a b\")}\">1dynamic <${U:-`l4`}>*dynamic <${U:-${V:-$(l5)}}>*dynamic"#,
    ),
    ("l1 ${U:='x y'}; l2 $U", r#"l1 <${U:=\'x y\'}>*dynamic ; l2 <$U>*dynamic"#),
    (
        r#"l1 ${a[0]} ${a[@]} "${a[@]}" "${a[*]}" ${#a[@]}"#,
        r#"l1 <${a[0]}>*dynamic <${a[@]}>*dynamic <\"${a[@]}\">*dynamic <\"${a[*]}\">*dynamic <${#a[@]}>1number"#,
    ),
    (
        r#"l1 $(l2) "$(l3)" x$(l4)y"#,
        r#"l2 ; l3 ; l4 ; l1 <$(l2)>*dynamic <\"$(l3)\">1dynamic <x$(l4)y>+dynamic1"#,
    ),
    (
        r#"l1 $(l2 $(l3)) "$(l4 "$(l5)")""#,
        r#"l3 ; l2 <$(l3)>*dynamic ; l5 ; l4 <\"$(l5)\">1dynamic ; l1 <$(l2 $(l3))>*dynamic <\"$(l4 \"$(l5)\")\">1dynamic"#,
    ),
    (
        r#"l1 `l2` "`l3 a`" `l4 'a b'`"#,
        r#"l2 ; l3 a ; l4 'a b' ; l1 <`l2`>*dynamic <\"`l3 a`\">1dynamic <`l4 \'a b\'`>*dynamic"#,
    ),
    ("l1 $(\nl2\n)", r#"l2 ; l1 <$(\nl2\n)>*dynamic"#),
    ("l1 <(l2 a) >(l3)", "l2 a ; l3 ; l1 </dev/fd/...>1dynamic8 </dev/fd/...>1dynamic8"),
    ("l1 <(l2)x", "l2 ; l1 </dev/fd/...>1dynamic8"),
    ("l1 < <(l2)", "l2 ; l1 <</dev/fd/...>1dynamic8 |"),
    (
        r#"l1 ~ ~/x ~root ~root/x "~" x~ x=~ --o=~"#,
        "l1 /home/u /home/u/x <~root>1tilde <~root/x>1tilde '~' 'x~' <x=~>1tilde <--o=~>1tilde",
    ),
    (
        r#"l1 a* *.c a?c [ab]c a[ [ ] a[1 x"*" \* "a"* a\**"#,
        "l1 <a*>+glob1 <*.c>+glob <a?c>+glob1 <[ab]c>+glob 'a[' '[' ']' 'a[1' 'x*' '*' <a*>+glob1 <a**>+glob2",
    ),
    (r#"l1 $A* "$A"* $U* *$U"#, "l1 <plain*>+glob5 <plain*>+glob5 <*>+glob <*>+glob"),
    (r#"$A x; "$A" y; ${A} z"#, "plain x ; plain y ; plain z"),
];

#[test]
fn expansions_are_filled_in_or_loose() {
    check(EXPANSIONS, bash);
}

/// Braces that are written out, and those that are not told.
pub(super) const BRACES: &[(&str, &str)] = &[
    ("l1 {a,b} x{a,b}y {a,b}{c,d} {a,{b,c}} {,x} x{,y}", "l1 a b xay xby ac ad bc bd a b c x x xy"),
    (
        "l1 {1..3} {3..1} {01..03} {a..c} {c..a} {1..1} {08..11}",
        "l1 1 2 3 3 2 1 01 02 03 a b c c b a 1 08 09 10 11",
    ),
    (
        r#"l1 {} {a} {a,b a,b} "{a,b}" \{a,b} {a\,b} {a","b} ${A}{a,b}"#,
        "l1 '{}' '{a}' '{a,b' 'a,b}' '{a,b}' '{a,b}' '{a,b}' '{a,b}' <${A}{a,b}>*brace",
    ),
    (r#"l1 {a,'b c'} {"a,b",c} {a,b\,c}"#, "l1 a 'b c' a,b c a b,c"),
    ("l1 {a,$U} {$U,a} x/{a,$(l2)}", "l2 ; l1 <{a,$U}>*brace <{$U,a}>*brace <x/{a,$(l2)}>*brace2"),
    (
        "l1 {1..$N} {1..3..2} {A..C} {-1..1} {1..999} {a,b}} {{a,b} {a..1}",
        "l1 <{1..$N}>*brace <{1..3..2}>*brace <{A..C}>*brace <{-1..1}>*brace <{1..999}>*brace <{a,b}}>*brace <{{a,b}>*brace <{a..1}>*brace",
    ),
    ("l1 x={a,b} --x={a,b}", "l1 <x={a,b}>*brace1 --x=a --x=b"),
    ("x={a,b}; l1 $x", "l1 '{a,b}'"),
    ("{l1,a} b", "l1 a b"),
];

#[test]
fn braces_are_written_out_or_loose() {
    check(BRACES, bash);
}

/// Here-documents and here-strings, and which descriptor they feed.
pub(super) const DOCUMENTS: &[(&str, &str)] = &[
    ("l1 <<A\nx\nA", r#"l1 <<"x\n""#),
    ("l1 <<A; l2\nx\nA\nl3", r#"l1 <<"x\n" ; l2 ; l3"#),
    ("l1 <<'A'\n$x `y` \\\\ $(l2)\nA", r#"l1 <<"$x `y` \\\\ $(l2)\n""#),
    ("l1 <<\"A\"\n$(l2)\nA", r#"l1 <<"$(l2)\n""#),
    ("l1 <<\\A\n$(l2)\nA", r#"l1 <<"$(l2)\n""#),
    ("l1 <<A\n$A\nA", "l1 |"),
    ("l1 <<A\n$(l2 a) `l3`\nA", "l2 a ; l3 ; l1 |"),
    ("l1 <<A\na \\$ \\` \\\\ \\x \"q\"\nA", r#"l1 <<"a $ ` \\ \\x \"q\"\n""#),
    ("l1 <<-A\n\tx\n\t\ty\n\tA", r#"l1 <<"x\ny\n""#),
    ("l1 <<-'A'\n\t$x\nA", r#"l1 <<"$x\n""#),
    ("l1 <<A <<B\na\nA\nb\nB", r#"l1 <<"b\n""#),
    ("l1 <<A | l2 <<B\na\nA\nb\nB", r#"l1 <<"a\n" ; l2 <<"b\n""#),
    ("l1 <<A > f\nx\nA", r#"l1 >f <<"x\n""#),
    ("l1 <<A\nA", r#"l1 <<"""#),
    ("l1 <<A\n AA\nA \nA", r#"l1 <<" AA\nA \n""#),
    ("l1 <<'a b'\nx\na b", r#"l1 <<"x\n""#),
    ("l1 \"$(l2 <<A\nx\nA\n)\"", r#"l2 <<"x\n" ; l1 <\"$(l2 <<A\nx\nA\n)\">1dynamic"#),
    ("l1 3<<A\nx\nA", "l1"),
    ("l1 <<A 3<<B\na\nA\nb\nB", r#"l1 <<"a\n""#),
    ("l1 <<A <&3\na\nA", "l1 |"),
    ("l1 <<A < f\na\nA", "l1 <f |"),
    ("l1 <f <<A\na\nA", r#"l1 <f <<"a\n""#),
    ("l1 0<<A\na\nA", r#"l1 <<"a\n""#),
    ("{ l1; } <<A\na\nA", "l1 |"),
    ("while l1; do l2; done <<A\nx\nA", "l1 | ; l2 |"),
    ("l1 <<<a", r#"l1 <<"a\n""#),
    (r#"l1 <<<'a b' <<<"$A""#, r#"l1 <<"plain\n""#),
    ("l1 <<<$U", "l1 |"),
    ("l1 <<<~/x", r#"l1 <<"/home/u/x\n""#),
    ("l1 3<<<a", "l1"),
];

#[test]
fn here_documents_feed_the_command_they_stand_at() {
    check(DOCUMENTS, bash);
}

/// Files, connections, descriptors.
pub(super) const REDIRECTIONS: &[(&str, &str)] = &[
    ("l1 >f", "l1 >f"),
    ("l1 >>f 2>g", "l1 >>f >g"),
    ("l1 <f >g", "l1 <f >g |"),
    ("l1 >|f", "l1 >f"),
    ("l1 <>f", "l1 >f |"),
    ("l1 &>f; l2 &>>g", "l1 >f ; l2 >>g"),
    ("l1 >&f; l2 >& g", "l1 >f ; l2 >g"),
    ("l1 2>&1 >&2 <&3 >&- 2>&1- <&-", "l1 |"),
    ("l1>f a", "l1 a >f"),
    ("2>f l1", "l1 >f"),
    ("l1 2 >f", "l1 2 >f"),
    ("l1 a2>f", "l1 a2 >f"),
    (r#"l1 >'a b' >"$A" >$U >~/x"#, "l1 >'a b' >plain ><$U>1number >/home/u/x"),
    (r#"l1 >$W >"$W" >$G"#, "l1 ><$W>1dynamic >'two words' ><$G>1dynamic"),
    ("l1 >a* >{a,b} >*.$U", "l1 ><a*>1glob1 ><{a,b}>1brace ><*.>1glob"),
    ("l1 >$(l2) <$(l3)", "l2 ; l3 ; l1 ><$(l2)>1dynamic <<$(l3)>1dynamic |"),
    ("l1 >/dev/tcp/host/80 </dev/udp/$U/1", "l1 net:/dev/tcp/host/80 net:</dev/udp/$U/1>1number9 |"),
    ("l1 </dev/null", "l1 </dev/null |"),
    ("(l1) >f; { l2; } >>g; if l3; then l4; fi <h", ">f ; l1 ; >>g ; l2 ; <h ; l3 | ; l4 |"),
    ("(l1; l2) <f | l3", "<f ; l1 | ; l2 | ; l3 |"),
    ("l1 >&-#x; l2", "l1"),
    ("l1 0<f; l2 0>f", "l1 <f | ; l2 >f |"),
];

#[test]
fn redirections_name_their_targets() {
    check(REDIRECTIONS, bash);
}

/// All of them, for real shells.
pub(super) const TABLES: [&[(&str, &str)]; 6] =
    [PRODUCTIONS, QUOTES, EXPANSIONS, BRACES, DOCUMENTS, REDIRECTIONS];
