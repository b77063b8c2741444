# Completion of aqi-serve for fish. completions/make.sh makes this file of the
# manual pages: change them, not it.
complete -c aqi-serve -f
complete -c aqi-serve -l access-log -r -F \
	-d 'Append a line of JSON for each request to this file'
complete -c aqi-serve -l allow-plain \
	-d 'Listen beyond this machine without keys and encryption'
complete -c aqi-serve -l body-limit -x \
	-d 'Refuse larger bodies than this, instead of 8388608 bytes, with status 413'
complete -c aqi-serve -l body-time -x \
	-d 'Give a body so long to arrive, instead of 30 seconds; then it is status 408'
complete -c aqi-serve -l connection-limit -x \
	-d 'Answer more connections at a time than this, instead of 10000, with status 503'
complete -c aqi-serve -l drain-delay -x \
	-d 'Serve on for so long after a signal to end, instead of 0 seconds'
complete -c aqi-serve -l drain-limit -x \
	-d 'Cut what is not answered so long after that, instead of 30 seconds'
complete -c aqi-serve -l error-dialect -x -a 'pydantic2 pydantic1' \
	-d 'Write the errors of status 422 as this version does'
complete -c aqi-serve -l head-limit -x \
	-d 'Refuse larger heads than this, instead of 32768 bytes, with status 431'
complete -c aqi-serve -l head-time -x \
	-d 'Give a head so long to arrive, instead of 10 seconds; then it is status 408'
complete -c aqi-serve -l idle-time -x \
	-d 'Close connections that are idle for so long, instead of 60 seconds'
complete -c aqi-serve -l keys -r -F \
	-d 'Answer only those who have a key of this file'
complete -c aqi-serve -l line-limit -x \
	-d 'Refuse longer request lines than this, instead of 8192 bytes, with status 414'
complete -c aqi-serve -l list-models \
	-d 'List the models that can be named, and exit'
complete -c aqi-serve -l listen -x \
	-d 'Listen there instead of at 127.0.0.1:8000'
complete -c aqi-serve -l log-level -x -a 'error warning info' \
	-d 'Print this much to standard error'
complete -c aqi-serve -s m -l model -r -F -a '(aqi-serve --list-models 2>/dev/null)' \
	-d 'Use this bundle, tree file or compiled model instead of production'
complete -c aqi-serve -l open -x -a 'none /health /ready /metrics /openapi.json /docs' \
	-d 'Need no key for these paths of the API'
complete -c aqi-serve -l peer-limit -x \
	-d 'Answer more connections of one address with status 503'
complete -c aqi-serve -l user -x \
	-d 'Become this user once the sockets are open, before anything is read'
complete -c aqi-serve -s w -l workers -x \
	-d 'Serve with so many threads; unless told, one for each processor'
complete -c aqi-serve -l write-time -x \
	-d 'Give an answer so long to be taken, instead of 30 seconds'
complete -c aqi-serve -l errors -x -a 'text json' \
	-d 'Print messages as lines of text, or as a JSON object a line'
complete -c aqi-serve -l help \
	-d 'Print a summary of all options, and exit'
complete -c aqi-serve -l usage \
	-d 'Print a short summary of the options, and exit'
complete -c aqi-serve -l version \
	-d 'Print the version and what is built in, and exit'
