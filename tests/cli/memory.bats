#!/usr/bin/env bats
# Each allocation of a run fails in turn, once and for good: the program says
# so and ends with status 5, or does not mind (tests/fault/memory.c). What is
# asked of each run stands there, as do leaks; under the sanitizers these look
# for leaks and wrong accesses too.
#
# AQI_FULL=1 tries every allocation, else a random choice of each run's: SEED
# repeats it.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	seed=${SEED:-$RANDOM}
	echo "SEED=$seed"
	most=20
	case $BUILD in *sanitize*) most=4 ;; esac
	[ -z "${AQI_FULL:-}" ] || most=0
	case $most,$BUILD in 0,*sanitize*) most=60 ;; esac
	make_records
	make_model
}

# Good records and one that no schema takes; odd ones, with long and quoted
# fields, escapes, and all that is refused.
make_records() {
	aqi-loadgen -n 12 --seed 7 | sed '5s/^[^,]*/bad/' >in.csv
	aqi-loadgen -n 12 --seed 7 -O ndjson |
		sed '5s/"pm25":[^,]*/"pm25":"bad"/' >in.ndjson
	long=$(printf 'x%.0s' {1..700})
	printf '%s\n' 'site,"pm ""25""",pm25,category' '"a, b",1,35.5,Good' \
		$'"line\nbreak","say ""x""",200,' "$long,1,12,Hazardous" \
		'a"b,1,2,3' ',,' '1,2,NA,nobody' '"open,1,2' >odd.csv
	printf '%s\n' '{"site":"a\u00e9\n","pm25":35.5,"no2":null,"n":{"a":[1,{"b":[]}]},"category":"Good"}' \
		"{\"site\":\"$long\",\"p\\u006d25\":3.5e1,\"t\":true,\"category\":null}" \
		'{"pm25":1e400}' '{"pm25":1,"pm25":2}' '[1]' '{"pm25":"\u0000"}' \
		not '{"p\u006d25":"bad"}' '{"pm25":3,"category":"nobody"}' \
		'{"pm25":1' >odd.ndjson
}

# survives INPUT PROGRAM ARGUMENT...
survives() {
	local input=$1
	shift
	run --separate-stderr env LD_PRELOAD="$BUILD/memory.so" \
		ASAN_OPTIONS=verify_asan_link_order=0 MEMORY_FILES="${FILES:-}" \
		MEMORY_MOST="$most" MEMORY_SEED="$seed" "$@" <"$input"
	echo "$* <$input: $output"
	[ -z "${AQI_FULL:-}" ] || echo "# $* <$input: $output" >&3
	[ "$status" -eq 0 ] || {
		echo "$stderr"
		return 1
	}
	[[ $output =~ ^([0-9]+)\ allocations,\ ([0-9]+)\ runs,\ ([0-9]+)\ harmless,\ 0\ failed$ ]]
	[ "${BASH_REMATCH[2]}" -ge 2 ]
	[ "${BASH_REMATCH[3]}" -lt "${BASH_REMATCH[2]}" ] || [ "$*" = "$1 --version" ]
}

@test "memory: aqi-validate" {
	survives in.csv aqi-validate --stats
	survives in.ndjson aqi-validate --stats
	survives odd.csv aqi-validate --schema observed --allow-absent --stats
	survives odd.ndjson aqi-validate --schema observed --allow-absent --stats
	survives in.csv aqi-validate --flag -O ndjson
	survives in.ndjson aqi-validate --flag
	survives in.csv aqi-validate --summary
	survives in.ndjson aqi-validate --summary=json
}

@test "memory: aqi-validate with files" {
	aqi-validate --print-schema --schema observed >schema.json
	survives in.csv aqi-validate --print-schema
	survives in.csv aqi-validate --schema schema.json --errors=json
	FILES='r.csv o.csv' survives in.csv aqi-validate --rejects r.csv -o o.csv --stats
	FILES='r.csv o.csv' survives odd.ndjson aqi-validate --schema observed --allow-absent --rejects r.csv -o o.csv
	survives in.csv aqi-validate --allow-absent --max-errors 3 in.csv odd.csv in.csv
}

