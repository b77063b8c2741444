# A program's completions for bash, from the lines of options.awk.

# How the value of an option is completed, as lines of an arm of a case.
function how(   text) {
	if ($5 != "")
		text = text "words=$(" program " " $5 \
			" 2>/dev/null | cut -f 1)\n"
	else if ($4 != "")
		text = text "words='" $4 "'\n"
	if ($3)
		text = text "files=1\n"
	if (text == "")
		text = "return\n"
	# A value that may be left out comes behind a = only.
	if ($2 == "optional")
		gsub(/[^\n]+\n/, "[[ -z $equals ]] || &", text)
	return text
}

# Lines that set words to a list, at a depth of tabs.
function set(list, tabs,   word, n, i, line, text) {
	n = split(list, word, " ")
	line = tabs "words='" word[1]
	for (i = 2; i <= n; i++) {
		if (length(line) + length(word[i]) > 60) {
			text = text line "\n"
			line = tabs "\t" word[i]
		} else {
			line = line " " word[i]
		}
	}
	return text line "'"
}

# Those of the command that was typed, or what all have.
function set_by_command(   n, word, i) {
	n = split(commands, word, " ")
	print "\t\tcase ${COMP_WORDS[1]} in"
	for (i = 1; i <= n; i++)
		if (spellings[word[i]] != "")
			print "\t\t" word[i] ")\n" set(spellings[word[i]] \
				spellings[""], "\t\t\t") "\n\t\t\t;;"
	print "\t\t*)\n" set(spellings[""], "\t\t\t") "\n\t\t\t;;"
	print "\t\tesac"
}

{
	n_commands = commands == "" ? 0 : split($9, of, " ")
	for (i = 1; i <= n_commands; i++)
		spellings[of[i]] = spellings[of[i]] $1 " "
	if (n_commands == 0)
		spellings[""] = spellings[""] $1 " "
	if ($2 == "none")
		next
	text = how()
	if (!(text in names))
		order[++n_arms] = text
	else
		names[text] = names[text] "|"
	gsub(/ /, "|", $1)
	names[text] = names[text] $1
}

END {
	name = program
	gsub(/-/, "_", name)
	print "# Completion of " program " for bash. completions/make.sh " \
		"makes this file of the\n# manual pages: change them, not it."
	print "_" name "()\n{"
	print "\tlocal word=${COMP_WORDS[COMP_CWORD]}"
	print "\tlocal option=${COMP_WORDS[COMP_CWORD-1]}"
	print "\tlocal words='' files='' equals=''\n"
	print "\t# --option=value comes as three words."
	print "\tif [[ $word == = ]]; then"
	print "\t\tword='' equals=1"
	print "\telif [[ $option == = ]]; then"
	print "\t\toption=${COMP_WORDS[COMP_CWORD-2]} equals=1"
	print "\tfi"
	print "\tCOMPREPLY=()"
	print "\tcase $option in"
	for (i = 1; i <= n_arms; i++) {
		text = order[i]
		gsub(/\n/, "\n\t\t", text)
		printf "\t%s)\n\t\t%s;;\n", names[order[i]], text
	}
	print "\tesac"
	print "\tif [[ $words || $files ]]; then\n\t\t:"
	print "\telif [[ $word == -* ]]; then"
	if (commands == "")
		print set(spellings[""], "\t\t")
	else
		set_by_command()
	if (commands != "")
		print "\telif ((COMP_CWORD == 1)); then\n\t\twords='" \
			commands "'"
	if (reads_files)
		print "\telse\n\t\tfiles=1"
	print "\tfi"
	print "\t[[ -z $words ]] ||"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")"
	print "\tif [[ $files ]]; then"
	print "\t\tcompopt -o filenames 2>/dev/null"
	print "\t\tmapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < \\"
	print "\t\t\t<(compgen -f -- \"$word\")"
	print "\tfi\n}"
	print "complete -F _" name " " program
}
