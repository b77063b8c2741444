#!/bin/sh
# Make the completions for bash from the manual pages.
# Usage: completions/make.sh [FOLDER]: one file a program, into completions/bash.
#
# An option is a line `.It Fl ...` of DESCRIPTION. Its words to choose from are
# the Cm of that line and those that begin a line of the text below it; where
# its value is a file or path, names of files complete it. A program has the
# options of its page, and those of aqi(7) in the sets that its source asks for.
set -eu
cd "$(dirname "$0")/.."
LC_ALL=C
export LC_ALL
folder=${1:-completions/bash}
mkdir -p "$folder"

# The sections of aqi(7) that hold a program's shared options.
sections() {
	if grep -q aqi_cli_stream_argp "cmd/$1.c"; then
		echo 'Options of all programs,Options of programs that read records'
	else
		echo 'Options of all programs'
	fi
	if grep -q aqi_cli_number_argp "cmd/$1.c"; then
		echo ',Options of programs that compute numbers'
	fi
}

# A line for each spelling of each option: spelling, kind, words. Kind is n
# without a value, v with one, o with one that may be left out, f with a file.
options() {
	awk -v wanted="$2" '
	function flush(   i) {
		for (i = 1; i <= n; i++)
			print name[i] "\t" kind "\t" words
		n = 0
	}
	BEGIN {
		count = split(wanted, list, ",")
		for (i = 1; i <= count; i++)
			is_wanted[list[i]] = 1
	}
	/^\.(Sh|Ss) / {
		flush()
		section = substr($0, 5)
		next
	}
	!(section in is_wanted) { next }
	/^\.It Fl / {
		flush()
		kind = "n"
		words = ""
		for (i = 3; i <= NF; i++) {
			if ($(i - 1) == "Fl")
				name[++n] = "-" $i
			else if ($i == "Op")
				kind = "o"
			else if ($(i - 1) == "Cm" || ($(i - 1) == "|" && is_cm))
				words = words (words ? " " : "") $i
			if ($i == "file" || $i == "path")
				kind = "f"
			else if (($i == "Cm" || $i == "Ar") && kind == "n")
				kind = "v"
			if ($i == "Cm")
				is_cm = 1
			else if ($i == "Ar" || $i == "Fl")
				is_cm = 0
		}
		# -o file, --output=file: the words come once for each.
		m = split(words, w, " ")
		words = ""
		for (i = 1; i <= m; i++)
			if (index(" " words " ", " " w[i] " ") == 0)
				words = words (words ? " " : "") w[i]
		next
	}
	/^\.It / { flush() }
	/^\.Cm / && n && kind != "n" {
		if (index(" " words " ", " " $2 " ") == 0)
			words = words (words ? " " : "") $2
	}
	END { flush() }' "$1"
}

# The arms of a case: what completes the value of which options.
arms() {
	awk -F '\t' -v program="$1" '
	$2 == "n" { next }
	{
		how = ""
		if ($1 == "--from")
			how = "words=$(" program \
			      " --list-sources 2>/dev/null | cut -f 1)\n"
		else if ($3 != "")
			how = "words=\047" $3 "\047\n"
		if ($2 == "o")		# its value comes behind a = only
			how = "[[ -z $equals ]] || " how
		if ($2 == "f")
			how = how "files=1\n"
		if (how == "")
			how = "return\n"
		if (!(how in names))
			order[++n] = how
		names[how] = names[how] (names[how] ? "|" : "") $1
	}
	END {
		for (i = 1; i <= n; i++) {
			how = order[i]
			text = how
			gsub(/\n/, "\n\t\t", text)
			printf "\t%s)\n\t\t%s;;\n", names[how], text
		}
	}'
}

for source in cmd/aqi-*.c; do
	program=$(basename "$source" .c)
	table=$({
		options "man/$program.1" DESCRIPTION
		options man/aqi.7 "$(sections "$program" | tr -d '\n')"
	} | awk -F '\t' '!seen[$1]++' | sort)
	name=_$(echo "$program" | tr - _)
	all=$(echo "$table" | cut -f 1 | tr '\n' ' ' | fold -s -w 60 |
	      sed 's/ *$//; 2,$s/^/			/')
	cat >"$folder/$program" <<END
# Completion of $program for bash. completions/make.sh makes this file of the
# manual pages: change them, not it.
$name()
{
	local word=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]}
	local words='' files='' equals=''

	# --option=value comes as three words.
	if [[ \$word == = ]]; then
		word='' equals=1
	elif [[ \$option == = ]]; then
		option=\${COMP_WORDS[COMP_CWORD-2]} equals=1
	fi
	COMPREPLY=()
	case \$option in
$(echo "$table" | arms "$program")
	esac
	if [[ \$words || \$files ]]; then
		:
	elif [[ \$word == -* ]]; then
		words='$all'
	else
		files=1
	fi
	[[ -z \$words ]] ||
		mapfile -t COMPREPLY < <(compgen -W "\$words" -- "\$word")
	if [[ \$files ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < \\
			<(compgen -f -- "\$word")
	fi
}
complete -F $name $program
END
done
