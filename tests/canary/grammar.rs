//! Random shell text by bash's grammar: lists, pipelines, compound commands, simple commands. [`crate::words`] writes
//! words, [`crate::mutate`] breaks the result.
//!
//! Each text has its own share of oddities: some are close to what people write, so that many are understood and run,
//! and some are hostile all over.

use crate::random::Random;

/// A here-document whose body follows at the next end of line.
struct Pending {
    delimiter: &'static str,
    quoted: bool,
    tabs: bool,
}

/// Writes one text.
pub(crate) struct Writer {
    pub(crate) random: Random,
    pub(crate) text: Vec<u8>,
    /// Per cent of choices that are not what people write.
    oddity: usize,
    depth: usize,
    pending: Vec<Pending>,
}

/// One text.
pub(crate) fn text(random: Random) -> Vec<u8> {
    let mut writer = Writer { random, text: Vec::new(), oddity: 0, depth: 0, pending: Vec::new() };
    writer.oddity = [0, 0, 1, 1, 2, 4, 8, 25][writer.random.below(8)];
    writer.list();
    if !writer.pending.is_empty() && !writer.odd() {
        writer.end_of_line();
    }
    // A control character alone is refused, whatever stands around it: too many would hide all else.
    if !writer.random.chance(8) {
        writer.text.retain(|byte| matches!(byte, b'\t' | b'\n' | b' '..=b'~' | 0x80..));
    }
    writer.text
}

#[rustfmt::skip] // one fragment a line would be pages that nobody reads
impl Writer {
    pub(crate) fn odd(&mut self) -> bool {
        self.random.chance(self.oddity)
    }

    pub(crate) fn put(&mut self, text: impl AsRef<[u8]>) {
        self.text.extend_from_slice(text.as_ref());
    }

    pub(crate) fn any(&mut self, of: &[&str]) {
        let text = self.random.pick(of);
        self.put(text);
    }

    /// Writes one level further in, or the short form where that is deep enough.
    pub(crate) fn nest(&mut self, inner: impl FnOnce(&mut Self), short: &str) {
        if self.depth >= 4 {
            return self.put(short);
        }
        self.depth += 1;
        inner(self);
        self.depth -= 1;
    }

    /// A blank, which backslash and newline may split.
    pub(crate) fn blank(&mut self) {
        if self.odd() {
            self.any(&[
                "\t", "  ", " \\\n", "\\\n ", "\\\n", "\u{b}", "\u{c}", "\u{a0}", "\u{2003}", "\r", " \\\r\n", "",
            ]);
        } else {
            self.put(" ");
        }
    }

    /// Where bash would join the lines again: nothing, mostly.
    pub(crate) fn seam(&mut self) {
        if self.odd() {
            self.put("\\\n");
        }
    }

    /// Commands one after the other.
    pub(crate) fn list(&mut self) {
        let more = self.random.below(if self.depth == 0 { 4 } else { 2 });
        self.pipeline();
        for _ in 0..more {
            self.separator();
            self.pipeline();
        }
    }

    fn separator(&mut self) {
        match self.random.below(20) {
            0..5 => self.put("; "),
            5..9 => self.end_of_line(),
            9..12 => self.operator("&&"),
            12..15 => self.operator("||"),
            15 => self.put(" & "),
            16 => {
                self.comment();
                self.end_of_line();
            }
            17 => {
                self.put(";");
                self.end_of_line();
            }
            18 if self.odd() => self
                .any(&["\r\n", ";;", " ;& ", "\u{b}", "\u{c}", ";\u{a0}", "\u{2028}", "& &", "&;", "\\\r\n"]),
            _ => self.any(&[";", "\n\n", " ;\t", "&\n", " && \n", " ||\n# c\n", "\n \n"]),
        }
    }

    fn operator(&mut self, operator: &str) {
        self.blank();
        let (first, second) = operator.split_at(1);
        self.put(first);
        self.seam();
        self.put(second);
        self.blank();
    }

