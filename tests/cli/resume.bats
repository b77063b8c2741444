#!/usr/bin/env bats
# Runs that are killed, and go on: the output is that of a run that was not.
# RUNS says how many random runs a program has, SEED repeats them. With
# AQI_FULL=1 these are a thousand in all, and each system call has its turn; else
# some of them, other ones each time.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	aqi-loadgen -n 300 --invalid 0.1 --seed 7 >a.csv
	aqi-loadgen -n 200 --invalid 0.1 --seed 8 >b.csv
	aqi-loadgen -n 300 --invalid 0.1 --seed 7 -O ndjson >a.ndjson
	aqi-loadgen -n 200 --invalid 0.1 --seed 8 -O ndjson >b.ndjson
	seed=${SEED:-$RANDOM}
	stride=19
	runs=10
	[ -z "${AQI_FULL:-}" ] || { stride=1; runs=200; }
	echo "SEED=$seed"
	# Small pieces, so that small inputs have many checkpoints.
	PIECES=(LD_PRELOAD="$BUILD/fault.so" FAULT_SIZE=5000 FAULT_SLOW=1
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0)
}

# The options of a program, as the array `args`; two inputs of a format.
plan() {
	local tool=$1 format=$2
	args=("$tool" --checkpoint cp --checkpoint-every 1 -o out)
	case $tool in
	aqi-category) args+=(--column pm25) ;;
	aqi-validate) args+=(--rejects rej) ;;
	aqi-predict) args+=(--allow-refused 5) ;;
	aqi-model) args=(aqi-model eval production "${args[@]:1}" --keep) ;;
	esac
	args+=("a.$format" "b.$format")
}

# What a run makes that nothing comes in between.
want() {
	plan "$@"
	wanted=0
	rm -f out rej cp
	"${args[@]}" 2>/dev/null || wanted=$?
	mv out want.out
	rm -f want.rej
	[ ! -e rej ] || mv rej want.rej
	[ ! -e cp ]
}

# Is the run done, with what is wanted, and nothing left behind?
is_as_wanted() {
	cmp out want.out && { [ ! -e want.rej ] || cmp rej want.rej; } &&
		[ "$(ls | grep -cE '^(cp|.*partial)')" = 0 ] && return 0
	echo "$*"
	ls
	return 1
}

