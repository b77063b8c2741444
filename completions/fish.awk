# A program's completions for fish, from the lines of options.awk.

function quoted(text) {
	gsub(/[\\']/, "\\\\&", text)
	return text
}

BEGIN {
	print "# Completion of " program " for fish. completions/make.sh " \
		"makes this file of the\n# manual pages: change them, not it."
	if (!reads_files)
		print "complete -c " program " -f"
	if (commands != "")
		print "complete -c " program \
			" -n __fish_use_subcommand -f -a '" commands "'"
}
{
	line = "complete -c " program
	if (commands != "" && $9 != "")
		line = line " -n '__fish_seen_subcommand_from " $9 "'"
	n = split($1, list, " ")
	for (i = 1; i <= n; i++) {
		name = list[i]
		if (sub(/^--/, "", name))
			line = line " -l " name
		else
			line = line " -s " substr(name, 2)
	}
	# A required value: of files, or of none.
	if ($2 == "value")
		line = line ($3 ? " -r -F" : " -x")
	# What lists words has a title behind the tab of each, as fish has it.
	if ($5 != "")
		line = line " -a '(" program " " $5 " 2>/dev/null)'"
	else if ($4 != "")
		line = line " -a '" $4 "'"
	print line " \\\n\t-d '" quoted($7) "'"
}
