#!/usr/bin/env bats
# What all programs promise of their streams: errors of writing, closed pipes,
# slow and odd descriptors, counts, limits, several files, conversions.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	PRE=(AQI_TESTS=1)
	make_model
}

READERS=(aqi-validate aqi-category aqi-features aqi-predict aqi-model)
TOOLS=("${READERS[@]}" aqi-loadgen)

# Any of the programs at its work, with PRE in its environment.
tool() {
	local name=$1
	shift
	case $name in
	aqi-category) set -- --column pm25 "$@" ;;
	aqi-predict) set -- -m model.json "$@" ;;
	aqi-model) set -- eval --by-name --keep model.json "$@" ;;
	aqi-loadgen) set -- -n 10000 "$@" ;;
	esac
	env "${PRE[@]}" "$name" "$@"
}

# Preload the library of faults; what they are stands behind.
with_faults() {
	PRE=(LD_PRELOAD="$BUILD/fault.so"
	     ASAN_OPTIONS=verify_asan_link_order=0 "$@")
}

is_sanitized() {
	case $BUILD in *sanitize*) return 0 ;; esac
	return 1
}

# Good records, and one that no schema takes, as CSV and as NDJSON.
make_input() {
	local n=${1:-400}
	aqi-loadgen -n "$n" --seed 7 >in.csv
	sed -i '5s/^[^,]*/bad/' in.csv
	aqi-loadgen -n "$n" --seed 7 -O ndjson >in.ndjson
	sed -i '5s/"pm25":[^,]*/"pm25":"bad"/' in.ndjson
}

