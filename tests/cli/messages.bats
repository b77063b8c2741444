#!/usr/bin/env bats
# The whole text of each message of the shared parts, with its exit status.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	printf 'aqi\n1\n' >in
}

# says STATUS MESSAGE PROGRAM ARGUMENT...: nothing else is said. Standard input
# is the file `in`.
says() {
	local wanted=$1 message=$2
	shift 2
	run -"$wanted" --separate-stderr "$@" <in
	is_stderr "$message"
}

# The same for each program that reads records, whose name stands before.
all_say() {
	local wanted=$1 message=$2 t
	shift 2
	for t in aqi-validate aqi-category aqi-features aqi-predict; do
		says "$wanted" "$t: $message" $t "$@"
		is_output ''
	done
}

# And for all programs.
everyone_says() {
	all_say "$@"
	local message=$2
	set -- "$1" "${@:3}"
	says "$1" "aqi-loadgen: $message" aqi-loadgen "${@:2}"
	is_output ''
}

@test "usage: options that nobody has" {
	everyone_says 2 '"--nosuch" is no option, or short for several; see --help' --nosuch
	everyone_says 2 '"-q" is no option, or lacks its value; see --help' -q
	everyone_says 2 '"--=x" is no option, or short for several; see --help' --=x
	everyone_says 2 '"--statss" is no option; did you mean --stats? see --help' --statss
	everyone_says 2 '"--stats=3" lacks its value, or takes none; see --help' --stats=3
	everyone_says 2 '"--output" lacks its value, or takes none; see --help' --output
	everyone_says 2 '"-o" is no option, or lacks its value; see --help' -o
	everyone_says 2 '"--help=x" lacks its value, or takes none; see --help' --help=x
	everyone_says 2 '"--\x1b[31m\x0a" is no option, or short for several; see --help' $'--\033[31m\n'
	everyone_says 2 '"--abcdefghijklmnopqrstuvwxyzabcdefghijkl..." is no option, or short for several; see --help' \
		--abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz
}

@test "usage: values of the options of all programs" {
	everyone_says 2 '--errors takes text or json, not "x"' --errors x
	everyone_says 2 '--errors takes text or json, not ""' --errors=
	everyone_says 2 '--output-format takes csv or ndjson, not "CSV"' -O CSV
	everyone_says 2 '--output-format takes csv or ndjson, not "json"' --output-format json
}

@test "usage: values of the options of programs that read records" {
	all_say 2 '--input-format takes csv or ndjson, not "x"' -I x
	all_say 2 '--allow-refused takes a whole number from 0 to 18446744073709551615, not "x"' --allow-refused x
	all_say 2 '--allow-refused takes a whole number from 0 to 18446744073709551615, not "-1"' --allow-refused=-1
	all_say 2 '--allow-refused takes a whole number from 0 to 18446744073709551615, not "1.5"' --allow-refused=1.5
	all_say 2 '--allow-refused takes a whole number from 0 to 18446744073709551615, not " 1"' --allow-refused=' 1'
	all_say 2 '--allow-refused P% takes a number from 0 to 100, not "101"' --allow-refused 101%
	all_say 2 '--allow-refused P% takes a number from 0 to 100, not "nan"' --allow-refused nan%
	all_say 2 '--allow-refused P% takes a number from 0 to 100, not "-1"' --allow-refused=-1%
	all_say 2 '--allow-refused takes a whole number from 0 to 18446744073709551615, not ""' --allow-refused=
	all_say 2 '--columns has an empty name at place 2; leave it out, with its comma' --columns a,,b
	all_say 2 '--columns has an empty name at place 1; leave it out, with its comma' --columns ''
	all_say 2 '--columns has "a" twice; name it once' --columns 'a,b,"a"'
	all_say 2 '--columns has "a\x22\x1b" twice; name it once' --columns $'"a""\033","a""\033"'
	all_say 2 '--columns takes names separated by commas: a quote that never closes' --columns '"a'
	all_say 2 '--columns takes names separated by commas: text behind a closing quote; double a quote inside a field' --columns '"a"b'
	all_say 2 '--na has "NA" twice; name it once' --na NA,NA
	all_say 2 '--na has an empty name at place 1; leave it out, with its comma' --na ''
	all_say 2 '--max-errors takes a whole number from 1 to 18446744073709551615, not "0"' --max-errors 0
	all_say 2 '--max-record takes a whole number from 1 to 1073741824, not "0"' --max-record 0
	all_say 2 '--max-record takes a whole number from 1 to 1073741824, not "1073741825"' --max-record 1073741825
	all_say 2 '--max-record takes a whole number from 1 to 1073741824, not "99999999999999999999"' --max-record 99999999999999999999
	all_say 2 '--max-record takes a whole number from 1 to 1073741824, not "1k"' --max-record 1k
	all_say 2 '--no-header needs the names of the columns: --columns NAME,...' --no-header
	all_say 2 "the delimiter and the decimal mark are both ','; choose a delimiter with -d" --decimal-comma
	all_say 2 "the delimiter and the decimal mark are both '.'; choose a delimiter with -d" -d .
	for d in ab '"' 1 a - + $'\n' $'\r' é ''; do
		case $d in
		'"') q='\x22' ;; $'\n') q='\x0a' ;; $'\r') q='\x0d' ;;
		é) q='\xc3\xa9' ;; *) q=$d ;;
		esac
		all_say 2 "--delimiter takes one ASCII character, not a letter, digit, sign, quote or line end, or 'tab'; not \"$q\"" -d "$d"
	done
}