@test "memory: other forms of records" {
	sed '1d' in.csv >bare.csv
	sed 's/,/;/g; s/\./,/g' in.csv >comma.csv
	survives bare.csv aqi-validate --no-header --columns "$HEADER"
	survives comma.csv aqi-validate --decimal-comma -d ';'
	survives in.ndjson aqi-validate -O csv --columns pm25,month --allow-absent
	survives odd.csv aqi-category --column pm25 -O ndjson --infer --recompute
	survives odd.csv aqi-category --column pm25 --keep-old --na NA,x
	survives odd.ndjson aqi-category --column pm25 -O csv --columns pm25,n
}

@test "memory: packed input and other encodings" {
	for pack in gzip xz 'zstd -q'; do
		command -v ${pack%% *} >/dev/null || continue
		$pack -c in.csv >in.packed
		$pack -c odd.ndjson >odd.packed
		survives in.packed aqi-category --column pm25 --stats
		survives odd.packed aqi-category --column pm25
		survives in.csv aqi-category --column pm25 in.packed in.csv in.packed
	done
	for encoding in latin1 UTF-16; do
		iconv -f UTF-8 -t $encoding in.csv >in.other
		survives in.other aqi-category --column pm25 --encoding $encoding
	done
}

@test "memory: aqi-category" {
	survives in.csv aqi-category --column pm25 --stats
	survives in.ndjson aqi-category --column pm25 --stats
	survives odd.csv aqi-category --column pm25 --color --advice --ansi always
	survives odd.ndjson aqi-category --column pm25 --color --advice
}

@test "memory: aqi-features" {
	survives in.csv aqi-features --stats
	survives in.ndjson aqi-features --stats
	survives in.csv aqi-features --list-sources
	survives in.csv aqi-features --from beijing-prsa "$ROOT/examples/stations.csv"
	survives in.csv aqi-features --from beijing-prsa --keep all -O ndjson \
		--exact "$ROOT/examples/stations.csv"
	survives in.csv aqi-features --from "$ROOT/models/sources/cpcb.json" \
		--keep pm25 --station-name x
}

@test "memory: aqi-features of networks" {
	printf '%s\n' 'Hourly data' 'Site Name,,"Dundee",' \
		'Date,Time,"Nitrogen dioxide",Status' \
		'2024-02-28,24:00:00,15.9,V ugm-3' '2024-02-29,01:00:00,No data,' \
		'x,01:00:00,1,V ugm-3' End >uk.csv
	survives uk.csv aqi-features --from uk-air --station-name Dundee --stats
	printf '%s\r\n' 'Date;Time;CO(GT);NO2(GT);T;RH;;' \
		'10/03/2004;18.00.00;2,6;113;13,6;48,9;;' ';;;;;;;' \
		'10/03/2004;18.00.00;x;113;13,6;48,9;;' >uci.csv
	survives uci.csv aqi-features --from uci-italy --stats
	printf '%s\n' '{"site_id":"1","pm2_5":"6","pm10":"16","o3":"4.5","co":"0.68","so2":"1","no2":" 8 ","wind_speed":"-","publish_time":"2026/07/04 00:00:00"}' >tw.ndjson
	survives tw.ndjson aqi-features --from taiwan-moenv --stats
	# Each mapping is loaded for it: thousands, of which a choice will do.
	most=100
	survives in.csv aqi-features --guess uci.csv
}

