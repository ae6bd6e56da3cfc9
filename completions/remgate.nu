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
    --ask-timeout: string     # How long the question stays open
    --reason: string          # Why; kept in the record, and required by some rules
    --ticket: string          # The incident or change this belongs to; kept in the record, and required by some rules
    --json                    # Print the gate's own messages as JSON lines on standard error
    --status-fd: string       # Write what became of the action as JSON lines to this file descriptor
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

  # Say how far this installation enforces, and what is wrong with it; change nothing
  export extern "remgate doctor" [
    --json                    # Print JSON
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
