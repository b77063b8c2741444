# Completion of aqi-features for fish. completions/make.sh makes this file of the
# manual pages: change them, not it.
complete -c aqi-features -l from -r -F -a '(aqi-features --list-sources 2>/dev/null)' \
	-d 'Map the columns of this source, or as a file says'
complete -c aqi-features -l guess \
	-d 'Say for each file which source it looks like, and exit'
complete -c aqi-features -l keep -x -a 'all' \
	-d 'Keep these columns of the source behind the record, as they are'
complete -c aqi-features -l list-sources \
	-d 'List the sources that are known by name, with a tab and their titles, and exit'
complete -c aqi-features -l max-held -x \
	-d 'Hold at most so many records that wait for more rows'
complete -c aqi-features -l station-name -x \
	-d 'Name the station of records that name none'
complete -c aqi-features -l errors -x -a 'text json' \
	-d 'Print messages as lines of text, or as a JSON object a line'
complete -c aqi-features -l help \
	-d 'Print a summary of all options, and exit'
complete -c aqi-features -l usage \
	-d 'Print a short summary of the options, and exit'
complete -c aqi-features -l version \
	-d 'Print the version and what is built in, and exit'
complete -c aqi-features -s o -l output -r -F \
	-d 'Write to a file, all or nothing, instead of standard output'
complete -c aqi-features -s O -l output-format -x -a 'csv ndjson' \
	-d 'Write this format; unless told, it is that of the input, or CSV'
complete -c aqi-features -l stats \
	-d 'Print the counts of records to standard error at the end'
complete -c aqi-features -l allow-absent \
	-d 'Take a column that is not there as missing in each record'
complete -c aqi-features -l allow-refused -x \
	-d 'Exit with 0 if at most so many records, or so many percent, are refused'
complete -c aqi-features -l columns -x \
	-d 'Choose the columns to read, in this order'
complete -c aqi-features -s d -l delimiter -x -a 'tab' \
	-d 'Separate CSV fields by this character instead of a comma, both ways'
complete -c aqi-features -l decimal-comma \
	-d 'Read and write CSV numbers with a comma as decimal mark'
complete -c aqi-features -l encoding -x \
	-d 'Read text in this encoding instead of UTF-8'
complete -c aqi-features -s I -l input-format -x -a 'csv ndjson' \
	-d 'Read this format instead of recognising it by the first byte'
complete -c aqi-features -s j -l jobs -x \
	-d 'Work with so many threads on large input'
complete -c aqi-features -l max-errors -x \
	-d 'Stop with status 1 at the refused record of this number'
complete -c aqi-features -l max-record -x \
	-d 'Refuse a record longer than this instead of 1048576 bytes'
complete -c aqi-features -l na -x \
	-d 'Take these texts as missing values instead of NA'
complete -c aqi-features -l no-header \
	-d 'Read and write CSV without a header line'
complete -c aqi-features -l no-progress \
	-d 'Show no progress line, not even on a terminal'
complete -c aqi-features -l progress \
	-d 'Show a progress line even where standard error is no terminal'
complete -c aqi-features -l rejects -r -F \
	-d 'Write refused records to a file, with a column reason added'
complete -c aqi-features -l require-newline \
	-d 'Refuse a last record without its newline, which may be torn'
complete -c aqi-features -l checkpoint -r -F \
	-d 'Note in this file how far the run is, or go on from there if it exists'
complete -c aqi-features -l checkpoint-every -x \
	-d 'Note it after so many records or more, instead of each two seconds'
complete -c aqi-features -l infer \
	-d 'Turn unknown CSV fields that look like numbers into JSON numbers'
complete -c aqi-features -l keep-old \
	-d 'Keep a column that would be replaced, under another name'
complete -c aqi-features -l safe-csv \
	-d 'Guard CSV text that a spreadsheet takes for a formula'
complete -c aqi-features -l decimals -x \
	-d 'Write new numbers with so many decimals'
complete -c aqi-features -l exact \
	-d 'Write new numbers as the shortest text that reads back the same'
