#!/usr/bin/env bats
# aqi-serve: predictions over HTTP. What needs many connections is in
# tests/serve, as scripts that run for as long as they are told.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	[ ! -f pid ] || kill -9 "$(cat pid)" 2>/dev/null || :
}

# serve ARGUMENT...: start it, and wait until it listens.
serve() {
	mkfifo said
	aqi-serve --listen unix:socket "$@" 2>said &
	echo $! >pid
	exec 5<said
	while read -r line <&5; do
		case $line in *"listening on"*) return ;; esac
		echo "$line"
	done
	return 1
}

# ask PATH [CURL ARGUMENT...]
ask() {
	local path=$1
	shift
	curl -sS --max-time 20 --unix-socket socket "$@" "http://localhost$path"
}

# says STATUS MESSAGE ARGUMENT...: it does not serve, but says why.
says() {
	local wanted=$1 message=$2
	shift 2
	run -"$wanted" --separate-stderr timeout 20 aqi-serve "$@"
	is_output ''
	is_stderr "aqi-serve: $message"
}

@test "a record is predicted as aqi-predict does" {
	serve
	aqi-loadgen -n 50 -O ndjson >in
	aqi-predict --exact in | jq -c '[.category, .confidence]' >wanted
	while read -r record; do
		ask /predict --json "$record"
		echo
	done <in | jq -c '[.category, .confidence]' | cmp - wanted
}

@test "it says where it listens, and is ready then" {
	serve
	[ "$line" = 'aqi-serve: listening on unix:socket' ]
	run -0 ask /ready
	is_output '{"status":"ready"}'
}

@test "an address beyond this machine needs keys, or leave" {
	for at in 0.0.0.0:0 '[::]:0' 192.0.2.1:0; do
		says 2 "others than this machine reach $at; ask them for keys with --keys FILE, or let all in with --allow-plain" \
			--listen 127.0.0.1:0 --listen "$at"
	done
	serve --allow-plain --listen 0.0.0.0:0
	run -0 ask /health
}

@test "faults of the command line" {
	says 2 'no file is read; --listen says where to listen' x
	says 2 '--workers takes a whole number from 1 to 1024, not "0"' -w 0
	says 2 '--log-level takes error, warning or info, not "x"' --log-level x
	says 2 '--error-dialect takes pydantic2 or pydantic1, not "x"' --error-dialect x
	says 2 '--open takes paths of the API, such as /health, or none; not "/x"' --open /health,/x
	says 2 '--body-limit takes a whole number from 1 to 1073741824, not "0"' --body-limit 0
	says 2 '--connection-limit takes a whole number from 1 to 1000000, not "0"' --connection-limit 0
	says 2 '--head-limit takes a whole number from 64 to 1048576, not "63"' --head-limit 63
	says 2 '--line-limit takes a whole number from 64 to 1048576, not "x"' --line-limit x
	says 2 '--peer-limit takes a whole number from 1 to 1000000, not "0"' --peer-limit 0
	for time in body head idle write; do
		says 2 "--$time-time takes a number from 0.001 to 86400, not \"0\"" --$time-time 0
	done
	for time in delay limit; do
		says 2 "--drain-$time takes a number from 0 to 86400, not \"-1\"" --drain-$time=-1
	done
	for option in model access-log keys user; do
		says 2 "--$option takes a name, and an empty one was given" --$option ''
	done
}

@test "faults of an address" {
	says 2 '--listen: "8000" is no address; write HOST:PORT, [IPV6]:PORT or unix:PATH' --listen 8000
	says 2 "--listen: a socket's path is empty, or has a NUL; write unix:PATH" --listen unix:
	says 2 '--listen has more than 64 addresses' \
		$(for i in {1..65}; do echo --listen 127.0.0.1:0; done)
	run -4 --separate-stderr timeout 20 aqi-serve --listen no.such.host.invalid:0
	[[ $stderr == 'aqi-serve: --listen: cannot look up "no.such.host.invalid": '* ]]
	says 4 'cannot listen on unix:no/such/folder: No such file or directory' --listen unix:no/such/folder
	serve
	says 4 'cannot listen on unix:socket: Address already in use' --listen unix:socket
}

@test "the environment says what no option says" {
	LOG_LEVEL=loud says 2 'LOG_LEVEL takes error, warning or info, not "loud"'
	WORKERS=two says 2 'WORKERS takes a whole number from 1 to 1024, not "two"'
	make_model
	export LOG_LEVEL=WARNING WORKERS=3 MODEL_PATH=./model.json
	serve
	run -0 ask /model/info
	[ "$(jq -r .n_features <<<"$output")" = 1 ]
	# Its threads, besides the first.
	[ "$(ls /proc/"$(cat pid)"/task | wc -l)" = 4 ]
}

@test "a model that cannot be used is said before it listens" {
	echo '{' >broken.json
	run -3 --separate-stderr timeout 20 aqi-serve --listen unix:socket -m ./broken.json
	is_output ''
	[[ $stderr == aqi-serve:./broken.json:* ]]
	run -3 --separate-stderr timeout 20 aqi-serve --listen unix:socket -m none
	[[ $stderr == aqi-serve:none:* ]]
	[ ! -e socket ]
}
