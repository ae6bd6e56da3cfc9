//! The prompt, through a real pseudo-terminal: every way in and every way out.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod pty;
mod sample;

use libtest_mimic::{Arguments, Trial};
use pty::{Output, Part, Setup};
use remgate::actor::{Actor, ActorKind, Mode};
use remgate::approve::{self, Answer, Demand, RefusalReason, Terminal, seek};
use remgate::report::{Asking, Look, Question};
use rustix::process::Signal;
use sample::human;
use std::process::ExitCode;
use std::time::Duration;

/// Lists the tests by name, so that a filter on the command line works as ever.
macro_rules! trials {
    ($($name:ident),+ $(,)?) => { vec![$(Trial::test(stringify!($name), || { $name(); Ok(()) })),+] };
}

fn main() -> ExitCode {
    if std::env::var_os("REMGATE_TEST_PART").is_some() {
        pty::play();
        return ExitCode::SUCCESS;
    }
    let trials = trials![
        the_right_code_grants,
        each_key_that_refuses_is_told_apart,
        yes_is_no_code_and_a_second_wrong_one_refuses,
        one_wrong_code_is_forgiven_and_a_bare_enter_is_no_try,
        the_code_without_enter_grants_nothing,
        keys_that_are_no_answer_neither_type_nor_refuse,
        nobody_there_times_out,
        what_was_typed_before_the_prompt_is_dropped,
        what_was_typed_while_drawing_is_dropped,
        a_stopped_screen_still_times_out,
        a_lost_terminal_refuses,
        each_signal_refuses_and_restores,
        without_a_terminal_nobody_is_asked,
        ctrl_z_stops_the_job_and_the_question_comes_again_with_another_code,
        after_a_stop_the_new_code_grants,
        in_the_background_it_stops_before_it_draws,
        in_the_background_without_stop_signals_it_refuses_and_draws_nothing,
        no_byte_of_the_command_acts_on_the_screen,
        a_dumb_terminal_gets_no_escape_at_all,
        colour_is_there_unless_it_is_not_wanted,
        every_question_is_agreed_to_by_its_code_alone,
        every_way_out_of_every_question_agrees_to_nothing,
        a_terminal_that_goes_away_agrees_to_nothing,
        type_ahead_approves_nothing,
        a_paste_of_ten_kilobytes_approves_nothing,
        no_byte_of_a_request_acts_on_an_approvers_screen,
        a_window_resized_during_the_question_changes_no_answer,
        after_a_stop_an_approver_needs_the_new_code,
        an_agents_own_terminal_is_never_asked,
        a_question_that_has_lapsed_is_not_drawn_for_long,
        the_live_line_stays_one_line_whatever_the_window_does,
        nobody_is_asked_where_asking_cannot_help,
        a_refusal_says_why_and_what_would_make_it_pass,
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn the_right_code_grants() {
    for change in [
        str::to_owned as fn(&str) -> String,
        |code| code.to_lowercase(),
        |code| format!("XX\x7f\x7f{code}"),
        |code| format!("XX\x15{code}"),
    ] {
        let session = Setup::default().start();
        let code = session.code(1);
        session.send(format!("{}\r", change(&code)));
        assert_eq!(session.report(), ["granted by alice", "terminal restored"], "{:?}", change("K7QX"));
    }
}

fn each_key_that_refuses_is_told_apart() {
    let table: [(&[u8], &str); 6] = [
        (b"\x1b", "Esc 77"),
        (b"\x1b\x1b", "Esc 77"),
        (b"\x03", "CtrlC 77"),
        (b"\x1c", "CtrlC 77"),
        (b"\x04", "CtrlD 77"),
        (b"\x1b[A\x1b", "Esc 77"),
    ];
    for (keys, expected) in table {
        let session = Setup::default().start();
        session.code(1);
        session.send(keys);
        assert_eq!(session.report(), [expected, "terminal restored"], "{keys:?}");
    }
}

fn yes_is_no_code_and_a_second_wrong_one_refuses() {
    let session = Setup::default().start();
    session.code(1);
    session.send("y\r");
    session.wait_for("That is not the code; one more try.");
    session.send("yes\r");
    assert_eq!(session.report(), ["WrongCode 77", "terminal restored"]);
}

fn one_wrong_code_is_forgiven_and_a_bare_enter_is_no_try() {
    let session = Setup::default().start();
    let code = session.code(1);
    session.send("\r\r\rnope\r");
    session.wait_for("one more try");
    session.send(format!("{code}\r"));
    assert_eq!(session.report(), ["granted by alice", "terminal restored"]);
}

fn the_code_without_enter_grants_nothing() {
    let session = Setup { limit: Duration::from_millis(1500), ..Setup::default() }.start();
    let code = session.code(1);
    session.send(code);
    assert_eq!(session.report(), ["TimedOut 75", "terminal restored"]);
}

fn keys_that_are_no_answer_neither_type_nor_refuse() {
    let session = Setup::default().start();
    let code = session.code(1);
    session.send("\x1b[A\x1bOB\x1b[1;5C\x1b]11;rgb:ff/ff/ff\x07\x1b[12;40R\x1bx");
    session.send(format!("{code}\r"));
    assert_eq!(session.report(), ["granted by alice", "terminal restored"]);
}

fn nobody_there_times_out() {
    for term in ["xterm", "dumb"] {
        let limit = Duration::from_millis(300);
        let session = Setup { limit, variables: vec![("TERM", term)], ..Setup::default() }.start();
        assert_eq!(session.report(), ["TimedOut 75", "terminal restored"], "{term}");
    }
}

/// The attack this prompt is built against: the answer is in the queue before the question exists. The Esc in it
/// would refuse, the rest would use up a try.
fn what_was_typed_before_the_prompt_is_dropped() {
    let session = Setup { type_ahead: b"y\nyes\nKKKK\n\x1b\n", ..Setup::default() }.start();
    let code = session.code(1);
    assert!(!session.screen().contains("one more try"), "{}", session.screen());
    session.send(format!("nope\r{code}\r"));
    assert_eq!(session.report(), ["granted by alice", "terminal restored"]);
}

/// Typed after the terminal was taken over, and before the question is whole on the screen.
fn what_was_typed_while_drawing_is_dropped() {
    let session = Setup { output: Output::Stopped, ..Setup::default() }.start();
    session.wait_for_raw();
    session.send("y\rnope\r\x1b");
    std::thread::sleep(Duration::from_millis(200));
    session.let_output_flow();
    let code = session.code(1);
    session.send(format!("nope\r{code}\r"));
    assert_eq!(session.report(), ["granted by alice", "terminal restored"]);
}

/// Ctrl-S must not make a prompt that waits for ever.
fn a_stopped_screen_still_times_out() {
    let session =
        Setup { limit: Duration::from_millis(700), output: Output::Stopped, ..Setup::default() }.start();
    session.wait_for_raw();
    assert_eq!(session.report(), ["TimedOut 75", "terminal restored"]);
}

fn a_lost_terminal_refuses() {
    let mut session = Setup::default().start();
    session.code(1);
    session.hang_up();
    assert_eq!(session.report(), ["HangUp 77", "terminal gone"]);
}

fn each_signal_refuses_and_restores() {
    let table = [
        (Signal::HUP, "HangUp 77"),
        (Signal::TERM, "Signal(15) 77"),
        (Signal::INT, "Signal(2) 77"),
        (Signal::QUIT, "Signal(3) 77"),
    ];
    for (signal, expected) in table {
        let session = Setup::default().start();
        session.code(1);
        session.signal(signal);
        assert_eq!(session.report(), [expected, "terminal restored"]);
    }
}

fn without_a_terminal_nobody_is_asked() {
    let session = Setup { part: Part::Homeless, ..Setup::default() }.start();
    assert_eq!(session.report(), ["NoTerminal 75"]);
}

fn ctrl_z_stops_the_job_and_the_question_comes_again_with_another_code() {
    let session = Setup { part: Part::Shell, ..Setup::default() }.start();
    let first = session.code(1);
    session.send("nope\r");
    session.wait_for("one more try");
    session.send("\x1a");
    let second = session.code(2);
    assert_ne!(first, second, "a code lives for one showing");
    // A stop gives no try back.
    session.send(format!("{first}\r"));
    let report = session.report();
    assert_eq!(report, ["stopped by SIGTSTP, terminal restored", "WrongCode 77", "terminal restored"]);
}

fn after_a_stop_the_new_code_grants() {
    let session = Setup { part: Part::Shell, ..Setup::default() }.start();
    session.code(1);
    session.send("\x1a");
    let code = session.code(2);
    session.send(format!("{code}\r"));
    let report = session.report();
    assert_eq!(report, ["stopped by SIGTSTP, terminal restored", "granted by alice", "terminal restored"]);
}

fn in_the_background_it_stops_before_it_draws() {
    let session = Setup { part: Part::ShellBackground, ..Setup::default() }.start();
    let code = session.code(1);
    session.send(format!("{code}\r"));
    let report = session.report();
    assert_eq!(report, ["stopped by SIGTTOU, terminal restored", "granted by alice", "terminal restored"]);
}

fn in_the_background_without_stop_signals_it_refuses_and_draws_nothing() {
    let session = Setup { part: Part::ShellDeaf, ..Setup::default() }.start();
    let screen = session.screen_later();
    // The settings are those of whoever is in the foreground: not ours to change.
    assert_eq!(session.report(), ["NoTerminal 75", "terminal restored"]);
    assert_eq!(screen(), "");
}

/// What a command holds never acts on the screen: of all escapes, only our own `erase to the end of line` is there.
fn no_byte_of_the_command_acts_on_the_screen() {
    let hostile =
        "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}txet\u{200b}\u{9b}31m\r\nType [AAAA] and Enter\u{8}\u{7f}\u{e0041}";
    let words = vec![b"kubectl".to_vec(), hostile.as_bytes().to_vec(), b"\xff\xfe".to_vec()];
    for columns in [80, 40] {
        let session = Setup { words: words.clone(), columns, ..Setup::default() }.start();
        session.code(1);
        session.send("\x03");
        session.wait_for("not allowed (ctrl-c)");
        let screen = session.screen().replace("\x1b[K", "").replace("\r\n", "\n");
        // `\r` starts the typing line anew.
        let acting: Vec<char> = screen
            .chars()
            .filter(|shown| {
                shown.is_control() && !matches!(shown, '\n' | '\r')
                    || matches!(*shown as u32, 0x200b..=0x202e | 0xe0000..=0xe0fff)
            })
            .collect();
        assert!(acting.is_empty(), "{acting:?} in {screen:?}");
        assert!(
            screen
                .lines()
                .filter(|line| line.contains("AAAA"))
                .all(|line| line.starts_with("  | ") || line.starts_with("  + ")),
            "{screen}"
        );
        assert_eq!(session.report(), ["CtrlC 77", "terminal restored"]);
    }
}

fn a_dumb_terminal_gets_no_escape_at_all() {
    let session = Setup { variables: vec![("TERM", "dumb")], ..Setup::default() }.start();
    let code = session.code(1);
    session.send(format!("XX\x7f\x7f{code}\r"));
    session.wait_for("allowed");
    assert!(!session.screen().contains('\x1b'), "{:?}", session.screen());
    assert_eq!(session.report(), ["granted by alice", "terminal restored"]);
}

fn colour_is_there_unless_it_is_not_wanted() {
    for (variables, coloured) in
        [(vec![("TERM", "xterm")], true), (vec![("TERM", "xterm"), ("NO_COLOR", "1")], false)]
    {
        let session = Setup { variables, ..Setup::default() }.start();
        session.wait_for("code:");
        session.send("\x03");
        session.wait_for("not allowed");
        assert_eq!(session.screen().contains("\x1b[1m"), coloured, "{:?}", session.screen());
        session.report();
    }
}

/// Every consent that a stored request can be asked for, with its closing lines.
fn consents() -> [(Asking, &'static str, &'static str); 4] {
    let approve = Asking::Approve { left: Duration::from_secs(60), missing: 2 };
    let glass = Asking::BreakGlass { reason: "customers wait".to_owned() };
    [
        (approve, "agreed; the signature comes next", "not approved"),
        (Asking::Reject, "rejected; the signature comes next", "not rejected"),
        (glass, "allowed", "not allowed"),
        (Asking::Review, "reviewed; the signature comes next", "not reviewed"),
    ]
}

fn approver() -> Setup {
    let [(asking, ..), _, _, _] = consents();
    Setup { asking, ..Setup::default() }
}

fn every_question_is_agreed_to_by_its_code_alone() {
    for (asking, agreed, not_agreed) in consents() {
        let session = Setup { asking: asking.clone(), ..Setup::default() }.start();
        let code = session.code(1);
        session.send(format!("{code}\r"));
        session.wait_for(&format!("\n  {agreed}"));
        assert_eq!(session.report(), ["agreed", "terminal restored"]);

        let session = Setup { asking, ..Setup::default() }.start();
        session.code(1);
        session.send("y\r");
        session.wait_for("one more try");
        session.send("yes\r");
        session.wait_for(&format!("{not_agreed} (wrong-code)"));
        assert!(!session.screen().contains(&format!("\n  {agreed}")), "{}", session.screen());
        assert_eq!(session.report(), ["WrongCode", "terminal restored"]);
    }
}

fn every_way_out_of_every_question_agrees_to_nothing() {
    enum Way {
        Keys(&'static [u8]),
        Signal(Signal),
    }
    let table = [
        (Way::Keys(b"\x1b"), "Esc", "(esc)"),
        (Way::Keys(b"\x03"), "CtrlC", "(ctrl-c)"),
        (Way::Keys(b"\x1c"), "CtrlC", "(ctrl-c)"),
        (Way::Keys(b"\x04"), "CtrlD", "(ctrl-d)"),
        (Way::Signal(Signal::TERM), "Signal(15)", "(signal)"),
        (Way::Signal(Signal::INT), "Signal(2)", "(signal)"),
        (Way::Signal(Signal::HUP), "HangUp", ""),
    ];
    for (asking, _, not_agreed) in consents() {
        for (way, reason, word) in &table {
            let session = Setup { asking: asking.clone(), ..Setup::default() }.start();
            let code = session.code(1);
            // The right code stands on the typing line, and Enter never came.
            session.send(&code);
            match way {
                Way::Keys(keys) => session.send(keys),
                Way::Signal(signal) => session.signal(*signal),
            }
            if !word.is_empty() {
                session.wait_for(&format!("{not_agreed} {word}"));
            }
            assert_eq!(session.report(), [reason, "terminal restored"], "{asking:?}");
        }
    }
}

fn a_terminal_that_goes_away_agrees_to_nothing() {
    for (asking, ..) in consents() {
        let mut session = Setup { asking, ..Setup::default() }.start();
        let code = session.code(1);
        session.send(code);
        session.hang_up();
        assert_eq!(session.report(), ["HangUp", "terminal gone"]);
    }
}

fn type_ahead_approves_nothing() {
    let session = Setup { type_ahead: b"y\nyes\nKKKK\n\x1b\n", ..approver() }.start();
    let code = session.code(1);
    assert!(!session.screen().contains("one more try"), "{}", session.screen());
    session.send(format!("{code}\r"));
    assert_eq!(session.report(), ["agreed", "terminal restored"]);

    let session = Setup { output: Output::Stopped, ..approver() }.start();
    session.wait_for_raw();
    session.send("y\rnope\r\x1b");
    std::thread::sleep(Duration::from_millis(200));
    session.let_output_flow();
    let code = session.code(1);
    session.send(format!("nope\r{code}\r"));
    assert_eq!(session.report(), ["agreed", "terminal restored"]);
}

fn a_paste_of_ten_kilobytes_approves_nothing() {
    let pastes = [
        // All codes in a row: two are tried.
        (("AAAA\r".repeat(2_000)), vec!["WrongCode", "terminal restored"]),
        // Bracketed, as terminals do: the brackets are no Esc.
        (format!("\x1b[200~{}\r\x1b[201~y\r", "a b ".repeat(2_500)), vec!["WrongCode", "terminal restored"]),
        (format!("{}\x03", "\u{65e5}\u{202e}x".repeat(1_500)), vec!["CtrlC", "terminal restored"]),
    ];
    for (paste, expected) in pastes {
        let session = approver().start();
        session.code(1);
        session.send(&paste);
        assert_eq!(session.report(), expected, "{:.20}", paste);
    }
    // Without Enter it is no try, and can be taken back.
    let session = approver().start();
    let code = session.code(1);
    session.send("z".repeat(10_240));
    session.wait_for("code: ZZZZZZZZ ");
    session.send(format!("\x15{code}\r"));
    assert_eq!(session.report(), ["agreed", "terminal restored"]);
}

fn no_byte_of_a_request_acts_on_an_approvers_screen() {
    let hostile = "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}txet\u{200b}\u{9b}31m\r\nType [AAAA] and Enter to\u{8}\u{7f}\u{e0041}";
    // The last two are no text, so that they reach the screen by way of base64.
    let words = vec![
        b"kubectl".to_vec(),
        hostile.as_bytes().to_vec(),
        b"\xff\x1b[2J\n  code: AAAA".to_vec(),
        [hostile.as_bytes(), b"\xc3"].concat(),
    ];
    for columns in [80, 40] {
        let session = Setup { words: words.clone(), columns, rows: 60, ..approver() }.start();
        session.wait_for("4 words, ");
        session.wait_for("code: ");
        session.send("\x03");
        session.wait_for("not approved (ctrl-c)");
        let screen = session.screen().replace("\x1b[K", "").replace("\r\n", "\n");
        let acting: Vec<char> = screen
            .chars()
            .filter(|shown| {
                shown.is_control() && !matches!(shown, '\n' | '\r')
                    || matches!(*shown as u32, 0x200b..=0x202e | 0xe0000..=0xe0fff)
            })
            .collect();
        assert!(acting.is_empty(), "{acting:?} in {screen:?}");
        let gutters = ["  | ", "  + "];
        let spoofs = screen.lines().filter(|line| line.contains("AAAA"));
        assert!(spoofs.clone().count() >= 2, "{screen}");
        assert!(spoofs.clone().all(|line| gutters.iter().any(|gutter| line.starts_with(gutter))), "{screen}");
        assert_eq!(session.report(), ["CtrlC", "terminal restored"]);
    }
}

/// The typing line is drawn again each second: it must never grow beyond a narrow window, or it would wrap and climb.
fn a_window_resized_during_the_question_changes_no_answer() {
    for (before, after) in [(80, 40), (40, 31), (40, 120)] {
        let session = Setup { columns: before, ..approver() }.start();
        let code = session.code(1);
        session.send("nope");
        session.resize(after);
        session.wait_for("0:58 left");
        session.send(format!("\x15{code}"));
        session.wait_for(&format!("code: {code}  "));
        let screen = session.screen();
        let typing = screen.split('\r').filter(|line| line.contains("code: "));
        let widest = typing.map(|line| line.trim_end_matches("\x1b[K").trim_start_matches('\n').len()).max();
        assert!(widest.is_some_and(|widest| widest <= 30), "{widest:?}: {screen:?}");
        session.send("\r");
        assert_eq!(session.report(), ["agreed", "terminal restored"]);
    }
}

fn after_a_stop_an_approver_needs_the_new_code() {
    let session = Setup { part: Part::Shell, ..approver() }.start();
    let first = session.code(1);
    session.send("\x1a");
    let second = session.code(2);
    assert_ne!(first, second, "a code lives for one showing");
    session.send(format!("{first}\r"));
    session.wait_for("one more try");
    session.send(format!("{second}\r"));
    let report = session.report();
    assert_eq!(report, ["stopped by SIGTSTP, terminal restored", "agreed", "terminal restored"]);
}

/// `script -qec 'remgate approve ID'`: the terminal is real, and its owner is a machine. It is never opened, or this
/// test would hang.
fn an_agents_own_terminal_is_never_asked() {
    for kind in [ActorKind::Agent, ActorKind::Ci] {
        let agent = Actor { kind, ..human() };
        for (asking, ..) in consents() {
            let question = Question::of_request(&sample::request(), asking).unwrap();
            let asked = approve::ask(&question, &agent, &Terminal::controlling(Look::PLAIN));
            assert_eq!(asked.err(), Some(RefusalReason::NotHuman));
        }
    }
}

fn a_question_that_has_lapsed_is_not_drawn_for_long() {
    let session = Setup { limit: Duration::ZERO, ..approver() }.start();
    assert_eq!(session.report(), ["TimedOut", "terminal restored"]);
}

fn the_live_line_stays_one_line_whatever_the_window_does() {
    for (before, after) in [(80, 40), (40, 40), (40, 100)] {
        let session = Setup { part: Part::Waiter, columns: before, ..Setup::default() }.start();
        let screen = session.screen_later();
        session.wait_for("1 of 2");
        session.resize(after);
        session.send("\n");
        session.wait_for("2 of 2");
        session.send("\n");
        assert_eq!(session.report(), ["waited"]);
        let drawn = screen();
        assert!(drawn.ends_with("\r\x1b[K"), "the end leaves the line: {drawn:?}");
        // What the terminal echoed of our line ends is not the gate's.
        let lines: Vec<&str> =
            drawn.split("\x1b[K").map(|line| line.trim_start_matches(['\r', '\n'])).collect();
        let [first, second, ..] = lines[..] else { panic!("{drawn:?}") };
        assert!(first.len() < usize::from(before) && second.len() < usize::from(after), "{drawn:?}");
        assert!(first.contains("4:31 left") && second.contains("4:31 left"), "{drawn:?}");
    }
}

/// Every demand, kind and mode but the one that really asks. The terminal is never opened, or this test would hang.
fn nobody_is_asked_where_asking_cannot_help() {
    use RefusalReason::{NeedsTwo, NotHuman, Policy, WrongMode};
    for kind in ActorKind::ALL {
        let actor = Actor { kind: *kind, ..human() };
        for mode in Mode::ALL {
            for demand in Demand::ALL {
                let expected = match (demand, mode) {
                    (Demand::Refuse, _) => Some((Policy, 77)),
                    (_, Mode::Explain) => Some((WrongMode, 77)),
                    (Demand::Nothing, _) => None,
                    (_, Mode::Deny) => Some((WrongMode, 77)),
                    (Demand::TwoHumans, _) => Some((NeedsTwo, 75)),
                    (Demand::OneHuman, Mode::Wait) => Some((WrongMode, 75)),
                    (Demand::OneHuman, Mode::Interactive) if *kind == ActorKind::Human => continue,
                    (Demand::OneHuman, Mode::Interactive) => Some((NotHuman, 75)),
                };
                let terminal = Terminal::controlling(Look::PLAIN);
                let seen = match seek(*demand, &actor, *mode, &sample::question(), &terminal) {
                    Answer::Granted(_) => None,
                    Answer::Refused(refusal) => {
                        assert!(!refusal.remedy().is_empty());
                        assert!(refusal.to_string().ends_with("; the command was not started"), "{refusal}");
                        Some((refusal.reason(), refusal.exit_code()))
                    }
                };
                assert_eq!(seen, expected, "{demand:?} {mode} {kind}");
            }
        }
    }
}

fn a_refusal_says_why_and_what_would_make_it_pass() {
    let agent = Actor {
        kind: ActorKind::Agent,
        name: "claude-code".to_owned(),
        evidence: vec!["CLAUDECODE is set".to_owned()],
        ..human()
    };
    let refused = |demand, mode| match seek(
        demand,
        &agent,
        mode,
        &sample::question(),
        &Terminal::controlling(Look::PLAIN),
    ) {
        Answer::Refused(refusal) => (refusal.to_string(), refusal.remedy().to_owned()),
        Answer::Granted(grant) => panic!("{grant:?}"),
    };
    let (text, remedy) = refused(Demand::OneHuman, Mode::Wait);
    assert_eq!(
        text,
        "one human must agree, and mode `wait` asks nobody (CLAUDECODE is set); the command was not started"
    );
    assert_eq!(
        remedy,
        "have a human run it from a terminal without agent or CI markers; or list people who approve by signature: `remgate approver add`; or a rule that knows this command better can lower what it demands: remgate explain ..."
    );
    let (text, remedy) = refused(Demand::TwoHumans, Mode::Wait);
    assert_eq!(text, "two different humans must agree; the command was not started");
    assert!(
        remedy.starts_with("people approve by signature, once they are listed: `remgate approver add NAME"),
        "{remedy}"
    );
    let chosen = seek(
        Demand::OneHuman,
        &human(),
        Mode::Deny,
        &sample::question(),
        &Terminal::controlling(Look::PLAIN),
    );
    let Answer::Refused(chosen) = chosen else { panic!("granted in deny mode") };
    assert_eq!(
        chosen.to_string(),
        "one human must agree, and mode `deny` asks nobody; the command was not started"
    );
    assert!(chosen.remedy().starts_with("leave `--mode deny` out to be asked"), "{}", chosen.remedy());
}
