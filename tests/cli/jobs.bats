#!/usr/bin/env bats
# Threads change nothing but the time: the output, the messages and the exit
# status are the same for every -j. RUNS says how many kills are tried, SEED
# repeats them.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	seed=${SEED:-$(date +%N)}
	RANDOM=$((10#$seed % 32768))
	echo "# SEED=$seed"
}

# Records of several chunks, some of them refused.
records() {
	aqi-loadgen -n "${2:-30000}" --seed 5 -O "$1" |
		awk 'NR % 997 == 500 { print "nonsense" } { print }'
}

# A program with what it needs for these records.
tool() {
	local name=$1
	shift
	case $name in
	aqi-category) set -- --column pm25 "$@" ;;
	aqi-model) set -- eval production --errors json --rejects rej "$@"
		aqi-model "$@"
		return ;;
	esac
	"$name" --errors json --rejects rej "$@"
}

same_for_all() {
	local status=0
	tool "$@" -j 1 >want.out 2>want.err || status=$?
	mv rej want.rej
	for j in 2 3 7; do
		run -$status --separate-stderr tool "$@" -j $j -o out
		printf '%s\n' "$stderr" | cmp - want.err
		cmp out want.out
		cmp rej want.rej
	done
}

@test "every program says and writes the same with 1, 2, 3 and 7 threads" {
	for format in csv ndjson; do
		records $format >in.$format
		for t in aqi-validate aqi-category aqi-features aqi-predict \
			aqi-model; do
			same_for_all $t in.$format
		done
		[ "$(wc -c <want.rej)" -gt 100 ]
	done
}

@test "several files, and a pipe, are the same with threads" {
	records csv 9000 >a.csv
	records csv 3 >b.csv
	records csv 12000 >c.csv
	same_for_all aqi-predict a.csv b.csv c.csv
	run -1 bash -c 'aqi-predict -j 1 a.csv >want.out 2>/dev/null'
	cat a.csv | aqi-predict -j 4 2>/dev/null | cmp - want.out
	gzip -k a.csv
	aqi-predict --version | grep -q zlib || skip "no zlib"
	aqi-predict -j 4 a.csv.gz 2>/dev/null | cmp - want.out
}

@test "records that are gathered are the same with threads" {
	awk 'BEGIN {
		print "location,datetime,parameter,value,unit"
		for (h = 0; h < 3000; h++)
			for (s = 0; s < 3; s++) {
				at = sprintf("2024-%02d-%02dT%02d:00:00Z",
					1 + int(h / 672) % 12,
					1 + int(h / 24) % 28, h % 24)
				print "s" s "," at ",pm25," h % 90 ",ug/m3"
				print "s" s "," at ",o3," h % 50 ",ppb"
				if (h % 500 == 7)
					print "s" s "," at ",o3,x,ppb"
			}
	}' >long.csv
	run -1 --separate-stderr aqi-features --from openaq --stats -j 1 \
		long.csv -o out
	[[ $stderr == *"written 9000 "* ]]
	same_for_all aqi-features --from openaq long.csv
}

@test "--max-errors stops at the same record with threads" {
	records csv >in.csv
	for n in 1 7 20; do
		run -1 --separate-stderr aqi-validate -j 1 --max-errors $n in.csv
		want=$output said=$stderr
		run -1 --separate-stderr aqi-validate -j 4 --max-errors $n in.csv
		[ "$output" = "$want" ]
		[ "$stderr" = "$said" ]
	done
}

@test "an input that breaks off is told behind all records before it" {
	records csv >in.csv
	run -4 --separate-stderr aqi-validate -j 4 in.csv gone.csv -o out
	[ ! -e out ]
	[[ $stderr == *"gone.csv: cannot open: No such file or directory" ]]
	run -4 bash -c 'aqi-predict -j 4 in.csv >/dev/full'
	[[ $output == *"No space left on device" ]]
}

@test "what has come is answered when no more does, with threads at work" {
	records csv 9000 | grep -v nonsense >in.csv
	mkfifo pipe
	aqi-predict -j 3 <pipe >out &
	exec 9>pipe
	cat in.csv >&9
	for ((i = 0; i < 200; i++)); do
		[ "$(wc -l <out)" = "$(wc -l <in.csv)" ] && break
		sleep 0.05
	done
	cmp <(wc -l <out) <(wc -l <in.csv)
	# Then one record, and a part of one.
	tail -n 1 in.csv >&9
	head -c 5 in.csv >&9
	for ((i = 0; i < 200; i++)); do
		[ "$(wc -l <out)" -gt "$(wc -l <in.csv)" ] && break
		sleep 0.05
	done
	[ "$(wc -l <out)" = $(($(wc -l <in.csv) + 1)) ]
	exec 9>&-
	wait $! || [ $? = 1 ]
}

@test "a run with threads that is killed goes on from its checkpoint" {
	records csv >in.csv
	run -1 bash -c 'aqi-predict -j 1 in.csv --rejects want.rej \
		>want.out 2>/dev/null'
	local kills=0 threads=(1 2 7)
	for ((run = 0; run < ${RUNS:-3}; run++)); do
		for ((try = 0; ; try++)); do
			# A little longer each time, so that the last ends.
			printf -v delay '0.%03d' $((RANDOM % 60 + 8 * try + 15))
			status=0
			aqi-predict in.csv -j ${threads[RANDOM % 3]} \
				--rejects rej -o out --checkpoint cp \
				--checkpoint-every 2500 2>err &
			sleep "$delay"
			# It may have ended by itself: its status tells.
			kill -KILL $! || true
			wait $! || status=$?
			[ $status = 137 ] || break
			kills=$((kills + 1))
		done 2>/dev/null
		[ $status = 1 ] || cat err
		[ $status = 1 ]
		cmp out want.out
		cmp rej want.rej
		rm out rej
	done
	echo "# $run runs the same after $kills kills" >&3
}

@test "where address space is limited there are fewer threads" {
	case $BUILD in *sanitize*) skip "a sanitizer needs terabytes" ;; esac
	aqi-loadgen -n 30000 >in.csv
	aqi-predict -j 1 in.csv >want.out
	# By 96 MiB a thread: none, one, two, and some.
	for mib in 32 150 250 600; do
		for j in 2 7 128; do
			(ulimit -v $((mib * 1024)); exec aqi-predict -j $j \
				in.csv) >out
			cmp out want.out
		done
	done
}

@test "-j takes 1 to 1024" {
	for n in 0 1025 -1 x ''; do
		run -2 aqi-validate -j "$n"
		[[ $output == *"--jobs"* ]]
	done
	records csv 20 | aqi-validate -j 1024 >/dev/null 2>&1 || [ $? = 1 ]
	records csv 9000 | aqi-validate --jobs=1024 >/dev/null 2>&1 ||
		[ $? = 1 ]
}
