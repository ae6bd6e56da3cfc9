#!/usr/bin/env bash
# What a pack costs a call: `remgate explain` of an example of each of the largest packs, against the same of `true`.
#
#   benches/packs.sh [RUNS]        default 200
#
# Needs hyperfine. Builds a release, unless REMGATE names a binary. Only the ratios of one run say something. Under
# valgrind, if it is installed, instructions are counted too, which no other process changes.
# Target: at most 1 ms more than `true` for the largest pack.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-200}
command -v hyperfine >/dev/null || { echo "hyperfine is not installed; nothing was measured" >&2; exit 1; }
if [[ -z ${REMGATE:-} ]]; then
    cargo build --release --quiet
    REMGATE=target/release/remgate
fi
remgate=$(realpath "$REMGATE")

# The first example of a rule file.
example() {
    awk '/^examples/ { found = 1 } found && match($0, /"[^"]+"/) { print substr($0, RSTART + 1, RLENGTH - 2); exit }' "$1"
}
names=("true") commands=("$remgate explain -- true") sizes=(0)
while read -r size pack; do
    names+=("$(example "$pack")")
    commands+=("$remgate explain -- $(example "$pack")")
    sizes+=("$((size / 1024))")
done < <(wc -c src/packs/*.toml | grep -v total | sort -rn | head -6)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
export HOME=$stage/home
mkdir -p "$HOME"
unset XDG_STATE_HOME XDG_CONFIG_HOME
cd "$stage"

# Whatever else the machine does comes and goes in bursts, so all commands take turns in many short rounds.
rounds=10
for ((round = 0; round < rounds; round++)); do
    hyperfine -N --style none --warmup 3 --runs $(((runs + rounds - 1) / rounds)) --export-json times.json \
        "${commands[@]}" >/dev/null 2>&1
    sed -n 's/.*"median": \([0-9.e-]*\),.*/\1/p' times.json | paste -sd' ' >>rounds
done

# The median over the rounds of an expression in columns.
middle() {
    awk "{ print $1 }" rounds | sort -g | awk '{ all[NR] = $1 } END { printf "%.2f", all[int((NR + 1) / 2)] }'
}
instructions() {
    command -v valgrind >/dev/null || { echo "-"; return; }
    # shellcheck disable=SC2086 # words, as hyperfine -N splits them
    valgrind --tool=callgrind --callgrind-out-file=counted $1 2>&1 >/dev/null | awk '/Collected/ { printf "%.1f", $NF / 1e6 }'
}
printf '%6s %10s %9s %16s  %s\n' "KiB" "x \`true\`" "ms more" "M instructions" "command"
for at in "${!commands[@]}"; do
    ratio=$(middle "\$$((at + 1)) / \$1")
    more=$(middle "1000 * (\$$((at + 1)) - \$1)")
    printf '%6s %10s %9s %16s  %s\n' "${sizes[$at]}" "$ratio" "$more" "$(instructions "${commands[$at]}")" "${names[$at]}"
done