    /// After a blank `#` begins a comment; in a word it does not.
    fn comment(&mut self) {
        self.any(&[" # l1", "\t#)\"'`", " # $(l1) \\", " #l2; l3", ";# }", " #", " a#l1;", "\\#", " \"#\"", "#"]);
    }

    /// A newline, and the bodies of the here-documents before it.
    pub(crate) fn end_of_line(&mut self) {
        self.put("\n");
        for document in std::mem::take(&mut self.pending) {
            self.body(&document);
        }
    }

    fn body(&mut self, document: &Pending) {
        for _ in 0..self.random.below(3) {
            if document.tabs {
                self.any(&["\t", "\t\t", ""]);
            }
            if document.quoted || !self.random.chance(50) {
                self.any(&[
                    "text l1", "$(l2 quoted?)", "`l3`", "${x:-$(l4)}", "\\", "'", "\" $A", ")", "EO", "EOF ", " EOF",
                    "l1; l2",
                ]);
            } else {
                self.here_text();
            }
            self.put("\n");
        }
        if self.odd() {
            return self.any(&["", "EOF2\n", " EOF\n", "EO\\\nF\n", "EOF\r\n", "EOF"]);
        }
        if document.tabs {
            self.any(&["\t", ""]);
        }
        self.put(document.delimiter);
        self.put("\n");
    }

    fn here_document(&mut self) {
        let tabs = self.random.chance(30);
        let (written, delimiter, quoted) = match self.random.below(8) {
            0..3 => ("EOF", "EOF", false),
            3..5 => ("'EOF'", "EOF", true),
            5 => ("\"E O\"", "E O", true),
            6 => ("\\EOF", "EOF", true),
            _ if self.odd() => ("$(l1)", "$(l1)", false),
            _ => ("E''OF", "EOF", true),
        };
        self.put("<<");
        self.put(if tabs { "-" } else { "" });
        self.any(&["", " ", ""]);
        self.put(written);
        self.pending.push(Pending { delimiter, quoted, tabs });
    }

    fn pipeline(&mut self) {
        match self.random.below(30) {
            0 => self.put("! "),
            1 => self.put("time "),
            2 => self.put("time -p "),
            3 if self.odd() => {
                self.any(&["! ! ", "time ! ", "time -- ", "!", "time -p -- ", "time\n", "\\time ", "time; "])
            }
            _ => {}
        }
        self.command();
        while self.random.chance(18) {
            match self.random.below(8) {
                0 => self.operator("|&"),
                1 => self.put(" |\n"),
                2 => self.put("|"),
                _ => self.put(" | "),
            }
            self.command();
        }
    }

    fn command(&mut self) {
        match self.random.below(100) {
            0..66 => self.simple(),
            66..88 => {
                self.nest(Self::compound, "l1 deep");
                while self.random.chance(15) {
                    self.blank();
                    self.redirection();
                }
            }
            88..95 => self.wrapped(),
            _ if self.random.chance(25 + self.oddity * 3) => self.nest(Self::strange, "l2 deep"),
            _ => self.setting(),
        }
    }

    fn compound(&mut self) {
        match self.random.below(12) {
            0 | 1 => self.between(&["{ ", "{\n", "{\t"], &["; }", "\n}", " & }", ";}"]),
            2 | 3 => self.between(&["(", "( ", "(\n", "((", "( ("], &[")", " )", "\n)", "))", ") )"]),
            4 | 5 => {
                self.between(&["if "], &["; then ", "\nthen\n", " & then "]);
                self.list();
                if self.random.chance(40) {
                    self.between(&["; else ", "\nelse\n", "; elif l1; then "], &[""]);
                }
                self.put("; fi");
            }
            6 => self.for_loop(),
            7 => {
                self.between(&["while ", "until ! "], &["; do ", "\ndo\n"]);
                self.list();
                self.any(&["; break; done", "\nbreak\ndone"]);
            }
            8 | 9 => self.case(),
            10 => self.condition(),
            _ => self.arithmetic_command(),
        }
    }

