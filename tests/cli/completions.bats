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

@test "the options of the command that was typed are completed" {
	run -0 completions_of aqi-model check --v
	is_output $'--verbose\n--version'
	run -0 completions_of aqi-model eval --v
	is_output --version
	run -0 completions_of aqi-model quantize --lea
	is_output --leaf-step
	run -0 completions_of aqi-model eval --leaf
	is_output --leaf
	run -0 completions_of aqi-model --ver
	is_output --version
	run -0 completions_of aqi-model info -
	is_output $'-o\n--output\n--json\n--errors\n--help\n--usage\n--version'
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
		case \$1 in --list-models)
			exec "$real" "\$1" ;;
		esac
		printf '<%s>' "\$@"
		echo
	END
	cat >bin/aqi-model <<-'END'
		#!/bin/sh
		printf '<%s>' "$@"
		echo
	END
	chmod +x bin/*
	PATH=$PWD/bin:$PATH
	cd here
}

# Of each shell, and then of this one, in one session.
completes() {
	{
		cat <<-'END'
		aqi-predict --mod	=<--model>
		aqi-predict -O n	=<-O><ndjson>
		aqi-predict --input-format=n	=<--input-format=ndjson>
		aqi-predict --schema ob	=<--schema><observed>
		aqi-predict -m to	=<-m><town>
		aqi-predict -m sta	=<-m><stations.csv>
		aqi-predict --max-errors sta	=<--max-errors><sta>
		aqi-predict --stats sta	=<--stats><stations.csv>
		aqi-model quantize --lea	=<quantize><--leaf-step>
		aqi-model eval --lea	=<eval><--leaf>
		aqi-pre	aqi-predict
		aqi-predict --dec	--decimal-comma	--decimals
		aqi-validate --schema 	api	observed	stations.csv
		aqi-validate --summary=	text	json
		aqi-features --from 	base	beijing-prsa	stations.csv
		aqi-predict -m 	production	town
		END
		cat
	} >cases
	# zsh sends a SIGCONT to what it waits for, which takes away the stop
	# that the leak checker gives its own process and then waits for.
	ASAN_OPTIONS=detect_leaks=0 \
		run "$ROOT/tests/cli/complete" "$1" "$ROOT/completions" <cases
	is_output ''
	[ "$status" = 0 ]
}

@test "bash completes on a terminal" {
	prepare_terminal bash
	completes bash </dev/null
}

@test "zsh completes on a terminal, and says what an option does" {
	prepare_terminal zsh
	completes zsh <<-'END'
	aqi-predict --ex	act
	aqi-predict --dec	--decimals       -- Write new numbers with so many decimals
	END
}

@test "fish completes on a terminal, and says what an option does" {
	prepare_terminal fish
	completes fish <<-'END'
	aqi-predict --dec	--decimals  (Write new numbers with so many decimals)
	aqi-predict -m 	production  (built in)
	END
}
