#!/usr/bin/env bats
# Completions for bash, which completions/make.sh makes of the manual pages.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
}

# The completions of the last word of a command line, in a bash of its own.
completions_of() {
	bash --norc --noprofile -c '
		. "$0/completions/bash/$1" || exit
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		set -- "$(complete -p "$1")"
		"$(expr "$1" : ".* -F \([^ ]*\) ")" &&
			printf "%s\n" "${COMPREPLY[@]}"' "$ROOT" "$@"
}

@test "the completions are those of the manual pages" {
	"$ROOT/completions/make.sh" "$PWD/made"
	diff -r "$ROOT/completions/bash" made
}

@test "each program has completions that bash can read" {
	for program in "$ROOT"/cmd/aqi-*.c; do
		bash -n "$ROOT/completions/bash/$(basename "$program" .c)"
	done
}

@test "the beginning of an option is completed" {
	run -0 completions_of aqi-predict --mo
	is_output --model
}

@test "values to choose from are completed, behind a blank or an equals sign" {
	run -0 completions_of aqi-predict -O n
	is_output ndjson
	run -0 completions_of aqi-validate --errors = j
	is_output json
	run -0 completions_of aqi-validate --summary =
	is_output $'text\njson'
	run -0 completions_of aqi-features --from beij
	is_output beijing-prsa
}

@test "names of files are completed" {
	touch stations.csv
	run -0 completions_of aqi-predict sta
	is_output stations.csv
	run -0 completions_of aqi-predict -o sta
	is_output stations.csv
	run -0 completions_of aqi-validate --schema ob
	is_output observed
}

@test "an option is completed behind one whose value may be left out" {
	run -0 completions_of aqi-validate --summary --sta
	is_output --stats
}

@test "nothing is proposed for a number" {
	touch 1
	run -0 completions_of aqi-predict --max-errors ''
	is_output ''
}