    fn between(&mut self, before: &[&str], after: &[&str]) {
        self.any(before);
        self.list();
        if !self.pending.is_empty() && !self.odd() {
            self.end_of_line();
        }
        self.any(after);
    }

    fn for_loop(&mut self) {
        self.any(&["for i in ", "for A in ", "for i in", "for i\nin "]);
        for _ in 0..self.random.below(3) {
            self.put(" ");
            self.word();
        }
        self.any(&["; do ", "\ndo\n", ";do ", "\n\ndo "]);
        self.list();
        self.any(&["; done", "\ndone"]);
    }

    fn case(&mut self) {
        self.put("case ");
        self.word();
        self.any(&[" in ", "\nin\n", " in\n# c )\n"]);
        for _ in 0..=self.random.below(3) {
            self.any(&[
                "a) ", "(a) ", "*) ", "a|b) ", "( a | \"b c\" ) ", "$A) ", "$(l1 pattern)) ", "[a-z]*) ", "''|*) ",
                "\\)) ", "a)\n",
            ]);
            if self.odd() {
                self.any(&["esac) ", "(esac) ", "@(a|b)) ", "(l1) ", "a | `l2`) ", "# c\n", "if) ", "~) "]);
            }
            if self.random.chance(85) {
                self.list();
            }
            self.any(&[" ;; ", "\n;;\n", ";; ", " ;; ", ";& ", ";;& ", " ;;"]);
        }
        self.any(&["esac", "\nesac", "esac"]);
    }

    fn condition(&mut self) {
        self.any(&["[[ ", "[[\t", "[[ ! "]);
        match self.random.below(9) {
            0 => self.put("-n "),
            1 => self.put("-f "),
            2 if self.odd() => {
                self.any(&["-v 'a[$(l1)]' && -n ", "'a[$(l1 sub)]' -eq ", "a[$(l2)] -lt ", "-v "])
            }
            2 | 3 => self.put("a == "),
            4 => self.put("$A = "),
            5 => self.put("$A =~ "),
            6 => self.put("( a < b ) && -z "),
            7 => self.put("1 -eq "),
            _ => {}
        }
        match self.random.below(8) {
            0 => self.any(&["^(a|b)$", "(l1)", "[[:digit:]]+", "a\\ b", "'x'$", "*.c", "@(a|b)"]),
            1 if self.odd() => {
                self.any(&["a[$(l3)]", "x$(l4 #)\n)", "((a)", "a ;", "a && l1", "a ]] && l1; [[ b", "<(l1)"])
            }
            _ => self.word(),
        }
        self.any(&[" ]]", " ]]", "\n]]", " ]]", " && b ]]", " || -n $(l5 test) ]]"]);
    }

    fn arithmetic_command(&mut self) {
        self.any(&[
            "((1 + 1))", "((2 > 1 && 2 < 3))", "(( 0 ))", "((1)\n)", "((x++))",
            "for ((i=0;i<2;i++)); do l1; done",
        ]);
        if self.odd() {
            self.any(&[
                "; ((a[$(l1)]))", "; (( $(l2) + 1 ))", "; ((`l3`))", "; ((l1); l2)", "; for ((;;)) { l1; break; }",
                "; ((A)); ((\"1\" + x[0$(l4)]))", "; ((l1) | (l2))", "; for (( ; $(l1 arith) ; )); do break; done",
            ]);
        }
    }

