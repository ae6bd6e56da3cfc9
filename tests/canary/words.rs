//! Random words: every kind of quoting and expansion, alone and joined.

use crate::grammar::Writer;

#[rustfmt::skip] // one fragment a line would be pages that nobody reads
impl Writer {
    /// The word that names a program.
    pub(crate) fn program(&mut self) {
        if self.odd() {
            return self.odd_program();
        }
        match self.random.below(24) {
            0..15 => self.any(&["l1", "l2", "l3", "l4", "l5", "l6", "f1", "f2"]),
            15 => self.any(&["l-1", "l.1", "l+", "l:1", "l@", "w", "{}", "%"]),
            16 => self.any(&[
                "'l1'", "\"l2\"", "l''3", "\\l4", "l\"5\"", "$'l6'", "$'\\x6c1'", "$'l\\062'", "$\"l3\"", "\"l\"'4'",
            ]),
            17 => self.any(&[
                "'if'", "\\then", "\"do\"", "i''f", "'time'", "\\!", "'{'", "\\}", "'[['", "\\case", "f\\unction",
                "\"in\"", "es\\ac",
            ]),
            18 => self.any(&[
                "'a=b'", "a\\=b", "\\1", "'2'", "1", "'echo'", "'l1;l2'", "\"two words\"", "two\\ words", "\\#l",
                "'*'", "\\~",
            ]),
            19 => self.any(&["in", "done=", "{l1", "}l1", "[l1", "if\\", "l1=x", "a=b", "l1#", "!l1", "l1!"]),
            _ => self.any(&["l1", "l2", "l3"]),
        }
    }

    fn odd_program(&mut self) {
        self.any(&[
            "$P", "\"$P\"", "${P}", "$(l1)", "`l2`", "l?", "[l]1", "{l1,a}", "l{1,2}", "~/l1", "$Q", "$E l1",
            "\"\" l1", "$U", "${U:-l3}", "l\\\n1", "\\\nl1", "l1\\\n", "'l\\\n1'", "$'\\u6c1'", "$'l1\\0x'",
            "$'l1\\c@'", "\u{a0}l1", "l1\u{b}", "l1\r", "\u{feff}l1", "$$", "$", "\"l1", "'l1", "l1\\", "{l1,-n}",
            "{l1..l2}", "{1..2}", "@(l1|l2)", "?(l1)", "l[12]", "!(l1)", "$((1))", "$[1]", "<(l1)", "${!PP}",
            "${P@P}", "${PS9@P}", "${P:0:1}1", "${P/3/4}", "$P$E", "$'l'\"1\"", "\\l\\1", "-", "--", "./l1",
            "../bin/l1", ".", "coproc", "!!", "then", "do", "done", "fi", "}", "{", "!", "esac", "time", "[[", "((",
            "function", "select", "\u{ff21}", "l1\u{200b}", "%1", "&", "l1()",
        ]);
    }

    /// A word: one part, sometimes several joined.
    pub(crate) fn word(&mut self) {
        self.part();
        while self.random.chance(15) {
            self.seam();
            self.part();
        }
    }

    fn part(&mut self) {
        if self.odd() {
            return self.nest(Self::odd_part, "odd");
        }
        match self.random.below(40) {
            0..12 => self.any(&[
                "a", "b", "-n", "--all", "x=y", "l1", "f2", "a.b", "a/b", "-", "--", "1", "10", "web:1",
                "%s", "a,b", "+x", "@", "^",
            ]),
            12..15 => self.any(&[
                "'a b'", "''", "'$(l1)'", "'`l2`'", "'a\"b'", "'a\nb'", "'#'", "';l1'", "'\\'", "'{a,b}'",
                "'*'", "'~'",
            ]),
            15..17 => self.any(&[
                "\"a b\"", "\"\"", "\"a'b\"", "\"\\\"\"", "\"\\$A\"", "\"\\a\"", "\"#\"", "\"a\nb\"", "\"*\"",
                "\"{a,b}\"", "\"\\\\\"", "\"\\`\"",
            ]),
            17 => self.any(&[
                "\\a", "\\ ", "\\;", "\\'", "\\\"", "\\$A", "\\\\", "\\{a,b}", "\\*", "\\#", "\\&", "\\|",
                "a\\ b", "\\~", "\\(",
            ]),
            18..32 => self.expansion(),
            32 => self.any(&[
                "{a,b}", "{a,b}c", "{1..3}", "{a..c}", "{a,{b,c}}", "{a", "a}", "{}", "{a}", "{,a}", "{a,b}{c,d}",
                "{01..3}", "{a,'b c'}", "{\"a\",b}",
            ]),
            33 => self.any(&[
                "*", "l*", "?1", "[lf]1", "*.x", "[a", "l[0-9]", "**", "*\\*", "'l'*", "[!a]*", "l1*",
                "[[:alpha:]]1", "\\l*",
            ]),
            34 => self.any(&[
                "~", "~/x", "a~", "a:~", "~root/x", "x=~", "~+", "~-", "'~'", "~nobody", "\\~/x", "~$A",
                "~a", "--x=~/y",
            ]),
            35 => self.any(&[
                "a#b", "a=b", "a=$A", "-a=~", "if", "then", "fi", "done", "do", "{", "}", "!", "time",
                "case", "esac", "in", "[[", "]]", "]", "function",
            ]),
            36 => self.any(&[
                "$'a'", "$'a\\nb'", "$'\\''", "$'\\x41'", "$'\\u41'", "$'a b'", "$'\\e'", "$\"a b\"",
                "$\"$A\"", "$'$(l1)'", "$'\\\\'", "$'\\101'",
            ]),
            _ => self.any(&["c", "deploy/web", "-o", "json", "file.txt"]),
        }
    }

