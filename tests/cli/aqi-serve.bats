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

# says STATUS MESSAGE ARGUMENT...: it does not serve, but says why. A message
# about a file begins with a colon.
says() {
	local wanted=$1 message=$2
	shift 2
	run -"$wanted" --separate-stderr timeout 20 aqi-serve "$@"
	is_output ''
	case $message in :*) ;; *) message=": $message" ;; esac
	is_stderr "aqi-serve$message"
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
	says 2 '--open is for --keys FILE' --open /health
	says 2 '--body-limit takes a whole number from 1 to 1073741824, not "0"' --body-limit 0
	says 2 '--connection-limit takes a whole number from 1 to 1000000, not "0"' --connection-limit 0
	says 2 '--head-limit takes a whole number from 64 to 1048576, not "63"' --head-limit 63
	says 2 '--line-limit takes a whole number from 64 to 1048576, not "x"' --line-limit x
	says 2 '--peer-limit takes a whole number from 1 to 1000000, not "0"' --peer-limit 0
	for time in body head idle write; do
		says 2 "--$time-time SECONDS takes a number from 0.001 to 86400, not \"0\"" --$time-time 0
	done
	for time in delay limit; do
		says 2 "--drain-$time SECONDS takes a number from 0 to 86400, not \"-1\"" --drain-$time=-1
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

# hash_of KEY: as the file of keys has it.
hash_of() {
	printf %s "$1" | sha256sum | cut -c -64
}

# has_come FILE TEXT: wait until a file has a text.
has_come() {
	timeout 20 sh -c 'until grep -q "$2" "$1"; do :; done' sh "$1" "$2"
}

@test "the version says whether keys can be asked for" {
	run -0 aqi-serve --version
	case $(ldd "${AQI_PROGRAMS:-$BUILD}/aqi-serve") in
	*libcrypto*) [[ ${lines[1]} =~ ', libcrypto '[0-9.]+$ ]] ;;
	*) [[ ${lines[1]} != *libcrypto* ]] ;;
	esac
}

@test "keys let in who has one, at once anew after a signal" {
	umask 077
	{
		echo '# of the laboratory'
		echo
		echo "lab $(hash_of secret)"
		printf 'Field-2.b\t%s\r\n' "$(hash_of other | tr a-f A-F)"
	} >keys
	serve --keys keys --access-log log
	run -0 ask /model/info -w '%{http_code}'
	is_output '{"detail":"Not authenticated"}401'
	ask /model/info -D - | grep -qx $'www-authenticate: APIKey\r'
	run -0 ask /model/info -w '%{http_code}' -H 'X-API-Key: Secret'
	is_output '{"detail":"Invalid API key"}401'
	for key in secret other; do
		ask /model/info -f -H "X-API-Key: $key"
	done
	for open in health ready metrics openapi.json docs; do
		ask /$open -f >/dev/null
	done
	echo "new $(hash_of newer)" >keys
	kill -HUP "$(cat pid)"
	read -r line <&5
	[[ $line == 'aqi-serve: the model is now production/'* ]]
	run -0 ask /model/info -w '%{http_code}' -H 'X-API-Key: secret'
	is_output '{"detail":"Invalid API key"}401'
	ask /model/info -f -H 'X-API-Key: newer'
	echo broken >keys
	kill -HUP "$(cat pid)"
	read -r line <&5
	[ "$line" = 'aqi-serve:keys:1: the key "broken" lacks its SHA-256, 64 hex digits and nothing behind them' ]
	read -r line <&5
	[ "$line" = 'aqi-serve: the keys stay those before' ]
	ask /model/info -f -H 'X-API-Key: newer'
	kill "$(cat pid)"
	wait "$(cat pid)"
	! grep -E 'secret|other|newer' log
	[ "$(jq -r '.key // empty' log | tr '\n' ' ')" = 'lab Field-2.b new new ' ]
}

@test "paths are open or not as they are told" {
	umask 077
	echo "lab $(hash_of secret)" >keys
	serve --keys keys --open /metrics
	for path in /health /ready /predict; do
		run -0 ask $path -o /dev/null -w '%{http_code}'
		[ "$path $output" = "/predict 405" ] || is_output 401
	done
	ask /metrics -f >/dev/null
	kill "$(cat pid)"
	wait "$(cat pid)"
	rm said
	serve --keys keys --open none
	run -0 ask /metrics -o /dev/null -w '%{http_code}'
	is_output 401
}

@test "faults of a file of keys" {
	local hash
	hash=$(hash_of x)
	umask 077
	says_of_keys() {
		printf "$2" "${@:3}" >keys
		says 2 "$1" --listen unix:socket --keys keys
	}
	says_of_keys ':keys: no key is in it' ''
	says_of_keys ':keys: no key is in it' '# %s\n' "$hash"
	says_of_keys ':keys:2: "a/b" is no name of a key: up to 64 letters, digits, '"'_', '-' and '.'" '\na/b %s\n' "$hash"
	says_of_keys ':keys:1: the key "a" lacks its SHA-256, 64 hex digits and nothing behind them' 'a %sf\n' "$hash"
	says_of_keys ':keys:1: the key "a" lacks its SHA-256, 64 hex digits and nothing behind them' 'a %s b\n' "$hash"
	says_of_keys ':keys:3: the key "a" is there twice' 'a %s\nb %s\na %s' "$hash" "$hash" "$hash"
	echo "a $hash" >keys
	for mode in 604 602 601 666; do
		chmod $mode keys
		says 2 ':keys: others may read or change the keys; chmod o= takes that from them' \
			--listen unix:socket --keys keys
	done
	says 4 ':none: cannot open it: No such file or directory' --listen unix:socket --keys none
	run -2 aqi-serve --listen unix:socket --keys .
}