    /// Programs and builtins that start what stands behind them.
    fn wrapped(&mut self) {
        match self.random.below(16) {
            0 => self.put("command "),
            1 => self.put("env A=b "),
            2 => self.put("nice "),
            3 => self.put("timeout 5 "),
            4 => self.put("nohup "),
            5 => self.put("xargs "),
            6 => self.put("env -u A "),
            7 => self.put("nice -n 5 env "),
            8 => self.put("printf 'a b\\n' | xargs -n 1 "),
            9 => self.put("exec "),
            10 => self.put("setsid -w "),
            11 => self.any(&[
                "command -p ", "builtin ", "exec -a x ", "exec -c ", "env -i ", "command -- ", "xargs -I{} ",
            ]),
            12 if self.odd() => self.any(&[
                "eval ", "eval 'l1 a' ", "trap 'l2 exit' EXIT; ", "find . -maxdepth 0 -exec ", "command eval ",
                "env -S ", "exec -- ", "builtin command ", "command command ", "command -v ",
                "source /dev/stdin <<< ", "command . /dev/stdin <<< ", "builtin eval ", "exec -la x ",
                "xargs -a l1 ", "mapfile -C l1 -c 1 x <<< ", "enable -n echo; ", "hash -p /x l1; ",
            ]),
            12 => self.put("command exec "),
            _ => self.put("timeout -s KILL 5 "),
        }
        self.simple();
    }

    /// Assignments and builtins that change what later words are.
    fn setting(&mut self) {
        self.any(&[
            "set -e", "set -euo pipefail", "cd .", "true", ":", "export A", "export B=c", "echo x",
            "printf '%s\\n' a", "x=1", "read -r x", "unset A", "set -- a b", "exit 0", "return", "shift",
            "local x=1", "readonly R=1", "wait", "pwd", "test -n a", "[ a = a ]", "declare -x C=d", "umask 022",
            "false", "type l1", "break", "set +e",
        ]);
    }

    /// What hardly anybody writes, and what turns words into commands.
    fn strange(&mut self) {
        match self.random.below(8) {
            0 => {
                self.any(&[
                    "f() { ", "function f { ", "l1() { ", "f ()\n{ ", "function l2() ( ", "echo() { ", "f()(",
                    "function if { ",
                ]);
                self.list();
                self.any(&["; }", "; }; f", "; }; l1 a", ")", " ); f"]);
            }
            1 => self.between(&["coproc ", "coproc { ", "coproc N { "], &["", "; }", ""]),
            2 => self.between(&["select i in a; do ", "select i; do "], &["; done <<< 1", "; done"]),
            3 => self.any(&[
                "alias l1=l2", "shopt -s expand_aliases\nalias l1='l2 '\nl1 l3", "shopt -s extglob", "set -o posix",
                "set -f", "set -k", "set -x", "set -n", "set -v; l1", "shopt -u sourcepath", "shopt -s nullglob; l?",
                "set -T", "set -o history", "set -B +B",
            ]),
            4 => self.any(&[
                "printf -v 'a[$(l1)]' x", "test -v 'a[$(l2)]'", "let 'a[$(l3)]=1'", "declare -i x='a[$(l4)]'",
                "unset 'a[$(l5)]'", "read 'a[$(l6)]' <<< x", "[ -v 'a[$(l1)]' ]", "declare 'a[$(l2)]=1'",
                "export 'x=$(l3)'", "wait -p 'a[$(l4)]'", "let x=1 'y=a[$(l5)]'", "local -i 'x=a[$(l6)]'",
                "getopts a 'a[$(l1)]' -a", "mapfile 'a[$(l2)]' <<< x",
            ]),
            5 => self.any(&[
                "a=($(l1 array))", "a[$(l2)]=1", "a=([$(l3)]=x)", "x=1 a=(l1)", "declare -a b=(`l4`)",
                "a+=(l1 $(l5))", "a[0]=$(l6)", "a=(\nl1\nl2 # )\n)", "a=() l1", "export a=(x $(l1))",
                "a[1 + $(l2)]+=3", "a[l1]=2 l3", "a[ 0 ]=x",
            ]),
            6 => self.any(&[
                "IFS=,; x=l1,l2; $x", "IFS=l; $A", "x=l3; $x", "set -- l1 a; \"$@\"", "set -- l2; $1",
                "PATH=.:$PATH; l1", "PATH=. l1", "x='l1 y'; $x", "eval \"$Q\"", "IFS=: read x", "IFS=\\ ; l1 $W",
                "for l1 in l2; do $l1; done", "A=z; l1 $A", "A=z l1 $A", "read A <<< new; l1 $A", "unset A; l1 $A",
                "export A=new; l1 $A", "printf -v A new; l1 $A", "for A in n; do l1 $A; done", ": ${U:=new}; l1 $U",
                "(A=z; l1 $A); l1 $A", "A=z | l1 $A", "let A=3; l1 $A", "((A=4)); l1 $A", "declare A=z; l1 $A",
                "getopts a A -a; l1 $A", "l1 $((A=5)); l2 $A", "mapfile A <<< z; l1 $A", "A+=z; l1 $A",
                "HOME=/; l1 ~", "PATH=/; l1", "cd ..; l1 $PWD ~+", "l1 $((B++)) $B",
                "[[ ab =~ b ]]; l1 $BASH_REMATCH", "select A in z; do l1 $A; break; done <<< 1", "wait -p A; l1 $A",
                "coproc A { l1; }; l1 $A", "exec {A}>&1; l1 $A", "l1 {A}>&1; l1 $A", "set -a; x=l1; l2", "cd l1; l2",
            ]),
            _ => self.any(&[
                "l1 'a", "l1 \"a", "l1 $(l2", "l1 `l2", "l1 )", "l1\nfi", "l1\nl2\n;;", "l1 ${a", "l1 &&", "| l1",
                "l1 | | l2", "( l1", "{ l1", "l1\n)", "l1\n}", "l1; } ; l2", "l1\nl2 (a)", "l1 $((1", "l1\n<",
                "l1\n&& l2", "l1 <<", "l1 $'a", "l1 {a..", "l1\n[[ a", "l1\n((a",
            ]),
        }
    }