# Kill at each system call, and let another run end it.
kill_at_each_call() {
	cat >calls.py <<-'END'
	import glob, os, subprocess, sys
	n, stride, wanted, n_pieces, *rest = sys.argv[1:]
	n, stride, n_pieces = int(n), int(stride), int(n_pieces)
	env = dict(os.environ, **dict(p.split("=", 1) for p in rest[:n_pieces]))
	command = rest[n_pieces:]
	def content(name):
	    try:
	        with open(name, "rb") as f:
	            return f.read()
	    except FileNotFoundError:
	        return None
	texts = {name: content("want." + name) for name in ("out", "rej")}
	while True:
	    for name in ["out", "rej", *glob.glob("cp*"), *glob.glob("*.partial")]:
	        if os.path.exists(name):
	            os.unlink(name)
	    said = subprocess.run(["kill_at", str(n), *command], env=env,
	                          stdout=subprocess.PIPE,
	                          stderr=subprocess.DEVNULL)
	    if said.returncode == 99:
	        sys.exit(99)
	    said = said.stdout.decode().rstrip("\n").split("\n")[-1]
	    if said != "killed":
	        break
	    p = subprocess.run(command, env=env, stdout=subprocess.PIPE,
	                       stderr=subprocess.PIPE)
	    if p.returncode != int(wanted):
	        sys.exit(f"at {n}: status {p.returncode}, {p.stderr}")
	    for name, text in texts.items():
	        if text is not None and content(name) != text:
	            sys.exit(f"at {n}: {name} differs")
	    left = [m for m in os.listdir() if m != "cp.new" and
	            (m.startswith("cp") or "partial" in m)]
	    if left:
	        sys.exit(f"at {n}: {left} are left")
	    n += stride
	word, status, calls = said.split()
	if (word, status) != ("ended", wanted) or n <= 150:
	    sys.exit(f"{n}: {said}")
	print(f"killed at each {stride}th of {calls} calls")
	END
	want "$@"
	run --separate-stderr python3 calls.py $((1 + seed % stride)) $stride \
		"$wanted" ${#PIECES[@]} "${PIECES[@]}" "${args[@]}"
	[ "$status" != 99 ] || skip "no right to trace"
	is_stderr ''
	[ "$status" = 0 ]
	echo "# $1 $2: $output" >&3
}

@test "killed at each system call, a run goes on: aqi-validate, CSV" {
	kill_at_each_call aqi-validate csv
}

@test "killed at each system call, a run goes on: the others" {
	kill_at_each_call aqi-validate ndjson
	for t in aqi-features aqi-predict aqi-category aqi-model; do
		kill_at_each_call $t csv
		kill_at_each_call $t ndjson
	done
}

# Kills at random moments, of a run that takes longer, until it is done.
kill_at_moments() {
	cat >moments.py <<-'END'
	import os, random, subprocess, sys, time
	seed, runs, wanted, *command = sys.argv[1:]
	random.seed(int(seed))
	def start():
	    return subprocess.Popen(command, stdout=subprocess.DEVNULL,
	                            stderr=subprocess.PIPE)
	began = time.monotonic()
	p = start()
	p.communicate()
	took = time.monotonic() - began
	kills = 0
	for run in range(int(runs)):
	    for name in ("out", "rej"):
	        if os.path.exists(name):
	            os.unlink(name)
	    for attempt in range(1000):
	        p = start()
	        # What must not be waited for is the moment itself.
	        time.sleep(random.random() * took * (1 + attempt / 4))
	        p.kill()
	        err = p.communicate()[1]
	        if p.returncode != -9:
	            break
	        kills += 1
	    if p.returncode != int(wanted):
	        sys.exit(f"run {run}: status {p.returncode}, {err}")
	    for name in ("out", "rej"):
	        if os.path.exists("want." + name) and \
	           open(name, "rb").read() != open("want." + name, "rb").read():
	            sys.exit(f"run {run}: {name} differs")
	    left = [n for n in os.listdir() if n == "cp" or "partial" in n]
	    if left:
	        sys.exit(f"run {run}: {left} are left")
	print(runs, "of", runs, "runs the same after", kills, "kills")
	END
	want "$@"
	run -0 python3 moments.py "$seed" "${RUNS:-$runs}" "$wanted" \
		env "${PIECES[@]}" "${args[@]}"
	echo "# $1 $2: $output" >&3
}

@test "killed at random moments, a run goes on: aqi-validate" {
	kill_at_moments aqi-validate csv
	kill_at_moments aqi-validate ndjson
}

@test "killed at random moments, a run goes on: aqi-features" {
	kill_at_moments aqi-features csv
}

@test "killed at random moments, a run goes on: aqi-predict" {
	kill_at_moments aqi-predict csv
}

@test "killed at random moments, a run goes on: aqi-model" {
	kill_at_moments aqi-model csv
}

@test "killed at random moments, a run goes on: aqi-category" {
	kill_at_moments aqi-category ndjson
}

@test "killed at each system call, -o leaves the old file or the new one" {
	for t in aqi-validate aqi-predict aqi-category aqi-features aqi-loadgen \
		aqi-model; do
		args=("$t" -o out)
		[ $t != aqi-model ] || args=(aqi-model eval production -o out)
		[ $t = aqi-loadgen ] || args+=(--allow-absent a.csv)
		status=0
		"${args[@]}" 2>/dev/null || status=$?
		mv out want.out
		for ((n = 1 + seed % stride; ; n += stride)); do
			rm -f out.*
			echo old >out
			trace env ASAN_OPTIONS=detect_leaks=0 kill_at $n \
				"${args[@]}"
			[ "$(cat out)" = old ] || cmp out want.out
			[ "$said" = killed ] || break
			# What is left does not disturb the next run.
			"${args[@]}" 2>/dev/null || [ $? = $status ]
			cmp out want.out
		done
		[ "$said" = "ended $status ${said##* }" ]
	done
}

# Nothing, all, or a checkpoint with which another run ends with all.
is_clean() {
	local n=$1 left
	shift
	left=$(ls work)
	if [ -e work/cp ]; then
		"$@" 2>/dev/null || [ $? = "$wanted" ]
		left=$(ls work)
	fi
	case ${left//$'\n'/ } in
	'') ;;
	out | 'out rej') cmp work/out want.out ;;
	*) echo "at $n: $left is left"; return 1 ;;
	esac
}