@test "a new model takes the place of the old one, a bad one does not" {
	make_model
	serve -m ./model.json
	sed -i 's/75.5/80.25/' model.json
	kill -HUP "$(cat pid)"
	read -r line <&5
	[[ $line == 'aqi-serve: the model is now model/'* || $line == 'aqi-serve: the model is now '* ]]
	run -0 ask /predict --json '{"pm25":40,"pm10":1,"no2":1,"so2":1,"co":1,"o3":1,"temperature":1,"humidity":1,"wind_speed":1,"pressure":1000,"hour":1,"day_of_week":1,"month":1}'
	[ "$(jq .aqi <<<"$output")" = 80.25 ]
	was=${line##*now }
	echo broken >model.json
	kill -HUP "$(cat pid)"
	read -r line <&5
	[[ $line == aqi-serve:./model.json:* ]]
	read -r line <&5
	[ "$line" = "aqi-serve: the model stays $was" ]
	run -0 ask /model/info -o /dev/null -w '%header{x-aqi-model}'
	is_output "$was"
}

@test "the access log goes on in a new file after a signal" {
	serve --access-log log -w 1
	ask '/health?a' -A 'agent "1"' >/dev/null
	has_come log agent
	jq -e 'del(.time, .ms, .peer) == {"method":"GET","target":"/health?a",
		"status":200,"bytes":.bytes,"agent":"agent \\x221\\x22"} and
		.peer == "unix" and (.time | test("^20..-..-..T..:..:..[.]......Z$"))' log
	mv log old
	kill -HUP "$(cat pid)"
	read -r line <&5
	ask /ready >/dev/null
	kill "$(cat pid)"
	wait "$(cat pid)"
	[ "$(wc -l <old)" = 1 ]
	[ "$(jq -r .target log)" = /ready ]
}

@test "an access log that cannot be opened or written is said" {
	says 4 ':no/folder: cannot open the access log: No such file or directory' \
		--listen unix:socket --access-log no/folder
	serve --access-log /dev/full
	ask /health -f >/dev/null
	kill "$(cat pid)"
	status=0
	wait "$(cat pid)" || status=$?
	[ $status = 4 ]
	read -r line <&5
	[ "$line" = 'aqi-serve:/dev/full: cannot write the access log: No space left on device' ]
}

@test "a level of words says less" {
	make_model
	serve -m ./model.json --log-level error
	mv model.json good.json
	echo broken >model.json
	kill -HUP "$(cat pid)"
	read -r line <&5
	[[ $line == aqi-serve:./model.json:* ]]
	mv good.json model.json
	kill -HUP "$(cat pid)"
	kill "$(cat pid)"
	wait "$(cat pid)"
	run -0 cat <&5
	is_output ''
}

@test "it becomes another user, and cannot become this one again" {
	says 2 'there is no user "no such"' --listen unix:socket --user 'no such'
	if [ "$(id -u)" != 0 ]; then
		says 4 'cannot become the user "root": Operation not permitted' \
			--listen unix:socket --user root
		serve --user "$(id -un)"
		ask /health -f
		return
	fi
	chmod 755 "$BATS_TEST_TMPDIR"
	serve --user nobody
	run -0 awk '/^(Uid|Gid):/ { print $2, $3, $4, $5 }' "/proc/$(cat pid)/status"
	is_output "$(printf '%s %s %s %s\n' $(id -u nobody){,,,} $(id -g nobody){,,,})"
	grep -q '^CapEff:	0*$' "/proc/$(cat pid)/status"
	grep -q '^NoNewPrivs:	1$' "/proc/$(cat pid)/status"
	ask /health -f
	kill "$(cat pid)"
	wait "$(cat pid)"
	setpriv --reuid 65534 --clear-groups aqi-serve --version ||
		skip 'user 65534 cannot run the program here'
	run -4 --separate-stderr setpriv --reuid 65534 --clear-groups \
		aqi-serve --listen 127.0.0.1:0 --user root
	is_stderr 'aqi-serve: cannot become the user "root": Operation not permitted'
}

@test "want of descriptors is said" {
	case $BUILD in *sanitize*) skip "a sanitizer wants some, too" ;; esac
	run -4 --separate-stderr bash -c 'exec 3>&- 4>&- 5>&-
		ulimit -n 4; aqi-serve --listen unix:socket'
	is_stderr 'aqi-serve: cannot make a server: Too many open files'
	[ ! -e socket ]
}

# script NAME [ARGUMENT...]: one of tests/serve; its last line is the figure.
script() {
	run -0 timeout 900 python3 "$ROOT/tests/serve/$1.py" "${@:2}"
	echo "# $1: ${lines[-1]}" >&3
}

# sample FEW ALL: all of them with AQI_FULL.
sample() {
	if [ -n "${AQI_FULL:-}" ]; then echo "$2"; else echo "$1"; fi
}

@test "a signal to end cuts no answer under load, and frees the port" {
	script drain "$(sample 10 200)"
}

@test "reloads under load lose no request, and a bad model changes nothing" {
	script reload "$(sample 60 1000)"
}

@test "limits of connections are sharp, want of descriptors costs no time" {
	script limits
}

@test "slow clients are closed at their time limits, and are cheap" {
	script slow "$(sample 200 1000)" "$(sample 0.05 1)"
}

@test "no path leaves the API, and no byte forges a line of the log" {
	script paths
}
