#!/usr/bin/env bats
# Messages cannot be forged, nor a terminal driven (O1): whatever bytes come in
# by a field, a header, a key, a path or an option, an event is one line of
# printable ASCII.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	command -v python3 >/dev/null || skip "python3 is not installed"
	# Each site gets a text, and says how many events there are then: an
	# exact number of lines, or None where it depends on the text.
	cat >sites.py <<-'END'
	import json, os, random, subprocess, sys
	build = os.environ["BUILD"]
	READERS = "aqi-validate", "aqi-category", "aqi-features", "aqi-predict"
	PRINTABLE = set(range(0x20, 0x7f)) | {0x0a}
	n_runs = 0

	def run(program, *arguments, data=b""):
	    global n_runs
	    n_runs += 1
	    return subprocess.run([os.fsencode(build + "/" + program), *arguments],
	                          input=data, capture_output=True, timeout=60)

	def check(site, text, result, lines, statuses):
	    """One event is one line, begun by the program's name."""
	    err = result.stderr
	    wrong = None
	    if not set(err) <= PRINTABLE:
	        wrong = "a byte that is not printable"
	    elif result.returncode not in statuses:
	        wrong = f"status {result.returncode}"
	    elif lines is not None and err.count(b"\n") != lines:
	        wrong = f"{err.count(bytes([10]))} lines, not {lines}"
	    elif err and not err.endswith(b"\n"):
	        wrong = "no line end"
	    elif not all(l.startswith((b"aqi-", b"{\"program\":\"aqi-"))
	                 for l in err.splitlines()):
	        wrong = "a line that no program begins"
	    if wrong:
	        sys.exit(f"{site} with {text!r}: {wrong}\n{err!r}")

	def csv(text):
	    return b'"' + text.replace(b'"', b'""') + b'"'

	def is_utf8(text):
	    try:
	        return b"\0" not in text and text.decode() is not None
	    except UnicodeDecodeError:
	        return False

	def try_text(text):
	    ok = is_utf8(text)
	    column = ["--column", "v"]
	    # A field where a number is wanted: refused, whatever is in it.
	    for form in ("text", "json"):
	        r = run("aqi-category", *column, "--errors", form,
	                data=b"v,w\n" + csv(text + b"!") + b",1\n2,3\n")
	        check("field", text, r, 1, (1,))
	    # Text that passes through, in each of the four ways; or is refused.
	    for more in ([], ["-O", "ndjson"]):
	        r = run("aqi-category", *column, *more,
	                data=b"v,w\n1," + csv(text) + b"\n")
	        check("text", text, r, 0 if ok else 1, (0,) if ok else (1,))
	        if ok and not more and csv(text) not in r.stdout:
	            sys.exit(f"text {text!r} came out as {r.stdout!r}")
	    if ok:
	        line = json.dumps({"v": 1, "w": text.decode()},
	                          ensure_ascii=False).encode() + b"\n"
	        for more in ([], ["-O", "csv"]):
	            check("JSON text", text,
	                  run("aqi-category", *column, *more, data=line), 0, (0,))
	        line = json.dumps({"v": text.decode() + "!"}).encode() + b"\n"
	        check("JSON field", text, run("aqi-category", *column, data=line),
	              1, (1,))
	        line = json.dumps({text.decode() + "!": {"x": [1]}, "v": "x"})
	        check("JSON key", text, run("aqi-category", *column,
	                                    data=line.encode() + b"\n"), 1, (1,))
	        # A key that comes too late for the header of CSV.
	        late = json.dumps({text.decode() + "!": 1}).encode()
	        check("late key", text, run("aqi-category", *column, "-O", "csv",
	              data=b'{"v":1}\n' + late + b"\n"), 1, (1,))
	    # Bytes that are no JSON.
	    one = text.replace(b"\n", b"") + b"!"
	    for program in READERS:
	        check("no JSON", text, run(program, "-I", "ndjson",
	              "--allow-absent", data=b"?" + one + b"\n"), 1, (1,))
	    # A header, known to none of the programs.
	    for program in READERS:
	        r = run(program, data=csv(text + b"!") + b",a\n1,2\n")
	        check("header", text, r, None, (1, 2))
	        if not r.stderr:
	            sys.exit(f"header {text!r}: {program} said nothing")
	    twice = csv(text + b"!")
	    check("twice", text, run("aqi-category", data=twice + b"," + twice +
	                             b"\n"), 1, (1,))
	    if b"\0" in text:
	        return
	    # Paths, names and options, which the shell hands over as they are.
	    for program in READERS:
	        check("path", text, run(program, b"no/" + text), 1, (4,))
	        check("-o", text, run(program, "-o", b"no/" + text), 1, (4,))
	        check("--columns", text, run(program, "--columns",
	              csv(b"!" + text) + b"," + csv(b"!" + text)), 1, (2,))
	        check("option", text, run(program, b"--" + text + b"!"), 1, (2,))
	        check("letter", text, run(program, b"-!" + text), 1, (2,))
	        check("number", text, run(program, "--max-errors", b"x" + text),
	              1, (2,))
	        check("delimiter", text, run(program, "-d", b"xx" + text), 1, (2,))
	    for option, program in (("--schema", "aqi-validate"),
	                            ("--rejects", "aqi-validate"),
	                            ("--from", "aqi-features"),
	                            ("--profile", "aqi-loadgen"),
	                            ("--start", "aqi-loadgen"),
	                            ("--invalid", "aqi-loadgen"),
	                            ("-o", "aqi-loadgen"), ("-m", "aqi-predict"),
	                            ("--column", "aqi-category")):
	        check(option, text, run(program, option, b"no/" + text,
	              data=b"aqi\n1\n"), 1, (2, 3, 4))
	    check("--errors", text, run("aqi-category", "--errors", b"!" + text),
	          1, (2,))

	seed = int(os.environ.get("SEED") or random.randrange(10**6))
	print(f"# SEED={seed}")
	random.seed(seed)
	what, full = sys.argv[1], os.environ.get("AQI_FULL")
	if what == "bytes":
	    texts = [bytes(range(i, i + 16)) for i in range(0, 256, 16)]
	    texts += [bytes([b]) for b in (0x1b, 0x9b, 0x0a, 0x0d, 0x08, 0x7f)]
	    texts += [c.encode() for c in "\u202e\u2066\u200f\u2028\u0085\ufeff"]
	    texts += [b"a\naqi-category:x:1:1: forged", b"\x1b]0;title\x07",
	              b"%s%n%d", b"a\r\naqi", b"\xe2\x80"]
	    if full:
	        texts += [bytes([b]) for b in range(256)]
	else:
	    with open(what, encoding="utf-8") as f:
	        texts = [t.encode() for t in json.load(f)]
	    if not full:
	        texts = random.sample(texts, 20)
	for text in texts:
	    try_text(text)
	print(f"{len(texts)} texts, {n_runs} runs")
	END
}

@test "all bytes, by every way in: one event is one line of ASCII" {
	run -0 python3 sites.py bytes
	[[ ${lines[-1]} = *' texts, '*' runs' ]]
}

@test "naughty strings, by every way in: one event is one line of ASCII" {
	need_folder AQI_CORPORA
	run -0 python3 sites.py "$AQI_CORPORA/naughty-strings/blns.json"
	[[ ${lines[-1]} = *' texts, '*' runs' ]]
}

@test "a file whose name is any byte but two is read, and named escaped" {
	for ((code = 1; code < 256; code++)); do
		printf -v byte '\\x%02x' $code
		printf -v name "a${byte}b"
		[ "$code" != 47 ] || continue
		printf 'aqi\nx\n' >"$name"
		run -1 --separate-stderr aqi-category "$name"
		[ "$code" -lt 32 ] || [ "$code" -gt 126 ] || byte=${name:1:1}
		is_stderr "aqi-category:a${byte}b:2:1: aqi: \"x\" is not a number"
		rm -- "$name"
	done
}
