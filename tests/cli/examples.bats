# The recipes of examples/: what they print, and what they leave behind.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH=$ROOT/examples:$PATH
}

need_program() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

@test "each recipe is in the list of recipes, and has a test" {
	local script
	for script in "$ROOT"/examples/*.sh "$ROOT"/examples/*.py; do
		script=${script##*/}
		grep -qF "[$script]($script)" "$ROOT/examples/README.md"
		grep -qw "$script" "$ROOT"/tests/cli/*.bats
		[ -x "$ROOT/examples/$script" ]
	done
}

@test "cron.sh: forecasts, with refused records and messages kept" {
	cp "$ROOT/examples/stations.csv" .
	run -0 --separate-stderr cron.sh stations.csv out
	is_output ""
	is_stderr ""
	run -0 ls out
	is_output "$(printf '%s\n' forecast.csv good.csv lock log records.csv rejects.csv)"
	[ "$(wc -l <out/forecast.csv)" = 47 ]
	[ "$(cut -d, -f 1,2,16 out/rejects.csv | tail -n 1)" = \
		'Riverside,2017-01-18T11:00+08:00,"pressure: ""10244"" is outside 500..1100 hPa"' ]
	[ "$(cat out/log)" = "aqi-features:$PWD/stations.csv:11:16: PM2.5: \"4O\" is not a number
aqi-validate:records.csv:36:84: pressure: \"10244\" is outside 500..1100 hPa" ]
}

@test "cron.sh: after a bad delivery the last forecast stays, and it is said" {
	cron.sh "$ROOT/examples/stations.csv" out
	cp out/forecast.csv good.csv
	sed '2,9s/,[0-9]*,/,?,/5' "$ROOT/examples/stations.csv" >bad.csv
	run -1 --separate-stderr cron.sh bad.csv out
	is_output ""
	[ "${stderr%%$'\n'*}" = \
		"aqi-features ended with status 1; the forecast is the old one" ]
	cmp out/forecast.csv good.csv
	echo 'no,such,columns' >bad.csv
	run -2 --separate-stderr cron.sh bad.csv out
	[ "${stderr%%$'\n'*}" = \
		"aqi-features ended with status 2; the forecast is the old one" ]
	cmp out/forecast.csv good.csv
	run -4 cron.sh none.csv out
	[ ! -e out/forecast.csv.tmp ]
	cmp out/forecast.csv good.csv
}

@test "cron.sh: a second run at the same time does nothing" {
	mkdir out
	exec 8>out/lock
	flock 8
	run -0 cron.sh "$ROOT/examples/stations.csv" out
	is_output ""
	[ ! -e out/forecast.csv ]
}

@test "parallel.sh: a job a station, the same forecasts as in one run" {
	# Without /sys, parallel says that it does not know the processors.
	run -0 --separate-stderr parallel.sh
	is_output "jobs that failed: 0
  169 S01.forecast
  169 S02.forecast
  169 S03.forecast
  507 total"
	aqi-loadgen --profile realistic --stations 3 -n 504 | aqi-predict |
		grep '^S02,' >one
	tail -n +2 S02.forecast | cmp - one
	[ "$(awk 'END { print NR - 1 }' jobs.log)" = 3 ]
}

@test "xargs.sh: what is there is not done again" {
	run -0 xargs.sh
	is_output "first run: status 123, 5 files done
second run: status 123, 5 files done
aqi-predict:days/6.csv:1: pm25: no such column; needed are $HEADER (--allow-absent treats it as missing)"
	aqi-predict days/3.csv | cmp - out/3.csv
}

@test "jq.sh: hours of each category" {
	run -0 jq.sh
	is_output '{"station":"Northgate","hours":{"Moderate":10,"Unhealthy":3,"Unhealthy for Sensitive Groups":2,"Very Unhealthy":7},"worst":{"time":"2017-01-18T21:00+08:00","aqi":265.33}}
{"station":"Riverside","hours":{"Moderate":13,"Unhealthy":10,"Unhealthy for Sensitive Groups":1},"worst":{"time":"2017-01-18T20:00+08:00","aqi":188.99}}'
}

@test "miller.sh: means by station and time of day" {
	need_program mlr
	run -0 miller.sh
	is_output "station   part      aqi_count aqi_mean aqi_max
Northgate morning   11        61.63    101.37
Northgate afternoon 11        219.70   265.33
Riverside morning   12        55.62    67.9
Riverside afternoon 12        163.58   188.99"
}

@test "sqlite.sh: loaded twice is loaded once" {
	need_program sqlite3
	run -0 sqlite.sh
	is_output "┌───────────┬───────┬───────────┬────────┬───────────┐
│  station  │ hours │ forecasts │  mean  │ unhealthy │
├───────────┼───────┼───────────┼────────┼───────────┤
│ Northgate │ 23    │ 22        │ 140.66 │ 10        │
│ Riverside │ 24    │ 24        │ 109.6  │ 10        │
└───────────┴───────┴───────────┴────────┴───────────┘"
	[ "$(sqlite3 air.db 'SELECT count(*) FROM forecast WHERE aqi IS NULL')" = 1 ]
}

# The logger is a process that waits for a line of its own; no test waits for
# time to pass.
@test "follow.sh: a record is answered before the next one is written" {
	mkfifo go answers
	aqi-loadgen -n 3 >all.csv
	head -n 2 all.csv >sensor.csv
	sh -c 'read -r line <go' 3>&- &
	logger=$!
	follow.sh sensor.csv "$logger" >answers 3>&- &
	follower=$!
	exec 7<answers
	read -r header <&7
	[ "$header" = "$HEADER,aqi,category,confidence" ]
	read -r first <&7
	sed -n 3p all.csv >>sensor.csv
	read -r second <&7
	sed -n 4p all.csv >>sensor.csv
	read -r third <&7
	echo stop >go
	wait "$follower"
	run -1 read -r more <&7
	printf '%s\n' "$header" "$first" "$second" "$third" |
		cmp - <(aqi-predict all.csv)
}

@test "follow.sh: a file rotated away is followed by the next" {
	mkfifo go answers
	aqi-loadgen -n 2 >all.csv
	head -n 2 all.csv >sensor.csv
	sh -c 'read -r line <go' 3>&- &
	logger=$!
	follow.sh sensor.csv "$logger" >answers 2>errors 3>&- &
	follower=$!
	exec 7<answers
	read -r header <&7
	read -r first <&7
	sed -n '1p; 3p' all.csv >next.csv
	mv next.csv sensor.csv
	read -r second <&7
	echo stop >go
	status=0
	wait "$follower" || status=$?
	[ $status = 1 ]
	printf '%s\n' "$header" "$first" "$second" | cmp - <(aqi-predict all.csv)
	[ "$(head -n 1 errors)" = 'aqi-predict:-:3:1: pm25: "pm25" is not a number' ]
}

@test "ci-smoke.sh: a good API passes, and leaves its results" {
	run -0 ci-smoke.sh
	[[ $output == *'checks of '*' endpoints, 0 failed'* ]]
	[ "${lines[-1]}" = "the API has passed" ]
	[ "$(ls results | tr '\n' ' ')" = \
		"load.csv load.txt load.xml smoke.xml verify.txt verify.xml " ]
	grep -qE '^  p99>500ms .* passed$' results/load.txt
	[ "$(grep -c '<testcase' results/smoke.xml)" -gt 100 ]
	run -1 grep -l '<failure' results/*.xml
}

@test "ci-smoke.sh: an API that is not there, or not what it says, fails" {
	need_program python3
	mkfifo ready
	"$ROOT/tests/serve/stub.py" >ready 3>&- &
	stub=$!
	read -r _ port <ready
	run -1 ci-smoke.sh "http://127.0.0.1:$port/bad-api"
	[[ $output == *', 2 failed;'* ]]
	[[ $output != *passed* ]]
	kill $stub
	run -1 ci-smoke.sh "unix:$PWD/nothing:/"
	[[ $output == *': cannot connect: No such file or directory' ]]
}

@test "aqi-serve.service: its command serves, reloads and ends" {
	local unit=$ROOT/examples/aqi-serve.service arguments server
	# Joined lines, a free port, a log of one's own, and nobody to wait for.
	arguments=$(sed -e ':a; /\\$/ { N; s/\\\n//; ba }' "$unit" |
		sed -n 's/^ExecStart=[^ ]*aqi-serve //p' |
		sed "s#:8000#:0#; s#/var/log/aqi-serve#$PWD#; s#delay 5#delay 0#")
	[[ $arguments == *"--access-log $PWD/access.log"*"delay 0"* ]]
	mkfifo says
	# shellcheck disable=SC2086
	aqi-serve $arguments 2>says 3>&- &
	server=$!
	exec 7<says
	read -r line <&7
	[[ $line == 'aqi-serve: listening on http://127.0.0.1:'* ]]
	[ "$(sed -n 's/^ExecReload=//p' "$unit")" = '/bin/kill -HUP $MAINPID' ]
	kill -HUP $server
	read -r line <&7
	[[ $line == 'aqi-serve: the model is now production/'* ]]
	kill $server
	wait $server
	[ -e access.log ]
}

@test "aqi-serve.service: systemd finds no fault in it" {
	need_program systemd-analyze
	sed "s#/usr/local/bin#$(dirname "$(command -v aqi-serve)")#" \
		"$ROOT/examples/aqi-serve.service" >aqi-serve.service
	run -0 systemd-analyze verify --man=no ./aqi-serve.service
	is_output ''
}

@test "ci-smoke.yml runs ci-smoke.sh as it is" {
	run -0 sed -n 's/^ *run: *\(PATH=.*\)/\1/p' "$ROOT/examples/ci-smoke.yml"
	is_output 'PATH="$PWD/build:$PATH" examples/ci-smoke.sh "$URL"'
	# It is given an empty URL where none is set.
	run -0 ci-smoke.sh ''
	[ "${lines[-1]}" = "the API has passed" ]
}

# A table of 400 rows whose target is a function of two columns.
make_table() {
	awk 'BEGIN {
		srand(7)
		print "pm25,wind,missing_at_times,later"
		for (i = 0; i < 400; i++) {
			a = int(rand() * 1000) / 10; b = int(rand() * 80) / 10
			print a "," b "," (i % 5 ? i % 7 : "") "," 2 * a - b
		}
	}'
}

@test "sklearn-to-aqi.py: each kind of model says the same as scikit-learn" {
	python3 -c 'import sklearn, skl2onnx' 2>/dev/null ||
		skip "scikit-learn and skl2onnx are not installed"
	make_table >table.csv
	cut -d, -f 1,2,4 table.csv >whole.csv
	for kind in forest boosting; do
		run -0 sklearn-to-aqi.py whole.csv later $kind.onnx $kind
		[[ ${lines[-1]} == "$kind: 400 rows, at most "* ]]
	done
	run -0 sklearn-to-aqi.py table.csv later hist.onnx hist
	[[ ${lines[-1]} == "hist: 400 rows, at most "* ]]
	# By names, whatever their order, without Python.
	awk -F, -v OFS=, '{ print $4, $2, $1 }' table.csv >turned.csv
	aqi-predict -m ./forest.onnx table.csv | awk -F, '{ print $5 }' >a
	aqi-predict -m ./forest.onnx turned.csv | awk -F, '{ print $4 }' >b
	[ "$(wc -l <a)" = 401 ]
	cmp a b
}

@test "sklearn-to-aqi.py says what it needs where that is not there" {
	mkdir empty
	echo 'raise ImportError("no numpy here")' >empty/numpy.py
	PYTHONPATH=$PWD/empty run -1 --separate-stderr sklearn-to-aqi.py
	is_stderr 'sklearn-to-aqi.py: no numpy here: pip install scikit-learn skl2onnx'
}

# The same as the recipe leaves behind, written by our own tests: a column for
# each input, Concat, a step, and trees.
@test "a model with inputs of its own for each column is bound by their names" {
	cp "$ROOT/tests/fuzz/seeds/onnx/named.onnx" .
	printf 'b,site,a\n1,x,0.25\n0,y,0.3\n0,z,\n' >in.csv
	run -0 aqi-predict -m ./named.onnx in.csv
	is_output "b,site,a,aqi,category,confidence
1,x,0.25,41.00,Good,0.85
0,y,0.3,12.00,Good,0.85
0,z,,22.00,Good,0.85"
	run -0 aqi-model eval --by-name named.onnx in.csv
	is_output "variable_0
41
12
22"
}

@test "a classifier of scikit-learn gives its label and probabilities" {
	cp "$ROOT/tests/fuzz/seeds/onnx/binary.onnx" .
	printf 'f0\n0\n1\n' >in.csv
	run -0 aqi-model eval binary.onnx in.csv
	is_output "label,probabilities_0,probabilities_1
7,0.4133824,0.5866176
7,0.2994328,0.7005672"
	run -3 --separate-stderr aqi-predict -m ./binary.onnx --inputs f0 in.csv
	is_output ""
	is_stderr 'aqi-predict:./binary.onnx: 2 outputs; a prediction is one: see aqi-model eval for all of them'
}
