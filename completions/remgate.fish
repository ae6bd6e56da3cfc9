# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_remgate_global_optspecs
    string join \n h/help V/version
end

function __fish_remgate_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_remgate_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_remgate_using_subcommand
    set -l cmd (__fish_remgate_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c remgate -n "__fish_remgate_needs_command" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_needs_command" -s V -l version -d 'Print version'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "run" -d 'Judge a command, ask who must be asked, run it, and record both'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "explain" -d 'Say how a command would be judged, and what would lower the verdict; run and record nothing'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "pending" -d 'Show the requests that wait for approval, or everything about one'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "approve" -d 'Look at a request, and sign that it may run, once and exactly so'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "reject" -d 'Refuse a request for good, signed'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "resume" -d 'Run what a request asked for, once it is approved; everything is judged and compared again before'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "request" -d 'Carry requests and approvals between machines'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "review" -d 'List the runs without approval (--break-glass) that are owed a review, or sign one off'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "rules" -d 'Check, show or begin rule files'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "log" -d 'Read or verify the record'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "approver" -d 'Say who may approve: list people with their keys, take them off, prove the list'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "doctor" -d 'Say how far this installation enforces, and what is wrong with it; or set up a shared inbox'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "man" -d 'Write the manual pages into a directory'
complete -c remgate -n "__fish_remgate_using_subcommand run" -l mode -d 'How to meet a demand for a human; only a stricter mode than the detected one is accepted' -r -f -a "interactive\t'Ask at the terminal'
wait\t'Wait for approvals from elsewhere'
deny\t'Refuse what needs a human'
explain\t'Only say what would happen'"
complete -c remgate -n "__fish_remgate_using_subcommand run" -l timeout -d 'End the command and everything it started after this long (`90s`, `5m`, `1h30m`)' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l ask-timeout -d 'How long the question stays open, or approvals are waited for' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l reason -d 'Why; kept in the record, and required by some rules' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l ticket -d 'The incident or change this belongs to; kept in the record, and required by some rules' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l status-fd -d 'Write what became of the action as JSON lines to this file descriptor' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l approval -d 'An approval of the request that this same command left before: its text, a file, or `-` for standard input; may be given several times' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l expires -d 'How long a new request can be approved and used, at most 7d' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l break-glass -d 'Run it without the people it takes, and owe a review; for a human at a terminal, never against `deny`' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l key -d 'The key that signs for --break-glass, instead of one from the ssh-agent' -r -F
complete -c remgate -n "__fish_remgate_using_subcommand run" -s c -d 'A shell text; every command in it is judged' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l json -d 'Print the gate\'s own messages as JSON lines on standard error'
complete -c remgate -n "__fish_remgate_using_subcommand run" -l no-wait -d 'Do not wait for approvals: leave a request, print its id, and exit 75'
complete -c remgate -n "__fish_remgate_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c remgate -n "__fish_remgate_using_subcommand explain" -s c -d 'A shell text; every command in it is judged' -r
complete -c remgate -n "__fish_remgate_using_subcommand explain" -l json -d 'Print one JSON object'
complete -c remgate -n "__fish_remgate_using_subcommand explain" -l jsonl -d 'Explain every JSON line of standard input, one line each'
complete -c remgate -n "__fish_remgate_using_subcommand explain" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand pending" -l watch -d 'Keep the table on the screen, and draw it anew as it changes'
complete -c remgate -n "__fish_remgate_using_subcommand pending" -l all -d 'List requests that were used, rejected or have expired, too'
complete -c remgate -n "__fish_remgate_using_subcommand pending" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand pending" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand approve" -l key -d 'Sign with this key instead of one from the ssh-agent; a public key stands for the private one in the agent' -r -F
complete -c remgate -n "__fish_remgate_using_subcommand approve" -l signature -d 'Take a signature that was made elsewhere, by the command that --print shows' -r -F
complete -c remgate -n "__fish_remgate_using_subcommand approve" -l print -d 'Sign nothing; print the `ssh-keygen` command that does, with the key of --key where there is one'
complete -c remgate -n "__fish_remgate_using_subcommand approve" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand approve" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand reject" -l reason -d 'Why; whoever asked is told' -r
complete -c remgate -n "__fish_remgate_using_subcommand reject" -l key -d 'Sign with this key instead of one from the ssh-agent' -r -F
complete -c remgate -n "__fish_remgate_using_subcommand reject" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand reject" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand resume" -l mode -d 'How to meet a demand for a human; only a stricter mode than the detected one is accepted' -r -f -a "interactive\t'Ask at the terminal'
wait\t'Wait for approvals from elsewhere'
deny\t'Refuse what needs a human'
explain\t'Only say what would happen'"
complete -c remgate -n "__fish_remgate_using_subcommand resume" -l ask-timeout -d 'How long to wait for approvals' -r
complete -c remgate -n "__fish_remgate_using_subcommand resume" -l approval -d 'An approval that was given elsewhere: its text, a file (also a bare signature), or `-` for standard input; may be given several times' -r
complete -c remgate -n "__fish_remgate_using_subcommand resume" -l status-fd -d 'Write what became of the action as JSON lines to this file descriptor' -r
complete -c remgate -n "__fish_remgate_using_subcommand resume" -l no-wait -d 'Do not wait for approvals: exit 75 where they are not there yet'
complete -c remgate -n "__fish_remgate_using_subcommand resume" -l json -d 'Print the gate\'s own messages as JSON lines on standard error'
complete -c remgate -n "__fish_remgate_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c remgate -n "__fish_remgate_using_subcommand request; and not __fish_seen_subcommand_from export show import" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand request; and not __fish_seen_subcommand_from export show import" -f -a "export" -d 'Print a request as one text that travels by chat or mail, for `remgate approve` elsewhere'
complete -c remgate -n "__fish_remgate_using_subcommand request; and not __fish_seen_subcommand_from export show import" -f -a "show" -d 'Print the exact bytes that approvers sign'
complete -c remgate -n "__fish_remgate_using_subcommand request; and not __fish_seen_subcommand_from export show import" -f -a "import" -d 'Take an approval, rejection or review that was given elsewhere into the inbox of this machine'
complete -c remgate -n "__fish_remgate_using_subcommand request; and __fish_seen_subcommand_from export" -l qr -d 'Draw it as a QR code'
complete -c remgate -n "__fish_remgate_using_subcommand request; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand request; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand request; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand review" -l finding -d 'What came of the review; it is signed with it' -r
complete -c remgate -n "__fish_remgate_using_subcommand review" -l key -d 'Sign with this key instead of one from the ssh-agent' -r -F
complete -c remgate -n "__fish_remgate_using_subcommand review" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand review" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and not __fish_seen_subcommand_from check show test coverage init" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and not __fish_seen_subcommand_from check show test coverage init" -f -a "check" -d 'Prove every rule file, its examples, and every cell of the decision table'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and not __fish_seen_subcommand_from check show test coverage init" -f -a "show" -d 'Show the rules in force, or the decision table'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and not __fish_seen_subcommand_from check show test coverage init" -f -a "test" -d 'Hold every example, every near-miss, and cases of your own against the rules'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and not __fish_seen_subcommand_from check show test coverage init" -f -a "coverage" -d 'Say which programs, operations and options of real commands no rule knows, most frequent first'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and not __fish_seen_subcommand_from check show test coverage init" -f -a "init" -d 'Write a commented starter file from the tools found on this machine'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from check" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from show" -l table -d 'Draw the decision table'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from show" -l markdown -d 'Print what the built-in packs know, as a page of Markdown'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from test" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from coverage" -l limit -d 'How many rows of each list' -r
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from coverage" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from coverage" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from init" -l print -d 'Print it instead'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from init" -l force -d 'Overwrite an existing file'
complete -c remgate -n "__fish_remgate_using_subcommand rules; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand log; and not __fish_seen_subcommand_from show verify" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand log; and not __fish_seen_subcommand_from show verify" -f -a "show" -d 'Show what ran, what did not, and who was asked'
complete -c remgate -n "__fish_remgate_using_subcommand log; and not __fish_seen_subcommand_from show verify" -f -a "verify" -d 'Verify the whole chain'
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -l since -d 'From then on: a time (`2026-11-21T08:00:00Z`), a day (`2026-11-21`) or an age (`2h`)' -r
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -l until -d 'Up to then' -r
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -l actor -d 'Only this actor: a login name, `human`, `agent` or `ci`' -r
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -l tool -d 'Only this tool' -r
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -l verdict -d 'Only this verdict: run, confirm, two-person or deny' -r
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -l id -d 'Only this action' -r
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -l last -d 'Only the latest N actions' -r
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -l json -d 'Print the records as JSON lines'
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -s f -l follow -d 'Keep printing as records arrive'
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from verify" -l anchor -d 'A checkpoint kept elsewhere that the log must contain; may be given several times' -r -F
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from verify" -l checkpoint -d 'Write the checkpoint of the log as it is now' -r -F
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand log; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and not __fish_seen_subcommand_from add list remove check" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and not __fish_seen_subcommand_from add list remove check" -f -a "add" -d 'List a person with a key, and put them in groups'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and not __fish_seen_subcommand_from add list remove check" -f -a "list" -d 'Show who is listed, with which keys, in which groups'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and not __fish_seen_subcommand_from add list remove check" -f -a "remove" -d 'Take a person off the list, or one of their keys'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and not __fish_seen_subcommand_from add list remove check" -f -a "check" -d 'Prove the list: every problem of its three files, and who can write them'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from add" -l key -d 'The public key: a file (`alice.pub`), or its text' -r -F
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from add" -l group -d 'A group to put the person in, made when it is new; may be given several times' -r
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from add" -l valid-before -d 'From then on the key no longer counts: a day (`2027-01-01`, UTC) or a time (`2027-01-01T12:00:00Z`)' -r
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from add" -l system -d 'Edit the system\'s list in /etc/remgate'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from remove" -l key -d 'Only the key with this fingerprint, as `approver list` shows it' -r
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from remove" -l system -d 'Edit the system\'s list in /etc/remgate'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from check" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand approver; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand doctor" -l member -d 'An account that asks or approves on this machine; may be given several times' -r -f -a "(__fish_complete_users)"
complete -c remgate -n "__fish_remgate_using_subcommand doctor" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand doctor" -l setup -d 'Print the commands that set up what the accounts of this machine share, as a script; what is done is marked so'
complete -c remgate -n "__fish_remgate_using_subcommand doctor" -l apply -d 'Call those commands; as root'
complete -c remgate -n "__fish_remgate_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand completions" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand man" -s h -l help -d 'Print help'
