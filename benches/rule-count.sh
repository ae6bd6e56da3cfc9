#!/usr/bin/env bash
# What rules of other tools cost a call: `remgate -- true` with 10 to 5,000 of them in the user layer.
#
#   benches/rule-count.sh [RUNS]        default 200
#
# Needs hyperfine. Builds a release, unless REMGATE names a binary. Only the ratios say something. Two figures a line:
# the call that proves all rules because they changed, and every other call.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-200}
command -v hyperfine >/dev/null || { echo "hyperfine is not installed; nothing was measured" >&2; exit 1; }
if [[ -z ${REMGATE:-} ]]; then
    cargo build --release --quiet
    REMGATE=target/release/remgate
fi
remgate=$(realpath "$REMGATE")

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
unset XDG_STATE_HOME XDG_CONFIG_HOME
cd "$stage"

rules() {
    awk -v n="$1" 'BEGIN {
        for (i = 1; i <= n; i++) {
            printf "[[tool]]\nname = \"tool-%d\"\noperation = 1\nswitch = [\"-f --force\"]\n\n", i
            printf "[[rule]]\nid = \"other.%d\"\nmatch = \"tool-%d drop <name> --force\"\neffect = \"data\"\nscope = \"one\"\n", i, i
            printf "examples = [\"tool-%d drop x -f\"]\nnear-misses = [\"tool-%d drop x\"]\n\n", i, i
        }
    }'
}

# Median of a command, in seconds.
median() {
    hyperfine -N --style none --export-csv times.csv "$@" >/dev/null 2>&1
    awk -F, 'NR > 1 { print $4 }' times.csv
}

counts=(10 100 1000 5000)
for count in "${counts[@]}"; do
    config=$stage/home-$count/.config/remgate
    mkdir -p "$config"
    rules "$count" >"$config/other.toml"
done
# Files younger than 3 s are read at each call: their times could not show the next change.
sleep 4

# The counts take turns, because whatever else the machine does comes and goes in bursts.
rounds=5
for ((round = 0; round < rounds; round++)); do
    line=
    for count in "${counts[@]}"; do
        export HOME=$stage/home-$count
        line+=" $(median --runs 2 --prepare "rm -rf $HOME/.local/state/remgate" "$remgate -- true")"
    done
    for count in "${counts[@]}"; do
        export HOME=$stage/home-$count
        line+=" $(median --warmup 5 --runs $((runs / rounds)) "$remgate -- true")"
    done
    echo "$line" >>rounds
done

# The median over the rounds of one column against another one.
ratio() {
    awk "{ print \$$1 / \$$2 }" rounds | sort -g | awk '{ all[NR] = $1 } END { printf "%.2f", all[int((NR + 1) / 2)] }'
}
printf '%8s %22s %16s\n' "rules" "call after a change" "other calls"
for at in "${!counts[@]}"; do
    printf '%8s %22s %16s\n' "${counts[$at]}" "$(ratio $((at + 1)) 1)" "$(ratio $((at + 5)) 5)"
done
echo "(ratios to the line of 10 rules)"