# $err, of --stats last: is read = written + refused, and the file as long?
# Of a file that may have newlines in quotes, the length is not looked at.
check_counts() {
	local last=${err##*$'\n'} lines n
	if ! [[ $last =~ read\ ([0-9]+)\ written\ ([0-9]+)\ refused\ ([0-9]+) ]]
	then
		echo "no counts: $err"
		return 1
	fi
	if [ "$2" = quoted ]; then
		[ "${BASH_REMATCH[1]}" = \
		  $((BASH_REMATCH[2] + BASH_REMATCH[3])) ]
		return
	fi
	mapfile -t lines <"$1"
	n=${#lines[@]}
	if [ "$2" = csv ] && [ "$n" -gt 0 ]; then n=$((n - 1)); fi
	[ "${BASH_REMATCH[1]}" = \
	  $((BASH_REMATCH[2] + BASH_REMATCH[3])) ] &&
		[ "$n" = "${BASH_REMATCH[2]}" ] && return 0
	echo "$n lines, but $last"
	return 1
}

# Is the file empty, or ends in a newline?
check_end() {
	[ ! -s "$1" ] || [ "$(tail -c 1 "$1" | od -An -tx1)" = ' 0a' ]
}

# --- S1: every write error is reported, and is code 4

@test "a full device is an error of writing, code 4, for each program" {
	make_input
	for t in "${TOOLS[@]}"; do
		for f in csv ndjson; do
			in=in.$f
			[ "$t" != aqi-loadgen ] || in=
			status=0
			tool "$t" -O "$f" $in >/dev/full 2>err || status=$?
			[ "$status" = 4 ] || { echo "$t: $status"; false; }
			grep -qxF "$t:standard output: cannot write: No space left on device" err
		done
	done
}

@test "a closed standard output is an error of writing, for each program" {
	make_input
	for t in "${TOOLS[@]}"; do
		in=in.csv
		[ "$t" != aqi-loadgen ] || in=
		status=0
		tool "$t" $in >&- 2>err || status=$?
		[ "$status" = 4 ] || { echo "$t: $status"; false; }
		grep -qxF "$t:standard output: cannot write: Bad file descriptor" err
	done
}

@test "help and version to a full device are errors of writing" {
	for t in "${TOOLS[@]}"; do
		for o in --help --usage --version; do
			status=0
			"$t" $o >/dev/full 2>err || status=$?
			[ "$status" = 4 ]
			[ "$(cat err)" = "$t:standard output: cannot write: No space left on device" ]
		done
	done
}

@test "beyond ulimit -f a file is too large, code 4, and ends at a record" {
	make_input
	for t in "${TOOLS[@]}"; do
		for f in csv ndjson; do
			in=in.$f
			[ "$t" != aqi-loadgen ] || in=
			status=0
			(
				ulimit -f 4
				tool "$t" -O "$f" --stats $in >out 2>err
			) || status=$?
			[ "$status" = 4 ] || { echo "$t: $status"; false; }
			err=$(cat err)
			grep -qxF "$t:standard output: cannot write: File too large" err
			check_end out
			check_counts out "$f"
		done
	done
}

@test "a file system that is full is an error, and the file ends at a record" {
	unshare -m true 2>/dev/null || skip "no right to mount"
	make_input
	mkdir small
	for t in "${TOOLS[@]}"; do
		in=in.csv
		[ "$t" != aqi-loadgen ] || in=
		status=0
		export -f tool
		unshare -m bash -c 'mount -t tmpfs -o size=8k none small || exit 99
			PRE=(A=1)
			tool "$@" >small/out 2>err; status=$?
			cp small/out out; exit $status' - "$t" --stats $in ||
			status=$?
		[ "$status" != 99 ] || skip "no right to mount"
		[ "$status" = 4 ] || { echo "$t: $status"; cat err; false; }
		err=$(cat err)
		check_end out
		check_counts out csv
		status=0
		unshare -m bash -c 'mount -t tmpfs -o size=8k none small || exit 99
			echo old >small/out
			PRE=(A=1)
			tool "$@" -o small/out 2>err; status=$?
			cat small/out; ls small; exit $status' - "$t" $in >out ||
			status=$?
		[ "$status" = 4 ] || { echo "$t: $status"; cat err; false; }
		[ "$(cat out)" = $'old\nout' ]
	done
}

# Run with a fault at the n-th call, for n from 1 up; $1 the count, then the
# call, its error, and the message.
fail_at_each() {
	local most=$1 call=$2 number=$3 words=$4
	shift 4
	make_input 450
	for t in "${TOOLS[@]}"; do
		for f in csv ndjson; do
			in=in.$f
			[ "$t" != aqi-loadgen ] || in=
			for ((n = 1; n <= most; n++)); do
				with_faults FAULT_CALL=$call FAULT_AT=$n \
					FAULT_ERRNO=$number FAULT_SIZE=700 \
					FAULT_SLOW=1
				status=0
				tool "$t" -O "$f" --stats "$@" $in >out 2>err ||
					status=$?
				err=$(<err)
				[ "$status" = 4 ] ||
					{ echo "$t $f $n: $status $err"; false; }
				[[ $err = *"$words"* ]] ||
					{ echo "$t $f $n: $err"; false; }
				[ "$(grep -c cannot err)" = 1 ]
				[ $# -gt 0 ] || check_counts out "$f"
				[ $# -gt 0 ] || check_end out
			done
		done
	done
}

@test "a write that fails with ENOSPC, the 1st to the 30th" {
	fail_at_each 30 write ENOSPC \
		'standard output: cannot write: No space left on device'
}

@test "a write that fails with EIO, the 1st to the 30th" {
	fail_at_each 30 write EIO \
		'standard output: cannot write: Input/output error'
}

@test "a write that fails with EDQUOT, the 1st to the 30th" {
	fail_at_each 30 write EDQUOT \
		'standard output: cannot write: Disk quota exceeded'
}

@test "with --rejects any write that fails is told once, and keeps the old file" {
	make_input 450
	sed -i '2~3s/^[^,]*/bad/' in.csv
	sed -i '2~3s/"pm25":[^,]*/"pm25":"bad"/' in.ndjson
	for t in "${READERS[@]}"; do
		for f in csv ndjson; do
			for ((n = 1; n <= 30; n++)); do
				with_faults FAULT_CALL=write FAULT_AT=$n \
					FAULT_ERRNO=ENOSPC FAULT_SIZE=700 \
					FAULT_SLOW=1
				echo old >rej
				status=0
				tool "$t" --stats --rejects rej in.$f \
					>out 2>err || status=$?
				[ "$status" = 4 ] ||
					{ echo "$t $f $n: $status"; cat err; false; }
				grep -cE ': (standard output: )?cannot write: No space' \
					err | grep -qx 1
				check_end out
				[ "$(cat rej)" = old ]
				[ "$(ls rej*)" = rej ]
			done
		done
	done
}

@test "a file with room for 1,024 bytes ends at a record, wherever that is" {
	make_input 60
	printf 'ulimit -f 1\nexec "$@"\n' >limit.sh
	PRE=(bash limit.sh)
	for t in "${READERS[@]}"; do
		for f in csv ndjson; do
			for n in 2 20 21 22 23 24 25 26 27 28 29 30 60; do
				head -n $n in.$f >part.$f
				status=0
				tool "$t" --stats part.$f >out 2>err ||
					status=$?
				[ "$status" = 4 ] || [ "$status" = 1 ] ||
					[ "$status" = 0 ]
				err=$(<err)
				check_end out
				check_counts out "$f"
				[ "$(wc -c <out)" -le 1024 ]
			done
		done
	done
}

@test "errors of close are reported" {
	make_input 20
	for t in "${TOOLS[@]}"; do
		in=in.csv
		[ "$t" != aqi-loadgen ] || in=
		with_faults FAULT_CALL=close FAULT_AT=1 FAULT_ERRNO=EIO
		status=0
		tool "$t" $in >out 2>err || status=$?
		[ "$status" = 4 ] || { echo "$t: $status"; cat err; false; }
		grep -qxF "$t:standard output: cannot write: Input/output error" err
	done
}

@test "an error of fsync, close or rename leaves the old file" {
	make_input 20
	for t in "${TOOLS[@]}"; do
		in=in.csv
		[ "$t" != aqi-loadgen ] || in=
		for call in write fsync close rename; do
			with_faults FAULT_CALL=$call FAULT_AT=1 \
				FAULT_ERRNO=ENOSPC
			echo old >out
			status=0
			tool "$t" -o out $in 2>err || status=$?
			[ "$status" = 4 ] || { echo "$t $call: $status"; false; }
			words='cannot write'
			[ $call != rename ] ||
				words='cannot rename the temporary file'
			grep -qxF "$t:out: $words: No space left on device" err
			[ "$(cat out)" = old ]
			[ "$(echo out*)" = out ]
		done
	done
}

@test "a standard error that is full or closed changes no code" {
	make_input
	for t in "${TOOLS[@]}"; do
		in=in.csv
		[ "$t" != aqi-loadgen ] || in=
		wanted=0
		tool "$t" --stats $in >out 2>err || wanted=$?
		for way in '2>/dev/full' '2>&-'; do
			status=0
			eval "tool $t --stats $in >out2 $way" || status=$?
			[ "$status" = "$wanted" ] || { echo "$t $way"; false; }
			cmp out out2
		done
	done
}

@test "an error of reading is code 4, at any read" {
	make_input
	for t in "${READERS[@]}"; do
		for n in 1 2 3 10; do
			with_faults FAULT_CALL=read FAULT_FROM=$n \
				FAULT_ERRNO=EIO FAULT_SIZE=700 FAULT_SLOW=1
			status=0
			tool "$t" --stats <in.csv >out 2>err || status=$?
			[ "$status" = 4 ] ||
				{ echo "$t $n: $status"; cat err; false; }
			grep -q 'cannot read: Input/output error' err
			check_end out
		done
	done
}

# --- S2: a closed pipe ends it quietly

# Endless records of a kind into a program whose reader wants a line.
head_of() {
	local start end
	start=${EPOCHREALTIME/./}
	if [ "$1" = aqi-loadgen ]; then
		PRE=(AQI_TESTS=1)
		aqi-loadgen -n 0 -O "$2" 2>err | head -n 1 >out
	else
		aqi-loadgen -n 0 -O "$2" 2>/dev/null |
			tool "$1" 2>err | head -n 1 >out
	fi
	codes="${PIPESTATUS[*]}"
	end=${EPOCHREALTIME/./}
	took=$((end - start))
}

@test "a closed pipe ends each program within a second, without a message" {
	set +o pipefail
	for t in "${TOOLS[@]}"; do
		for f in csv ndjson; do
			head_of "$t" $f
			[ "$(wc -l <out)" = 1 ]
			[ ! -s err ] || { echo "$t $f"; cat err; false; }
			[ "$took" -lt 1000000 ] || { echo "$t: $took us"; false; }
			case $codes in
			'141 141 0'|'141 0') ;;
			*) echo "$t $f: $codes"; false ;;
			esac
		done
	done
}

@test "with SIGPIPE ignored it is an error of writing, told once" {
	set +o pipefail
	for t in "${TOOLS[@]}"; do
		for f in csv ndjson; do
			trap '' PIPE
			head_of "$t" $f
			trap - PIPE
			[ "$took" -lt 1000000 ] || { echo "$t: $took us"; false; }
			[ "$(cat err)" = "$t:standard output: cannot write: Broken pipe" ]
			case $codes in
			'4 4 0'|'4 0') ;;
			*) echo "$t $f: $codes"; false ;;
			esac
		done
	done
}

