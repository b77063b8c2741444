# Completion of aqi-validate for fish. completions/make.sh makes this file of the
# manual pages: change them, not it.
complete -c aqi-validate -l flag \
	-d 'Write all records, with columns valid and reasons added'
complete -c aqi-validate -l print-schema \
	-d 'Print the schema and exit'
complete -c aqi-validate -l schema -r -F -a 'api observed' \
	-d 'Check against this schema instead of api'
complete -c aqi-validate -l summary -a 'text json' \
	-d 'Write a summary of each field instead of the records'
complete -c aqi-validate -l errors -x -a 'text json' \
	-d 'Print messages as lines of text, or as a JSON object a line'
complete -c aqi-validate -l help \
	-d 'Print a summary of all options, and exit'
complete -c aqi-validate -l usage \
	-d 'Print a short summary of the options, and exit'
complete -c aqi-validate -l version \
	-d 'Print the version and what is built in, and exit'
complete -c aqi-validate -s o -l output -r -F \
	-d 'Write to a file, all or nothing, instead of standard output'
complete -c aqi-validate -s O -l output-format -x -a 'csv ndjson' \
	-d 'Write this format; unless told, it is that of the input, or CSV'
complete -c aqi-validate -l stats \
	-d 'Print the counts of records to standard error at the end'
complete -c aqi-validate -l allow-absent \
	-d 'Take a column that is not there as missing in each record'
complete -c aqi-validate -l allow-refused -x \
	-d 'Exit with 0 if at most so many records, or so many percent, are refused'
complete -c aqi-validate -l columns -x \
	-d 'Choose the columns to read, in this order'
complete -c aqi-validate -s d -l delimiter -x -a 'tab' \
	-d 'Separate CSV fields by this character instead of a comma, both ways'
complete -c aqi-validate -l decimal-comma \
	-d 'Read and write CSV numbers with a comma as decimal mark'
complete -c aqi-validate -l encoding -x \
	-d 'Read text in this encoding instead of UTF-8'
complete -c aqi-validate -s I -l input-format -x -a 'csv ndjson' \
	-d 'Read this format instead of recognising it by the first byte'
complete -c aqi-validate -s j -l jobs -x \
	-d 'Work with so many threads on large input'
complete -c aqi-validate -l max-errors -x \
	-d 'Stop with status 1 at the refused record of this number'
complete -c aqi-validate -l max-record -x \
	-d 'Refuse a record longer than this instead of 1048576 bytes'
complete -c aqi-validate -l na -x \
	-d 'Take these texts as missing values instead of NA'
complete -c aqi-validate -l no-header \
	-d 'Read and write CSV without a header line'
complete -c aqi-validate -l no-progress \
	-d 'Show no progress line, not even on a terminal'
complete -c aqi-validate -l progress \
	-d 'Show a progress line even where standard error is no terminal'
complete -c aqi-validate -l rejects -r -F \
	-d 'Write refused records to a file, with a column reason added'
complete -c aqi-validate -l require-newline \
	-d 'Refuse a last record without its newline, which may be torn'
complete -c aqi-validate -l checkpoint -r -F \
	-d 'Note in this file how far the run is, or go on from there if it exists'
complete -c aqi-validate -l checkpoint-every -x \
	-d 'Note it after so many records or more, instead of each two seconds'
complete -c aqi-validate -l infer \
	-d 'Turn unknown CSV fields that look like numbers into JSON numbers'
complete -c aqi-validate -l keep-old \
	-d 'Keep a column that would be replaced, under another name'
complete -c aqi-validate -l safe-csv \
	-d 'Guard CSV text that a spreadsheet takes for a formula'