# SIGTERM at each system call, until there are no more of them.
signal_at_each_call() {
	local n said
	for ((n = 1 + seed % stride; ; n += stride)); do
		rm -rf work
		mkdir work
		trace env "${PIECES[@]}" kill_at $n:15 "$@"
		[[ "$said" = "signalled "@(143|$wanted) ||
			"$said" = "ended $wanted "* ]]
		is_clean $n "$@"
		[[ "$said" = signalled* ]] || break
	done
}

@test "SIGTERM at each system call leaves no file that is of no use" {
	want aqi-validate csv
	signal_at_each_call aqi-validate --checkpoint work/cp \
		--checkpoint-every 1 -o work/out --rejects work/rej a.csv b.csv
	signal_at_each_call aqi-validate -o work/out a.csv b.csv
	want aqi-model csv
	signal_at_each_call aqi-model eval production --keep \
		--checkpoint work/cp --checkpoint-every 1 -o work/out a.csv b.csv
}

# A run that fails on a full disk at the n-th write, with a checkpoint.
fail_at() {
	local n=$1
	shift
	run -4 env "${PIECES[@]}" FAULT_CALL=write FAULT_AT=$n \
		FAULT_ERRNO=ENOSPC "$@"
	[ -s cp ]
}

@test "a run that failed on a full disk goes on" {
	want aqi-validate csv
	for n in 6 9 12 15; do
		rm -f out rej
		fail_at $n "${args[@]}"
		[ ! -e out ] && [ ! -e rej ] && [ -s out.partial ]
		run -"$wanted" --separate-stderr "${args[@]}" --stats
		is_as_wanted $n
		[ "${stderr_lines[-1]}" = "$(aqi-validate --stats \
			a.csv b.csv 2>&1 >/dev/null | tail -n 1)" ]
	done
}

@test "a run ended by SIGTERM goes on" {
	want aqi-category csv
	mkfifo fifo
	for name in a b; do
		env "${PIECES[@]}" "${args[@]:0:9}" fifo 2>/dev/null 3>&- &
		pid=$!
		{
			head -n 250 a.csv
			while [ ! -e cp ]; do :; done
			kill $pid
			status=0
			wait $pid || status=$?
			[ "$status" = 143 ]
		} >fifo
		[ -s out.partial ] && [ ! -e out ]
		cat a.csv >fifo &
		"${args[@]:0:9}" fifo 2>/dev/null || [ $? = 1 ]
		wait
		"${args[@]:0:1}" --column pm25 a.csv 2>/dev/null | cmp - out
		rm out
	done
}

@test "a run that fails before its first checkpoint leaves nothing" {
	run -4 --separate-stderr aqi-category --checkpoint cp -o out nosuch
	is_stderr 'aqi-category:nosuch: cannot open: No such file or directory'
	[ ! -e cp ] && [ ! -e out.partial ]
	run -1 --separate-stderr aqi-category --column pm25 --max-errors 1 \
		--checkpoint cp -o out a.csv
	[ ! -e cp ] && [ ! -e out.partial ]
}

@test "messages of refused records are counted over all runs" {
	sed -i '2~2s/^/x/' a.csv b.csv
	want aqi-validate csv
	rm -f out rej
	fail_at 12 "${args[@]}"
	before=$(grep -c '^aqi-validate:[ab]' <<<"$output")
	run -1 --separate-stderr "${args[@]}"
	both=$(aqi-validate a.csv b.csv 2>&1 >/dev/null) || [ $? = 1 ]
	tail -n 1 <<<"$both" | grep -q 'more errors of kind'
	[ "$(grep 'more errors of kind' <<<"$stderr")" = \
	  "$(grep 'more errors of kind' <<<"$both")" ]
	[ "$before" -gt 0 ]
}