@test "a closed pipe leaves no temporary file" {
	set +o pipefail
	mkfifo rejects
	head -n 1 rejects >/dev/null &
	aqi-loadgen -n 0 --invalid 0.5 2>/dev/null |
		aqi-validate -o out.csv --rejects rejects 2>/dev/null ||
		codes="${PIPESTATUS[*]}"
	[ "$codes" = '141 141' ]
	[ "$(echo out*)" = 'out*' ]
}

# --- S4: short reads and writes, EINTR, EAGAIN change nothing

# Lines with quotes, CRLF, characters of several bytes, and faults.
make_odd_input() {
	printf 'pm25,pm10,"na""me",o3\r\n' >odd.csv
	printf '1,2,"a\nb, ""c""",3\r\n' >>odd.csv
	printf 'x,2,\303\251\360\237\230\200,3\n\n' >>odd.csv
	printf '4,5,a"b,6\n7,8,9\n10,11,\300,12\n13,14,,15' >>odd.csv
	printf '{"pm25":1,"pm10":2,"na\\"me":"a\\nb","o3":3}\r\n' >odd.ndjson
	printf '{"pm25":"x","n":"\303\251\360\237\230\200","o3":[{"a":1}]}\n\n' \
		>>odd.ndjson
	printf '{"pm25":4}}\n{"o3":6,"pm25":5\n' >>odd.ndjson
	printf '\t{ "pm25" : 13 , "o3" : null }' >>odd.ndjson
}

# What a program makes of input: output, messages and code, in $1.*.
observe() {
	local name=$1 code=0 from=${*: -1}
	shift
	tool "${@:1:$#-1}" <"$from" >"$name.out" 2>"$name.err" || code=$?
	echo "$code" >>"$name.err"
}

same_as_whole() {
	observe part "$@"
	cmp -s whole.out part.out && cmp -s whole.err part.err && return 0
	echo "$* with ${PRE[*]}"
	diff whole.out part.out
	diff whole.err part.err
}

odd_runs() {
	local f t
	make_odd_input
	for f in csv ndjson; do
		for t in "${READERS[@]}"; do
			PRE=(AQI_TESTS=1)
			observe whole "$t" --stats --allow-absent odd.$f
			for pre; do
				with_faults $pre
				same_as_whole "$t" --stats --allow-absent odd.$f
			done
		done
	done
}

@test "input of 1, 2, 7, 4095, 4097 bytes at a time gives the same" {
	odd_runs FAULT_SIZE={1,2,7,4095,4097}' FAULT_SLOW=1' FAULT_SIZE={1,2,7}
}

@test "input of few bytes at a time gives the same for many records" {
	make_input 2000
	for f in csv ndjson; do
		for t in "${READERS[@]}"; do
			PRE=(AQI_TESTS=1)
			observe whole "$t" --stats in.$f
			for n in 7 4095 4097 131071; do
				with_faults FAULT_SIZE=$n FAULT_SLOW=1
				same_as_whole "$t" --stats in.$f
			done
		done
	done
}

@test "input cut at every byte gives the same" {
	make_odd_input
	for f in csv ndjson; do
		size=$(wc -c <odd.$f)
		for t in aqi-validate aqi-category; do
			PRE=(AQI_TESTS=1)
			observe whole "$t" --allow-absent odd.$f
			for ((i = 1; i < size; i++)); do
				with_faults FAULT_FIRST=$i FAULT_SLOW=1
				same_as_whole "$t" --allow-absent odd.$f
			done
		done
	done
}

@test "interrupted and short reads and writes give the same" {
	odd_runs 'FAULT_CALL='{read,write}' FAULT_EVERY='{2,3,5}' FAULT_ERRNO='{EINTR,EAGAIN,SHORT}' FAULT_SIZE=50'
}

@test "interrupted and short writes give the same for many records" {
	make_input 2000
	for t in "${TOOLS[@]}"; do
		in=in.csv
		[ "$t" != aqi-loadgen ] || in=/dev/null
		PRE=(AQI_TESTS=1)
		observe whole "$t" --stats $in
		for k in 2 3 5; do
			for e in EINTR EAGAIN SHORT; do
				for call in read write; do
					with_faults FAULT_CALL=$call \
						FAULT_EVERY=$k FAULT_ERRNO=$e \
						FAULT_SIZE=3000
					same_as_whole "$t" --stats $in
				done
			done
		done
	done
}

@test "an interrupted fsync is done again" {
	with_faults FAULT_CALL=fsync FAULT_AT=1 FAULT_ERRNO=EINTR
	tool aqi-loadgen -o out
	[ -s out ]
}

@test "descriptors that do not block give the same" {
	make_input 3000
	cat >nonblock.py <<-'END'
	import fcntl, os, subprocess, sys, threading, time
	data = open(sys.argv[1], 'rb').read()
	ir, iw = os.pipe()
	outr, outw = os.pipe()
	for fd in (ir, outw):
	    fcntl.fcntl(fd, fcntl.F_SETFL,
	                fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)
	p = subprocess.Popen(sys.argv[2:], stdin=ir, stdout=outw)
	os.close(ir)
	os.close(outw)
	def feed():
	    for i in range(0, len(data), 50001):
	        os.write(iw, data[i:i + 50001])
	    os.close(iw)
	threading.Thread(target=feed).start()
	while True:
	    piece = os.read(outr, 3333)
	    if not piece:
	        break
	    sys.stdout.buffer.write(piece)
	sys.stdout.flush()
	sys.exit(p.wait())
	END
	for t in aqi-validate aqi-features; do
		for f in csv ndjson; do
			status=0
			"$t" <in.$f >whole.out 2>/dev/null || status=$?
			[ "$status" = 1 ]
			status=0
			python3 nonblock.py in.$f "$t" >part.out 2>/dev/null ||
				status=$?
			[ "$status" = 1 ]
			cmp whole.out part.out
		done
	done
}

# --- S7: read = written + refused

@test "what cannot be read is told before what its columns are refused for" {
	for second in '{"a":1}' '{"":1}'; do
		printf '\n{x\n%s\n{"pm25":1}\n' "$second" >in
		run -"$([ "$second" = '{"":1}' ] && echo 1 || echo 2)" \
			--separate-stderr aqi-category --column pm25 -I ndjson \
			-O csv --stats in
		whole=$stderr
		[[ "$whole" = "aqi-category:in:2:2: not JSON: string or '}' expected"$'\n'* ]]
		[[ "$whole" = *$'\naqi-category: read 1 written 0 refused 1' ]]
		run -"$status" --separate-stderr env LD_PRELOAD="$BUILD/fault.so" \
			FAULT_SIZE=7 FAULT_SLOW=1 \
			ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
			aqi-category --column pm25 -I ndjson -O csv --stats in
		[ "$stderr" = "$whole" ]
	done
}

