
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'remgate' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'remgate'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'remgate' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Judge a command, ask who must be asked, run it, and record both')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say how a command would be judged, and what would lower the verdict; run and record nothing')
            [CompletionResult]::new('pending', 'pending', [CompletionResultType]::ParameterValue, 'Show the requests that wait for approval, or everything about one')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Look at a request, and sign that it may run, once and exactly so')
            [CompletionResult]::new('reject', 'reject', [CompletionResultType]::ParameterValue, 'Refuse a request for good, signed')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Run what a request asked for, once it is approved; everything is judged and compared again before')
            [CompletionResult]::new('request', 'request', [CompletionResultType]::ParameterValue, 'Carry requests and approvals between machines')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'List the runs without approval (--break-glass) that are owed a review, or sign one off')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Check, show or begin rule files')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Read or verify the record')
            [CompletionResult]::new('approver', 'approver', [CompletionResultType]::ParameterValue, 'Say who may approve: list people with their keys, take them off, prove the list')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Say how far this installation enforces, and what is wrong with it; or set up a shared inbox')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the manual pages into a directory')
            break
        }
        'remgate;run' {
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'How to meet a demand for a human; only a stricter mode than the detected one is accepted')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'End the command and everything it started after this long (`90s`, `5m`, `1h30m`)')
            [CompletionResult]::new('--ask-timeout', '--ask-timeout', [CompletionResultType]::ParameterName, 'How long the question stays open, or approvals are waited for')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; kept in the record, and required by some rules')
            [CompletionResult]::new('--ticket', '--ticket', [CompletionResultType]::ParameterName, 'The incident or change this belongs to; kept in the record, and required by some rules')
            [CompletionResult]::new('--status-fd', '--status-fd', [CompletionResultType]::ParameterName, 'Write what became of the action as JSON lines to this file descriptor')
            [CompletionResult]::new('--approval', '--approval', [CompletionResultType]::ParameterName, 'An approval of the request that this same command left before: its text, a file, or `-` for standard input; may be given several times')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'How long a new request can be approved and used, at most 7d')
            [CompletionResult]::new('--break-glass', '--break-glass', [CompletionResultType]::ParameterName, 'Run it without the people it takes, and owe a review; for a human at a terminal, never against `deny`')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key that signs for --break-glass, instead of one from the ssh-agent')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'A shell text; every command in it is judged')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the gate''s own messages as JSON lines on standard error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for approvals: leave a request, print its id, and exit 75')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'remgate;explain' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'A shell text; every command in it is judged')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Explain every JSON line of standard input, one line each')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;pending' {
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Keep the table on the screen, and draw it anew as it changes')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'List requests that were used, rejected or have expired, too')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;approve' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Sign with this key instead of one from the ssh-agent; a public key stands for the private one in the agent')
            [CompletionResult]::new('--signature', '--signature', [CompletionResultType]::ParameterName, 'Take a signature that was made elsewhere, by the command that --print shows')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Sign nothing; print the `ssh-keygen` command that does, with the key of --key where there is one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;reject' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; whoever asked is told')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Sign with this key instead of one from the ssh-agent')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;resume' {
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'How to meet a demand for a human; only a stricter mode than the detected one is accepted')
            [CompletionResult]::new('--ask-timeout', '--ask-timeout', [CompletionResultType]::ParameterName, 'How long to wait for approvals')
            [CompletionResult]::new('--approval', '--approval', [CompletionResultType]::ParameterName, 'An approval that was given elsewhere: its text, a file (also a bare signature), or `-` for standard input; may be given several times')
            [CompletionResult]::new('--status-fd', '--status-fd', [CompletionResultType]::ParameterName, 'Write what became of the action as JSON lines to this file descriptor')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for approvals: exit 75 where they are not there yet')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the gate''s own messages as JSON lines on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'remgate;request' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print a request as one text that travels by chat or mail, for `remgate approve` elsewhere')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the exact bytes that approvers sign')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take an approval, rejection or review that was given elsewhere into the inbox of this machine')
            break
        }
        'remgate;request;export' {
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'Draw it as a QR code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;request;show' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;request;import' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;review' {
            [CompletionResult]::new('--finding', '--finding', [CompletionResultType]::ParameterName, 'What came of the review; it is signed with it')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Sign with this key instead of one from the ssh-agent')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;rules' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Prove every rule file, its examples, and every cell of the decision table')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the rules in force, or the decision table')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Hold every example, every near-miss, and cases of your own against the rules')
            [CompletionResult]::new('coverage', 'coverage', [CompletionResultType]::ParameterValue, 'Say which programs, operations and options of real commands no rule knows, most frequent first')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented starter file from the tools found on this machine')
            break
        }
        'remgate;rules;check' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;rules;show' {
            [CompletionResult]::new('--table', '--table', [CompletionResultType]::ParameterName, 'Draw the decision table')
            [CompletionResult]::new('--markdown', '--markdown', [CompletionResultType]::ParameterName, 'Print what the built-in packs know, as a page of Markdown')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;rules;test' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;rules;coverage' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How many rows of each list')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;rules;init' {
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print it instead')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite an existing file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;log' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what ran, what did not, and who was asked')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify the whole chain')
            break
        }
        'remgate;log;show' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'From then on: a time (`2026-11-21T08:00:00Z`), a day (`2026-11-21`) or an age (`2h`)')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Up to then')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'Only this actor: a login name, `human`, `agent` or `ci`')
            [CompletionResult]::new('--tool', '--tool', [CompletionResultType]::ParameterName, 'Only this tool')
            [CompletionResult]::new('--verdict', '--verdict', [CompletionResultType]::ParameterName, 'Only this verdict: run, confirm, two-person or deny')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Only this action')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'Only the latest N actions')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the records as JSON lines')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Keep printing as records arrive')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Keep printing as records arrive')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;log;verify' {
            [CompletionResult]::new('--anchor', '--anchor', [CompletionResultType]::ParameterName, 'A checkpoint kept elsewhere that the log must contain; may be given several times')
            [CompletionResult]::new('--checkpoint', '--checkpoint', [CompletionResultType]::ParameterName, 'Write the checkpoint of the log as it is now')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;approver' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'List a person with a key, and put them in groups')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show who is listed, with which keys, in which groups')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take a person off the list, or one of their keys')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Prove the list: every problem of its three files, and who can write them')
            break
        }
        'remgate;approver;add' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The public key: a file (`alice.pub`), or its text')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'A group to put the person in, made when it is new; may be given several times')
            [CompletionResult]::new('--valid-before', '--valid-before', [CompletionResultType]::ParameterName, 'From then on the key no longer counts: a day (`2027-01-01`, UTC) or a time (`2027-01-01T12:00:00Z`)')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Edit the system''s list in /etc/remgate')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;approver;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;approver;remove' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Only the key with this fingerprint, as `approver list` shows it')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Edit the system''s list in /etc/remgate')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;approver;check' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;doctor' {
            [CompletionResult]::new('--member', '--member', [CompletionResultType]::ParameterName, 'An account that asks or approves on this machine; may be given several times')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--setup', '--setup', [CompletionResultType]::ParameterName, 'Print the commands that set up what the accounts of this machine share, as a script; what is done is marked so')
            [CompletionResult]::new('--apply', '--apply', [CompletionResultType]::ParameterName, 'Call those commands; as root')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'remgate;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
