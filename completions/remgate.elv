
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
            cand pending 'Show the requests that wait for approval, or everything about one'
            cand approve 'Look at a request, and sign that it may run, once and exactly so'
            cand reject 'Refuse a request for good, signed'
            cand resume 'Run what a request asked for, once it is approved; everything is judged and compared again before'
            cand request 'Carry requests and approvals between machines'
            cand review 'List the runs without approval (--break-glass) that are owed a review, or sign one off'
            cand rules 'Check, show or begin rule files'
            cand log 'Read or verify the record'
            cand approver 'Say who may approve: list people with their keys, take them off, prove the list'
            cand doctor 'Say how far this installation enforces, and what is wrong with it; or set up a shared inbox'
            cand completions 'Print the completion script of a shell'
            cand man 'Write the manual pages into a directory'
        }
        &'remgate;run'= {
            cand --mode 'How to meet a demand for a human; only a stricter mode than the detected one is accepted'
            cand --timeout 'End the command and everything it started after this long (`90s`, `5m`, `1h30m`)'
            cand --ask-timeout 'How long the question stays open, or approvals are waited for'
            cand --reason 'Why; kept in the record, and required by some rules'
            cand --ticket 'The incident or change this belongs to; kept in the record, and required by some rules'
            cand --status-fd 'Write what became of the action as JSON lines to this file descriptor'
            cand --approval 'An approval of the request that this same command left before: its text, a file, or `-` for standard input; may be given several times'
            cand --expires 'How long a new request can be approved and used, at most 7d'
            cand --break-glass 'Run it without the people it takes, and owe a review; for a human at a terminal, never against `deny`'
            cand --key 'The key that signs for --break-glass, instead of one from the ssh-agent'
            cand -c 'A shell text; every command in it is judged'
            cand --json 'Print the gate''s own messages as JSON lines on standard error'
            cand --no-wait 'Do not wait for approvals: leave a request, print its id, and exit 75'
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
        &'remgate;pending'= {
            cand --watch 'Keep the table on the screen, and draw it anew as it changes'
            cand --all 'List requests that were used, rejected or have expired, too'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;approve'= {
            cand --key 'Sign with this key instead of one from the ssh-agent; a public key stands for the private one in the agent'
            cand --signature 'Take a signature that was made elsewhere, by the command that --print shows'
            cand --print 'Sign nothing; print the `ssh-keygen` command that does, with the key of --key where there is one'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;reject'= {
            cand --reason 'Why; whoever asked is told'
            cand --key 'Sign with this key instead of one from the ssh-agent'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;resume'= {
            cand --mode 'How to meet a demand for a human; only a stricter mode than the detected one is accepted'
            cand --ask-timeout 'How long to wait for approvals'
            cand --approval 'An approval that was given elsewhere: its text, a file (also a bare signature), or `-` for standard input; may be given several times'
            cand --status-fd 'Write what became of the action as JSON lines to this file descriptor'
            cand --no-wait 'Do not wait for approvals: exit 75 where they are not there yet'
            cand --json 'Print the gate''s own messages as JSON lines on standard error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'remgate;request'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand export 'Print a request as one text that travels by chat or mail, for `remgate approve` elsewhere'
            cand show 'Print the exact bytes that approvers sign'
            cand import 'Take an approval, rejection or review that was given elsewhere into the inbox of this machine'
        }
        &'remgate;request;export'= {
            cand --qr 'Draw it as a QR code'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;request;show'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;request;import'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;review'= {
            cand --finding 'What came of the review; it is signed with it'
            cand --key 'Sign with this key instead of one from the ssh-agent'
            cand --json 'Print JSON'
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
        &'remgate;approver'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand add 'List a person with a key, and put them in groups'
            cand list 'Show who is listed, with which keys, in which groups'
            cand remove 'Take a person off the list, or one of their keys'
            cand check 'Prove the list: every problem of its three files, and who can write them'
        }
        &'remgate;approver;add'= {
            cand --key 'The public key: a file (`alice.pub`), or its text'
            cand --group 'A group to put the person in, made when it is new; may be given several times'
            cand --valid-before 'From then on the key no longer counts: a day (`2027-01-01`, UTC) or a time (`2027-01-01T12:00:00Z`)'
            cand --system 'Edit the system''s list in /etc/remgate'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;approver;list'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;approver;remove'= {
            cand --key 'Only the key with this fingerprint, as `approver list` shows it'
            cand --system 'Edit the system''s list in /etc/remgate'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;approver;check'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'remgate;doctor'= {
            cand --member 'An account that asks or approves on this machine; may be given several times'
            cand --json 'Print JSON'
            cand --setup 'Print the commands that set up what the accounts of this machine share, as a script; what is done is marked so'
            cand --apply 'Call those commands; as root'
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
