# What signals leave behind: whole records on standard output, nothing beside
# a file named by -o.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	aqi-loadgen -n 2000 -o records.csv
	aqi-loadgen -n 2000 -O ndjson -o records.ndjson
	# Endless input, and a signal at a random moment, from before the program
	# has begun to when chunks are under way; what has come out must end at a
	# record's end, whoever read it. SEED repeats a run.
	cat >moments.py <<-'END'
	import os, random, signal, subprocess, sys, threading, time
	seed, runs, path, *command = sys.argv[1:]
	random.seed(int(seed))
	text = open(path, "rb").read()
	records = text[0 if path.endswith(".ndjson") else text.index(b"\n") + 1:]
	def feed(pipe):
	    try:
	        os.write(pipe, text)
	        while True:
	            os.write(pipe, records)
	    except BrokenPipeError:
	        os.close(pipe)
	# Where this runs in the background, INT is ignored from birth, and would be
	# by the program; what is handled here has its default there.
	signal.signal(signal.SIGINT, lambda *_: sys.exit("interrupted"))
	torn = 0
	for run in range(int(runs)):
	    to_file = run % 2
	    end, pipe = os.pipe()
	    out = open("out", "w+b")
	    program = subprocess.Popen(
	        command, stdin=end, stdout=out if to_file else subprocess.PIPE)
	    os.close(end)
	    feeder = threading.Thread(target=feed, args=(pipe,))
	    feeder.start()
	    killer = threading.Timer(10, program.kill)
	    killer.start()
	    number = random.choice((signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
	    until = time.monotonic() + random.random() ** 2 * 0.04
	    data = b""
	    while time.monotonic() < until:
	        if to_file:
	            time.sleep(0.001)
	        else:
	            data += os.read(program.stdout.fileno(), 3000)
	    program.send_signal(number)
	    if to_file:
	        program.wait()
	        data = open("out", "rb").read()
	    else:
	        data += program.stdout.read()
	        program.wait()
	    killer.cancel()
	    feeder.join()
	    if data and not data.endswith(b"\n"):
	        torn += 1
	        print(f"run {run} ends in {data[-60:]!r}")
	    if program.returncode != -number:
	        sys.exit(f"run {run}: {program.returncode} for signal {number}")
	print(f"{torn} torn")
	END
	seed=${SEED:-$RANDOM}
	echo "SEED=$seed"
}

# Fifty moments a program and format, with AQI_FULL=1 a thousand a program.
never_torn() {
	local runs=${AQI_FULL:+500}

	run -0 python3 moments.py "$seed" "${RUNS:-${runs:-50}}" "$@"
	is_output '0 torn'
}

@test "a signal at any moment leaves whole records: aqi-validate" {
	never_torn records.csv aqi-validate
	never_torn records.ndjson aqi-validate
}

@test "a signal at any moment leaves whole records: aqi-features" {
	never_torn records.csv aqi-features
	never_torn records.ndjson aqi-features
}

@test "a signal at any moment leaves whole records: aqi-predict" {
	never_torn records.csv aqi-predict
	never_torn records.ndjson aqi-predict
}

@test "a signal at any moment leaves whole records: aqi-category" {
	never_torn records.csv aqi-category --column pm25
	never_torn records.ndjson aqi-category --column pm25
}

@test "a signal at any moment leaves whole records: aqi-model" {
	never_torn records.csv aqi-model eval production
	never_torn records.ndjson aqi-model eval production --keep
}

@test "a signal at any moment leaves whole records: aqi-loadgen" {
	never_torn records.csv aqi-loadgen -n 0
	never_torn records.csv aqi-loadgen -n 0 -O ndjson
}

@test "a signal leaves an old file as it is, and nothing beside it" {
	mkdir here
	echo old >here/out.csv
	# A shell lets its background jobs ignore INT and QUIT, as they do then.
	for number in HUP TERM XCPU; do
		# The input stays open until the program, which holds the end
		# of another pipe, is gone.
		mkfifo in ends
		exec 8<>ends
		env --default-signal="$number" \
			aqi-category --column pm25 -o here/out.csv in \
			>ends 3>&- 8>&- &
		pid=$!
		exec 7<ends 8>&-
		{
			cat records.csv
			kill -s "$number" "$pid"
			cat <&7
		} >in
		exec 7<&-
		wait "$pid" || status=$?
		[ "$status" -gt 128 ]
		rm in ends
		[ "$(cat here/out.csv)" = old ]
		[ "$(ls here)" = out.csv ]
	done
}