@test "over pipes each record comes at least once, and the run says where" {
	args=(aqi-category --column pm25 --checkpoint cp --checkpoint-every 1)
	aqi-category --column pm25 <a.csv >want.out 2>/dev/null || [ $? = 1 ]
	env "${PIECES[@]}" FAULT_CALL=write FAULT_AT=8 FAULT_ERRNO=ENOSPC \
		"${args[@]}" < <(cat a.csv) >first 2>/dev/null || [ $? = 4 ]
	[ -s cp ] && [ -s first ]
	run -1 --separate-stderr bash -c \
		'cat a.csv | aqi-category --column pm25 --checkpoint cp --checkpoint-every 1'
	[[ ${stderr_lines[0]} =~ ^'aqi-category: goes on behind record '([0-9]+)' of the input; later ones may have been written before'$ ]]
	n=${BASH_REMATCH[1]}
	[ "$n" -gt 10 ] && [ ! -e cp ]
	printf '%s\n' "$output" >second
	! grep -q pm25 second
	cat first second | sort -u | cmp - <(sort -u want.out)
	tail -n "$(wc -l <second)" want.out | cmp - second
}

@test "columns, positions and options are those of the first run" {
	printf 'x,pm25,"na\nme"\n' >c.csv
	seq 1 2000 | sed 's/.*/&,&,"a,\n&"/' >>c.csv
	printf '"na\nme",pm25\n' >d.csv
	seq 1 2000 | sed 's/.*/"&",&/' >>d.csv
	args=(aqi-category --column pm25 --checkpoint cp --checkpoint-every 1
		-O ndjson --infer -o out d.csv c.csv d.csv
		--columns $'pm25,"na\nme"' --keep-old)
	"${args[@]}"
	mv out want.out
	for n in 4 9 17 21 27; do
		fail_at $n "${args[@]}"
		"${args[@]}"
		is_as_wanted $n
	done
}

@test "a run goes on in a file with columns of its own" {
	{
		echo 'From Date,PM2.5 (ug/m3),x'
		yes '2020-01-01 00:00:00,1,a' | head -n 1000
	} >c.csv
	{
		echo 'y,"PM2.5 (mg/m3)",From Date'
		yes 'b,0.002,2020-01-01 00:00:00' | head -n 1000
		echo b,1,x
	} >d.csv
	for rejects in '' '--rejects rej'; do
		args=(aqi-features --from cpcb --checkpoint cp --checkpoint-every 1
			--keep x -o out $rejects c.csv d.csv c.csv)
		[ -z "$rejects" ] || args+=(-O ndjson)
		"${args[@]}" 2>/dev/null || [ $? = 1 ]
		mv out want.out
		[ ! -e rej ] || mv rej want.rej
		for n in 5 12 16 20 25; do
			fail_at $n "${args[@]}"
			"${args[@]}" 2>/dev/null || [ $? = 1 ]
			is_as_wanted $n
		done
	done
}

@test "NDJSON that begins with refused records goes on as CSV" {
	{ yes '{' | head -n 600; seq 1 3000 | sed 's/.*/{"pm25":&,"s":"é"}/'; } >c
	args=(aqi-category -I ndjson -O csv --column pm25 --checkpoint cp
		--checkpoint-every 1 -o out c)
	"${args[@]}" 2>/dev/null || [ $? = 1 ]
	mv out want.out
	for n in 6 7 9 12 16; do
		fail_at $n "${args[@]}"
		"${args[@]}" 2>/dev/null || [ $? = 1 ]
		is_as_wanted $n
	done
}

