# Completion of aqi-model for fish. completions/make.sh makes this file of the
# manual pages: change them, not it.
complete -c aqi-model -n __fish_use_subcommand -f -a 'check compile dump eval info prune quantize'
complete -c aqi-model -n '__fish_seen_subcommand_from check' -s v -l verbose \
	-d 'Say what was checked of each model'
complete -c aqi-model -n '__fish_seen_subcommand_from compile' -l inputs -x \
	-d 'Name the inputs of a bare tree file, in its order'
complete -c aqi-model -n '__fish_seen_subcommand_from compile dump info prune quantize eval' -s o -l output -r -F \
	-d 'Write to a file, all or nothing, instead of standard output'
complete -c aqi-model -n '__fish_seen_subcommand_from dump info' -l json \
	-d 'Write JSON objects, one a line'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l by-name \
	-d 'Bind columns to the model\'s inputs by name, not by place'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l engine -x -a 'scalar walk interleaved nodes planes' \
	-d 'Evaluate in this way, whatever the number of rows'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l keep \
	-d 'Pass the columns that come in through, before the new ones'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l leaf \
	-d 'Write the leaf of each tree instead, without a header'
complete -c aqi-model -n '__fish_seen_subcommand_from prune quantize' -l records -r -F \
	-d 'Tell what it costs on the records of a file'
complete -c aqi-model -n '__fish_seen_subcommand_from prune' -l tolerance -x \
	-d 'Make one leaf of those below a split that differ by no more'
complete -c aqi-model -n '__fish_seen_subcommand_from prune' -l trees -x \
	-d 'Keep the first trees alone'
complete -c aqi-model -n '__fish_seen_subcommand_from quantize' -l cuts -x \
	-d 'Leave at most so many different thresholds to an input'
complete -c aqi-model -n '__fish_seen_subcommand_from quantize' -l leaf-step -x \
	-d 'Make leaves multiples of a number'
complete -c aqi-model -l errors -x -a 'text json' \
	-d 'Print messages as lines of text, or as a JSON object a line'
complete -c aqi-model -l help \
	-d 'Print a summary of all options, and exit'
complete -c aqi-model -l usage \
	-d 'Print a short summary of the options, and exit'
complete -c aqi-model -l version \
	-d 'Print the version and what is built in, and exit'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -s O -l output-format -x -a 'csv ndjson' \
	-d 'Write this format; unless told, it is that of the input, or CSV'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l stats \
	-d 'Print the counts of records to standard error at the end'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l allow-absent \
	-d 'Take a column that is not there as missing in each record'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l allow-refused -x \
	-d 'Exit with 0 if at most so many records, or so many percent, are refused'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l columns -x \
	-d 'Choose the columns to read, in this order'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -s d -l delimiter -x -a 'tab' \
	-d 'Separate CSV fields by this character instead of a comma, both ways'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l decimal-comma \
	-d 'Read and write CSV numbers with a comma as decimal mark'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l encoding -x \
	-d 'Read text in this encoding instead of UTF-8'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -s I -l input-format -x -a 'csv ndjson' \
	-d 'Read this format instead of recognising it by the first byte'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -s j -l jobs -x \
	-d 'Work with so many threads on large input'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l max-errors -x \
	-d 'Stop with status 1 at the refused record of this number'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l max-record -x \
	-d 'Refuse a record longer than this instead of 1048576 bytes'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l na -x \
	-d 'Take these texts as missing values instead of NA'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l no-header \
	-d 'Read and write CSV without a header line'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l no-progress \
	-d 'Show no progress line, not even on a terminal'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l progress \
	-d 'Show a progress line even where standard error is no terminal'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l rejects -r -F \
	-d 'Write refused records to a file, with a column reason added'
complete -c aqi-model -n '__fish_seen_subcommand_from eval prune quantize' -l require-newline \
	-d 'Refuse a last record without its newline, which may be torn'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l checkpoint -r -F \
	-d 'Note in this file how far the run is, or go on from there if it exists'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l checkpoint-every -x \
	-d 'Note it after so many records or more, instead of each two seconds'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l infer \
	-d 'Turn unknown CSV fields that look like numbers into JSON numbers'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l keep-old \
	-d 'Keep a column that would be replaced, under another name'
complete -c aqi-model -n '__fish_seen_subcommand_from eval' -l safe-csv \
	-d 'Guard CSV text that a spreadsheet takes for a formula'