@test "usage: values of the options of programs that write numbers" {
	for t in aqi-features aqi-predict; do
		for n in 18 -1 x 1.5 ''; do
			says 2 "$t: --decimals takes a whole number from 0 to 17, not \"$n\"" $t --decimals="$n"
		done
		says 2 "$t: \"--exact=1\" lacks its value, or takes none; see --help" $t --exact=1
	done
	says 2 'aqi-loadgen: --invalid SHARE takes a number from 0 to 1, not "1.1"' aqi-loadgen --invalid 1.1
}

@test "usage errors as JSON" {
	says 2 '{"program":"aqi-category","code":"usage","reason":"--max-errors takes a whole number from 1 to 18446744073709551615, not \"x\\x22\""}' \
		aqi-category --errors json --max-errors 'x"'
}

@test "files: what cannot be opened, read or written" {
	for t in aqi-validate aqi-category aqi-features; do
		says 4 "$t:nosuch: cannot open: No such file or directory" $t nosuch
		says 4 "$t:/: cannot read: Is a directory" $t /
		says 4 "$t:: cannot open: No such file or directory" $t ''
		says 4 "$t:nosuch/out: cannot open for writing: No such file or directory" $t -o nosuch/out
		says 4 "$t:/: cannot open for writing: Is a directory" $t -o /
		says 4 "$t:new/: cannot open for writing: Is a directory" \
			$t -o new/
		says 4 "$t:/dev/fd/77: cannot open for writing: Bad file descriptor" $t -o /dev/fd/77
		says 1 "$t:/dev/null: empty: not even a header line" $t /dev/null
	done
	says 4 'aqi-category:standard output: cannot write: No space left on device' \
		bash -c 'aqi-category >/dev/full'
	says 4 'aqi-category:/dev/full: cannot write: No space left on device' aqi-category -o /dev/full
	says 4 'aqi-validate:nosuch/bad: cannot open for writing: No such file or directory' aqi-validate --rejects nosuch/bad
	says 4 'aqi-category:out: cannot rename the temporary file: Input/output error' \
		env LD_PRELOAD="$BUILD/fault.so" FAULT_CALL=rename FAULT_AT=1 \
		ASAN_OPTIONS=verify_asan_link_order=0 aqi-category -o out
	for call in write close; do
		says 4 'aqi-validate:standard output: cannot write: Input/output error' \
			env LD_PRELOAD="$BUILD/fault.so" FAULT_CALL=$call FAULT_AT=1 \
			ASAN_OPTIONS=verify_asan_link_order=0 aqi-validate --print-schema
	done
}

@test "a closed standard input cannot be read" {
	run -4 --separate-stderr bash -c 'aqi-category <&-'
	is_stderr 'aqi-category:-: cannot read: Bad file descriptor'
}

@test "schemas and models: what cannot be opened or read" {
	says 3 'aqi-validate:./nosuch.json: cannot open: No such file or directory' aqi-validate --schema ./nosuch.json
	says 3 'aqi-validate:/: cannot read: Is a directory' aqi-validate --schema /
	head -c 20M /dev/zero >big.json
	says 3 'aqi-validate:./big.json: larger than the limit of 1048576 bytes' aqi-validate --schema ./big.json
}

