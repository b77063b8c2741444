#!/bin/sh
# Make the completions for bash, zsh and fish from the manual pages.
#
# Usage: completions/make.sh [--check | FOLDER]
#
# A file a program and shell goes into FOLDER, or beside this one. With --check
# nothing is written; what would change is shown, and the status is 1.
#
# A program has the options of its page, and those of aqi(7) in the sets that
# its source asks for; where both have one, its own page counts. options.awk
# says what is taken from a page.
set -eu
cd "$(dirname "$0")/.."
LC_ALL=C
export LC_ALL

# A set of options that are shared: what a source says to have them, and the
# section of aqi(7).
sets='common|stream	Options of programs that write records
reading|stream	Options of programs that read records
stream	Options of programs that pass records on
number	Options of programs that compute numbers'

# uses PROGRAM SET: do its sources ask for that?
uses() {
	cat "cmd/$1.c" "cmd/${1#aqi-}"_*.c 2>/dev/null |
		grep -qE "aqi_cli_($2)_argp"
}

# The commands of a program, as its page lists them.
commands() {
	sed -n 's/^\.It Ic \([a-z]*\).*/\1/p' "man/$1.1" | paste -sd ' ' -
}

# using PROGRAM SET: the commands whose sources do; of a source for several, all
# of these.
using() {
	for command in $(commands "$1"); do
		! grep -lE "^${1#aqi-}_$command\(" "cmd/${1#aqi-}"_*.c \
			2>/dev/null | xargs -r cat |
			grep -qE "aqi_cli_($2)_argp" || echo "$command"
	done | paste -sd ' ' -
}

# An option that is there several times is one, of several commands.
options() {
	{
		awk -v sections=DESCRIPTION -f completions/options.awk \
			"man/$1.1"
		awk -v sections='Options of all programs' \
			-f completions/options.awk man/aqi.7
		printf '%s\n' "$sets" | while IFS='	' read -r set section; do
			! uses "$1" "$set" ||
				awk -v sections="$section" \
					-v of="$(using "$1" "$set")" \
					-f completions/options.awk man/aqi.7
		done
	} | awk -F '\t' '
		!($1 in line) { order[++n] = $1; line[$1] = $0; next }
		{ line[$1] = line[$1] " " $9 }
		END { for (i = 1; i <= n; i++) print line[order[i]] }'
}

# make SHELL PROGRAM: a program takes files if its synopsis ends in them, or in
# models.
make() {
	options "$2" | awk -F '\t' -v program="$2" \
		-v reads_files="$(grep -cE '^\.(Op )?Ar( model)?$' \
			"man/$2.1")" -v commands="$(commands "$2")" \
		-f "completions/$1.awk"
}

make_all() {
	mkdir -p "$1/bash" "$1/zsh" "$1/fish"
	for source in cmd/aqi-*.c; do
		program=$(basename "$source" .c)
		make bash "$program" >"$1/bash/$program"
		make zsh "$program" >"$1/zsh/_$program"
		make fish "$program" >"$1/fish/$program.fish"
	done
}

if [ "${1:-}" != --check ]; then
	make_all "${1:-completions}"
	exit
fi
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
make_all "$made"
for shell in bash zsh fish; do
	diff -ru "completions/$shell" "$made/$shell" || {
		echo 'completions/make.sh makes them again' >&2
		exit 1
	}
done