    /// Parameters, substitutions, arithmetic.
    fn expansion(&mut self) {
        match self.random.below(14) {
            0..3 => self.any(&[
                "$A", "\"$A\"", "${A}", "\"${A}\"", "$B", "\"$B\"", "$W", "\"$W\"", "$G", "\"$G\"", "$E",
                "\"$E\"", "$U", "$N",
            ]),
            3 => self.any(&[
                "$1", "$@", "\"$@\"", "$*", "$?", "$#", "$$", "$!", "$-", "$_", "$0", "\"$*\"", "${@}",
                "${#A}", "$10", "${10}",
            ]),
            4 => self.any(&[
                "$RANDOM", "$SHLVL", "$PWD", "$UID", "$LINENO", "$HOME", "$OLDPWD", "$PPID", "$SECONDS",
                "$EUID", "$OPTIND", "$PATH", "$IFS",
            ]),
            5 => self.nest(Self::parameter, "$A"),
            6..9 => self.nest(Self::substitution, "$A"),
            9 => self.nest(Self::double_quoted, "\"$A\""),
            10 => self.nest(Self::backquoted, "b"),
            11 => self.any(&["$((1 + 1))", "$(( (1) ))", "$((1?2:3))", "$((0x10))", "\"$((2))\"", "$((\n1))"]),
            12 => self.any(&["$((x))", "$((A + 1))", "$((N + 1))", "$((x++))", "$((1 + $#))"]),
            _ => self.any(&["<(l1 in)", ">(l2 out)", "<(l1; l2)"]),
        }
    }

    fn substitution(&mut self) {
        self.any(&["$(", "$(", "$( ", "$(\n", "\"$("]);
        let quoted = self.text.ends_with(b"\"$(");
        self.list();
        if self.odd() {
            self.any(&[" # )", " # )\n", "\n# '\n", ";", "\\\n", " #", "\n"]);
        }
        self.put(if quoted { ")\"" } else { ")" });
    }

    fn double_quoted(&mut self) {
        self.put("\"");
        for _ in 0..=self.random.below(3) {
            match self.random.below(9) {
                0 => {
                    self.put("$(");
                    self.list();
                    self.put(")");
                }
                1 => self.parameter(),
                2 => self.any(&["`l1 a`", "`l1 \\`l2\\``", "`l1 \\\"a\\\"`", "`echo \\$A`"]),
                3 => self.any(&["\\\n", "\\\\", "\\\"", "\\$(l1)", "\\`", "\\a", "'", "#"]),
                4 => self.any(&["$A", "${A}", "$((1))", "$@", "$", "$1", "$?", "$'a'", "$\""]),
                _ => self.any(&["text ", "a", " ; l1 ", "*", "~", "{a,b}", "\n", "&", "("]),
            }
        }
        self.put("\"");
    }

    /// Text in backquotes: each level takes its own backslashes off.
    fn backquoted(&mut self) {
        if !self.odd() {
            self.any(&[
                "`l1 a`", "`l1`", "`l2; l3`", "`l1 'a b'`", "`l1 | l2`", "`l1 $(l2)`", "`\nl1\n`", "`l1 \"a\"`",
                "`l1 # c`", "``",
            ]);
        } else {
            self.any(&[
                "`l1 \\`l2\\``", "`l1 \\\\a`", "`l1 \\$A`", "`l1 \\\\\\`l2\\\\\\``", "`l1 '\\`l2\\`'`",
                "`l1 \"\\`l2\\`\"`", "`l1 \\$(l2)`", "`l\\1`", "`l1 \\\n a`", "`l1 # \\`\n`",
                "`l1 <<E\n\\`l2\\`\nE\n`", "`l1 '`'", "`l1 \\\\\\$A`", "`l1 $'\\`'`",
            ]);
        }
    }

