# Completion of aqi-loadgen for fish. completions/make.sh makes this file of the
# manual pages: change them, not it.
complete -c aqi-loadgen -f
complete -c aqi-loadgen -l batch-size -x \
	-d 'Put so many records into a batch instead of 10'
complete -c aqi-loadgen -l body -x \
	-d 'Send this text, or that of a file, as the body of each request'
complete -c aqi-loadgen -l connections -x \
	-d 'Use so many connections instead of 50'
complete -c aqi-loadgen -l csv -r -F \
	-d 'Write a line a second to a file, with counts and latencies of that second'
complete -c aqi-loadgen -l fail-if -x \
	-d 'Exit with 1 if this is true of the test, such as errors>1% or p99>50ms'
complete -c aqi-loadgen -l header -x \
	-d 'Send this header line with each request'
complete -c aqi-loadgen -l invalid -x \
	-d 'Replace a share of the records by edge cases and invalid ones'
complete -c aqi-loadgen -l json \
	-d 'Print the report as one JSON document'
complete -c aqi-loadgen -l junit -r -F \
	-d 'Write a test case for each threshold to a file, as JUnit does'
complete -c aqi-loadgen -l label \
	-d 'Begin each record with what to expect of it, and its fault'
complete -c aqi-loadgen -l method -x \
	-d 'Send requests of this method instead of GET, or POST where there is a body'
complete -c aqi-loadgen -s n -l count -x \
	-d 'Write so many records instead of 10, or send so many requests'
complete -c aqi-loadgen -l no-header \
	-d 'Write CSV without a header line'
complete -c aqi-loadgen -l no-keep-alive \
	-d 'Open a connection for each request'
complete -c aqi-loadgen -s O -l output-format -x -a 'csv ndjson' \
	-d 'Write this format instead of CSV'
complete -c aqi-loadgen -s o -l output -r -F \
	-d 'Write to a file, all or nothing, instead of standard output'
complete -c aqi-loadgen -l poisson \
	-d 'Have requests arrive at random moments'
complete -c aqi-loadgen -l profile -x -a 'uniform realistic' \
	-d 'Choose how records are made up'
complete -c aqi-loadgen -l rate -x \
	-d 'Send so many requests a second, whatever becomes of them'
complete -c aqi-loadgen -l record -r -F \
	-d 'Write each request and the moment when it was due to a file'
complete -c aqi-loadgen -l records -r -F \
	-d 'Send the records of a file instead of made-up ones'
complete -c aqi-loadgen -l replay -r -F \
	-d 'Send the requests of a recording, each at its moment'
complete -c aqi-loadgen -l seed -x \
	-d 'Make other records with another seed, which is 1 by default'
complete -c aqi-loadgen -l smoke \
	-d 'Try each endpoint of the server with good, boundary and bad bodies'
complete -c aqi-loadgen -l start -x \
	-d 'Begin realistic records at this time instead of 2024-01-01T00:00+00:00'
complete -c aqi-loadgen -l stations -x \
	-d 'Make realistic records of so many stations instead of 5, at most 9999'
complete -c aqi-loadgen -s t -l time -x \
	-d 'Go on for so long, instead of 10 seconds'
complete -c aqi-loadgen -l target -x \
	-d 'Send requests to this server instead of writing records'
complete -c aqi-loadgen -l task -x -a 'predict batch health ready info metrics' \
	-d 'Mix in this task as often as its weight says, which is 1 if left out'
complete -c aqi-loadgen -l timeout -x \
	-d 'Wait so long for an answer instead of 10 seconds'
complete -c aqi-loadgen -l users -x \
	-d 'Be so many users instead of 10'
complete -c aqi-loadgen -l verify -r -F \
	-d 'Compare each prediction with that of a model'
complete -c aqi-loadgen -l wait -x \
	-d 'Have users wait between an answer and their next request, instead of not'
complete -c aqi-loadgen -l errors -x -a 'text json' \
	-d 'Print messages as lines of text, or as a JSON object a line'
complete -c aqi-loadgen -l help \
	-d 'Print a summary of all options, and exit'
complete -c aqi-loadgen -l usage \
	-d 'Print a short summary of the options, and exit'
complete -c aqi-loadgen -l version \
	-d 'Print the version and what is built in, and exit'
complete -c aqi-loadgen -l stats \
	-d 'Print the counts of records to standard error at the end'
