# Completion of aqi-predict for fish. completions/make.sh makes this file of the
# manual pages: change them, not it.
complete -c aqi-predict -l engine -x -a 'scalar walk interleaved nodes planes' \
	-d 'Evaluate the trees in this way, whatever the number of rows'
complete -c aqi-predict -l explain -x \
	-d 'Add what the n inputs that count most contribute'
complete -c aqi-predict -l inputs -x \
	-d 'Name the inputs of a bare tree file, in its order'
complete -c aqi-predict -l list-models \
	-d 'List the models that are known by name, with a tab and their places, and exit'
complete -c aqi-predict -s m -l model -r -F -a '(aqi-predict --list-models 2>/dev/null)' \
	-d 'Use this bundle, tree file or compiled model instead of production'
complete -c aqi-predict -l schema -r -F -a 'api observed' \
	-d 'Refuse records that are not valid by this schema'
complete -c aqi-predict -l errors -x -a 'text json' \
	-d 'Print messages as lines of text, or as a JSON object a line'
complete -c aqi-predict -l help \
	-d 'Print a summary of all options, and exit'
complete -c aqi-predict -l usage \
	-d 'Print a short summary of the options, and exit'
complete -c aqi-predict -l version \
	-d 'Print the version and what is built in, and exit'
complete -c aqi-predict -s o -l output -r -F \
	-d 'Write to a file, all or nothing, instead of standard output'
complete -c aqi-predict -s O -l output-format -x -a 'csv ndjson' \
	-d 'Write this format; unless told, it is that of the input, or CSV'
complete -c aqi-predict -l stats \
	-d 'Print the counts of records to standard error at the end'
complete -c aqi-predict -l allow-absent \
	-d 'Take a column that is not there as missing in each record'
complete -c aqi-predict -l allow-refused -x \
	-d 'Exit with 0 if at most so many records, or so many percent, are refused'
complete -c aqi-predict -l columns -x \
	-d 'Choose the columns to read, in this order'
complete -c aqi-predict -s d -l delimiter -x -a 'tab' \
	-d 'Separate CSV fields by this character instead of a comma, both ways'
complete -c aqi-predict -l decimal-comma \
	-d 'Read and write CSV numbers with a comma as decimal mark'
complete -c aqi-predict -l encoding -x \
	-d 'Read text in this encoding instead of UTF-8'
complete -c aqi-predict -s I -l input-format -x -a 'csv ndjson' \
	-d 'Read this format instead of recognising it by the first byte'
complete -c aqi-predict -s j -l jobs -x \
	-d 'Work with so many threads on large input'
complete -c aqi-predict -l max-errors -x \
	-d 'Stop with status 1 at the refused record of this number'
complete -c aqi-predict -l max-record -x \
	-d 'Refuse a record longer than this instead of 1048576 bytes'
complete -c aqi-predict -l na -x \
	-d 'Take these texts as missing values instead of NA'
complete -c aqi-predict -l no-header \
	-d 'Read and write CSV without a header line'
complete -c aqi-predict -l no-progress \
	-d 'Show no progress line, not even on a terminal'
complete -c aqi-predict -l progress \
	-d 'Show a progress line even where standard error is no terminal'
complete -c aqi-predict -l rejects -r -F \
	-d 'Write refused records to a file, with a column reason added'
complete -c aqi-predict -l require-newline \
	-d 'Refuse a last record without its newline, which may be torn'
complete -c aqi-predict -l checkpoint -r -F \
	-d 'Note in this file how far the run is, or go on from there if it exists'
complete -c aqi-predict -l checkpoint-every -x \
	-d 'Note it after so many records or more, instead of each two seconds'
complete -c aqi-predict -l infer \
	-d 'Turn unknown CSV fields that look like numbers into JSON numbers'
complete -c aqi-predict -l keep-old \
	-d 'Keep a column that would be replaced, under another name'
complete -c aqi-predict -l safe-csv \
	-d 'Guard CSV text that a spreadsheet takes for a formula'
complete -c aqi-predict -l decimals -x \
	-d 'Write new numbers with so many decimals'
complete -c aqi-predict -l exact \
	-d 'Write new numbers as the shortest text that reads back the same'