# Rows of many stations, so that tables grow.
@test "memory: aqi-features that gathers rows" {
	local layout='"kind": "long", "parameter": "what", "value": "value"'
	long() {
		cat <<-END
		{"name": "town", "station": {"column": "site"},
		 "time": {"column": "time", "stamp": "begin"},
		 "layout": {$1 $layout}, "gas_reference_c": 20,
		 "fields": {"pm25": {"columns": "PM2.5", "unit_column": "unit"},
		  "o3": {"columns": "O3", "unit_column": "unit"}}}
		END
	}
	long >long.json
	long '"order": "time",' >ordered.json
	{
		echo site,time,what,value,unit
		for hour in 00 01 02; do
			for site in {1..40}; do
				echo "s$site,2024-01-01T$hour:00,PM2.5,$site,ug/m3"
				echo "s$site,2024-01-01T$hour:00,O3,5,ppb"
			done
		done
		echo s1,2024-01-01T02:00,O3,x,ppb
	} >long.csv
	survives long.csv aqi-features --from long.json --stats
	survives long.csv aqi-features --from ordered.json --stats -O ndjson
	FILES=o.csv survives long.csv aqi-features --from long.json -o o.csv --keep site
}

@test "memory: aqi-predict" {
	survives in.csv aqi-predict --stats
	survives in.ndjson aqi-predict --stats
	survives odd.ndjson aqi-predict --allow-absent --stats
	survives in.csv aqi-predict -m model.json --inputs pm10
	survives in.ndjson aqi-predict -m model.json --exact --keep-old --schema api
}

@test "memory: aqi-model" {
	survives in.csv aqi-model eval production --stats
	survives in.ndjson aqi-model eval production --stats --keep
	survives in.csv aqi-model eval production --leaf -O ndjson
	survives in.csv aqi-model eval model.json --by-name
	mkdir small
	cp model.json small
	sum=$(sha256sum <model.json)
	cat >small/manifest.json <<-END
	{"name":"small","trees":{"file":"model.json","format":"xgboost-json",
	"sha256":"${sum%% *}"},"inputs":[{"name":"pm25"}],"missing":"allow"}
	END
	survives in.csv aqi-model check -v ./model.json ./small
	survives in.csv aqi-model info ./model.json ./small
	survives in.csv aqi-model info --json ./model.json
	FILES=out survives in.csv aqi-model dump -o out ./model.json
	survives in.csv aqi-model dump --json ./model.json
}

@test "memory: aqi-predict with a bundle" {
	mkdir -p models/small
	cp model.json models/small
	cat >models/small/manifest.json <<-'END'
	{"name":"small","version":"1","standard":"us-epa","revision":"2024",
	"target":"aqi","trees":{"file":"model.json","format":"xgboost-json"},
	"output_transform":"none","inputs":[{"name":"pm25","unit":"ug/m3"}],
	"missing":"allow","min_inputs":1}
	END
	survives in.csv aqi-predict -m ./models/small
	AQI_MODELS_DIR=models survives in.csv aqi-predict --list-models
	AQI_MODELS_DIR=models survives in.csv aqi-predict -m small
	XDG_DATA_HOME=nosuch survives in.csv aqi-predict -m nosuch
}

@test "memory: aqi-loadgen" {
	survives in.csv aqi-loadgen --stats
	survives in.csv aqi-loadgen --profile realistic --invalid 0.5 --label -n 300
	survives in.csv aqi-loadgen -O ndjson -n 300 --invalid 0.5
	FILES=o.csv survives in.csv aqi-loadgen -o o.csv -n 300 --stats
}

@test "memory: aqi-loadgen --target" {
	command -v python3 >/dev/null || skip "python3 is not installed"
	mkfifo ready
	"$ROOT/tests/serve/stub.py" >ready 3>&- &
	stub=$!
	read -r _ port <ready
	url=http://127.0.0.1:$port
	survives in.csv aqi-loadgen --smoke --target "$url/api"
	survives in.csv aqi-loadgen --target "$url/chunked" -n 3 --users 1 \
		--records in.ndjson --body '{{records}}' -o /dev/null
	survives in.csv aqi-loadgen --target "$url/answer" -n 3 --users 1 \
		--body '{{record}}' --verify ./model.json --fail-if 'errors>99' \
		--json -o /dev/null --junit /dev/null --csv /dev/null \
		--record /dev/null
	printf '{"at":0,"method":"GET","target":"/answer"}\n' >r.ndjson
	survives in.csv aqi-loadgen --target "$url" --replay r.ndjson \
		-o /dev/null
	kill $stub
}

