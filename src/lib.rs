//! remgate: a gate in front of remediation commands.
