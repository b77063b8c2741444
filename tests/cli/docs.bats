#!/usr/bin/env bats
# README.md, the manual pages and the demo do what they say.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	command -v python3 >/dev/null || skip "python3 is not installed"
}

# What the examples of a document print is what the document shows.
are_true() {
	run -0 "$ROOT/tests/update-docs" --check "$ROOT/$1"
	is_output ''
}

@test "the examples of README.md print what it shows" {
	grep -q '^```sh$' "$ROOT/README.md"
	are_true README.md
}

@test "the examples of aqi(7) print what it shows" {
	are_true man/aqi.7
}

@test "the examples of aqi-category(1) print what it shows" {
	are_true man/aqi-category.1
}

@test "the examples of aqi-features(1) print what it shows" {
	are_true man/aqi-features.1
}

@test "the examples of aqi-serve(1) print what it shows" {
	are_true man/aqi-serve.1
}

@test "the examples of aqi-loadgen(1) print what it shows" {
	are_true man/aqi-loadgen.1
}

@test "the examples of aqi-predict(1) print what it shows" {
	are_true man/aqi-predict.1
}

@test "the examples of aqi-source(5) print what it shows" {
	are_true man/aqi-source.5
}

@test "the examples of aqi-validate(1) print what it shows" {
	are_true man/aqi-validate.1
}

@test "the examples of aqi-model(1) print what it shows" {
	are_true man/aqi-model.1
}

@test "the examples of aqi-model(5) print what it shows" {
	are_true man/aqi-model.5
}

@test "the examples of aqi-schema(5) print what it shows" {
	are_true man/aqi-schema.5
}

@test "each manual page has examples that are run" {
	for page in "$ROOT"/man/*.[1-9]; do
		[ "$(sed -n '/^\.Sh EXAMPLES/,$p' "$page" |
		     grep -cE '^(\.Dl )?\$ ')" -ge 2 ]
		grep -q "are_true man/$(basename "$page")" \
			"$ROOT/tests/cli/docs.bats"
	done
}

@test "what the pages refer to is there, and each refers to aqi(7)" {
	cd "$ROOT/man"
	for page in *.[1-9]; do
		for other in $(sed -nE 's/^\.(It )?Xr (aqi[a-z-]*) ([1-9]).*/\2.\3/p' \
				"$page" | sort -u); do
			[ -e "$other" ] || {
				echo "$page: $other"
				return 1
			}
		done
		[ "$page" = aqi.7 ] || grep -q '^\.Xr aqi 7' "$page"
		[ "$page" = aqi.7 ] ||
			sed -n '/^\.Sh SEE ALSO/,$p' aqi.7 | grep -qE \
				"^\.Xr ${page%.*} ${page##*.}( ,)?$"
	done
}

@test "pages fit a terminal of 80 columns, but for what programs print" {
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	for page in "$ROOT"/man/*.[1-9]; do
		mandoc -T ascii -O width=78 "$page" | sed 's/.\x08//g' |
		awk -v page="$page" '
		/^[A-Z]/ { section = $0 }
		length($0) > 80 && section != "EXAMPLES" {
			print page ": " $0
			bad = 1
		}
		END { exit bad }'
	done
}

@test "groff, which man uses, finds room for each line of the pages" {
	command -v groff >/dev/null || skip "groff is not installed"
	for page in "$ROOT"/man/*.[1-9]; do
		run -0 bash -c 'groff -mandoc -Tascii -rLL=78n "$1" 2>&1 >/dev/null' \
			- "$page"
		[[ $output != *"can't break line"* ]]
	done
}

@test "an example that prints something else is found" {
	sed '/^```text$/{n;s/^/x/;}' "$ROOT/README.md" >README.md
	run -1 "$ROOT/tests/update-docs" --check README.md
	[[ $output == *"-x"* ]]
	cp README.md before.md
	sed 's/^Unhealthy/x/; s/^B,157.3,/B,1,/' "$ROOT/man/aqi-category.1" \
		>aqi-category.1
	run -1 "$ROOT/tests/update-docs" --check aqi-category.1
	cmp README.md before.md
}

@test "an example that ends badly is found" {
	printf '```sh\naqi-predict --no-such-option\n```\n```text\n```\n' >a.md
	run -2 "$ROOT/tests/update-docs" --check a.md
	printf '.Sh EXAMPLES\n.Dl $ aqi-predict nothing.csv | cat\n' >a.1
	run -2 "$ROOT/tests/update-docs" --check a.1
}

@test "the demo shows the main job, without colours in a pipe" {
	run -0 --separate-stderr "$ROOT/examples/demo.sh"
	[ -z "$stderr" ]
	[[ $output == *"aqi-features: read 48 written 47 refused 1"* ]]
	[[ $output == *"aqi-validate: read 47 written 46 refused 1"* ]]
	[[ $output == *"aqi-predict: read 46 written 46 refused 0 unpredicted 1"* ]]
	[[ $output != *$'\033'* ]]
	[ "$(printf '%s\n' "$output" | grep -cE \
		'^    (Northgate|Riverside)  [0-9]{2}:00 ')" = 16 ]
}

@test "the demo fits a terminal of 80 columns" {
	"$ROOT/examples/demo.sh" >out
	run -1 grep -nE '.{81}' out
}

@test "the commands that the demo ends with work" {
	cd "$ROOT"
	# What is indented behind "The same without", up to the last hint.
	examples/demo.sh | sed -n '/^The same without/,/^README/p' |
		sed -n 's/^    //p' | sed "s,build/,$BUILD/,g" \
		>"$BATS_TEST_TMPDIR/commands"
	[ "$(grep -c aqi-predict "$BATS_TEST_TMPDIR/commands")" -ge 2 ]
	run -0 sh -e "$BATS_TEST_TMPDIR/commands"
	[[ $output == *,aqi,category,confidence* ]]
}

@test "the demo fails where a program does" {
	mkdir bin
	cp "$BUILD"/aqi-features "$BUILD"/aqi-validate "$BUILD"/aqi-category bin
	printf '#!/bin/sh\nexit 3\n' >bin/aqi-predict
	chmod +x bin/aqi-predict
	BUILD=$PWD/bin run -3 "$ROOT/examples/demo.sh"
}

@test "the documents speak of files that are there" {
	cd "$ROOT"
	for file in $(grep -ohE '\b(examples|models|tests|lib|man|cmd|completions)/[a-zA-Z0-9_./-]+' \
			README.md CONTRIBUTING.md CHANGELOG.md \
			tests/README.md | sort -u); do
		case $file in */NAME.json|*/FILE) continue ;; esac
		[ -e "${file%.}" ] || [ -e "${file%/}" ] || {
			echo "$file"
			return 1
		}
	done
}

# The second column of its tables, where a command may stand, too.
@test "the table of promises names tests that are there" {
	local name n=0
	cd "$ROOT"
	for name in $(awk -F '|' '/^\|/ { print $3 }' tests/README.md |
			grep -o '`[^`]*`' | tr -d '`' | grep -v ' ' | sort -u); do
		n=$((n + 1))
		[ -e "tests/cli/$name.bats" ] || [ -e "tests/unit/$name.c" ] ||
			[ "$name" = fuzz_ ] || [ -e "tests/fuzz/$name.c" ] ||
			[ -e "tests/$name" ] || { echo "$name"; return 1; }
	done
	[ "$n" -gt 40 ]
}
