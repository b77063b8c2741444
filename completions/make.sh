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

# uses PROGRAM PATTERN: do its sources ask for that?
uses() {
	cat "cmd/$1.c" "cmd/${1#aqi-}"_*.c 2>/dev/null | grep -qE "$2"
}

# The other sections of aqi(7) that hold a program's shared options.
sections() {
	! uses "$1" 'aqi_cli_(common|stream)_argp' ||
		printf ',Options of programs that write records'
	! uses "$1" aqi_cli_stream_argp ||
		printf ',Options of programs that read records'
	! uses "$1" aqi_cli_number_argp ||
		printf ',Options of programs that compute numbers'
}

# The commands of a program, as its page lists them.
commands() {
	sed -n 's/^\.It Ic \([a-z]*\).*/\1/p' "man/$1.1" | paste -sd ' ' -
}

# Those of them that read records.
streaming() {
	for command in $(commands "$1"); do
		! grep -q aqi_cli_stream_argp \
			"cmd/${1#aqi-}_$command.c" 2>/dev/null ||
			echo "$command"
	done | paste -sd ' ' -
}

# An option that is there several times is one, of several commands.
options() {
	{
		awk -v sections=DESCRIPTION -f completions/options.awk \
			"man/$1.1"
		awk -v sections='Options of all programs' \
			-f completions/options.awk man/aqi.7
		awk -v sections="$(sections "$1")" -v of="$(streaming "$1")" \
			-f completions/options.awk man/aqi.7
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
