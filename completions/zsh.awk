# A program's completions for zsh, from the lines of options.awk: a
# specification of _arguments for each option.

function quoted(text) {
	gsub(/'/, "'\\''", text)
	return text
}

# The spellings of an option, each with how its value may follow it.
function names(   i, n, list, text, end) {
	n = split($1, list, " ")
	for (i = 1; i <= n; i++) {
		end = ""
		if ($2 != "none")
			end = list[i] ~ /^--/ ? "=" : "+"
		if ($2 == "optional")
			end = end "-"
		text = text (i > 1 ? "," : "") list[i] end
	}
	if ($8)
		return n > 1 ? "'*'{" text "}" : "'*" text
	return n > 1 ? "'(" $1 ")'{" text "}" : "'" text
}

function action(   words) {
	words = $5 == "" ? $4 : "$(" program " " $5 " 2>/dev/null | cut -f 1)"
	if (words == "")
		return $3 ? "_files" : " "
	if (!$3)
		return "(" words ")"
	return "{_alternative \"words\\:" $6 "\\:(" words ")\"" \
		" files\\:file\\:_files}"
}

function spec(   text) {
	text = $7
	gsub(/[][\\]/, "\\\\&", text)
	text = "\t" names() ($1 ~ / / ? "'" : "") "[" quoted(text) "]"
	if ($2 != "none")
		text = text ($2 == "optional" ? "::" : ":") $6 ":" \
			quoted(action())
	return text "'"
}

{
	n_commands = commands == "" ? 0 : split($9, of, " ")
	for (i = 1; i <= n_commands; i++)
		own[of[i]] = own[of[i]] spec() "\n"
	if (n_commands == 0)
		shared = shared " \\\n" spec()
}

# Of the command that was typed.
function print_own(   n, word, i) {
	n = split(commands, word, " ")
	print "local -a own\ncase $words[2] in"
	for (i = 1; i <= n; i++)
		if (own[word[i]] != "")
			print word[i] ")\n\town=(\n" own[word[i]] "\t);;"
	print "esac"
}

END {
	print "#compdef " program
	print "# Completion of " program " for zsh. completions/make.sh " \
		"makes this file of the\n# manual pages: change them, not it."
	if (commands != "")
		print_own()
	printf "_arguments -s -S%s%s", commands == "" ? "" : " $own", shared
	if (commands != "")
		printf " \\\n\t'1:command:(%s)'", commands
	print reads_files ? " \\\n\t'*:file:_files'" : ""
}