# goes_on PROGRAM ARGUMENT...: where memory ran out, the same command ends the
# work, and what is written is what an undisturbed run writes. Pieces are small,
# so that there are many checkpoints; in a loop (see above) they would be left.
# Leaks are looked for there: ld.so has one of its own when memory runs out.
goes_on() {
	local n kind status
	local faults=(LD_PRELOAD="$BUILD/fault.so:$BUILD/memory.so"
		FAULT_SIZE=5000 FAULT_SLOW=1
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0)
	local command=("$@" --checkpoint cp --checkpoint-every 1 -o out long.csv)

	"$@" -o want long.csv || [ $? -eq 1 ]
	[ ! -e rejects ] || mv rejects want.rejects
	run env "${faults[@]}" MEMORY_MOST=1 "${command[@]}" <long.csv
	[[ $output =~ ([0-9]+)\ allocations ]]
	local n_calls=${BASH_REMATCH[1]} n_resumed=0
	[ "$n_calls" -gt 20 ]
	RANDOM=$seed
	for kind in ONCE FROM; do
		local at=()
		for ((n = 1; n <= n_calls;
		      n += most ? RANDOM % (2 * n_calls / most) + 1 : 1)); do
			at+=("$n")
		done
		# Near the end only is there a checkpoint to go on from.
		for n in "${at[@]}" $(seq $((n_calls - 40)) 4 "$n_calls"); do
			rm -f cp out rejects out.* rejects.*
			status=0
			env "${faults[@]}" MEMORY_$kind=$n "${command[@]}" \
				2>err || status=$?
			if [ "$status" -eq 5 ]; then
				[ "$(cat err)" = "$1: memory ran out" ] ||
					[[ $(cat err) =~ memory\ ran\ out$ ]]
				[ ! -e cp ] || n_resumed=$((n_resumed + 1))
				"${command[@]}" 2>err || [ $? -eq 1 ]
			fi
			cmp out want && { [ ! -e want.rejects ] ||
				cmp rejects want.rejects; } && [ ! -e cp ] || {
				echo "$kind $n: status $status"
				return 1
			}
		done
	done
	[ "$n_resumed" -gt 0 ]
}

@test "memory: a run with a checkpoint goes on where memory ran out" {
	aqi-loadgen -n 300 --invalid 0.1 --seed 7 >long.csv
	goes_on aqi-category --column pm25 -O ndjson
	rm -f want want.rejects
	goes_on aqi-validate --rejects rejects --schema observed
}

@test "memory: what ends before a run" {
	for t in aqi-validate aqi-category aqi-features aqi-predict aqi-loadgen; do
		survives in.csv $t --version
		survives in.csv $t --nosuch
		survives in.csv $t --errors=json --errors=x
		survives in.csv $t -o /
	done
	survives in.csv aqi-validate nosuch
	survives in.csv aqi-predict --inputs a,b,a
}

# Whatever the address space: the run as it is, or status 5 and why. Below,
# the program cannot even be loaded.
@test "memory: under ulimit -v" {
	case $BUILD in *sanitize*) skip "a sanitizer needs terabytes" ;; esac
	local status
	aqi-loadgen -n 3000 >many.csv
	for t in aqi-validate 'aqi-category --column pm25' aqi-features \
		 aqi-predict; do
		$t many.csv >wanted
		least=0 n_short=0
		for kb in {3000..14000..500}; do
			status=0
			(ulimit -v "$kb"; exec $t many.csv >out 2>err) ||
				status=$?
			case $status in
			0) cmp out wanted ;;
			5) [ "$(cat err)" = "${t%% *}: memory ran out" ]
			   n_short=$((n_short + 1)) ;;
			*) # ld.so has no room, or the shell none for exec
			   [ "$n_short" -eq 0 ] && [ "$status" -ge 126 ] ;;
			esac || {
				echo "$t under $kb kB: $status: $(cat err)"
				return 1
			}
		done
		[ "$status" -eq 0 ] && [ "$n_short" -gt 0 ]
	done
}
