//! Makes texts, reads them, runs those that are understood, and compares.

use crate::cover::{Lost, lost};
use crate::ground::{Ground, Missing, Ran};
use crate::random::Random;
use crate::{grammar, mutate, shrink};
use remgate::command::{Action, Caller, Command, SearchPath, read};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::atomic::{AtomicU64, Ordering};

/// The environment of a shell.
pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// Reads a text into commands, or refuses it with a reason.
pub(crate) type Reader = dyn Fn(&[u8], &Variables) -> Result<Vec<Command>, String> + Sync;

/// What to try.
pub(crate) struct Hunt {
    pub(crate) seed: u64,
    pub(crate) texts: u64,
    /// The number of the one text to try.
    pub(crate) only: Option<u64>,
    /// So many failures are enough to stop.
    pub(crate) most_failures: usize,
}

/// A text that lost something.
pub(crate) struct Failure {
    pub(crate) number: u64,
    pub(crate) text: Vec<u8>,
    pub(crate) shrunk: Vec<u8>,
    pub(crate) variables: Variables,
    pub(crate) lost: Lost,
    pub(crate) read: Vec<Command>,
    pub(crate) ran: Ran,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) seed: u64,
    pub(crate) texts: u64,
    pub(crate) understood: u64,
    pub(crate) executed: u64,
    /// Understood texts that ran at least one program.
    pub(crate) running: u64,
    pub(crate) cut_short: u64,
    pub(crate) refused: BTreeMap<String, u64>,
    pub(crate) failures: Vec<Failure>,
}

/// As `remgate -c` does: one opaque command makes the whole text one that asks two people.
pub(crate) fn as_the_gate_reads(text: &[u8], variables: &Variables) -> Result<Vec<Command>, String> {
    let search = SearchPath::new(variables.get(OsStr::new("PATH")).map(OsString::as_os_str));
    let action = Action::Shell(OsString::from_vec(text.to_vec()).into());
    let commands = read(&action, &Caller { search: &search, variables });
    match commands.iter().find_map(|command| command.opaque.as_ref()) {
        Some(opaque) => Err(opaque.reason.clone()),
        None => Ok(commands),
    }
}

/// Tries texts on all processors.
pub(crate) fn hunt(hunt: &Hunt, reader: &Reader) -> Result<Tally, Missing> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let grounds = (0..workers).map(|_| Ground::prepare()).collect::<Result<Vec<_>, _>>()?;
    let next = AtomicU64::new(0);
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let threads: Vec<_> = grounds
            .into_iter()
            .map(|ground| scope.spawn(|| one_thread(hunt, reader, ground, &next)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut total = Tally { seed: hunt.seed, ..Tally::default() };
    tallies.into_iter().for_each(|tally| total.add(tally));
    total.failures.sort_by_key(|failure| failure.number);
    Ok(total)
}

fn one_thread(hunt: &Hunt, reader: &Reader, mut ground: Ground, next: &AtomicU64) -> Tally {
    let mut tally = Tally::default();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= hunt.texts || tally.failures.len() >= hunt.most_failures {
            return tally;
        }
        if hunt.only.is_none_or(|only| only == number) {
            one_text(hunt.seed, number, reader, &mut ground, &mut tally);
        }
    }
}

/// The text of this number: one of five is broken after they were written.
pub(crate) fn text(seed: u64, number: u64) -> Vec<u8> {
    let mut random = Random::of(seed, number);
    let broken = random.chance(20);
    let text = grammar::text(random.clone());
    if broken { mutate::mutate(&mut random, text) } else { text }
}

fn one_text(seed: u64, number: u64, reader: &Reader, ground: &mut Ground, tally: &mut Tally) {
    let text = text(seed, number);
    let variables = variables(&mut Random::of(!seed, number), ground.path().into_os_string());
    tally.texts += 1;
    let read = match reader(&text, &variables) {
        Ok(read) => read,
        Err(reason) => return *tally.refused.entry(reason).or_default() += 1,
    };
    let ran = ground.run(&text, &variables);
    tally.understood += 1;
    tally.running += u64::from(!ran.executed.is_empty());
    tally.executed += u64::try_from(ran.executed.len()).unwrap();
    tally.cut_short += u64::from(ran.ended != "ended");
    if lost(&ran, &read, &variables).is_none() {
        return;
    }
    let loses = |text: &[u8], ground: &mut Ground| {
        let read = reader(text, &variables).ok()?;
        let ran = ground.run(text, &variables);
        lost(&ran, &read, &variables).map(|lost| (lost, read, ran))
    };
    // A loss that does not come again is one of time (a loop cut short): shrinking would chase it forever.
    // Of the same kind, or a large text that lost a command would end as a small one that lost a variable.
    let kind = std::mem::discriminant(&lost(&ran, &read, &variables).unwrap());
    let shrunk = shrink::shrink(&text, |text| {
        loses(text, ground).is_some_and(|(lost, ..)| std::mem::discriminant(&lost) == kind)
    });
    let (lost, read, ran) =
        loses(&shrunk, ground).unwrap_or_else(|| (lost(&ran, &read, &variables).unwrap(), read, ran));
    tally.failures.push(Failure { number, text, shrunk, variables, lost, read, ran });
}