@test "names with newlines, ESC and other bytes stand on one line" {
	name=$'a\n\033[31m\377:é"'
	says 4 'aqi-category:a\x0a\x1b[31m\xff:\xc3\xa9": cannot open: No such file or directory' aqi-category "$name"
	printf 'aqi\nx\n' >"$name"
	says 1 'aqi-category:a\x0a\x1b[31m\xff:\xc3\xa9":2:1: aqi: "x" is not a number' aqi-category "$name"
	printf '"a\n\033\342\200\256",b\nx,1\n' >in
	says 1 'aqi-category:-:3:1: a\x0a\x1b\xe2\x80\xae: "x" is not a number' \
		aqi-category --column $'a\n\033\342\200\256'
	run -1 --separate-stderr aqi-category --errors json --column $'a\n\033\342\200\256' <in
	printf '%s\n' "$stderr" | jq -e '.line == 3 and .column == 1' >/dev/null
	[ "${#stderr_lines[@]}" = 1 ]
}

@test "values are cut at 40 bytes, and each byte but plain ASCII is escaped" {
	printf 'aqi\n"a\001\033\177\303\251""\\\n\t"\n%s\n%s\n' \
		1234567890123456789012345678901234567890x1 \
		x123456789012345678901234567890123456789 >in
	says 1 'aqi-category:-:2:1: aqi: "a\x01\x1b\x7f\xc3\xa9\x22\x5c\x0a\x09" is not a number
aqi-category:-:4:1: aqi: "1234567890123456789012345678901234567890..." is not a number
aqi-category:-:5:1: aqi: "x123456789012345678901234567890123456789" is not a number' aqi-category
	for c in $(seq 1 9) $(seq 11 31) 127; do
		printf -v byte "\\x%02x" "$c"
		[ "$c" != 13 ] || continue
		printf "aqi\nx${byte}y\n" >in
		says 1 "aqi-category:-:2:1: aqi: \"x${byte}y\" is not a number" aqi-category
	done
}

@test "numbers: what is none, and what is too large" {
	for x in NaN nan inf -inf Infinity 0x10 0x1p3 1_0 +1 '1 0' 1e 1e+ . - -- 1.2.3 \
		1d5 1f 'True' '1%'; do
		printf 'aqi\n%s\n' "$x" >in
		says 1 "aqi-category:-:2:1: aqi: \"$x\" is not a number" aqi-category
	done
	printf 'aqi\n"1,5"\n' >in
	says 1 'aqi-category:-:2:1: aqi: "1,5" is not a number' aqi-category
	for x in 1e309 -1e309 1e99999999999; do
		printf 'aqi\n%s\n' "$x" >in
		says 1 "aqi-category:-:2:1: aqi: \"$x\" is too large for a number" aqi-category
	done
	printf '{"aqi":1e309}\n{"a":1,"aqi":"1"}\n{"aqi":true}\n{"aqi":[1]}\n{"aqi":{"x":1}}\n' >in
	says 1 'aqi-category:-:1:12: a number is too large
aqi-category:-:2:14: aqi: "1" is not a number
aqi-category:-:3:8: aqi: "true" is not a number
aqi-category:-:4:8: aqi: "[1]" is not a number
aqi-category:-:5:8: aqi: "{\x22x\x22:1}" is not a number' aqi-category
}

