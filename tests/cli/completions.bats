#!/usr/bin/env bats
# Completions for bash, zsh and fish, which completions/make.sh makes of the
# manual pages. Bash's are called first, then each shell completes on a terminal.

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
	run -0 "$ROOT/completions/make.sh" --check
	is_output ''
}

@test "a completion that is not up to date is found" {
	cp -R "$ROOT/completions" "$ROOT/man" "$ROOT/cmd" .
	sed -i 's/^Print the schema and exit/Show &/' man/aqi-validate.1
	run -1 --separate-stderr completions/make.sh --check
	[[ $output == *"+	'--print-schema[Show Print the schema"* ]]
	is_stderr 'completions/make.sh makes them again'
	completions/make.sh
	run -0 completions/make.sh --check
}

@test "each program has completions that its shell can read" {
	for source in "$ROOT"/cmd/aqi-*.c; do
		program=$(basename "$source" .c)
		bash -n "$ROOT/completions/bash/$program"
		! command -v zsh >/dev/null ||
			zsh -n "$ROOT/completions/zsh/_$program"
		! command -v fish >/dev/null ||
			fish -n "$ROOT/completions/fish/$program.fish"
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

@test "a value that may be left out and is none of a choice is completed as none" {
	printf -- '--one\toptional\t0\t\t\tn\tTake one\t0\n--two\tnone\t0\t\t\ttwo\tTwo\t0\n' |
		awk -F '\t' -v program=some -v reads_files=1 \
			-f "$ROOT/completions/bash.awk" >some
	bash -n some
	touch stations.csv
	proposed() {
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_some
		printf '%s\n' "${COMPREPLY[@]}"
	}
	. ./some
	run -0 proposed some --one --t
	is_output --two
	run -0 proposed some --one sta
	is_output stations.csv
	run -0 proposed some --one = sta
	is_output ''
}

@test "tasks, models and paths of the API are completed" {
	run -0 completions_of aqi-loadgen --task b
	is_output batch
	run -0 completions_of aqi-serve --open /h
	is_output /health
	touch model.json
	run -0 completions_of aqi-loadgen --verify mod
	is_output model.json
	run -0 completions_of aqi-serve -m mod
	is_output model.json
	run -0 completions_of aqi-serve -m prod
	is_output production
}

@test "zsh goes on offering what may be given several times" {
	for option in header fail-if task; do
		grep -qF "'*--$option=" "$ROOT/completions/zsh/_aqi-loadgen"
	done
	grep -qF "'*--listen=" "$ROOT/completions/zsh/_aqi-serve"
	run -1 grep -F "'*--keys=" "$ROOT/completions/zsh/_aqi-serve"
}

@test "nothing is proposed for a number" {
	touch 1
	run -0 completions_of aqi-predict --max-errors ''
	is_output ''
}

@test "no file is proposed where a program reads none" {
	touch stations.csv
	run -0 completions_of aqi-loadgen sta
	is_output ''
}

# The same in each shell, on a terminal of its own. The aqi-predict here says
# what it is called with, or has the real one list its models.
prepare_terminal() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
	command -v python3 >/dev/null || skip "python3 is not installed"
	python3 -c 'import pty; pty.openpty()' 2>/dev/null ||
		skip "there are no pseudo-terminals"
	mkdir bin here models models/town
	touch models/town/manifest.json here/stations.csv
	export AQI_MODELS_DIR=$PWD/models
	real=$(command -v aqi-predict)
	cat >bin/aqi-predict <<-END
		#!/bin/sh
		case \$1 in --list-models) exec "$real" "\$1" ;; esac
		printf '<%s>' "\$@"
		echo
	END
	chmod +x bin/aqi-predict
	PATH=$PWD/bin:$PATH
	cd here
}

# completed SHELL LINE WANTED: what the line is, once completed and sent off.
completed() {
	run -0 "$ROOT/tests/cli/complete" "$1" "$ROOT/completions" "$2"
	is_output "$3"
}

# offered SHELL LINE TEXT...: all these are offered for the line.
offered() {
	run -0 "$ROOT/tests/cli/complete" "$1" "$ROOT/completions" "${@:2}"
}

completes() {
	completed "$1" 'aqi-predict --mod' '<--model>'
	completed "$1" 'aqi-predict -O n' '<-O><ndjson>'
	completed "$1" 'aqi-predict --input-format=n' '<--input-format=ndjson>'
	completed "$1" 'aqi-predict --schema ob' '<--schema><observed>'
	completed "$1" 'aqi-predict -m to' '<-m><town>'
	completed "$1" 'aqi-predict -m sta' '<-m><stations.csv>'
	completed "$1" 'aqi-predict --max-errors sta' '<--max-errors><sta>'
	completed "$1" 'aqi-predict --stats sta' '<--stats><stations.csv>'
	offered "$1" 'aqi-pre' aqi-predict
	offered "$1" 'aqi-predict --dec' --decimal-comma --decimals
	offered "$1" 'aqi-validate --schema ' api observed stations.csv
	offered "$1" 'aqi-validate --summary=' text json
	offered "$1" 'aqi-features --from ' base beijing-prsa stations.csv
	offered "$1" 'aqi-predict -m ' production town
}

@test "bash completes on a terminal" {
	prepare_terminal bash
	completes bash
}

@test "zsh completes on a terminal, and says what an option does" {
	prepare_terminal zsh
	completes zsh
	offered zsh 'aqi-predict --ex' act
	offered zsh 'aqi-predict --dec' \
		'--decimals       -- Write new numbers with so many decimals'
}

@test "fish completes on a terminal, and says what an option does" {
	prepare_terminal fish
	completes fish
	offered fish 'aqi-predict --dec' \
		'--decimals  (Write new numbers with so many decimals)'
	offered fish 'aqi-predict -m ' 'production  (built in)'
}
