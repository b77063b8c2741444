#!/usr/bin/env bats
# aqi-loadgen --target: load tests of servers, good and bad ones.

setup_file() {
	load helper
	command -v python3 >/dev/null || return 0
	# The name of a pipe tells when the server listens, and where.
	mkfifo "$BATS_FILE_TMPDIR/ready"
	"$ROOT/tests/serve/stub.py" >"$BATS_FILE_TMPDIR/ready" 3>&- &
	STUB=$!
	read -r _ PORT <"$BATS_FILE_TMPDIR/ready"
	export STUB PORT
}

teardown_file() {
	[ -z "${STUB:-}" ] || kill "$STUB"
}

setup() {
	load helper
	command -v python3 >/dev/null || skip "python3 is not installed"
	cd "$BATS_TEST_TMPDIR"
	URL=http://127.0.0.1:$PORT
}

# The members of the last report, as one line of JSON.
is_report() {
	run -0 jq -c "$1" report
	is_output "$2"
}

# ask STATUS PATH ARGUMENT...: a test of the stub, with its report as JSON. Tests
# run side by side, so that each has a mix of its own.
ask() {
	local wanted=$1 path=$2
	shift 2
	[ "$path" != mix ] || path=mix-$BATS_TEST_NUMBER
	run -"$wanted" --separate-stderr aqi-loadgen --target "$URL/$path" \
		--json -o report "$@"
	is_stderr ''
}

# Sent, ok, failed, timed out, latencies measured, and errors by their kind.
COUNTS='[.sent, .ok, .failed, .timed_out, .latency.count,
	(.errors | with_entries(select(.value > 0)))]'

@test "each way to answer is counted as what it is" {
	while read -r mode status counts; do
		ask "$status" "$mode" -n 40 --users 4
		is_report "$COUNTS" "$counts"
		[ "$(jq '.sent == .ok + .failed + .timed_out' report)" = true ]
	done <<-'END'
	answer 0 [40,40,0,0,40,{}]
	chunked 0 [40,40,0,0,40,{}]
	until-close 0 [40,40,0,0,40,{}]
	interim 0 [40,40,0,0,40,{}]
	bytes 0 [40,40,0,0,40,{}]
	close 0 [40,40,0,0,40,{}]
	10 0 [40,40,0,0,40,{}]
	404 1 [40,0,40,0,40,{"status":40}]
	500 1 [40,0,40,0,40,{"status":40}]
	302 1 [40,0,40,0,40,{"status":40}]
	cut 1 [40,0,40,0,0,{"cut":40}]
	cut-head 1 [40,0,40,0,0,{"cut":40}]
	cut-body 1 [40,0,40,0,0,{"cut":40}]
	reset 1 [40,0,40,0,0,{"reset":40}]
	twice 1 [40,0,40,0,0,{"framing":40}]
	lie-short 1 [40,0,40,0,0,{"framing":40}]
	garbage 1 [40,0,40,0,0,{"framing":40}]
	bad-length 1 [40,0,40,0,0,{"framing":40}]
	bad-chunk 1 [40,0,40,0,0,{"framing":40}]
	mix 1 [40,12,28,0,16,{"status":4,"framing":12,"cut":8,"reset":4}]
	END
}

@test "what is not answered in time has timed out, and is counted as that long" {
	for mode in stall stall-body lie-long; do
		ask 1 $mode -n 4 --users 2 --timeout 50ms
		is_report "$COUNTS" '[4,0,0,4,4,{"timed_out":4}]'
		is_report '.latency | .min_ms >= 50' true
	done
}

@test "an answer that comes before the request is sent whole is read" {
	head -c 8M /dev/zero | tr '\0' x >big
	ask 1 early -n 4 --users 2 --body @big
	is_report '[.sent, .timed_out]' '[4,0]'
}

@test "the same with new connections, and in the open plan" {
	for plan in '--no-keep-alive --users 3' '--rate 1000' \
		'--rate 2000 --poisson --connections 3' \
		'--rate 500 --no-keep-alive'; do
		ask 0 answer -n 60 $plan
		is_report "$COUNTS" '[60,60,0,0,60,{}]'
		ask 1 mix -n 60 $plan
		is_report '[.sent, .sent == .ok + .failed + .timed_out, .ok,
			.errors.reset]' '[60,true,18,6]'
	done
}

@test "as many are sent as the server receives" {
	for n in 1 7 500; do
		before=$(curl -s "$URL/count" | jq '.["201"] // 0')
		ask 0 201 -n $n --users 5
		after=$(curl -s "$URL/count" | jq '.["201"]')
		[ $((after - before)) = $n ]
	done
}

@test "where nothing listens, nothing is measured: 1, whatever is allowed" {
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	for options in '' '--rate 100' "--fail-if errors>100%" --no-keep-alive; do
		run -1 --separate-stderr aqi-loadgen --json $options \
			--target "http://127.0.0.1:$port" -t 5s
		is_stderr ''
		[ "$(jq -c '[.sent, .passed]' <<<"$output")" = '[0,false]' ]
	done
	run -1 aqi-loadgen --target "http://127.0.0.1:$port"
	is_output "http://127.0.0.1:$port
10 users

  no connection: Connection refused

  failed: nothing was measured"
	run -1 --separate-stderr aqi-loadgen --smoke \
		--target "http://127.0.0.1:$port"
	is_stderr "aqi-loadgen:http://127.0.0.1:$port: cannot connect: Connection refused"
}