/// An environment: names that texts use, with values that tempt a reader to fill them in wrongly.
fn variables(random: &mut Random, path: OsString) -> Variables {
    const VALUES: [(&str, &[&str]); 24] = [
        ("A", &["plain", "a-b", "1", "l1", "a.b:c/d", "-n"]),
        ("W", &["two words", " lead", "a\tb", "trail ", "a\nb"]),
        ("G", &["*", "l?", "[l]1", "{a,b}", "~", "a\\*b", "?(a)"]),
        ("E", &[""]),
        ("P", &["l3", "l4", "l3 x"]),
        ("Q", &["l1;l2", "$(l1)", "`l2`", "'a", "l1 # x", "\"$(l3)\""]),
        ("I", &["a[$(l1)]", "x[`l2`]", "A", "1+1"]),
        ("PP", &["P", "a[$(l3)]", "A@P"]),
        ("B", &["b", "=", "-", "\\", "\u{e9}", "a#b"]),
        ("N", &["-n", "3", "0x1", "--"]),
        ("RANDOM", &["l1"]),
        ("SHLVL", &["41"]),
        ("PWD", &["/nowhere", "l1"]),
        ("OLDPWD", &["/"]),
        ("UID", &["l2"]),
        ("LINENO", &["x"]),
        ("PPID", &["7"]),
        ("SECONDS", &["l4"]),
        ("EUID", &["0"]),
        ("OPTIND", &["5"]),
        ("PS4", &["$(l6 ps4) ", "+ "]),
        ("LANG", &["C.UTF-8", "C", "en_US.ISO-8859-1", "ja_JP.SJIS"]),
        ("GLOBIGNORE", &["*"]),
        ("_", &["l2"]),
    ];
    let mut variables = Variables::from([("PATH".into(), path), ("HOME".into(), "/".into())]);
    for (name, values) in VALUES {
        if random.chance(if name.len() == 1 { 80 } else { 25 }) {
            variables.insert(name.into(), random.pick(values).into());
        }
    }
    variables
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.texts += other.texts;
        self.understood += other.understood;
        self.executed += other.executed;
        self.running += other.running;
        self.cut_short += other.cut_short;
        for (reason, count) in other.refused {
            *self.refused.entry(reason).or_default() += count;
        }
        self.failures.extend(other.failures);
    }

    fn per_cent(&self, of: u64) -> u64 {
        of * 100 / self.texts.max(1)
    }

    /// What refuses everything loses nothing, and what runs nothing shows nothing.
    pub(crate) fn assert_it_means_something(&self) {
        assert!(
            self.per_cent(self.understood) >= 35,
            "only {} of {} texts were understood",
            self.understood,
            self.texts
        );
        assert!(
            self.running * 2 >= self.understood,
            "only {} of {} understood texts ran a program",
            self.running,
            self.understood
        );
        assert!(
            self.cut_short * 50 <= self.understood,
            "{} of {} texts had to be ended",
            self.cut_short,
            self.understood
        );
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            to,
            "seed {}: {} texts, {} understood ({} %), {} of them ran {} programs, {} had to be ended, {} lost something",
            self.seed,
            self.texts,
            self.understood,
            self.per_cent(self.understood),
            self.running,
            self.executed,
            self.cut_short,
            self.failures.len()
        )?;
        let mut refused: Vec<_> = self.refused.iter().collect();
        refused.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (reason, count) in refused.iter().take(40) {
            writeln!(to, "{count:>7} refused: {reason}")?;
        }
        self.failures.iter().try_for_each(|failure| write!(to, "{failure}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "\ntext {}: {}", self.number, self.lost)?;
        writeln!(to, "  shrunk: {:?}", OsStr::from_bytes(&self.shrunk))?;
        writeln!(to, "  whole:  {:?}", OsStr::from_bytes(&self.text))?;
        writeln!(to, "  with:   {:?}", self.variables)?;
        for ran in &self.ran.executed {
            writeln!(to, "  ran:    {:?} as {:?}", ran.program, ran.argv)?;
        }
        for read in &self.read {
            let loose: Vec<_> = read.words.all_loose().map(|(at, _, loose)| (at, *loose)).collect();
            writeln!(
                to,
                "  read:   {:?} {loose:?} {:?} {:?}",
                &*read.words, read.environment, read.redirections
            )?;
        }
        writeln!(to, "  files:  {:?}, {}", self.ran.files, self.ran.ended)
    }
}