@test "a run that came to its end but not to all names goes on from there" {
	want aqi-validate csv
	args=(aqi-validate --checkpoint cp -o out --rejects rej a.csv b.csv)
	# The checkpoint gets its name first, then the outputs do.
	for n in 2 3; do
		failed=rej
		[ $n = 2 ] || failed=out
		run -4 --separate-stderr env "${PIECES[@]}" FAULT_CALL=rename \
			FAULT_AT=$n "${args[@]}"
		[ "${stderr_lines[-1]}" = "aqi-validate:$failed: cannot rename the temporary file: Input/output error" ]
		mv $failed.partial away
		run -3 --separate-stderr "${args[@]}"
		is_stderr "aqi-validate:$failed: its .partial file is gone; without the checkpoint a run begins anew"
		mv away $failed.partial
		[ -s cp ]
		run -$wanted "${args[@]}"
		is_as_wanted $n
		rm -f out rej
	done
}

@test "what cannot be synced is in no checkpoint" {
	for n in 1 2; do
		failed=out
		[ $n = 1 ] || failed=rej
		run -4 --separate-stderr env "${PIECES[@]}" FAULT_CALL=fsync FAULT_AT=$n \
			aqi-validate --checkpoint cp -o out --rejects rej a.csv
		[ "${stderr_lines[-1]}" = "aqi-validate:$failed: cannot write: Input/output error" ]
		[ "$(ls | grep -cE '^(cp|out|rej)')" = 0 ]
	done
}

@test "an input behind -- is the same input" {
	want aqi-category csv
	fail_at 9 "${args[@]}"
	run -$wanted aqi-category --checkpoint cp --checkpoint-every 1 -o out --column pm25 -- a.csv b.csv
	is_as_wanted
}

# --- what is refused

# A checkpoint, in cp, of this run.
begin() {
	rm -f out* cp
	fail_at 9 aqi-predict --checkpoint cp --checkpoint-every 1 -o out "$@"
	cp cp kept
}

# goes_on STATUS MESSAGE OPTION...: nothing is changed by a refusal.
goes_on() {
	local wanted=$1 message=$2
	shift 2
	cp out.partial partial
	run -"$wanted" --separate-stderr aqi-predict --checkpoint cp -o out "$@"
	is_stderr "aqi-predict:$message"
	cmp cp kept
	cmp out.partial partial
}

@test "a checkpoint of another run is refused with 3, and says why" {
	cp a.csv c.csv
	begin --exact c.csv
	goes_on 3 'cp: of a run with another option: "--exact" then, "--decimals=2" now; without it a run begins anew' --decimals=2 c.csv
	goes_on 3 'cp: of a run with another option: "--exact" then, none now; without it a run begins anew' c.csv
	goes_on 3 'cp: of a run with another option: none then, "--keep-old" now; without it a run begins anew' --exact --keep-old c.csv
	goes_on 3 'cp: of a run with another input: "c.csv" then, "b.csv" now; without it a run begins anew' --exact b.csv
	goes_on 3 'cp: of a run with another input: none then, "b.csv" now; without it a run begins anew' --exact c.csv b.csv
	goes_on 3 'cp: of a run with another input: "c.csv" then, "-" now; without it a run begins anew' --exact
	run -3 --separate-stderr aqi-category --checkpoint cp -o out c.csv
	[[ $stderr = 'aqi-category:cp: of a run with another program: "aqi-predict '* ]]
	touch c.csv
	goes_on 3 'cp: the input "c.csv" has changed since; without it a run begins anew' --exact c.csv
	touch -r c.csv when
	echo >>c.csv
	touch -r when c.csv
	goes_on 3 'cp: the input "c.csv" has changed since; without it a run begins anew' --exact c.csv
}

