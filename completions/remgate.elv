
use builtin;
use str;

set edit:completion:arg-completer[remgate] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'remgate'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'remgate'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand run 'Judge a command, ask who must be asked, run it, and record both'
            cand explain 'Say how a command would be judged, and what would lower the verdict; run and record nothing'
            cand rules 'Check, show or begin rule files'
            cand log 'Read or verify the record'
            cand doctor 'Say how far this installation enforces, and what is wrong with it; change nothing'
            cand completions 'Print the completion script of a shell'
            cand man 'Write the manual pages into a directory'
        }
        &'remgate;run'= {
            cand --mode 'How to meet a demand for a human; only a stricter mode than the detected one is accepted'
            cand --timeout 'End the command and everything it started after this long (`90s`, `5m`, `1h30m`)'
            cand --ask-timeout 'How long the question stays open'
            cand --reason 'Why; kept in the record, and required by some rules'
            cand --ticket 'The incident or change this belongs to; kept in the record, and required by some rules'
            cand --status-fd 'Write what became of the action as JSON lines to this file descriptor'
            cand -c 'A shell text; every command in it is judged'
            cand --json 'Print the gate''s own messages as JSON lines on standard error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'remgate;explain'= {
            cand -c 'A shell text; every command in it is judged'
            cand --json 'Print one JSON object'
            cand --jsonl 'Explain every JSON line of standard input, one line each'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;rules'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand check 'Prove every rule file, its examples, and every cell of the decision table'
            cand show 'Show the rules in force, or the decision table'
            cand test 'Hold every example, every near-miss, and cases of your own against the rules'
            cand coverage 'Say which programs, operations and options of real commands no rule knows, most frequent first'
            cand init 'Write a commented starter file from the tools found on this machine'
        }
        &'remgate;rules;check'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;rules;show'= {
            cand --table 'Draw the decision table'
            cand --markdown 'Print what the built-in packs know, as a page of Markdown'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;rules;test'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;rules;coverage'= {
            cand --limit 'How many rows of each list'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;rules;init'= {
            cand --print 'Print it instead'
            cand --force 'Overwrite an existing file'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;log'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Show what ran, what did not, and who was asked'
            cand verify 'Verify the whole chain'
        }
        &'remgate;log;show'= {
            cand --since 'From then on: a time (`2026-11-21T08:00:00Z`), a day (`2026-11-21`) or an age (`2h`)'
            cand --until 'Up to then'
            cand --actor 'Only this actor: a login name, `human`, `agent` or `ci`'
            cand --tool 'Only this tool'
            cand --verdict 'Only this verdict: run, confirm, two-person or deny'
            cand --id 'Only this action'
            cand --last 'Only the latest N actions'
            cand --json 'Print the records as JSON lines'
            cand -f 'Keep printing as records arrive'
            cand --follow 'Keep printing as records arrive'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;log;verify'= {
            cand --anchor 'A checkpoint kept elsewhere that the log must contain; may be given several times'
            cand --checkpoint 'Write the checkpoint of the log as it is now'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;doctor'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;man'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
    ]
    $completions[$command]
}
