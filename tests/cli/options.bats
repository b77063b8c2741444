#!/usr/bin/env bats
# The options of --help, of the manual pages and of the completions are the same.

setup() {
	load helper
}

# Each is a list of spellings, -o and --output, one a line and sorted.

# The commands that a program has, as its --help lists them.
commands_of() {
	"$1" --help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

help_of() {
	"$1" --help
	for command in $(commands_of "$1"); do
		"$1" "$command" --help
	done
}

options_of_help() {
	help_of "$1" |
	sed -nE 's/^ {2,6}((-[A-Za-z]), |    )?(--[a-z][a-z-]*).*/\2\n\3/p' |
	sed '/^$/d' | sort -u
}

# The options of some sections of a page.
options_of_page() {
	local page=$1 section
	shift
	for section; do
		sed -nE "/^\.S[hs] $section\$/,/^\.S[hs] /p" "$ROOT/man/$page"
	done | sed -n 's/^\.It Fl /Fl /p' | grep -oE '(^|[ ,])Fl -?[A-Za-z][a-z-]*' |
	sed -E 's/.*Fl /-/' | sort -u
}

options_of_manual() {
	local source
	source=("$ROOT/cmd/$1.c" "$ROOT/cmd/${1#aqi-}"_*.c)
	[ -e "${source[1]}" ] || unset 'source[1]'
	{
		options_of_page "$1.1" DESCRIPTION
		options_of_page aqi.7 'Options of all programs'
		! grep -qE 'aqi_cli_(common|stream)_argp' "${source[@]}" ||
			options_of_page aqi.7 \
				'Options of programs that write records'
		! grep -qE 'aqi_cli_(reading|stream)_argp' "${source[@]}" ||
			options_of_page aqi.7 \
				'Options of programs that read records'
		! grep -q aqi_cli_stream_argp "${source[@]}" ||
			options_of_page aqi.7 \
				'Options of programs that pass records on'
		! grep -q aqi_cli_number_argp "${source[@]}" ||
			options_of_page aqi.7 \
				'Options of programs that compute numbers'
	} | sort -u
}

options_of_completion() {
	case $1 in
	bash)
		sed -En "/^\t+words='-/,/'\$/p" \
			"$ROOT/completions/bash/$2" |
		grep -oE -- '-[-a-zA-Z]+' ;;
	zsh)
		sed -nE "s/^\t'\*?(\(([^)]*)\)|(-[-a-zA-Z]+)).*/\2\3/p" \
			"$ROOT/completions/zsh/_$2" | tr ' ' '\n' ;;
	fish)
		sed "s/ -n '[^']*'//" "$ROOT/completions/fish/$2.fish" |
		grep -oE '^complete .* -([sl]) [-a-zA-Z]+' |
		grep -oE -- '-[sl] [-a-zA-Z]+' |
		sed 's/^-s /-/; s/^-l /--/' ;;
	esac | sort -u
}

programs() {
	local source
	for source in "$ROOT"/cmd/aqi-*.c; do
		basename "$source" .c
	done
}

@test "--help and the manual have the same options" {
	for program in $(programs); do
		diff -u --label "$program --help" --label "$program manual" \
			<(options_of_help "$program") \
			<(options_of_manual "$program")
		[ "$(options_of_help "$program" | wc -l)" -ge 8 ]
	done
}

@test "--help and the completions have the same options" {
	for program in $(programs); do
		for shell in bash zsh fish; do
			diff -u --label "$program --help" \
				--label "$program in $shell" \
				<(options_of_help "$program") \
				<(options_of_completion $shell "$program")
		done
	done
}

@test "the options of a program's own page are in its synopsis, in that order" {
	for program in $(programs); do
		# Of two spellings, the short one, which stands first.
		diff -u --label "$program DESCRIPTION" --label SYNOPSIS \
			<(sed -nE '/^\.Sh DESC/,/^\.Sh /s/^\.It (Fl [^ ]+).*/\1/p' \
				"$ROOT/man/$program.1") \
			<(sed -nE '/^\.Sh SYN/,/^\.Sh /s/^\.Op (Fl [^ ]+).*/\1/p' \
				"$ROOT/man/$program.1")
	done
}

@test "options stand in alphabetical order in each list of the manuals" {
	for page in "$ROOT"/man/*.[1-9]; do
		awk -v page="$page" '
		/^\.S[hs] |^\.Bl |^\.El/ { last = "" }
		/^\.It Fl / {
			name = tolower($3)
			sub(/^-/, "", name)
			if (last != "" && name < last) {
				print page ": " name " stands behind " last
				bad = 1
			}
			last = name
		}
		END { exit bad }' "$page"
	done
}

@test "no line of --help is blank for want of a column" {
	for program in $(programs); do
		run -1 grep -nE '^ +$' <("$program" --help)
	done
}

@test "a whole clause stands under each option" {
	for page in "$ROOT"/man/*.[1-9]; do
		awk -v page="$page" '
		option != "" && !/^\.It/ {
			if ($0 !~ /^[A-Z].*[a-zA-Z0-9]\.$/) {
				print page ": under " option ": " $0
				bad = 1
			}
			option = ""
		}
		/^\.It Fl / { option = $3 }
		END { exit bad }' "$page"
	done
}

@test "the manuals are clean for mandoc" {
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	run -0 mandoc -T lint -W warning "$ROOT"/man/*.[1-9]
	is_output ''
}

@test "each page has its sections in order" {
	for page in "$ROOT"/man/aqi-*.1; do
		[ "$(sed -nE 's/^\.Sh (NAME|SYNOPSIS|DESCRIPTION|EXIT STATUS|EXAMPLES|SEE ALSO)$/\1/p' "$page" | tr '\n' ,)" = \
			'NAME,SYNOPSIS,DESCRIPTION,EXIT STATUS,EXAMPLES,SEE ALSO,' ]
	done
}
