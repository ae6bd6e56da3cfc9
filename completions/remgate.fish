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
complete -c remgate -n "__fish_remgate_needs_command" -f -a "rules" -d 'Check, show or begin rule files'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "log" -d 'Read or verify the record'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "doctor" -d 'Say how far this installation enforces, and what is wrong with it; change nothing'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c remgate -n "__fish_remgate_needs_command" -f -a "man" -d 'Write the manual pages into a directory'
complete -c remgate -n "__fish_remgate_using_subcommand run" -l mode -d 'How to meet a demand for a human; only a stricter mode than the detected one is accepted' -r -f -a "interactive\t'Ask at the terminal'
wait\t'Wait for approvals from elsewhere'
deny\t'Refuse what needs a human'
explain\t'Only say what would happen'"
complete -c remgate -n "__fish_remgate_using_subcommand run" -l timeout -d 'End the command and everything it started after this long (`90s`, `5m`, `1h30m`)' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l ask-timeout -d 'How long the question stays open' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l reason -d 'Why; kept in the record, and required by some rules' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l ticket -d 'The incident or change this belongs to; kept in the record, and required by some rules' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l status-fd -d 'Write what became of the action as JSON lines to this file descriptor' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -s c -d 'A shell text; every command in it is judged' -r
complete -c remgate -n "__fish_remgate_using_subcommand run" -l json -d 'Print the gate\'s own messages as JSON lines on standard error'
complete -c remgate -n "__fish_remgate_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c remgate -n "__fish_remgate_using_subcommand explain" -s c -d 'A shell text; every command in it is judged' -r
complete -c remgate -n "__fish_remgate_using_subcommand explain" -l json -d 'Print one JSON object'
complete -c remgate -n "__fish_remgate_using_subcommand explain" -l jsonl -d 'Explain every JSON line of standard input, one line each'
complete -c remgate -n "__fish_remgate_using_subcommand explain" -s h -l help -d 'Print help'
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
complete -c remgate -n "__fish_remgate_using_subcommand doctor" -l json -d 'Print JSON'
complete -c remgate -n "__fish_remgate_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand completions" -s h -l help -d 'Print help'
complete -c remgate -n "__fish_remgate_using_subcommand man" -s h -l help -d 'Print help'