@test "JSON: each reason, at its byte" {
	printf '%s\n' '{"aqi":1' '{"aqi":1}{' '{"aqi":1,"aqi":2}' '{"aqi":1e400}' \
		'{"aqi":"\u0000"}' '{"a\u0000":1}' "{'aqi':1}" '{"aqi":é}' \
		'[1]' '"x"' '3' null true >in
	{
		printf '{"aqi":"\377"}\n{"aqi":1,"x":"\000"}\n'
		printf '{"aqi":%s1%s}\n' "$(printf '[%.0s' {1..64})" \
			"$(printf ']%.0s' {1..64})"
	} >>in
	says 1 'aqi-category:-:1:9: JSON ends too early
aqi-category:-:2:10: something follows the JSON value
aqi-category:-:3:14: a key stands twice in the object
aqi-category:-:4:12: a number is too large
aqi-category:-:5:15: \u0000 is not allowed in a string
aqi-category:-:6:10: \u0000 is not allowed in a string
aqi-category:-:7:2: not JSON: string or '"'"'}'"'"' expected
aqi-category:-:8:8: not JSON: invalid token
aqi-category:-:9:1: an array is no record; a line is one JSON object
aqi-category:-:10:1: a string is no record; a line is one JSON object
aqi-category:-:11:1: a number is no record; a line is one JSON object
aqi-category:-:12:1: null is no record; a line is one JSON object
aqi-category:-:13:1: a boolean is no record; a line is one JSON object
aqi-category:-:14:9: invalid UTF-8 at byte 132 of the file (--encoding names another)
aqi-category:-:15:15: a NUL at byte 150 of the file
aqi-category:-:16:71: JSON nested more than 64 deep' aqi-category -I ndjson --allow-absent
}

@test "of a kind of error twenty are shown and the others counted" {
	{ echo aqi; yes x | head -n 20; } >in
	run -1 --separate-stderr aqi-category <in
	[ "${#stderr_lines[@]}" = 20 ]
	{ echo aqi; yes x | head -n 1000; yes 1,2 | head -n 21; } >in
	run -1 --separate-stderr aqi-category --stats <in
	[ "${#stderr_lines[@]}" = 43 ]
	[ "${stderr_lines[40]}" = 'aqi-category: 1 more errors of kind width are not shown' ]
	[ "${stderr_lines[41]}" = 'aqi-category: 980 more errors of kind type are not shown' ]
	[ "${stderr_lines[42]}" = 'aqi-category: read 1021 written 0 refused 1021' ]
}

@test "a run that is stopped says so, behind the reason" {
	printf 'aqi\nx\n' >in
	says 1 'aqi-category:-:2:1: aqi: "x" is not a number
aqi-category: stopped at refused record 1 (--max-errors)' aqi-category --max-errors 1
}

@test "progress is a line where it is asked for, after a second" {
	run -0 --separate-stderr bash -c '(echo aqi; echo 1; sleep 1.2; echo 2) |
		aqi-category --progress'
	[[ $stderr =~ ^aqi-category:\ 2\ records,\ [0-9.]+(\ k)?\ records/s$ ]]
	run -0 --separate-stderr bash -c '(echo aqi; echo 1; sleep 1.2; echo 2) |
		aqi-category --progress --no-progress'
	[ -z "$stderr" ]
}