    /// `${...}`.
    pub(crate) fn parameter(&mut self) {
        self.any(&["${A", "${U", "${A", "${E", "${x", "${1", "${@", "${W"]);
        let forms = if self.odd() { 22 } else { 12 };
        match self.random.below(forms) {
            0..3 => {
                self.any(&[":-", "-", ":+", "+"]);
                self.value();
            }
            3 => {
                self.any(&["#", "##", "%", "%%"]);
                self.value();
            }
            4 => {
                self.any(&["/", "//", "/#", "/%"]);
                self.value();
                self.put("/");
                self.value();
            }
            5 => self.any(&[":1", ":1:2", ": -1", ":0:1"]),
            6 => self.any(&["^", "^^", ",", ",,"]),
            7 => {
                self.any(&[":=", "="]);
                self.value();
            }
            8 => {
                self.any(&[":?", "?"]);
                self.value();
            }
            12 => self.any(&["[0]", "[@]", "[$(l1 sub)]", "[`l2`]", "[a[$(l3)]]", "[*]", "[x"]),
            13 => self.any(&["@P", "@Q", "@E", "@A", "@a", "@K", "@U"]),
            14 => {
                self.any(&[":$(l4 offset)", ":x[$(l5)]", ":1:$(l6)", ":`l1`", ":'1'", ":(1)", ":a[$(l2)]:1"])
            }
            15 => {
                // Indirect: the value of a variable is read as the name of another, with a subscript that runs.
                while self.text.last().is_some_and(|byte| *byte != b'{') {
                    self.text.pop();
                }
                self.any(&[
                    "!A", "!I", "!x", "!PP", "!A@", "!A*", "#A", "#a[$(l1)]", "!I[0]", "#", "!", " l1", "|l1",
                    " l1;", "\nl1;",
                ]);
            }
            16 => self.any(&[
                ":-'}'", ":-\"}\"", ":-\\}", ":-$'}'", ":-{a,b}", ":-`l1 }`", ":-$(l2 })", ":-${U:-$(l3)}",
                ":-<(l4)", ":-a b", ":-~", ":-*",
            ]),
            17 => self.any(&["#'", "%\\}", "/\\//x", "/'}'/", "#*(a)", "%%$(l1)", "/$(l2)/`l3`", "//&/\\&"]),
            _ => {}
        }
        self.put("}");
    }

    fn value(&mut self) {
        match self.random.below(6) {
            0..3 => self.any(&["a", "b c", "", "x*", "l1", "1", "a:b"]),
            3 => self.any(&["'a b'", "\"a b\"", "\\}", "'$(l1)'", "\"$A\"", "$A"]),
            4 => self.nest(Self::substitution, "d"),
            _ => self.nest(Self::word, "e"),
        }
    }

    /// What an unquoted here-document expands.
    pub(crate) fn here_text(&mut self) {
        match self.random.below(8) {
            0 => self.nest(Self::substitution, "deep"),
            1 => self.nest(Self::parameter, "deep"),
            2 => self.any(&["`l1 here`", "`l1 \\`l2\\``", "\\`l3\\`", "`l1 \"a\"`"]),
            3 => self.any(&["\\$(l1)", "\\$A", "\\\\$(l2)", "\\\\\\$(l3)", "$\\\n(l4)", "\\", "a\\"]),
            4 => self.any(&["'$(l1 not quoted here)'", "\"$(l2 neither)\"", "'`l3`'", "$'a'", "$\"b\"", "\"", "'"]),
            5 => self.any(&[
                "$((1 + 1))", "$(( $(l4) ))", "$((a[$(l5)]))", "$[1]", "${A:-'$(l6)'}", "${U:-\"$(l1)\"}",
            ]),
            _ => self.any(&["$A", "$W text", "<(l1)", "{a,b}", "~", "*", "# $(l2 comment?)", "l1 > x", "$", "$1"]),
        }
    }