@test "a checkpoint with another model or schema is refused with 3" {
	aqi-validate --print-schema >./s.json
	begin --schema ./s.json a.csv
	echo >>s.json
	goes_on 3 'cp: the schema has changed since; without it a run begins anew' --schema ./s.json a.csv
	mkdir mine
	cp "$ROOT"/models/production/*.json mine
	begin -m ./mine a.csv
	jq '.version = "x"' "$ROOT/models/production/manifest.json" >mine/manifest.json
	goes_on 3 'cp: the manifest has changed since; without it a run begins anew' -m ./mine a.csv
	run -3 --separate-stderr env AQI_MODEL=nosuch aqi-predict --checkpoint cp -o out a.csv
	cmp cp kept
	cp "$ROOT/models/sources/base.json" map.json
	run -4 env "${PIECES[@]}" FAULT_CALL=write FAULT_AT=9 FAULT_ERRNO=ENOSPC \
		aqi-features --from ./map.json --checkpoint cp2 --checkpoint-every 1 -o out2 a.csv
	[ -s cp2 ]
	echo >>map.json
	run -3 --separate-stderr aqi-features --from ./map.json --checkpoint cp2 -o out2 a.csv
	is_stderr 'aqi-features:cp2: the mapping has changed since; without it a run begins anew'
}

@test "a damaged checkpoint is refused with 3, at each cut" {
	begin a.csv
	size=$(wc -c <kept)
	for ((n = 0; n < size; n += 1 + size / 60)); do
		head -c $n kept >cp
		run -3 --separate-stderr aqi-predict --checkpoint cp -o out a.csv
		case $stderr in
		'aqi-predict:cp: this is no checkpoint; without it a run begins anew') [ $n -lt 15 ] ;;
		'aqi-predict:cp: damaged, or a checkpoint of another version; without it a run begins anew') [ $n -lt 17 ] ;;
		'aqi-predict:cp: the checkpoint is damaged; without it a run begins anew') [ $n -ge 17 ] ;;
		*) echo "$n: $stderr"; false ;;
		esac
	done
	sed 's/^aqi-checkpoint 1/aqi-checkpoint 2/' kept >cp
	run -3 --separate-stderr aqi-predict --checkpoint cp -o out a.csv
	is_stderr 'aqi-predict:cp: damaged, or a checkpoint of another version; without it a run begins anew'
	run -3 --separate-stderr aqi-predict --checkpoint a.csv -o out a.csv
	is_stderr 'aqi-predict:a.csv: this is no checkpoint; without it a run begins anew'
	run -3 --separate-stderr aqi-predict --checkpoint . -o out a.csv
	is_stderr 'aqi-predict:.: cannot read: Is a directory'
}

@test "an output or input that is not what it was is refused with 3" {
	begin a.csv
	head -c 100 out.partial >cut
	mv cut out.partial
	goes_on 3 'out: its .partial file is not what it was when the checkpoint was written; without that a run begins anew' a.csv
	rm out.partial
	run -3 --separate-stderr aqi-predict --checkpoint cp -o out a.csv
	is_stderr 'aqi-predict:out: its .partial file is gone; without the checkpoint a run begins anew'
	for way in 'sed s/1/2/g a.csv' 'head -n 3 a.csv'; do
		rm -f out* cp
		fail_at 9 aqi-predict --checkpoint cp --checkpoint-every 1 \
			-o out - < <(cat a.csv)
		run -3 --separate-stderr aqi-predict --checkpoint cp -o out - < <($way)
		case $way in
		sed*) [[ $stderr =~ ^aqi-predict:-:[0-9]+:\ 'not what it was when the checkpoint was written'$ ]] ;;
		*) is_stderr 'aqi-predict:-: shorter than when the checkpoint was written' ;;
		esac
	done
}

@test "two runs do not write one file" {
	begin a.csv
	python3 - out.partial <<-'END' || skip "$output"
	import fcntl, subprocess, sys
	f = open(sys.argv[1], "r+b")
	fcntl.flock(f, fcntl.LOCK_EX)
	p = subprocess.run(["aqi-predict", "--checkpoint", "cp", "-o", "out",
	                    "a.csv"], stderr=subprocess.PIPE, text=True)
	wanted = "aqi-predict:out: cannot lock, as another run may write to it" \
	         ": Resource temporarily unavailable\n"
	sys.exit(p.returncode != 4 or p.stderr != wanted)
	END
	cmp cp kept
}

@test "usage: what has no checkpoint" {
	run -2 --separate-stderr aqi-validate --checkpoint cp --summary a.csv
	is_stderr 'aqi-validate: --checkpoint is for records that are written, and a summary writes none'
	run -2 --separate-stderr aqi-features --from openaq --checkpoint cp a.csv
	is_stderr 'aqi-features: --checkpoint is for records that stand for themselves; here one is made of several'
	run -2 --separate-stderr aqi-validate --checkpoint-every 5 a.csv
	is_stderr 'aqi-validate: --checkpoint-every is for --checkpoint'
	run -2 --separate-stderr aqi-validate --checkpoint '' a.csv
	is_stderr 'aqi-validate: --checkpoint takes a name, and an empty one was given'
	run -2 --separate-stderr aqi-validate --checkpoint-every 0 a.csv
	is_stderr 'aqi-validate: --checkpoint-every takes a whole number from 1 to 18446744073709551615, not "0"'
	run -4 --separate-stderr aqi-category --column pm25 --checkpoint nosuch/cp -o out b.csv --allow-refused 100%
	is_stderr "$(aqi-category --column pm25 b.csv 2>&1 >/dev/null)
aqi-category:nosuch/cp: cannot write the checkpoint: No such file or directory"
	[ ! -e out ] && [ ! -e out.partial ]
	# With one that was written, what it needs stays.
	fail_at 9 aqi-predict --checkpoint cp --checkpoint-every 1 -o out a.csv
	mkdir cp.new
	run -4 --separate-stderr aqi-predict --checkpoint cp -o out a.csv
	[[ $stderr = *'aqi-predict:cp: cannot write the checkpoint: Is a directory' ]]
	[ ! -e out ] && [ -s out.partial ] && [ -s cp ]
	rmdir cp.new
	run -1 aqi-predict --checkpoint cp -o out a.csv
	[ ! -e cp ] && [ ! -e out.partial ]
	run -1 aqi-predict -o want a.csv
	cmp want out
}

# clash FILE OPTION OPTION ARGUMENT...: nothing is written, nothing lost.
clash() {
	local file=$1 a=$2 b=$3
	shift 3
	cp a.csv kept
	run -2 --separate-stderr aqi-validate --checkpoint-every 1 "$@"
	is_stderr "aqi-validate:$file: $a and $b would both write this file; give each one of its own"
	[ "$(ls | grep -cE '^(x|linked|cp)')" = 0 ]
	cmp a.csv kept
}

@test "usage: a file that a run would write for two purposes" {
	ln -s linked link
	mkdir sub
	clash x --output --checkpoint --checkpoint x -o x a.csv
	clash ./x --output --checkpoint --checkpoint ./x -o sub/../x a.csv
	clash link --output --checkpoint --checkpoint link -o linked a.csv
	clash x.partial --output --checkpoint --checkpoint x.partial -o x a.csv
	clash x.new --output --checkpoint --checkpoint x -o x.new a.csv
	clash x.partial --output --rejects --checkpoint cp -o x --rejects x.partial a.csv
	clash x.partial --output --rejects --checkpoint cp -o x.partial --rejects x a.csv
	clash linked.partial --output --rejects --checkpoint cp -o link --rejects linked.partial a.csv
	clash x --output --rejects --checkpoint cp -o x --rejects x a.csv
	clash x.new --rejects --checkpoint --checkpoint x --rejects x.new a.csv
}

# spoils INPUT OPTION ARGUMENT...: the input is as it was.
spoils() {
	local input=$1 option=$2
	shift 2
	run -2 --separate-stderr aqi-validate --checkpoint-every 1 "$@"
	is_stderr "aqi-validate:$input: $option would write over this input; give it a file of its own"
	cmp a.csv kept
}

@test "usage: an input that a run would write over" {
	cp a.csv kept
	ln a.csv out.partial
	spoils out.partial --output --checkpoint cp -o out out.partial
	spoils a.csv --output --checkpoint cp -o out b.csv a.csv
	spoils - --output --checkpoint cp -o out <a.csv
	spoils ./a.csv --rejects --checkpoint cp --rejects out ./a.csv
	spoils a.csv --rejects --checkpoint cp --rejects a.csv a.csv
	ln a.csv cp.new
	spoils a.csv --checkpoint --checkpoint cp -o new a.csv
	rm out.partial cp.new
	# The output may: it takes the input's place at the end.
	run -1 aqi-predict -o want a.csv
	run -1 aqi-predict --checkpoint cp -o a.csv a.csv
	cmp a.csv want
}