@test "help and usage name every option, and version what is built in" {
	for t in aqi-validate aqi-category aqi-features aqi-predict aqi-loadgen; do
		run -0 --separate-stderr $t --help
		[[ $output = "Usage: $t "* ]]
		[ -z "$stderr" ]
		run -0 --separate-stderr $t --usage
		[[ $output = "Usage: $t "* ]]
		run -0 --separate-stderr $t --version
		[[ ${lines[0]} =~ ^$t\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
		[[ ${lines[1]} =~ ^libcsv\ .*,\ jansson\ .*,\ glibc ]]
	done
}

# The longest part of each message without a directive must stand in a test.
@test "every message of the shared parts is in a test" {
	cat >sites.py <<-'END'
	import glob, re, sys
	calls = (r'aqi_error_set|aqi_error_system|aqi_cli_usage|column_error|'
	         r'\breject|\bfail')
	tests = open(sys.argv[1] + '/tests/cli/messages.bats').read() + \
	    ''.join(open(sys.argv[1] + '/tests/cli/' + f + '.bats').read()
	            for f in ('streams', 'inputs', 'outputs', 'resume',
	                      'layouts', 'aqi-validate', 'aqi-serve')) + \
	    ''.join(open(sys.argv[1] + '/tests/unit/test_' + f + '.c').read()
	            for f in ('reader', 'input', 'daemon'))
	# Reached when memory runs out only, or never: a word of argp's own, and
	# what an earlier check has said already.
	known = {'memory ran out', 'the command line cannot be read; see --help',
	         '--no-header needs the names: --columns NAME,...',
	         'a NUL byte', 'cannot look up the user %s',
	         'the user %s can become root again'}
	n = bad = 0
	for path in sorted(glob.glob(sys.argv[1] + '/lib/base/*.c') +
	                   glob.glob(sys.argv[1] + '/lib/record/*.c') +
	                   glob.glob(sys.argv[1] + '/lib/cli/*.c')):
	    text = open(path).read()
	    for m in re.finditer('(?:' + calls + r')\(', text):
	        call = text[m.end():text.find(';\n', m.end())]
	        for s in re.findall(r'"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*', call):
	            s = ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', s))
	            s = s.replace('\\"', '"').replace('\\\\', '\\')
	            part = max(re.split(r'%(?:\.\*)?[a-z]*|"', s), key=len)
	            if len(part) < 8 or s in known:
	                continue
	            n += 1
	            if part.strip() not in tests:
	                bad += 1
	                print('%s: "%s"' % (path, s))
	print(n, 'messages,', bad, 'in no test')
	sys.exit(bad > 0 or n < 40)
	END
	run -0 python3 sites.py "$ROOT"
	echo "# ${lines[-1]}" >&3
}

@test "usage: an empty name is no name" {
	says 2 'aqi-predict: --model takes a name, and an empty one was given' aqi-predict -m ''
	says 2 'aqi-validate: --output takes a name, and an empty one was given' aqi-validate -o ''
	all_say 2 '--rejects takes a name, and an empty one was given' --rejects=
	says 2 'aqi-features: --from takes a name, and an empty one was given' aqi-features --from ''
}

@test "usage: lists have a limit" {
	names=$(seq 4097 | paste -sd,)
	says 2 'aqi-category: --columns has 4097 names; the limit is 4096' aqi-category --columns "$names"
}

@test "files: refused records do not replace their input, nor the good ones" {
	echo aqi >in
	printf 'pm25\n1\n' >data.csv
	for t in aqi-validate aqi-category aqi-features aqi-predict; do
		says 2 "$t:data.csv: --rejects would replace this input; give it a file of its own" $t --rejects data.csv data.csv
		says 2 "$t: --output and --rejects are one file; give each a file of its own" $t -o out.csv --rejects ./out.csv data.csv
		says 4 "$t:nosuch/bad: cannot open for writing: No such file or directory" $t --rejects nosuch/bad data.csv
	done
	says 2 'aqi-validate:data.csv: --rejects would replace this input; give it a file of its own' aqi-validate --rejects ./data.csv data.csv
	says 2 'aqi-validate: --output and --rejects are one file; give each a file of its own' aqi-validate -o good.csv --rejects ./good.csv data.csv
	says 2 'aqi-validate: --output and --rejects are one file; give each a file of its own' aqi-validate -o /dev/null --rejects /dev/null data.csv
	[ "$(cat data.csv)" = $'pm25\n1' ]
}

@test "JSON that is no NDJSON, and keys that are no names of columns" {
	echo '[{"aqi":1},{"aqi":2}]' >in
	says 1 "aqi-category:-:1:1: this looks like a JSON array; a record is one JSON object a line (jq -c '.[]')" aqi-category
	echo '{"aqi":1,"":2}' >in
	says 1 'aqi-category:-:1: a key is empty, and CSV needs a name for each column; choose them with --columns' aqi-category -O csv
}

@test "a token of --na is missing as a JSON number too" {
	run -0 aqi-category --na=-99 <<<'{"aqi":-99}
{"aqi":99}'
	is_output '{"aqi":-99,"category":null}
{"aqi":99,"category":"Moderate"}'
}

@test "--columns chooses NDJSON members, where nothing is added too" {
	run -0 aqi-validate --schema observed --allow-absent --columns pm25,a <<<'{"b":2,"a":1,"pm25":3}'
	is_output '{"pm25":3,"a":1}'
}

@test "numbers of any length are read, rounded once" {
	# A digit that is not 0 far behind a tie decides; 2^53 + 1 is a tie.
	zeros=$(printf '0%.0s' {1..2000})
	run -0 aqi-validate --schema observed --allow-absent -O ndjson --decimal-comma -d ';' <<<"pm25"$'\n'"12,5${zeros}1"
	run -1 --separate-stderr aqi-category <<<"aqi"$'\n'"1${zeros}"
	[[ "$stderr" == *'is too large for a number' ]]
	run -0 aqi-category --column x <<<"x"$'\n'"0.${zeros}1"
	[[ "${lines[1]}" == *1,Good ]]
}
