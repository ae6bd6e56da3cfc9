module completions {

  # A gate in front of remediation commands: judge, ask, record, run, record
  export extern remgate [
    --help(-h)                # Print help
    --version(-V)             # Print version
  ]

  def "nu-complete remgate run mode" [] {
    [ "interactive" "wait" "deny" "explain" ]
  }

  # Judge a command, ask who must be asked, run it, and record both
  export extern "remgate run" [
    --mode: string@"nu-complete remgate run mode" # How to meet a demand for a human; only a stricter mode than the detected one is accepted
    --timeout: string         # End the command and everything it started after this long (`90s`, `5m`, `1h30m`)
    --ask-timeout: string     # How long the question stays open, or approvals are waited for
    --reason: string          # Why; kept in the record, and required by some rules
    --ticket: string          # The incident or change this belongs to; kept in the record, and required by some rules
    --json                    # Print the gate's own messages as JSON lines on standard error
    --status-fd: string       # Write what became of the action as JSON lines to this file descriptor
    --no-wait                 # Do not wait for approvals: leave a request, print its id, and exit 75
    --approval: string        # An approval of the request that this same command left before: its text, a file, or `-` for standard input; may be given several times
    --expires: string         # How long a new request can be approved and used, at most 7d
    --break-glass: string     # Run it without the people it takes, and owe a review; for a human at a terminal, never against `deny`
    --key: path               # The key that signs for --break-glass, instead of one from the ssh-agent
    -c: string                # A shell text; every command in it is judged
    --help(-h)                # Print help (see more with '--help')
    ...command: string        # The command and its arguments
  ]

  # Say how a command would be judged, and what would lower the verdict; run and record nothing
  export extern "remgate explain" [
    --json                    # Print one JSON object
    --jsonl                   # Explain every JSON line of standard input, one line each
    -c: string                # A shell text; every command in it is judged
    --help(-h)                # Print help
    ...command: string        # The command and its arguments
  ]

  # Show the requests that wait for approval, or everything about one
  export extern "remgate pending" [
    --watch                   # Keep the table on the screen, and draw it anew as it changes
    --all                     # List requests that were used, rejected or have expired, too
    --json                    # Print JSON
    --help(-h)                # Print help
    id?: string               # Show everything about this request
  ]

  # Look at a request, and sign that it may run, once and exactly so
  export extern "remgate approve" [
    --key: path               # Sign with this key instead of one from the ssh-agent; a public key stands for the private one in the agent
    --print                   # Sign nothing; print the `ssh-keygen` command that does, with the key of --key where there is one
    --signature: path         # Take a signature that was made elsewhere, by the command that --print shows
    --json                    # Print JSON
    --help(-h)                # Print help
    request: string           # The request: its id, the text of `remgate request export`, a file that holds it, or `-` for standard input
  ]

  # Refuse a request for good, signed
  export extern "remgate reject" [
    --reason: string          # Why; whoever asked is told
    --key: path               # Sign with this key instead of one from the ssh-agent
    --json                    # Print JSON
    --help(-h)                # Print help
    request: string           # The request: its id, the text of `remgate request export`, a file that holds it, or `-` for standard input
  ]

  def "nu-complete remgate resume mode" [] {
    [ "interactive" "wait" "deny" "explain" ]
  }

  # Run what a request asked for, once it is approved; everything is judged and compared again before
  export extern "remgate resume" [
    --mode: string@"nu-complete remgate resume mode" # How to meet a demand for a human; only a stricter mode than the detected one is accepted
    --no-wait                 # Do not wait for approvals: exit 75 where they are not there yet
    --ask-timeout: string     # How long to wait for approvals
    --approval: string        # An approval that was given elsewhere: its text, a file (also a bare signature), or `-` for standard input; may be given several times
    --json                    # Print the gate's own messages as JSON lines on standard error
    --status-fd: string       # Write what became of the action as JSON lines to this file descriptor
    --help(-h)                # Print help (see more with '--help')
    id: string                # The request, as `run` or `pending` showed it
  ]

  # Carry requests and approvals between machines
  export extern "remgate request" [
    --help(-h)                # Print help
  ]

  # Print a request as one text that travels by chat or mail, for `remgate approve` elsewhere
  export extern "remgate request export" [
    --qr                      # Draw it as a QR code
    --help(-h)                # Print help
    id: string                # The request
  ]

  # Print the exact bytes that approvers sign
  export extern "remgate request show" [
    --help(-h)                # Print help
    request: string           # The request: its id, its text, a file that holds it, or `-` for standard input
  ]

  # Take an approval, rejection or review that was given elsewhere into the inbox of this machine
  export extern "remgate request import" [
    --help(-h)                # Print help
    vote: string              # The text, a file that holds it, or `-`
  ]

  # List the runs without approval (--break-glass) that are owed a review, or sign one off
  export extern "remgate review" [
    --finding: string         # What came of the review; it is signed with it
    --key: path               # Sign with this key instead of one from the ssh-agent
    --json                    # Print JSON
    --help(-h)                # Print help
    request?: string          # The run to review: its id, its text, a file, or `-` for standard input; without it, what is owed is listed
  ]

  # Check, show or begin rule files
  export extern "remgate rules" [
    --help(-h)                # Print help
  ]

  # Prove every rule file, its examples, and every cell of the decision table
  export extern "remgate rules check" [
    --json                    # Print JSON
    --help(-h)                # Print help
    ...files: path            # Files to check as user files, instead of the layers in force
  ]

  # Show the rules in force, or the decision table
  export extern "remgate rules show" [
    --table                   # Draw the decision table
    --markdown                # Print what the built-in packs know, as a page of Markdown
    --json                    # Print JSON
    --help(-h)                # Print help
    program?: string          # Only rules about this program
  ]

  # Hold every example, every near-miss, and cases of your own against the rules
  export extern "remgate rules test" [
    --json                    # Print JSON
    --help(-h)                # Print help
    ...files: path            # Case files (*.cases), and rule files to use instead of the layers in force
  ]

  # Say which programs, operations and options of real commands no rule knows, most frequent first
  export extern "remgate rules coverage" [
    --json                    # Print JSON
    --limit: string           # How many rows of each list
    --help(-h)                # Print help
    file?: path               # JSON lines; `-` is standard input
  ]

  # Write a commented starter file from the tools found on this machine
  export extern "remgate rules init" [
    --print                   # Print it instead
    --force                   # Overwrite an existing file
    --help(-h)                # Print help
  ]

  # Read or verify the record
  export extern "remgate log" [
    --help(-h)                # Print help
  ]

  # Show what ran, what did not, and who was asked
  export extern "remgate log show" [
    --since: string           # From then on: a time (`2026-11-21T08:00:00Z`), a day (`2026-11-21`) or an age (`2h`)
    --until: string           # Up to then
    --actor: string           # Only this actor: a login name, `human`, `agent` or `ci`
    --tool: string            # Only this tool
    --verdict: string         # Only this verdict: run, confirm, two-person or deny
    --id: string              # Only this action
    --last: string            # Only the latest N actions
    --json                    # Print the records as JSON lines
    --follow(-f)              # Keep printing as records arrive
    --help(-h)                # Print help
  ]

  # Verify the whole chain
  export extern "remgate log verify" [
    --anchor: path            # A checkpoint kept elsewhere that the log must contain; may be given several times
    --checkpoint: path        # Write the checkpoint of the log as it is now
    --json                    # Print JSON
    --help(-h)                # Print help
  ]

  # Say who may approve: list people with their keys, take them off, prove the list
  export extern "remgate approver" [
    --help(-h)                # Print help
  ]

  # List a person with a key, and put them in groups
  export extern "remgate approver add" [
    --key: path               # The public key: a file (`alice.pub`), or its text
    --group: string           # A group to put the person in, made when it is new; may be given several times
    --valid-before: string    # From then on the key no longer counts: a day (`2027-01-01`, UTC) or a time (`2027-01-01T12:00:00Z`)
    --system                  # Edit the system's list in /etc/remgate
    --help(-h)                # Print help
    name: string              # The person; one plain name, no pattern
  ]

  # Show who is listed, with which keys, in which groups
  export extern "remgate approver list" [
    --json                    # Print JSON
    --help(-h)                # Print help
  ]

  # Take a person off the list, or one of their keys
  export extern "remgate approver remove" [
    --key: string             # Only the key with this fingerprint, as `approver list` shows it
    --system                  # Edit the system's list in /etc/remgate
    --help(-h)                # Print help
    name: string              # The person
  ]

  # Prove the list: every problem of its three files, and who can write them
  export extern "remgate approver check" [
    --json                    # Print JSON
    --help(-h)                # Print help
  ]

  # Say how far this installation enforces, and what is wrong with it; or set up a shared inbox
  export extern "remgate doctor" [
    --json                    # Print JSON
    --setup                   # Print the commands that set up what the accounts of this machine share, as a script; what is done is marked so
    --apply                   # Call those commands; as root
    --member: string          # An account that asks or approves on this machine; may be given several times
    --help(-h)                # Print help
  ]

  def "nu-complete remgate completions shell" [] {
    [ "bash" "zsh" "fish" "elvish" "powershell" "nushell" ]
  }

  # Print the completion script of a shell
  export extern "remgate completions" [
    --help(-h)                # Print help
    shell: string@"nu-complete remgate completions shell" # The shell
  ]

  # Write the manual pages into a directory
  export extern "remgate man" [
    --help(-h)                # Print help
    directory: directory      # An existing directory
  ]

}

export use completions *