    /// Assignments, a program, words; redirections anywhere between.
    pub(crate) fn simple(&mut self) {
        while self.random.chance(12) {
            self.assignment();
            self.blank();
        }
        if self.random.chance(4) {
            self.redirection();
            self.blank();
        }
        self.program();
        for _ in 0..self.random.below(4) {
            self.blank();
            if self.random.chance(10) { self.redirection() } else { self.word() }
        }
        if self.random.chance(2 + self.oddity / 3) {
            self.any(&["#l1", " #l2\n", " \\", "\\\n", " ", "\u{a0}", " a#b", " )"]);
        }
    }

    fn assignment(&mut self) {
        self.any(&["A=", "x=", "B=", "N_1=", "x+=", "x=", "U=", "LANG="]);
        if self.odd() {
            self.any(&["=", "~", "~:~", "{a,b}", "a=b", "*", "'a b'", "$(l1 value)", "\\\n", "PATH=", "IFS="]);
        }
        if self.random.chance(70) {
            self.word();
        }
    }

    pub(crate) fn redirection(&mut self) {
        if self.random.chance(10) {
            self.any(&["1", "2", "0", "10", "{fd}", "1\\\n"]);
        }
        match self.random.below(20) {
            0..4 => self.put("> /dev/null"),
            4..7 => self.put("2>&1"),
            7..9 => self.put(">out"),
            9 => self.put(">> out2"),
            10 => self.put("< l1"),
            11..14 => self.here_document(),
            14 => {
                self.any(&["<<<", "<<< "]);
                self.word();
            }
            15 => self.any(&[
                "&> both", ">& both", "&>> both", ">| out3", "<> out4", ">&2", "<&0", ">&-", "2>&-", "<&-",
                "2>& 1", ">& 2",
            ]),
            16 => {
                self.any(&["> ", ">", "< ", "2>"]);
                self.word();
            }
            17 if self.odd() => self.any(&[
                "> $(l1 target)", "< <(l2 in)", "> >(l3 out)", "{fd}> out5", "> \"`l4`\"", ">&$(l5)", "> {a,b}",
                "<<<$(l6)", ">\\\nout6", ">\\\n> out7", "<\\\n<EOF", "> l*", ">& $A", "<<< `l1`", "{fd}<&-",
                "{a[$(l2)]}> out8", "2\\\n>out9", "> ~", "<&\\\n0",
            ]),
            _ => self.put("2>/dev/null"),
        }
    }
}