@test "nothing is lost over all corpora of records" {
	need_folder AQI_CORPORA
	n=0
	while IFS= read -r -d '' file; do
		for t in aqi-category aqi-validate; do
			for o in csv ndjson; do
				status=0
				args=()
				[ $t != aqi-category ] || args=(--column nosuch)
				"$t" --allow-absent --stats --max-record 100000 \
					-O $o "${args[@]}" "$file" >out 2>err ||
					status=$?
				err=$(<err)
				check_counts out quoted || {
					echo "$t $file"
					false
				}
				[[ ${err##*$'\n'} = *' refused 0' ]] ||
					[ "$status" != 0 ]
				[ "$status" -le 5 ]
				check_end out
				n=$((n + 1))
			done
		done
	done < <(find "$AQI_CORPORA"/csv-{duckdb,spectrum,test-data} \
		"$AQI_CORPORA"/ndjson-duckdb -type f \
		! -name README.md ! -name FACTS.tsv ! -path '*/json/*' -print0)
	[ "$n" -ge 1000 ]
}

# --- S9: memory does not grow with the input

@test "200 MB without a line end is refused within 64 MB, as CSV" {
	! is_sanitized || skip "sanitizers need more memory"
	status=0
	(printf 'pm25\n1\n'; head -c 200M /dev/zero | tr '\0' 2) | (
		ulimit -v 65536
		tool aqi-category --stats >out 2>err
	) || status=$?
	[ "$status" = 1 ]
	[ "$(cat err)" = 'aqi-category:-:3:1: the record is longer than 1048576 bytes (--max-record); does a quote never close?
aqi-category: read 2 written 1 refused 1' ]
	[ "$(cat out)" = $'pm25,category\n1,Good' ]
}

@test "200 MB without a line end is refused within 64 MB, in quotes" {
	! is_sanitized || skip "sanitizers need more memory"
	status=0
	(printf 'pm25\n1\n"'; head -c 200M /dev/zero | tr '\0' '\n') | (
		ulimit -v 65536
		tool aqi-category --stats >out 2>err
	) || status=$?
	[ "$status" = 1 ]
	[ "$(tail -n 1 err)" = 'aqi-category: read 2 written 1 refused 1' ]
}

@test "200 MB without a line end is refused within 64 MB, as NDJSON" {
	! is_sanitized || skip "sanitizers need more memory"
	status=0
	(printf '{"pm25":1}\n{"pm25":'; head -c 200M /dev/zero | tr '\0' 2) | (
		ulimit -v 65536
		tool aqi-category --stats >out 2>err
	) || status=$?
	[ "$status" = 1 ]
	[ "$(tail -n 1 err)" = 'aqi-category: read 2 written 1 refused 1' ]
	[ "$(cat out)" = '{"pm25":1,"category":"Good"}' ]
}

@test "200 MB without a line end is no header" {
	! is_sanitized || skip "sanitizers need more memory"
	status=0
	head -c 200M /dev/zero | tr '\0' 2 | (
		ulimit -v 65536
		tool aqi-category >out 2>err
	) || status=$?
	[ "$status" = 1 ]
	[ "$(cat err)" = 'aqi-category:-:1:1: the record is longer than 1048576 bytes (--max-record); does a quote never close?' ]
	[ ! -s out ]
}

@test "4,096 columns and short records stay within 64 MB" {
	! is_sanitized || skip "sanitizers need more memory"
	seq -s, -f c%g 4096 >wide.csv
	yes '' | head -n 200000 >>wide.csv
	yes 1 | head -n 50000 >>wide.csv
	printf '{%s}\n' "$(seq -s, -f '"c%g":1' 4096)" >wide.ndjson
	yes '{}' | head -n 5000 >>wide.ndjson
	for f in csv ndjson; do
		status=0
		(
			ulimit -v 65536
			aqi-category --allow-absent --stats wide.$f >out 2>err
		) || status=$?
		[ "$status" -le 1 ] || { cat err; false; }
	done
	[ "$(cat err)" = 'aqi-category: read 5001 written 5001 refused 0' ]
}

@test "4,096 columns are read, and 4,097 are too many" {
	for n in 4095 4096 4097; do
		seq -s, -f c%g $n >wide.csv
		seq -s, $n >>wide.csv
		printf '{%s}\n' "$(seq -s, -f '"c%g":1' $n)" >wide.ndjson
		for f in csv ndjson; do
			run --separate-stderr aqi-category --allow-absent wide.$f
			if [ $n -le 4096 ]; then
				[ "$status" = 0 ]
				[ -z "$stderr" ]
				continue
			fi
			[ "$status" = 5 ]
			[ -z "$output" ]
			[ $f = csv ] || is_stderr "aqi-category:wide.ndjson:1: 4097 keys; the limit is 4096"
			[ $f != csv ] || is_stderr "aqi-category:wide.csv:1: 4097 columns; the limit is 4096"
		done
	done
}

# A record of so many bytes, in the syntax, and the line end behind.
record_of() {
	local pad
	if [ "$1" = csv ]; then
		printf -v pad '%*s' $(($2 - 2)) ''
		printf '1,%s%b' "${pad// /x}" "$3"
	else
		printf -v pad '%*s' $(($2 - 21)) ''
		printf '{"pm25":1,"text":"%s"}%b' "${pad// /x}x" "$3"
	fi
}

@test "--max-record is sharp, for each syntax, line end and place" {
	for limit in 100 4096; do
		for f in csv ndjson; do
			for end in '\n' '\r\n' ''; do
				for d in -1 0 1 2; do
					n=$((limit + d))
					{
						[ $f = ndjson ] ||
							printf 'pm25,text\n'
						record_of $f $n "$end"
						[ -z "$end" ] ||
							record_of $f 50 "$end"
					} >in
					for pre in '' 'FAULT_SIZE=1' \
						'FAULT_SIZE=7 FAULT_SLOW=1'; do
						with_faults $pre
						status=0
						tool aqi-category --stats \
							--max-record $limit in \
							>out 2>err || status=$?
						[ "$status" = $((d > 0)) ] || {
							echo "$f $limit $d" \
								"'$end' $status"
							cat err
							false
						}
						err=$(<err)
						check_counts out $f
					done
				done
			done
		done
	done
}

@test "a line that begins with blanks beyond --max-record is refused, and not lost" {
	printf '{"pm25":1}\n%200s{"pm25":2}\n%200s\n%100s\n{"pm25":3}\n' \
		'' '' '' >in
	for pre in '' 'FAULT_SIZE=1' 'FAULT_SIZE=7 FAULT_SLOW=1'; do
		with_faults $pre
		run -1 --separate-stderr tool aqi-category --stats \
			--max-record 100 in
		is_stderr "aqi-category:in:2:1: the record is longer than 100 bytes (--max-record); does a quote never close?
aqi-category:in:3:1: the record is longer than 100 bytes (--max-record); does a quote never close?
aqi-category: read 4 written 2 refused 2"
	done
}

# --- S10: records flow

@test "a record is out within 100 ms of its arrival" {
	cat >latency.py <<-'END'
	import os, statistics, subprocess, sys, time
	header, record, n = sys.argv[1], sys.argv[2], 200
	p = subprocess.Popen(sys.argv[3:], stdin=subprocess.PIPE,
	                     stdout=subprocess.PIPE, bufsize=0)
	if header:
	    os.write(p.stdin.fileno(), header.encode() + b'\n')
	    while not os.read(p.stdout.fileno(), 65536).endswith(b'\n'):
	        pass
	times = []
	for i in range(n):
	    start = time.perf_counter()
	    os.write(p.stdin.fileno(), record.encode() + b'\n')
	    got = b''
	    while not got.endswith(b'\n'):
	        piece = os.read(p.stdout.fileno(), 65536)
	        if not piece:
	            sys.exit('ended early')
	        got += piece
	    times.append(time.perf_counter() - start)
	p.stdin.close()
	p.wait()
	print('%s: median %.3f ms, most %.3f ms' % (sys.argv[3],
	      statistics.median(times) * 1000, max(times) * 1000))
	sys.exit(max(times) >= 0.1)
	END
	json=$(aqi-loadgen -n 1 -O ndjson)
	for t in "${READERS[@]}"; do
		args=()
		[ $t != aqi-predict ] || args=(-m model.json)
		[ $t != aqi-category ] || args=(--column pm25)
		[ $t != aqi-model ] || args=(eval --by-name model.json)
		python3 latency.py "$HEADER" "$GOOD" $t "${args[@]}" |
			sed 's/^/# /' >&3
		[ "${PIPESTATUS[0]}" = 0 ]
		python3 latency.py "" "$json" $t "${args[@]}" |
			sed 's/^/# /' >&3
		[ "${PIPESTATUS[0]}" = 0 ]
	done
}

# --- S6, the part that needs no kill: -o FILE

@test "-o keeps the old content when the run fails" {
	echo old >out
	printf 'pm25\n1\n"2\n' >in
	run -1 aqi-category --column pm25 --max-errors 1 -o out in
	[ "$(cat out)" = old ]
	run -2 aqi-category -o out in
	[ "$(cat out)" = old ]
	run -4 aqi-category --column pm25 -o out in nosuch
	[ "$(cat out)" = old ]
	[ "$(echo out*)" = out ]
}

@test "-o keeps the mode and follows a symbolic link" {
	mkdir there
	echo old >there/file
	chmod 640 there/file
	ln -s there/file link
	aqi-loadgen -n 1 -o link
	[ -L link ]
	[ "$(stat -c %a there/file)" = 640 ]
	[ "$(wc -l <there/file)" = 2 ]
	[ "$(ls there)" = file ]
}

@test "-o of a device or a pipe writes to it directly" {
	aqi-loadgen -n 1 -o /dev/null
	[ -c /dev/null ]
	mkfifo fifo
	cat fifo >out &
	aqi-loadgen -n 1 -o fifo
	wait $!
	[ -p fifo ]
	[ "$(wc -l <out)" = 2 ]
	aqi-loadgen -n 1 -o /dev/stdout >out
	[ "$(wc -l <out)" = 2 ]
	aqi-loadgen -n 1 -o - >out
	[ "$(wc -l <out)" = 2 ]
}

@test "-o may name the input" {
	printf 'pm25\n1\n2\n' >f
	aqi-category --column pm25 -o f f
	[ "$(cat f)" = $'pm25,category\n1,Good\n2,Good' ]
}

# --- several files

@test "files are bound by name: moved and missing columns" {
	printf 'aqi,b,c\n1,x,y\n' >1
	printf 'c,aqi\nz,60\n' >2
	printf '\357\273\277"b",aqi,c\r\n"q""r",110,\r\n' >3
	run -0 --separate-stderr aqi-category 1 2 3
	is_output 'aqi,b,c,category
1,x,y,Good
60,,z,Moderate
110,"q""r",,Unhealthy for Sensitive Groups'
	[ -z "$stderr" ]
	run -0 aqi-category -O ndjson 1 2
	is_output '{"aqi":1,"b":"x","c":"y","category":"Good"}
{"aqi":60,"b":null,"c":"z","category":"Moderate"}'
}

@test "an extra column of a later file is an error, unless columns are chosen" {
	printf 'aqi,b\n1,x\n' >1
	printf 'aqi,new\n2,y\n' >2
	run -2 --separate-stderr aqi-category 1 2
	is_stderr 'aqi-category:2:1: new: the first file has no such column; choose the columns with --columns'
	run -0 --separate-stderr aqi-category --columns aqi 1 2
	is_output 'aqi,category
1,Good
2,Good'
	run -0 aqi-category --columns b,aqi --allow-absent 1 2
	is_output 'b,aqi,category
x,1,Good
,2,Good'
	run -2 --separate-stderr aqi-category --columns b,aqi 1 2
	is_stderr 'aqi-category:2:1: b: no such column, though --columns names it'
}

# A source has its own names, so that a file of other columns is no less its.
@test "aqi-features binds each file by its own header" {
	printf 'From Date,PM2.5 (ug/m3),Ozone (ug/m3),x\n2020-01-01 00:00:00,1,,a\n' >1.csv
	printf 'y,AT (degree C),From Date,CO (mg/m3),PM2.5 (mg/m3)\nb,20,2020-01-01 00:00:00,1,0.002\n' >2.csv
	printf 'x,From Date,PM2.5 (ug/m3),x2\nc,2020-01-01 00:00:00,3,\n' >3.csv
	run -0 --separate-stderr aqi-features --from cpcb 1.csv 2.csv 3.csv 1.csv
	is_output "station,time,$HEADER
1,2020-01-01T00:00+05:30,1,,,,,,,,,,0,2,1
2,2020-01-01T00:00+05:30,2,,,,0.8735,,20,,,,0,2,1
3,2020-01-01T00:00+05:30,3,,,,,,,,,,0,2,1
1,2020-01-01T00:00+05:30,1,,,,,,,,,,0,2,1"
	[ -z "$stderr" ]
	# What is kept is decided by the first file.
	run -0 aqi-features --from cpcb --keep 'x,From Date' 1.csv 2.csv 3.csv
	is_output "station,time,$HEADER,x,From Date
1,2020-01-01T00:00+05:30,1,,,,,,,,,,0,2,1,a,2020-01-01 00:00:00
2,2020-01-01T00:00+05:30,2,,,,0.8735,,20,,,,0,2,1,,2020-01-01 00:00:00
3,2020-01-01T00:00+05:30,3,,,,,,,,,,0,2,1,c,2020-01-01 00:00:00"
	run -0 aqi-features --from cpcb --keep x -O ndjson 1.csv 2.csv
	[[ "${lines[0]}" == *'"month":1,"x":"a"}' ]]
	[[ "${lines[1]}" == *'"month":1,"x":null}' ]]
	run -2 --separate-stderr aqi-features --from cpcb --keep y 1.csv 2.csv
	is_stderr 'aqi-features:1.csv:1: cannot keep "y": there is no such column'
	is_output ''
}

@test "aqi-features wants of each file what its source has" {
	printf 'From Date,PM2.5 (ug/m3)\n2020-01-01 00:00:00,1\n' >1.csv
	printf 'To Date,PM2.5 (ug/m3)\n2020-01-01 00:00:00,1\n' >2.csv
	run -2 --separate-stderr aqi-features --from cpcb 1.csv 2.csv
	is_stderr 'aqi-features:2.csv:1: time: there is no column "From Date", as the source "cpcb" has'
	printf 'From Date,PM2.5 (K)\n2020-01-01 00:00:00,1\n' >2.csv
	run -2 --separate-stderr aqi-features --from cpcb 1.csv 2.csv
	is_output "station,time,$HEADER
1,2020-01-01T00:00+05:30,1,,,,,,,,,,0,2,1"
	is_stderr 'aqi-features:2.csv:1: pm25: the column "PM2.5 (K)" has no unit in its name that converts into ug/m3'
}

@test "where a later file's columns are to be written, others are an error" {
	printf 'From Date,PM2.5 (ug/m3),reason\n2020-01-01 00:00:00,1,a\nx,1,b\n' >1.csv
	printf 'PM2.5 (ug/m3),From Date\n2,y\n3,2020-01-01 01:00:00\n' >2.csv
	printf 'From Date,PM2.5 (ug/m3),new\nz,1,c\n' >3.csv
	run -1 --separate-stderr aqi-features --from cpcb --rejects bad 1.csv 2.csv
	is_output "station,time,$HEADER
1,2020-01-01T00:00+05:30,1,,,,,,,,,,0,2,1
2,2020-01-01T01:00+05:30,3,,,,,,,,,,1,2,1"
	[ "$(cat bad)" = 'From Date,PM2.5 (ug/m3),reason
x,1,"From Date: ""x"" is not a time as in YYYY-MM-DD hh:mm:ss"
y,2,"From Date: ""y"" is not a time as in YYYY-MM-DD hh:mm:ss"' ]
	for option in '--rejects bad' '--keep all'; do
		run -2 --separate-stderr aqi-features --from cpcb $option 1.csv 3.csv
		[ "${stderr_lines[-1]}" = 'aqi-features:3.csv:1: new: the first file has no such column for --rejects or --keep all; choose the columns with --columns' ]
		run -1 aqi-features --from cpcb $option --columns 'From Date,PM2.5 (ug/m3)' 1.csv 3.csv
	done
	# JSON has them by name.
	run -1 aqi-features --from cpcb --rejects bad -O ndjson 1.csv 2.csv 3.csv
	[ "$(jq -c 'keys' bad)" = '["From Date","PM2.5 (ug/m3)","reason"]
["From Date","PM2.5 (ug/m3)","reason"]
["From Date","PM2.5 (ug/m3)","new","reason"]' ]
	run -1 --separate-stderr aqi-features --from cpcb --keep all 1.csv 2.csv
	[ "${lines[2]}" = '2,2020-01-01T01:00+05:30,3,,,,,,,,,,1,2,1,2020-01-01 01:00:00,3,' ]
}

@test "standard input named twice is empty the second time" {
	run -1 --separate-stderr aqi-category - - < <(printf 'aqi\n1\n')
	is_output $'aqi,category\n1,Good'
	is_stderr 'aqi-category:-: empty: not even a header line'
}

@test "an empty second file lacks its header" {
	printf 'aqi\n1\n' >1
	: >2
	run -1 --separate-stderr aqi-category 1 2 1
	is_output $'aqi,category\n1,Good'
	is_stderr 'aqi-category:2: empty: not even a header line'
	run -0 --separate-stderr aqi-category -I ndjson 2 2
	is_output ''
	[ -z "$stderr" ]
}

@test "an empty file among files of names that were given holds no record" {
	: >2
	printf '1,x\n' >1
	run -0 --separate-stderr aqi-category --no-header --columns aqi,b 2 1 2
	is_output 1,x,Good
}

# --- CSV and NDJSON, one to the other

@test "numbers, missing values and texts go to NDJSON" {
	cat >in <<-'END'
	pm25,site,note,o3
	1.50,007,"a ""b""
	c",NA
	,0x1,,-0
	 2 ,1e5,NA,1e2
	.5,1,'x,5.
	END
	run -0 aqi-category --column pm25 -O ndjson in
	is_output '{"pm25":1.50,"site":"007","note":"a \"b\"\nc","o3":null,"category":"Good"}
{"pm25":null,"site":"0x1","note":"","o3":-0,"category":null}
{"pm25":2,"site":"1e5","note":"NA","o3":1e2,"category":"Good"}
{"pm25":0.5,"site":"1","note":"'"'"'x","o3":5,"category":"Good"}'
}

@test "--infer guesses numbers, but leaves zeros in front" {
	printf 'aqi,site,n,m\n1,007,12,x\n2,0,-1.5e3,\n3,00,+1,NA\n' >in
	run -0 aqi-category -O ndjson --infer in
	is_output '{"aqi":1,"site":"007","n":12,"m":"x","category":"Good"}
{"aqi":2,"site":0,"n":-1.5e3,"m":null,"category":"Good"}
{"aqi":3,"site":"00","n":"+1","m":null,"category":"Good"}'
	printf 'aqi;b;c\n1,5;-2,50;1.5\n2;0,5e1;00,5\n' >in
	run -0 aqi-category -O ndjson --infer --decimal-comma -d ';' in
	is_output '{"aqi":1.5,"b":-2.5,"c":"1.5","category":"Good"}
{"aqi":2,"b":5,"c":"00,5","category":"Good"}'
}

@test "a decimal comma goes both ways" {
	printf 'pm25;b\n1,5;2,5\n1.5;x\n' >in
	run -1 --separate-stderr aqi-category --column pm25 --decimal-comma \
		-d ';' -O ndjson in
	is_output '{"pm25":1.5,"b":"2,5","category":"Good"}'
	is_stderr 'aqi-category:in:3:1: pm25: "1.5" is not a number'
	printf '{"pm25":1.5,"b":"x;y"}\n' >in
	run -0 aqi-category --column pm25 --decimal-comma -d ';' -O csv in
	is_output 'pm25;b;category
1,5;"x;y";Good'
	printf '%s\n' "${HEADER//,/;}" "$(echo "$GOOD" | tr ,. ';,')" >in
	run -0 aqi-predict -m model.json --decimal-comma -d ';' in
	[ "${lines[1]}" = "$(echo "$GOOD" | tr ,. ';,');75,50;Moderate;0,85" ] ||
		[[ ${lines[1]} = *';75,50;Moderate;0,'* ]]
}

@test "any delimiter separates, and is quoted where it is data" {
	for d in tab ';' '|' ' ' : '~'; do
		c=$d
		[ "$d" != tab ] || c=$'\t'
		printf '{"aqi":1,"b":"x%sy","c":"a,b"}\n' "${c/$'\t'/\\t}" >in
		run -0 aqi-category -O csv -d "$d" in
		is_output "aqi${c}b${c}c${c}category
1${c}\"x${c}y\"${c}a,b${c}Good"
		printf '%s\n' "$output" >back
		run -0 aqi-category -O ndjson -d "$d" back
		is_output "$(aqi-category in)"
	done
}

@test "NDJSON to CSV: nested values, missing keys, a later new key" {
	cat >in <<-'END'
	{"aqi":1,"a":{"x":[1, 2]},"b":"q\"r","c":true,"d":null}
	{"aqi":2}
	{"d":"","c":"é\n","aqi":3}
	{"aqi":4,"new":5}
	END
	run -1 --separate-stderr aqi-category -O csv in
	is_output 'aqi,a,b,c,d,category
1,"{""x"":[1, 2]}","q""r",true,,Good
2,,,,,Good
3,,,"é
",,Good'
	is_stderr 'aqi-category:in:4:10: the key "new" is not in the first record; choose the columns of CSV with --columns'
	run -0 aqi-category -O csv --columns aqi,new in
	is_output 'aqi,new,category
1,,Good
2,,Good
3,,Good
4,5,Good'
}

@test "NDJSON keeps its bytes, and keys that appear later" {
	cat >in <<-'END'
	{"aqi":1.50, "x":  1E+2}
	{ "new" : [ 1 ] , "aqi" : 60 }
	{}
	END
	run -0 aqi-category --allow-absent in
	is_output '{"aqi":1.50, "x":  1E+2,"category":"Good"}
{ "new" : [ 1 ] , "aqi" : 60,"category":"Moderate"}
{"category":null}'
}

@test "a column that stands is replaced in its place, or kept" {
	printf 'category,aqi,b\nold,60,x\n' >in
	run -0 aqi-category --recompute in
	is_output $'category,aqi,b\nModerate,60,x'
	run -0 aqi-category --recompute --keep-old in
	is_output $'category_in,aqi,b,category\nold,60,x,Moderate'
	echo '{"category":"old","aqi":60,"b":1}' >in
	run -0 aqi-category --recompute in
	is_output '{"category":"Moderate","aqi":60,"b":1}'
	run -0 aqi-category --recompute --keep-old in
	is_output '{"category_in":"old","aqi":60,"b":1,"category":"Moderate"}'
}

@test "--na takes other texts as missing, and NA no more" {
	printf 'aqi\n-999\nNA\n""\n' >in
	run -0 aqi-category in --na -999,NA
	is_output $'aqi,category\n-999,\nNA,\n"",'
	run -1 --separate-stderr aqi-category in --na -999
	is_stderr 'aqi-category:in:3:1: aqi: "NA" is not a number'
	echo '{"aqi":"-999"}' >in
	run -0 aqi-category in --na -999
	is_output '{"aqi":"-999","category":null}'
}

@test "--allow-refused says how many refused records are all right" {
	printf 'aqi\n1\nx\ny\n4\n' >in
	for ok in 2 3 50% 100% 50.0%; do
		run -0 aqi-category --allow-refused $ok in
	done
	for bad in 0 1 0% 49.9%; do
		run -1 aqi-category --allow-refused $bad in
	done
}

@test "--max-errors stops at the first, second or third refused record" {
	printf 'aqi\n1\nx\n2\ny\n3\nz\n4\n' >in
	for pre in '' 'FAULT_SIZE=1 FAULT_SLOW=1'; do
		for n in 1 2 3; do
			with_faults $pre
			status=0
			tool aqi-category --column aqi --stats --max-errors $n in \
				>out 2>err || status=$?
			[ "$status" = 1 ]
			[ "$(wc -l <out)" = $((n + 1)) ]
			[ "$(tail -n 2 err)" = "aqi-category: stopped at refused record $n (--max-errors)
aqi-category: read $((2 * n)) written $n refused $n" ]
		done
	done
	run -1 --separate-stderr aqi-category --max-errors 4 in
	[ "${#stderr_lines[@]}" = 3 ]
	printf '{\n{\n{\n' >in
	run -1 --separate-stderr aqi-category -I ndjson --max-errors 2 --stats in
	[ "${stderr_lines[3]}" = 'aqi-category: read 2 written 0 refused 2' ]
}

@test "--errors=json is one JSON object a line" {
	printf 'aqi,b\n1,2\n"x\001\033",\n1,2,3\n"a"b,\n1,\377\n' >in
	run -1 --separate-stderr aqi-category --errors=json in
	[ "${#stderr_lines[@]}" = 4 ]
	for line in "${stderr_lines[@]}"; do
		printf '%s\n' "$line" | jq -e '.program == "aqi-category" and
			.file == "in" and .line and .column and .code and
			.reason' >/dev/null
	done
	printf '%s\n' "$stderr" | jq -rc '[.line, .column, .field, .code]' >got
	[ "$(cat got)" = '[3,1,"aqi","type"]
[4,5,null,"width"]
[5,4,null,"syntax"]
[6,3,null,"encoding"]' ]
	run -2 --separate-stderr aqi-category --errors=json --nosuch
	printf '%s\n' "$stderr" | jq -e '.code == "usage"' >/dev/null
}

@test "refused records that come before any good one are in --rejects too" {
	printf '{x\n{"aqi":1\n' >in
	for pre in '' 'FAULT_SIZE=1 FAULT_SLOW=1'; do
		with_faults $pre
		status=0
		tool aqi-validate --allow-absent -I ndjson --rejects bad in \
			2>/dev/null || status=$?
		[ "$status" = 1 ]
		[ "$(cat bad)" = '{"record":"{x","reason":"not JSON: string or '"'}'"' expected"}
{"record":"{\"aqi\":1","reason":"JSON ends too early"}' ]
	done
}

# --- D2, D6: broken headers and bytes

# Bytes in, the one message out; nothing on standard output.
refuses_file() {
	printf "$1" >in
	run -"$2" --separate-stderr aqi-category --allow-absent in
	is_stderr "aqi-category:in$3"
	is_output ''
}

@test "columns that are not chosen may have any name" {
	printf 'a,,pm25,a\n1,2,3,4\n' >in
	run -0 aqi-category --columns pm25 --column pm25 in
	is_output $'pm25,category\n3,Good'
	run -1 --separate-stderr aqi-category --columns pm25,a --column pm25 in
	is_stderr 'aqi-category:in:1:9: columns 1 and 4 of the header are both named "a" (--columns can do without them)'
}

@test "a broken header ends the run before any output" {
	refuses_file '' 1 ': empty: not even a header line'
	refuses_file '\357\273\277' 1 ': empty: not even a header line'
	refuses_file '\n' 1 ':1:1: column 1 of the header has no name (--columns can do without it)'
	refuses_file '\r\n' 1 ':1:1: column 1 of the header has no name (--columns can do without it)'
	refuses_file 'a,,c\n1,2,3\n' 1 ':1:3: column 2 of the header has no name (--columns can do without it)'
	refuses_file 'a,b,\n' 1 ':1:5: column 3 of the header has no name (--columns can do without it)'
	refuses_file 'a,b,a\n' 1 ':1:5: columns 1 and 3 of the header are both named "a" (--columns can do without them)'
	refuses_file 'a,"a"\n' 1 ':1:3: columns 1 and 2 of the header are both named "a" (--columns can do without them)'
	refuses_file 'a,"b\nb","b\nb"\n' 1 ':2:4: columns 2 and 3 of the header are both named "b\x0ab" (--columns can do without them)'
	refuses_file '"a\n' 1 ':1:1: a quote that never closes'
	refuses_file 'a,b"c\n' 1 ':1:4: a quote inside a field that is not quoted; quote the field and double the quote'
	refuses_file '"a"b,c\n' 1 ':1:4: text behind a closing quote; double a quote inside a field'
	refuses_file 'a\rb\r1\r' 1 ':1:2: a CR without LF outside quotes; lines end in LF or CRLF'
	refuses_file 'abcd\000,e\n' 1 ':1:5: a NUL at byte 4 of the file'
	refuses_file 'ab,\351\n' 1 ':1:4: invalid UTF-8 at byte 3 of the file (--encoding names another)'
	refuses_file '\357\273\277ab,\351\n' 1 ':1:4: invalid UTF-8 at byte 6 of the file (--encoding names another)'
	refuses_file '\377\376a\000,\000' 1 ':1:1: this is UTF-16 at byte 0; read it with --encoding UTF-16'
	refuses_file '\376\377\000a' 1 ':1:1: this is UTF-16 at byte 0; read it with --encoding UTF-16'
	refuses_file 'a\000,\000b\000' 1 ':1:1: this is UTF-16LE at byte 0; read it with --encoding UTF-16LE'
	refuses_file '\377\376\000\000a\000\000\000' 1 ':1:1: this is UTF-32 at byte 0; read it with --encoding UTF-32'
	refuses_file '\000\000\376\377\000\000\000a' 1 ':1:1: this is UTF-32 at byte 0; read it with --encoding UTF-32'
}

@test "a name that begins as JSON or a mark does is read again from CSV" {
	for name in '{a' '[[' '[ {' '[' $'\xef\xbb\xbfa'; do
		printf '{"%s":1,"pm25":2}\n' "$name" >in
		run -0 --separate-stderr tool aqi-category --column pm25 \
			-O csv in
		[ "$output" = "\"$name\",pm25,category"$'\n1,2,Good' ]
		run -0 --separate-stderr tool aqi-category --column pm25 \
			-O ndjson <<<"$output"
		[ "$output" = "{\"$name\":\"1\",\"pm25\":2,\"category\":\"Good\"}" ]
	done
}

@test "a header alone is no error, with a mark and quotes too" {
	for text in 'aqi,b' 'aqi,b\n' 'aqi,b\r\n' '\357\273\277aqi,b\n' \
		'\357\273\277"aqi","b"\r\n'; do
		printf "$text" >in
		run -0 --separate-stderr aqi-category in
		[ "${output//\"/}" = aqi,b,category ]
		[ -z "$stderr" ]
	done
}

@test "records of empty fields only, and blank lines" {
	printf 'aqi,b\n,\n\n  ,\n"",""\n' >in
	run -0 --separate-stderr aqi-category --stats in
	is_output 'aqi,b,category
,,
  ,,
"","",'
	is_stderr 'aqi-category: read 3 written 3 refused 0'
	printf 'aqi\n\n""\n1\n\n' >in
	run -0 --separate-stderr aqi-category --stats in
	is_stderr 'aqi-category: read 4 written 4 refused 0'
}

@test "broken records are reported at line and column, the others pass" {
	printf 'aqi,b\n1,"x\ny"\n2\n3,4,5\n6,a"b\n7,"a"b\n8,\000\n9,\351\n10,\rx\nx,y\n11,z\n12,"' >in
	run -1 --separate-stderr aqi-category --stats in
	is_output 'aqi,b,category
1,"x
y",Good
11,z,Good'
	is_stderr 'aqi-category:in:4:2: 1 field where the header has 2
aqi-category:in:5:5: 3 fields where the header has 2
aqi-category:in:6:4: a quote inside a field that is not quoted; quote the field and double the quote
aqi-category:in:7:6: text behind a closing quote; double a quote inside a field
aqi-category:in:8:3: a NUL at byte 37 of the file
aqi-category:in:9:3: invalid UTF-8 at byte 41 of the file (--encoding names another)
aqi-category:in:10:4: a CR without LF outside quotes; lines end in LF or CRLF
aqi-category:in:11:1: aqi: "x" is not a number
aqi-category:in:13:4: a quote that never closes
aqi-category: read 11 written 2 refused 9'
}
