# Completion of aqi-category for fish. completions/make.sh makes this file of the
# manual pages: change them, not it.
complete -c aqi-category -l advice \
	-d 'Add a column with advice on what to do about the air'
complete -c aqi-category -l ansi -x -a 'auto always never' \
	-d 'Paint each category in its colour on a terminal'
complete -c aqi-category -l color \
	-d 'Add the columns color and rgb'
complete -c aqi-category -l column -x \
	-d 'Take the index from this column instead of aqi'
complete -c aqi-category -l recompute \
	-d 'Replace a category that stands already by that of the index'
complete -c aqi-category -l errors -x -a 'text json' \
	-d 'Print messages as lines of text, or as a JSON object a line'
complete -c aqi-category -l help \
	-d 'Print a summary of all options, and exit'
complete -c aqi-category -l usage \
	-d 'Print a short summary of the options, and exit'
complete -c aqi-category -l version \
	-d 'Print the version and what is built in, and exit'
complete -c aqi-category -s o -l output -r -F \
	-d 'Write to a file, all or nothing, instead of standard output'
complete -c aqi-category -s O -l output-format -x -a 'csv ndjson' \
	-d 'Write this format; unless told, it is that of the input, or CSV'
complete -c aqi-category -l stats \
	-d 'Print the counts of records to standard error at the end'
complete -c aqi-category -l allow-absent \
	-d 'Take a column that is not there as missing in each record'
complete -c aqi-category -l allow-refused -x \
	-d 'Exit with 0 if at most so many records, or so many percent, are refused'
complete -c aqi-category -l columns -x \
	-d 'Choose the columns to read, in this order'
complete -c aqi-category -s d -l delimiter -x -a 'tab' \
	-d 'Separate CSV fields by this character instead of a comma, both ways'
complete -c aqi-category -l decimal-comma \
	-d 'Read and write CSV numbers with a comma as decimal mark'
complete -c aqi-category -l encoding -x \
	-d 'Read text in this encoding instead of UTF-8'
complete -c aqi-category -s I -l input-format -x -a 'csv ndjson' \
	-d 'Read this format instead of recognising it by the first byte'
complete -c aqi-category -s j -l jobs -x \
	-d 'Work with so many threads on large input'
complete -c aqi-category -l max-errors -x \
	-d 'Stop with status 1 at the refused record of this number'
complete -c aqi-category -l max-record -x \
	-d 'Refuse a record longer than this instead of 1048576 bytes'
complete -c aqi-category -l na -x \
	-d 'Take these texts as missing values instead of NA'
complete -c aqi-category -l no-header \
	-d 'Read and write CSV without a header line'
complete -c aqi-category -l no-progress \
	-d 'Show no progress line, not even on a terminal'
complete -c aqi-category -l progress \
	-d 'Show a progress line even where standard error is no terminal'
complete -c aqi-category -l rejects -r -F \
	-d 'Write refused records to a file, with a column reason added'
complete -c aqi-category -l require-newline \
	-d 'Refuse a last record without its newline, which may be torn'
complete -c aqi-category -l checkpoint -r -F \
	-d 'Note in this file how far the run is, or go on from there if it exists'
complete -c aqi-category -l checkpoint-every -x \
	-d 'Note it after so many records or more, instead of each two seconds'
complete -c aqi-category -l infer \
	-d 'Turn unknown CSV fields that look like numbers into JSON numbers'
complete -c aqi-category -l keep-old \
	-d 'Keep a column that would be replaced, under another name'
complete -c aqi-category -l safe-csv \
	-d 'Guard CSV text that a spreadsheet takes for a formula'
