#!/usr/bin/env bash
# What a whole call costs: `remgate -- true`, both records on disk, against `env true`, `doas -n true` and `sudo -n true`.
#
#   benches/whole-call.sh [RUNS]        default 300
#
# Needs hyperfine. Builds a release, unless REMGATE names a binary. The log is made in TMPDIR: put that on the disk whose
# fdatasync you want to know. Only the ratios of one run say something; times change with machine and hour.
# Target: at most 1.6 x `env true` plus twice the measured fdatasync of one record-sized append.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-300}
command -v hyperfine >/dev/null || { echo "hyperfine is not installed; nothing was measured" >&2; exit 1; }
if [[ -z ${REMGATE:-} ]]; then
    cargo build --release --quiet
    REMGATE=target/release/remgate
fi
remgate=$(realpath "$REMGATE")

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
export HOME=$stage/home
mkdir -p "$HOME"
unset XDG_STATE_HOME XDG_CONFIG_HOME
cd "$stage"

commands=("env true" "$remgate -- true")
names=("env true" "remgate -- true")
for gate in doas sudo; do
    if "$gate" -n true </dev/null >/dev/null 2>&1; then
        commands+=("$gate -n true")
        names+=("$gate -n true")
    else
        echo "left out: \`$gate -n true\` does not run here"
    fi
done

# Whatever else the machine does comes and goes in bursts, so all commands take turns: many short rounds, each with a
# ratio of its own to the round's `env true`, and the median of these. -N: no shell in between.
rounds=15
appends=100
for ((round = 0; round < rounds; round++)); do
    hyperfine -N --style none --warmup 5 --runs $(((runs + rounds - 1) / rounds)) --export-csv times.csv \
        "${commands[@]}" >/dev/null 2>&1
    # Columns: command, mean, stddev, median, ... No command here holds a comma.
    mapfile -t medians < <(awk -F, 'NR > 1 { print $4 }' times.csv)
    # One append as large as the mean record, with O_DSYNC: write and fdatasync in one. dd tells the time itself.
    log=("$HOME"/.local/state/remgate/log/*.jsonl)
    size=$(($(cat "${log[@]}" | wc -c) / $(cat "${log[@]}" | wc -l)))
    sync=$(LC_ALL=C dd if=/dev/zero of=appended bs="$size" count="$appends" oflag=append,dsync conv=notrunc 2>&1 |
        awk -v n="$appends" -F', ' '/ copied, / { sub(/ s$/, "", $(NF - 1)); printf "%.9f", $(NF - 1) / n }')
    echo "${medians[*]} $sync" >>rounds
done

# Median, least and most of an expression over the rounds; $1 is `env true`, $2 remgate, the last field the fdatasync.
over_rounds() {
    awk "{ print $1 }" rounds | sort -g |
        awk '{ all[NR] = $1 } END { printf "%.2f %.2f %.2f", all[int((NR + 1) / 2)], all[1], all[NR] }'
}

printf '\n%-40s %8s %16s\n' "$runs calls each, against \`env true\`" "median" "least - most"
line() {
    local median least most
    read -r median least most < <(over_rounds "$2"; echo)
    printf '%-40s %8s %9s - %s\n' "$1" "$median" "$least" "$most"
}
for at in "${!names[@]}"; do
    line "${names[$at]}" "\$$((at + 1)) / \$1"
done
# shellcheck disable=SC2016 # the expressions are awk's
{
    line "fdatasync of one record ($size bytes)" '$NF / $1'
    line "target: 1.6 + 2 fdatasync" '1.6 + 2 * $NF / $1'
    line "remgate without its 2 fdatasync" '($2 - 2 * $NF) / $1'
    read -r over _ < <(over_rounds '$2 / (1.6 * $1 + 2 * $NF)'; echo)
}
awk -v over="$over" 'BEGIN { printf "\ntarget %s: remgate takes %.2f of it\n", over <= 1 ? "met" : "not met", over }'