@test "all 404 is 1" {
	run -1 --separate-stderr aqi-loadgen --target "$URL/404" -n 10
	[[ $output == *$'\n  not ok: 10 with a status other than 2xx\n'* ]]
	[[ $output == *$'\n  fails if               measured
  errors>0                     10   failed' ]]
}

@test "a server that goes away in the middle" {
	mkfifo ready seen
	"$ROOT/tests/serve/stub.py" >ready 3>&- &
	server=$!
	read -r _ port <ready
	aqi-loadgen --target "http://127.0.0.1:$port/answer" --users 3 -t 20s \
		--wait 10ms --csv seen --json >report 3>&- &
	load=$!
	exec 7<seen
	read -r header <&7
	read -r second <&7
	kill -9 $server
	while read -r line <&7; do
		case $line in *,0,*) break ;; esac
	done
	kill -TERM $load
	cat <&7 >/dev/null
	ended=0
	wait $load || ended=$?
	[ $ended = 1 ]
	is_report '[.interrupted, .ok > 0, .errors.refused > 0,
		.sent == .ok + .failed + .timed_out]' '[true,true,true,true]'
}

@test "thresholds: kept, missed, and what they are missed by" {
	ask 0 answer -n 50 --fail-if 'p99<=0s' --fail-if 'service.p50>30s' \
		--fail-if 'errors>1%' --fail-if 'request.max>60s ' \
		--fail-if 'sent<50' --fail-if 'timeouts > 0'
	is_report '[.passed, (.thresholds | map(.missed) | any)]' '[true,false]'
	ask 1 answer -n 50 --fail-if 'p99>1us'
	is_report '.thresholds | map([.threshold, .missed])' \
		'[["errors>0",false],["p99>1us",true]]'
	ask 1 answer -n 50 --fail-if 'sent>=50'
	is_report '.thresholds[1].measured' '"50"'
}

@test "an errors threshold stands for the default, another does not" {
	ask 0 mix -n 40 --users 1 --fail-if 'errors>70%'
	is_report '.thresholds | map([.threshold, .measured, .missed])' \
		'[["errors>70%","70 %",false]]'
	ask 1 mix -n 40 --users 1 --fail-if 'errors>69.9%'
	ask 1 mix -n 40 --users 1 --fail-if 'p50>10s'
	ask 1 mix -n 40 --users 1 --fail-if 'errors>=28'
	ask 0 mix -n 40 --users 1 --fail-if 'errors>28'
}

@test "thresholds of a task" {
	run -1 --separate-stderr aqi-loadgen --target "$URL" -n 60 \
		--fail-if 'health.errors>0' --fail-if 'batch.sent<1'
	grep -qE '^  health.errors>0 +[0-9]+   failed$' <<<"$output"
	grep -qE '^  batch.sent<1 +[0-9]+   passed$' <<<"$output"
	run -2 --separate-stderr aqi-loadgen --target "$URL" --task health \
		--fail-if 'predict.p99>1s'
	is_stderr 'aqi-loadgen: --fail-if: this test has no task "predict"'
}

@test "JSON: the members that the manual names" {
	ask 0 answer -n 10
	is_report 'keys' '["client","duration_s","errors","failed","interrupted","latency","no_connection","ok","passed","plan","rate","sent","service_time","statuses","target","tasks","thresholds","timed_out"]'
	for times in .latency .service_time .client.lateness \
		.tasks.request.latency; do
		is_report "$times | keys" '["count","max_ms","mean_ms","min_ms","p50_ms","p90_ms","p999_ms","p99_ms"]'
	done
	is_report '.latency | .min_ms <= .p50_ms and .p50_ms <= .p90_ms and
		.p90_ms <= .p99_ms and .p99_ms <= .max_ms and
		.mean_ms <= .max_ms' true
	is_report .statuses '{"200":10}'
	is_report '.errors | keys' '["check","cut","framing","refused","reset","status","timed_out"]'
	run -0 --separate-stderr aqi-loadgen --target "$URL/answer" -n 3 --json
	jq -e '.sent == 3' <<<"$output"
}

