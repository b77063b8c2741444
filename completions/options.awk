# The options of a manual page, from the sections that `sections` names (with
# commas between). A line each, with tabs between:
#
#   spellings	"-o --output"
#   value	none, value, or optional: that is, behind an = only
#   files	1 when the value may name a file, else 0
#   words	to choose from: each Cm of the line .It, and those that begin
#		a line of the text below it
#   list	an option of the program that lists more words, or nothing
#   argument	what the value is called
#   description	the first line of the text, which is a whole clause
#   repeats	1 when the text says how often it "may be given", else 0
#   commands	that it is an option of, or nothing where it is one of all:
#		the .It Ic that it stands under, or what `of` says

function add_word(word) {
	if (index(" " words " ", " " word " ") == 0)
		words = words (words == "" ? "" : " ") word
}

function plain(text) {
	gsub(/\\&/, "", text)
	gsub(/\\-/, "-", text)
	sub(/\.$/, "", text)
	return text
}

function flush() {
	if (spellings != "") {
		if (argument == "") {
			argument = spellings
			sub(/^.*-/, "", argument)
		}
		print spellings "\t" value "\t" files "\t" words "\t" list \
			"\t" argument "\t" description "\t" repeats \
			"\t" (command == "" ? of : command)
	}
	spellings = description = ""
}

# .It Fl o Ar file , Fl -output Ns = Ns Ar file
function read_item(   i, n_arguments) {
	value = "none"
	files = repeats = 0
	words = list = argument = macro = ""
	for (i = 2; i <= NF; i++) {
		if ($i ~ /^(Fl|Ar|Cm|Op|Ns|Li)$/) {
			macro = $i
			if (macro == "Op")
				value = "optional"
		} else if ($i ~ /^[|,=%.]+$/) {
			continue
		} else if (macro == "Fl") {
			spellings = spellings (spellings == "" ? "" : " ") "-" $i
			n_arguments = 0
		} else if (macro == "Ar" || macro == "Cm") {
			if (value == "none")
				value = "value"
			if (macro == "Cm")
				add_word($i)
			else if (spellings !~ / / && n_arguments++ < 2)
				argument = argument \
					(argument == "" ? "" : " or ") $i
			files = files || $i == "file" || $i == "path"
		}
	}
	if (spellings ~ /--from/)
		list = "--list-sources"
	if (spellings ~ /--model/)
		list = "--list-models"
}

BEGIN {
	n = split(sections, names, ",")
	for (i = 1; i <= n; i++)
		is_wanted[names[i]] = 1
}
/^\.(Sh|Ss) / {
	flush()
	section = substr($0, 5)
	next
}
!(section in is_wanted) { next }
/^\.It / {
	flush()
	if ($2 == "Fl")
		read_item()
	else if ($2 == "Ic")
		command = $3
	next
}
spellings == "" { next }
description == "" { description = plain($0) }
/may be given/ || /^May be given/ { repeats = 1 }
/^\.Cm / && value != "none" { add_word($2) }
END { flush() }