    fn odd_part(&mut self) {
        match self.random.below(10) {
            0 => self.any(&[
                "$\\\n(l1)", "$(\\\nl1)", "$(l1\\\n)", "$((\\\n1))", "$\\\n{A}", "${\\\nA}", "$\\\nA",
                "\"$\\\n(l1)\"", "\\\n", "a\\\nb", "<\\\n(l1)", "$'a\\\nb'", "`l1\\\n`", "$\\\n'a'", "{a\\\n,b}",
                "{1.\\\n.3}", "~\\\n/", "\"\\\n\"", "'\\\n'", "$(\\\n(l1))",
            ]),
            1 => self.any(&[
                "$((l1))", "$((l1) )", "$( (l1) )", "$((l1); l2)", "$((1)", "$((l1) | (l2))", "$(( $(l1) ))",
                "$((`l2`))", "$((a[$(l3)]))", "$(((1)))", "$((1))$((l1) )", "$(((l1)))", "$((${A:-$(l4)}))",
                "$(('a[$(l5)]'))", "$((A))", "$((I))", "$((x=1,y=a[$(l6)]))", "$((\"1\"))",
            ]),
            2 => self.any(&[
                "$[1]", "$[ $(l1) ]", "$[a[$(l2)]]", "${ l1; }", "${| l1; }", "${A@P}", "${!A}", "${!I}", "${PS9@P}",
                "${A[$(l3)]}", "${#A[$(l4)]}", "$[", "${A:$(l5)}", "${A:I}", "${A:I[0]}", "${x:=$(l6)}",
                "${x?$(l1)}", "\"${A[@]}\"", "${*}", "${A//$(l2)/x}",
            ]),
            3 => self.any(&[
                "$(l1 # )\n)", "$(l1 # '\n)", "$(case a in a) l1;; esac)", "$(case a in (a) l2;; esac)",
                "$(l1 <<E\n)\nE\n)", "$(l1 <<'E'\n$(l2)\nE\n)", "$(<l1)", "$(< l1; l2)", "$(l1 \\))", "$(l1 ')')",
                "$(l1 \")\")", "$(# c\nl1)", "$(l1;)", "$(l1 &)", "$()", "$(  )", "$(l1))", "$(l1 <<E)\nx\nE\n",
                "$(if l1; then l2; fi)", "$(for i in a; do l1; done)", "$(function f { l1; }; f)", "$({ l1; })",
                "$(a=(b) l1)", "$(l1 <<E\n$(l2\nE\n)",
            ]),
            4 => self.any(&[
                "@(a|b)", "?(l1)", "*(a)", "+($(l1))", "!(l1)", "a@(b", "@()", "{a,$(l1)}", "{$(l2),b}", "{`l3`,x}",
                "{a,b}$(l4)", "${A}{a,b}", "{a,\"b}\"}", "{a,b\\}", "{$A,b}", "{a..$A}", "{1..3..2}", "{a,b{c,d}",
                "a{b,c}{d", "{a,<(l5)}", "\"{a,b}\"{c,d}", "${A:-{a,b}}", "{~,a}", "{*,a}",
            ]),
            5 => self.any(&[
                "$'a\\'$(l1)'", "$'\\c'x'", "$'a\\0b'", "$'\\x'", "$'\\xff'", "$'\\u'", "$'\\U0001f600'", "$'\\400'",
                "\"$'a'\"", "$'", "$\"a`l1`\"", "\"$\"a\"", "$'\\c\\\\'", "$'\\c[x'", "$'\\?\\\"'", "$'\\x{41}'",
                "$'\\x7'f", "'a'\\''b'", "\"'\"'\"'", "$\"\\$(l2)\"", "$'\\u0'", "$'\\x00x'",
            ]),
            6 => self.any(&[
                "\u{a0}", "a\u{b}b", "a\u{c}l1", "\u{2028}", "\r", "a\rb", "\u{e9}", "\u{1f600}", "\u{202e}",
                "\u{7f}", "\u{1}", "\u{200b}", "\u{feff}",
            ]),
            7 if self.random.chance(30) => {
                let byte = 0x80 + u8::try_from(self.random.below(0x80)).unwrap();
                self.put([b'a', byte, b'b']);
            }
            8 => self.any(&[
                "!", "!!", "!l1", "^a^b", "a!b", "\"!\"", "&", "(", ")", ";", "|", "<", ">", "`", "'", "\"",
                "\\", "$", "${", "$(", "{", "}", "<<", "#",
            ]),
            _ => {
                let deep = 1 + self.random.below(8);
                let (open, close) = [
                    ("$(l1 ", ")"),
                    ("\"$(l1 ", ")\""),
                    ("${U:-", "}"),
                    ("\"${U:-", "}\""),
                    ("$((", "))"),
                    ("{a,", "}"),
                ][self.random.below(6)];
                self.put(open.repeat(deep));
                self.any(&["l1", "x", "'", "$(l2)", "`l3`", ")", "}"]);
                self.put(close.repeat(deep));
            }
        }
    }
}
