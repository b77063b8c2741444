# Completion of aqi-loadgen for fish. completions/make.sh makes this file of the
# manual pages: change them, not it.
complete -c aqi-loadgen -f
complete -c aqi-loadgen -l invalid -x \
	-d 'Replace a share of the records by edge cases and invalid ones'
complete -c aqi-loadgen -l label \
	-d 'Begin each record with what to expect of it, and its fault'
complete -c aqi-loadgen -s n -l count -x \
	-d 'Write so many records instead of 10'
complete -c aqi-loadgen -l no-header \
	-d 'Write CSV without a header line'
complete -c aqi-loadgen -s O -l output-format -x -a 'csv ndjson' \
	-d 'Write this format instead of CSV'
complete -c aqi-loadgen -s o -l output -r -F \
	-d 'Write to a file, all or nothing, instead of standard output'
complete -c aqi-loadgen -l profile -x -a 'uniform realistic' \
	-d 'Choose how records are made up'
complete -c aqi-loadgen -l seed -x \
	-d 'Make other records with another seed, which is 1 by default'
complete -c aqi-loadgen -l start -x \
	-d 'Begin realistic records at this time instead of 2024-01-01T00:00+00:00'
complete -c aqi-loadgen -l stations -x \
	-d 'Make realistic records of so many stations instead of 5, at most 9999'
complete -c aqi-loadgen -l errors -x -a 'text json' \
	-d 'Print messages as lines of text, or as a JSON object a line'
complete -c aqi-loadgen -l help \
	-d 'Print a summary of all options, and exit'
complete -c aqi-loadgen -l stats \
	-d 'Print the counts of records to standard error at the end'
complete -c aqi-loadgen -l usage \
	-d 'Print a short summary of the options, and exit'
complete -c aqi-loadgen -l version \
	-d 'Print the version and what is built in, and exit'