@test "text: a page with both latencies side by side" {
	run -0 --separate-stderr aqi-loadgen --target "$URL/answer" -n 20 \
		--users 2 --wait 1ms
	is_stderr ''
	[ "${lines[0]}" = "$URL/answer" ]
	[[ ${lines[1]} =~ ^"2 users who wait 1.00 ms to 1.00 ms, "[0-9.]+" "m?s$ ]]
	[[ ${lines[2]} =~ ^"  requests "+"sent       ok   failed timeouts a second"$ ]]
	[[ ${lines[3]} =~ ^"  all "+"20       20        0        0 "+[0-9.]+$ ]]
	for row in 'from when due' 'from when sent' 'sent late by'; do
		grep -qE "^  $row( +[0-9.]+ [mun]?s){6}$" <<<"$output"
	done
	[[ $output == *$'\n  connections: 2 of 2 opened at the start, 0 reopened later\n'* ]]
	[[ $output == *$'\n  fails if               measured
  errors>0                      0   passed' ]]
}

@test "there are no more users than requests, unless told" {
	run -0 aqi-loadgen --target "$URL/answer" -n 1
	[[ ${lines[1]} =~ ^"1 user, " ]]
	run -0 aqi-loadgen --target "$URL/answer" -n 1 --wait 1ms
	[[ ${lines[1]} =~ ^"1 user who waits 1.00 ms to 1.00 ms, " ]]
	ask 0 answer -n 3 --rate 1000
	is_report .client.connections 3
	ask 0 answer -n 3 --users 4
	is_report .client.connections 4
}

@test "a run too short to tell does not call the client a bottleneck" {
	ask 0 answer -n 1
	is_report '[.duration_s < 0.1, .client.bottleneck]' '[true,false]'
}

@test "the default mix is ten to one to one" {
	run -1 --separate-stderr aqi-loadgen --target "$URL" -n 1200 --json
	jq -e '.tasks | keys == ["batch", "health", "predict"] and
		.predict.sent > 950 and .predict.sent < 1050 and
		.batch.sent > 60 and .batch.sent < 140 and
		.health.sent > 60 and .health.sent < 140' <<<"$output"
	run -1 --separate-stderr aqi-loadgen --target "$URL" -n 50 --json \
		--task ready=1 --task info
	jq -e '.tasks | keys == ["info", "ready"]' <<<"$output"
}

@test "a schedule sends what its stages come to" {
	ask 0 answer --rate 50..150:1s,0:100ms,100:500ms
	is_report .sent 150
	is_report '.rate > 80 and .rate <= 93.75' true
	ask 0 answer --rate 400 -t 500ms
	is_report .sent 200
	is_report '.rate > 300 and .rate <= 400' true
	ask 0 answer --rate 1000 -n 10
	is_report .sent 10
	ask 0 answer --rate 300:1s --poisson --seed 3
	first=$(jq .sent report)
	[ "$first" -gt 230 ] && [ "$first" -lt 370 ]
	ask 0 answer --rate 300:1s --poisson --seed 3
	is_report .sent "$first"
}

@test "users who wait send less" {
	ask 0 answer --users 4 --wait 50ms:150ms -t 1s
	is_report '.sent >= 20 and .sent <= 80' true
}

@test "a stop of the server is in the latency of all that were due" {
	run -0 "$ROOT/tests/serve/freeze.py" 500 1.5 0.5 0.3
	jq -e '.status == 0 and .sent == 750 and .ok == 750 and .count == 750' \
		<<<"$output"
	jq -e '[.measured_ms, .wanted_ms] | transpose |
		all(.[0] - .[1] | . > -15 and . < 100)' <<<"$output"
}

# How much longer it takes is the machine's matter.
@test "full: the stop of a second is not understated" {
	[ -n "${AQI_FULL:-}" ] || skip "AQI_FULL is not set"
	run -0 "$ROOT/tests/serve/freeze.py" 1000 5 2 1
	jq -e '.status == 0 and .sent == 5000 and .ok == 5000 and
		.count == 5000' <<<"$output"
	jq -e '[.measured_ms, .wanted_ms] | transpose |
		all(.[0] - .[1] > -25)' <<<"$output"
}

@test "full: the rate is kept within half a percent" {
	[ -n "${AQI_FULL:-}" ] || skip "AQI_FULL is not set"
	ask 0 answer --rate 1000:5s
	is_report '[.sent, (.rate - 1000 | fabs) <= 5]' '[5000,true]'
}

@test "CSV: a line a second, which come to all" {
	ask 1 mix --rate 100 -t 2.2s --csv seconds.csv
	[ "$(head -n 1 seconds.csv)" = \
		second,sent,ok,failed,timed_out,p50_ms,p90_ms,p99_ms,max_ms,mean_ms ]
	[ "$(wc -l <seconds.csv)" = 4 ]
	[ "$(awk -F, 'NR > 1 { s += $2; o += $3; f += $4 } END {
		print s, o, f }' seconds.csv)" = \
		"$(jq -r '"\(.sent) \(.ok) \(.failed)"' report)" ]
}

@test "JUnit: a case for each threshold" {
	ask 1 404 -n 5 --junit junit.xml --fail-if 'min>0s' \
		--fail-if 'sent<5' --fail-if 'rate<0.001'
	run -0 python3 - <<-'END'
	import xml.etree.ElementTree as et
	suite = et.parse("junit.xml").getroot()
	print(suite.tag, suite.get("tests"), suite.get("failures"))
	for case in suite:
	    print(case.get("name"), [f.get("message").split()[-1] for f in case])
	END
	is_output "testsuite 5 2
something was measured []
errors>0 ['errors']
min>0s ['measured']
sent<5 []
rate<0.001 []"
}

@test "a recording has what was sent, and is sent again the same" {
	ask 0 200 -n 12 --users 3 --seed 9 --record one.ndjson --method PUT \
		--body '{"a":{{pm25}},"b":[{{records}}],"c":{{none}}}' \
		--batch-size 2 --header 'X-Key:  a b ' --header 'Content-Type: a/b'
	[ "$(wc -l <one.ndjson)" = 12 ]
	jq -e -s 'map(.at) | . == sort' one.ndjson
	jq -e '[.task, .method, .target, .fields] == ["request", "PUT", "/200",
		{"x-key": "a b", "content-type": "a/b"}] or
		.fields == {"X-Key": "a b", "Content-Type": "a/b"}' one.ndjson
	jq -r .body one.ndjson | jq -e '(.a | type) == "number" and
		(.b | length) == 2 and (.b[1] | keys | length) == 13 and
		.c == null'
	before=$(curl -s "$URL/count" | jq '.["200"]')
	ask 0 ignored --replay one.ndjson
	after=$(curl -s "$URL/count" | jq '.["200"]')
	[ $((after - before)) = 12 ]
	is_report '[.sent, (.tasks | keys)]' '[12,["request"]]'
}

@test "a recording keeps its times" {
	printf '%s\n' '{"at":0,"method":"GET","target":"/answer","task":"a"}' \
		'{"at":0.1,"method":"POST","target":"/answer","body":"x","task":"b"}' \
		'{"at":0.4,"method":"HEAD","target":"/x"}' '' >r.ndjson
	ask 0 '' --replay r.ndjson
	is_report '[.sent, .ok, (.tasks | keys)]' \
		'[3,3,["a","b","request"]]'
	is_report '.duration_s >= 0.4 and .duration_s < 2' true
}

@test "records of a file and of standard input, as CSV and NDJSON" {
	printf 'pm25,station\n1.50,007\n2,x\n3,\n' >r.csv
	for records in '--records r.csv' '--records -'; do
		run -0 aqi-loadgen --target "$URL/answer" $records \
			--body '{{record}}' --users 1 --record out <r.csv
		run -0 jq -r .body out
		is_output '{"pm25":1.50,"station":"007"}
{"pm25":2,"station":"x"}
{"pm25":3,"station":""}'
		rm out
	done
	printf '%s\n' '{"a":1}' '{"a":' '{"b": [1, "}"], "a" : "x,y" }' >r.ndjson
	ask 0 answer --records r.ndjson --body '{{record}}{{a}}' --users 1 \
		--record out
	run -0 jq -r .body out
	is_output '{"a":1}1
{"a":
{"b": [1, "}"], "a" : "x,y" }"x,y"'
	ask 0 answer --records r.ndjson -n 7 --body '[{{records}}]' \
		--batch-size 2 --users 1 --record out2
	run -0 jq -r .body out2
	[ "${#lines[@]}" = 7 ]
	[ "${lines[1]}" = '[{"b": [1, "}"], "a" : "x,y" },{"a":1}]' ]
}

@test "a last batch has the records that are left" {
	aqi-loadgen -n 25 -O ndjson >r.ndjson
	run -1 aqi-loadgen --target "$URL" --task batch --records r.ndjson \
		--record out --json
	run -0 jq -c '.body | fromjson | .instances | length' out
	is_output '10
10
5'
}

@test "the same seed sends the same requests" {
	for n in 1 2; do
		run -1 aqi-loadgen --target "$URL" -n 100 --users 1 --seed 5 \
			--record r$n
	done
	cmp <(jq -c 'del(.at)' r1) <(jq -c 'del(.at)' r2)
}

@test "bad records may be refused, and nothing else" {
	for status in 200 400 413 422; do
		ask "$([ $status = 200 ] && echo 0 || echo 1)" $status \
			--body '{{record}}' -n 100 --invalid 100%
		# The first record is always whole.
		is_report '.errors.status <= 60' true
	done
	ask 1 500 --body '{{record}}' -n 10 --invalid 100%
	is_report .errors.status 10
}

@test "an interrupt ends the test with its report" {
	for signal in INT TERM; do
		mkfifo seen
		env --default-signal=INT aqi-loadgen --target "$URL/answer" \
			-t 60s --wait 1ms --csv seen >report 3>&- &
		load=$!
		exec 7<seen
		read -r header <&7
		read -r second <&7
		kill -$signal $load
		cat <&7 >/dev/null
		ended=0
	wait $load || ended=$?
	[ $ended = 0 ]
		grep -q ', interrupted$' report
		grep -qE '^  errors>0 +0   passed$' report
		rm seen
	done
}

@test "an interrupt that comes twice at once, as of timeout, is one" {
	for _ in 1 2 3 4 5; do
		mkfifo seen
		aqi-loadgen --target "$URL/answer" -t 60s --wait 1ms \
			--csv seen >report 3>&- &
		load=$!
		exec 7<seen
		read -r header <&7
		read -r second <&7
		kill -TERM $load $load $load
		cat <&7 >/dev/null
		wait $load
		grep -q ', interrupted$' report
		rm seen
	done
}

@test "each report says why there was no connection" {
	run -1 --separate-stderr aqi-loadgen --target unix:nobody -n 3 --json -o report --junit junit
	is_report '[.no_connection, .passed]' '["No such file or directory",false]'
	grep -q 'nothing was measured, no connection: No such file or directory' junit
	ask 0 answer -n 3
	is_report .no_connection null
}

@test "usage: files that are one, or that are read" {
	printf '{"pm25":1}\n' >in.ndjson
	for pair in "-o --csv" "--csv --junit" "--junit --record" "-o --record"; do
		read -r a b <<<"$pair"
		run -2 --separate-stderr aqi-loadgen --target unix:nobody $a one $b ./one
		is_stderr "aqi-loadgen:./one: ${a/#-o/--output} and $b would both write this file; give each one of its own"
		[ ! -e one ]
	done
	ln in.ndjson other
	for read in --records --replay; do
		run -2 --separate-stderr aqi-loadgen --target unix:nobody $read in.ndjson --junit other
		is_stderr 'aqi-loadgen:in.ndjson: --junit would write over this input; give it a file of its own'
	done
	[ "$(cat in.ndjson)" = '{"pm25":1}' ]
}

@test "an interrupt while the report is written leaves no part of it" {
	args=(aqi-loadgen --target unix:nobody -n 1 -o report --json)
	trace kill_at 0 "${args[@]}"
	calls=${said##* }
	n_signalled=0
	for ((n = calls - 20; n <= calls; n++)); do
		rm -f report*
		trace kill_at $n:2 "${args[@]}"
		[ -z "$(ls | grep '^report\.')" ]
		# One that comes before the end is no second one.
		[[ "$said" != "signalled "@(1|130) ]] || ((++n_signalled))
	done
	[ $n_signalled -gt 0 ]
}

@test "what is under way at an interrupt is not counted" {
	mkfifo seen
	aqi-loadgen --target "$URL/stall" -t 60s --users 3 --csv seen \
		--timeout 50s --json >report 3>&- &
	load=$!
	exec 7<seen
	read -r header <&7
	read -r second <&7
	kill -TERM $load
	cat <&7 >/dev/null
	ended=0
	wait $load || ended=$?
	[ $ended = 1 ]
	is_report '[.sent, .client.cut_off, .interrupted]' '[0,3,true]'
}

@test "a line shows how it goes, on a terminal only" {
	command -v script >/dev/null || skip "script is not installed"
	script -qec true /dev/null >/dev/null 2>&1 ||
		skip "there are no pseudo-terminals"
	run -0 script -qec "aqi-loadgen --target $URL/answer -t 1.2s --users 1" \
		/dev/null
	[[ $output =~ $'\r'aqi-loadgen:\ 1\ s,\ [0-9]+\ requests,\ 0\ not\ ok\;\ now\ [0-9]+/s,\ p50\ [0-9.]+\ [mun]?s,\ p99\ [0-9.]+\ [mun]?s$'\033[K' ]]
}

@test "a unix socket" {
	mkfifo ready
	"$ROOT/tests/serve/stub.py" --unix "$PWD/s" >ready 3>&- &
	server=$!
	read -r _ _ <ready
	for socket in "$PWD/s" s ./s; do
		run -0 aqi-loadgen --target "unix:$socket:/answer" -n 20 --json
		jq -e '.ok == 20' <<<"$output"
	done
	kill $server
}

@test "a name, be it with two addresses" {
	getent hosts localhost >/dev/null || skip "localhost has no address"
	run -0 aqi-loadgen --target "http://localhost:$PORT/answer" -n 20
}

@test "a threshold is as long as it is written" {
	run -0 aqi-loadgen --target "$URL/answer" -n 1 --users 1 \
		--fail-if "p99>$(printf '%0600d' 9)s"
	[[ $output == *passed* ]]
}

@test "smoke: an API that does what it says" {
	run -0 --separate-stderr aqi-loadgen --smoke --target "$URL/api" \
		--junit junit.xml
	is_output "$URL/api
25 checks of 2 endpoints, 0 failed; 1 with parameters were left out"
	is_stderr ''
	[ "$(grep -c '<testcase' junit.xml)" = 25 ]
	run -1 grep -c '<failure' junit.xml
	# The document is no part of what the URL asks for besides its path.
	run -0 aqi-loadgen --smoke --target "$URL/api?key=1"
}

@test "smoke: an API that does not" {
	run -1 --separate-stderr aqi-loadgen --smoke --target "$URL/bad-api" \
		--junit junit.xml
	is_output "$URL/bad-api
  failed: POST /double, x above its most: answered with 200, which is no 4xx of the document
  failed: POST /double, n at its most: y is of another type
25 checks of 2 endpoints, 2 failed; 1 with parameters were left out"
	[ "$(grep -c '<failure' junit.xml)" = 2 ]
	run -1 --separate-stderr aqi-loadgen --smoke --target "$URL/bad-api" --json
	jq -e '.checks == 25 and .failed == 2 and (.passed | not) and
		([.cases[] | select(.passed | not)] | length) == 2' <<<"$output"
}

@test "smoke: without its key, an API fails once and not by the hundred" {
	printf secret >key
	(umask 077 && echo me "$(sha256sum <key | cut -c -64)" >keys)
	aqi-serve --version | grep -q libcrypto || skip "no keys in this build"
	start_serve --keys keys
	run -1 --separate-stderr aqi-loadgen --smoke --target "$served"
	[ "$(grep -c '^  failed: ' <<<"$output")" = 20 ]
	[ "${lines[1]}" = "  failed: POST /predict, with a good body: answered with 401, which is no 2xx of the document" ]
	[ "${lines[21]}" = "  and 207 more, which --json and --junit list" ]
	[ "${lines[22]}" = "  227 were answered with 401 or 403: --header gives a key" ]
	[ "${lines[23]}" = "237 checks of 6 endpoints, 227 failed" ]
	run -0 aqi-loadgen --smoke --target "$served" \
		--header 'X-API-Key: secret'
	is_output "$served
237 checks of 6 endpoints, 0 failed"
	kill $served_by
}

@test "smoke: a server without a document" {
	run -1 --separate-stderr aqi-loadgen --smoke --target "$URL/404"
	is_stderr "aqi-loadgen:$URL/404: /openapi.json is answered with 404, and nothing can be tried"
	run -1 --separate-stderr aqi-loadgen --smoke --target "$URL/answer"
	is_stderr "aqi-loadgen:$URL/answer: no OpenAPI document with an endpoint that can be tried"
	run -1 --separate-stderr aqi-loadgen --smoke --target "$URL/cut"
	is_stderr "aqi-loadgen:$URL/cut: /openapi.json is not answered"
	for mode in cut-body twice bad-chunk; do
		run -1 --separate-stderr aqi-loadgen --smoke \
			--target "$URL/$mode"
		is_stderr "aqi-loadgen:$URL/$mode: /openapi.json is answered with what is cut, or no HTTP"
	done
}

@test "smoke: a test that could not begin has failed in its JUnit, too" {
	echo '<testsuite failures="0"/>' >junit.xml
	run -1 --separate-stderr aqi-loadgen --smoke --target "$URL/404" \
		--junit junit.xml
	cat >wanted <<-'END'
	<?xml version="1.0" encoding="UTF-8"?>
	<testsuite name="aqi-loadgen --smoke" tests="1" failures="1">
	  <testcase classname="aqi-loadgen" name="GET /openapi.json">
	    <failure message="/openapi.json is answered with 404, and nothing can be tried"/>
	  </testcase>
	</testsuite>
	END
	diff wanted junit.xml
	run -1 --separate-stderr aqi-loadgen --smoke --target "unix:$PWD/no" \
		--junit junit.xml
	grep -q 'message="cannot connect: No such file or directory"' junit.xml
}

@test "verify: a wrong prediction is a failure" {
	ask 1 answer --body '{{record}}' -n 10 --verify production
	is_report "$COUNTS" '[10,0,10,0,10,{"check":10}]'
	ask 1 answer --method POST -n 10 --verify production
	# What compares nothing would find nothing wrong.
	for none in '-n 1' '--task health=1' '--method PUT --body x'; do
		run -2 --separate-stderr aqi-loadgen --target "$URL/answer" \
			--verify production $none
		is_stderr 'aqi-loadgen: --verify is for requests that ask for predictions'
	done
	run -3 --separate-stderr aqi-loadgen --target "$URL" --verify ./nosuch
	[[ $stderr == 'aqi-loadgen:./nosuch: '* ]]
}

# The server that goes with the programs: $served is its URL.
start_serve() {
	mkfifo says
	aqi-serve --listen 127.0.0.1:0 "$@" 2>says 3>&- &
	served_by=$!
	exec 6<says
	read -r line <&6
	served=http://${line##*http://}
}

@test "aqi-serve passes its smoke test, and answers what the model predicts" {
	start_serve
	run -0 aqi-loadgen --smoke --target "$served"
	[[ $output == *'6 endpoints, 0 failed' ]]
	run -0 aqi-loadgen --target "$served" -n 600 --verify production --json
	jq -e '.ok == 600 and .tasks.batch.ok > 20' <<<"$output"
	run -0 aqi-loadgen --target "$served" -n 600 --invalid 60% --json
	jq -e '.ok == 600 and .statuses["422"] > 100' <<<"$output"
	cd "$BATS_TEST_TMPDIR"
	make_model
	run -1 aqi-loadgen --target "$served" -n 60 --verify ./model.json \
		--task predict --json
	jq -e '.errors.check > 30' <<<"$output"
	kill $served_by
}

@test "output that cannot be written ends with status 4" {
	run -4 --separate-stderr bash -c \
		'aqi-loadgen --target "$1" -n 3 >/dev/full' - "$URL/answer"
	is_stderr 'aqi-loadgen:standard output: cannot write: No space left on device'
	for option in csv record junit; do
		run -4 --separate-stderr aqi-loadgen --target "$URL/answer" \
			-n 3 --$option /dev/full
		is_stderr 'aqi-loadgen:/dev/full: cannot write: No space left on device'
		run -4 --separate-stderr aqi-loadgen --target "$URL/answer" \
			-n 3 --$option nosuch/x
		is_stderr 'aqi-loadgen:nosuch/x: cannot open for writing: No such file or directory'
	done
}

@test "a request ends where a newline would begin another" {
	run -2 --separate-stderr aqi-loadgen --target "$URL" --header $'a: b\r\nc: d'
	is_stderr 'aqi-loadgen: --header takes NAME: VALUE, not "a: b\x0d\x0ac: d"'
	run -2 --separate-stderr aqi-loadgen --target "$URL" --method $'GET /x HTTP/1.1\r\n'
	is_stderr 'aqi-loadgen: no request can be made of the method "GET /x HTTP/1.1\x0d\x0a" and the target'"'"'s host and path'
}

# Each line: the arguments, a tab, what is said.
@test "a wrong command line ends with status 2" {
	while IFS=$'\t' read -r arguments message; do
		eval "set -- $arguments"
		run -2 --separate-stderr aqi-loadgen "$@"
		is_output ''
		is_stderr "aqi-loadgen: $message"
	done <<-'END'
	--users 5	--users is for --target URL
	-t 5s	--time is for --target URL
	--smoke	--smoke is for --target URL
	--target http://x --label	--label is for records, and does not go with --target
	--target http://x --no-header	--no-header is for records, and does not go with --target
	--target http://x -O csv	--output-format is for records, and does not go with --target
	--target http://x --stats	--stats is for records, and does not go with --target
	--target http://x -t soon	-t takes a time such as 500ms, 30s or 5m, not "soon"
	--target http://x -t 0	-t takes a time such as 500ms, 30s or 5m, not "0"
	--target http://x --timeout ''	--timeout takes a time such as 500ms, 30s or 5m, not ""
	--target http://x --wait 1:x	--wait takes a time such as 500ms, 30s or 5m, not "x"
	--target http://x --wait 3:1	--wait takes the shorter time first
	--target http://x --users 0	--users takes a whole number from 1 to 100000, not "0"
	--target http://x --connections x	--connections takes a whole number from 1 to 100000, not "x"
	--target http://x --batch-size 0	--batch-size takes a whole number from 1 to 100000, not "0"
	--target http://x --task sleep=1	--task takes NAME=WEIGHT, of predict, batch, health, ready, info, metrics, not "sleep"
	--target http://x --task batch=0	--task WEIGHT takes a whole number from 1 to 1000000, not "0"
	--target http://x --task batch --task batch=2	--task has batch twice
	--target http://x --rate fast	--rate: a stage is RATE:DURATION or FROM..TO:DURATION in requests a second, such as 100:30s, and only the last, of a rate above 0, may lack its duration; not "fast"
	--target http://x --rate 0:1s	--rate: rates of 0 alone send nothing
	--target http://x --header Host:x	--header cannot set Host, which is made for each request
	--target http://x --header nocolon	--header takes NAME: VALUE, not "nocolon"
	--target http://x --rate 1 --users 2	--rate does not go with --users or --wait
	--target http://x --poisson	--poisson is for --rate
	--target http://x --connections 2	--connections is for --rate and --replay; each of --users has one
	--target http://x --replay x --rate 1	--replay does not go with --rate, --users or --wait
	--target http://x --replay x --task batch	--replay does not go with --task, --method, --body, --records, --header or --record
	--target http://x --method GET --task batch	--method does not go with --task
	--target http://x --body x --task batch	--body does not go with --task
	--target http://x --smoke --users 1	--smoke does not go with --rate, --users or --wait
	--target http://x --smoke -n 1	--smoke does not go with -n or -t
	--target http://x --smoke --task batch	--smoke does not go with --task, --method, --body or --records
	--target http://x --smoke --record x	--smoke does not go with --replay or --record
	--target http://x --smoke --csv x	--smoke does not go with --verify, --fail-if or --csv
	--target http://x --csv -	standard output is for one of the report, --csv, --junit and --record; -o FILE takes the report elsewhere
	--target http://x -o - --junit -	standard output is for one of the report, --csv, --junit and --record; -o FILE takes the report elsewhere
	--target http://x -o x --junit - --record -	standard output is for one of the report, --csv, --junit and --record; -o FILE takes the report elsewhere
	--target http://x --csv ''	--csv takes a name, and an empty one was given
	--target http://x --body '{{a"}}{{}}'	a gap is {{record}}, {{records}} or {{NAME}}, not {{""}}
	--target http://127.0.0.1:1 --fail-if fast	--fail-if: a threshold is one such as p99>50ms, service.p99.9>1s, mean>5ms, errors>1%, predict.errors>0, timeouts>3 or rate<1000, not "fast"
	END
}

@test "at most so many options of a kind" {
	many=()
	for n in $(seq 65); do
		many+=(--fail-if "sent<$n")
	done
	run -2 --separate-stderr aqi-loadgen --target "$URL" "${many[@]}"
	is_stderr 'aqi-loadgen: there are at most 64 --fail-if'
	body=$(printf '{{a}}x%.0s' {1..130})
	run -2 --separate-stderr aqi-loadgen --target "$URL" --body "$body"
	is_stderr 'aqi-loadgen: a body has at most 128 gaps'
}

@test "records that cannot be sent" {
	says() {
		run -"$1" --separate-stderr aqi-loadgen --target "$URL/answer" \
			"${@:3}"
		is_stderr "aqi-loadgen$2"
	}
	: >empty
	echo pm25 >header
	printf 'pm25\n1\n' >good
	printf 'a,b\n1,2\n1\n' >ragged
	echo '{"a":1' >broken
	says 1 ':empty: empty: not even a header line' --records empty --body '{{record}}'
	says 1 ': there is no record to send' --records header --body '{{record}}'
	says 1 ':ragged:3:2: 1 field where the header has 2' --records ragged --body '{{record}}'
	says 1 ":broken:1:7: JSON ends too early" --records broken --body '{{record}}'
	says 4 ':nosuch: cannot open: No such file or directory' --records nosuch --body '{{record}}'
	says 4 ':nosuch: cannot open: No such file or directory' --body @nosuch
	says 2 ': --records is for requests that take records, and none of these does' --records good
}

@test "recordings that cannot be sent or written" {
	while IFS=$'\t' read -r line message; do
		printf '{"at":1,"method":"GET","target":"/"}\n%s\n' "$line" >r
		run -1 --separate-stderr aqi-loadgen --target "$URL" --replay r
		is_stderr "aqi-loadgen:r:2$message"
	done <<-'END'
	[1]	: a line of a recording is a JSON object
	{"at":1	:8: JSON ends too early
	{"at":0.5,"method":"GET","target":"/"}	: at: it is a number of seconds, and not before that of the line above
	{"method":"GET","target":"/"}	: at: it is a number of seconds, and not before that of the line above
	{"at":2,"target":"/"}	: target: no request can be made of it and the method
	{"at":2,"method":"GET"}	: target: no request can be made of it and the method
	{"at":2,"method":"GET","target":"/ x"}	: target: no request can be made of it and the method
	{"at":2,"method":"GET","target":"/","fields":[]}	: fields: it is an object of texts
	{"at":2,"method":"GET","target":"/","fields":{"a b":"c"}}	: fields: a name or a value can be no line of a head
	{"at":2,"method":"GET","target":"/","fields":{"a":"b\r\nc"}}	: fields: a name or a value can be no line of a head
	{"at":2,"method":"GET","target":"/","fields":{"a":1}}	: fields: a name or a value can be no line of a head
	{"at":2,"method":"GET","target":"/","body":1}	: body: it is a text
	END
	for n in $(seq 17); do
		echo '{"at":1,"method":"GET","target":"/","task":"'"$n"'"}'
	done >r
	run -1 --separate-stderr aqi-loadgen --target "$URL" --replay r
	is_stderr 'aqi-loadgen:r:17: task: a recording has at most 16 tasks'
	: >r
	run -1 --separate-stderr aqi-loadgen --target "$URL" --replay r
	is_stderr 'aqi-loadgen:r: there is no request to send'
	printf '\377' >bytes
	run -1 --separate-stderr aqi-loadgen --target "$URL" --body @bytes \
		--record r -n 1
	is_stderr 'aqi-loadgen: a body that is no UTF-8, or has a NUL, cannot be recorded'
}

# The longest part of each message without a directive must stand in a test.
@test "every message of a load test is in a test" {
	cat >sites.py <<-'END'
	import glob, re, sys
	root = sys.argv[1]
	tests = open(root + '/tests/cli/loadgen-http.bats').read() + \
	    ''.join(open(root + '/tests/unit/test_' + f + '.c').read()
	            for f in ('schedule', 'threshold', 'load_task'))
	known = {'this request cannot be recorded: %s'}	# all of ours can
	names = ['net/' + f for f in ('schedule', 'load', 'client')] + \
	    ['api/' + f for f in ('records', 'template', 'task', 'recording',
	                          'threshold', 'smoke')]
	n = bad = 0
	for path in [root + '/lib/' + f + '.c' for f in names] + \
	        glob.glob(root + '/cmd/loadgen_*.c'):
	    text = open(path).read()
	    for m in re.finditer(r'(?:aqi_error_set|aqi_error_system|aqi_cli_usage|'
	                         r'\bbad|\bexclude|\bneed)\(', text):
	        call = text[m.end():text.find(';\n', m.end())]
	        for s in re.findall(r'"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*', call):
	            s = ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', s))
	            part = max(re.split(r'%(?:\.\*)?[a-z]+|"', s.replace('%%', '%\0')),
	                       key=len).replace('\0', '').strip()
	            if len(part) < 8 or s in known:
	                continue
	            n += 1
	            if part not in tests:
	                bad += 1
	                print('%s: "%s"' % (path, s))
	print(n, 'messages,', bad, 'in no test')
	sys.exit(bad > 0 or n < 40)
	END
	run -0 python3 sites.py "$ROOT"
	echo "# ${lines[-1]}" >&3
}
