#!/usr/bin/env bats
# What stands in an output and where it goes: links, an input that is written
# to, formulas, torn ends, headers, names in messages.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	printf 'aqi\n1\n' >one.csv
}

READERS=(aqi-validate aqi-category aqi-features aqi-predict)

@test "-o writes what a symbolic link leads to, be it there or not" {
	mkdir there
	for target in there/new there/old "$PWD/there/far" ; do
		ln -sf "$target" link
		ln -sf link link2
		[ "$target" != there/old ] || echo old >there/old
		run -0 aqi-category -o link2 one.csv
		[ -L link ] && [ -L link2 ] && [ ! -L "$target" ]
		[ "$(cat "$target")" = $'aqi,category\n1,Good' ]
	done
	[ "$(echo there/*)" = 'there/far there/new there/old' ]
}

@test "-o through a link in another folder is relative to that folder" {
	mkdir -p a b
	ln -s ../b/new a/link
	run -0 aqi-loadgen -n 1 -o a/link
	[ -f b/new ] && [ -L a/link ]
	[ "$(wc -l <b/new)" = 2 ]
}

@test "-o through a link that cannot lead anywhere is an error" {
	ln -s nosuch/new link
	run -4 --separate-stderr aqi-category -o link one.csv
	is_stderr 'aqi-category:link: cannot open for writing: No such file or directory'
	ln -s loop loop
	run -4 --separate-stderr aqi-category -o loop one.csv
	is_stderr 'aqi-category:loop: cannot open for writing: Too many levels of symbolic links'
}

@test "an input that is written to as well is refused" {
	cp one.csv data
	for t in "${READERS[@]}"; do
		run -2 --separate-stderr bash -c "$t <data >>data"
		is_stderr "$t:-: this input is what is written to as well; -o replaces it at the end"
		run -2 --separate-stderr bash -c "$t one.csv ./data 1<>data"
		is_stderr "$t:./data: this input is what is written to as well; -o replaces it at the end"
	done
	run -2 --separate-stderr bash -c 'aqi-validate --rejects /dev/stdout -o out data >>data'
	is_stderr 'aqi-validate:data: this input is what is written to as well; -o replaces it at the end'
	cmp one.csv data
	run -0 aqi-category -o data data
	[ "$(cat data)" = $'aqi,category\n1,Good' ]
	: >empty
	run -0 bash -c 'aqi-category -I ndjson <empty >>empty'
	cp one.csv other
	run -0 bash -c 'aqi-category <one.csv >>other'
	[ "$(tail -n 1 other)" = 1,Good ]
}

@test "--require-newline refuses a last record without one, in CSV" {
	printf 'aqi\r\n1\r\n20' >torn.csv
	run -0 --separate-stderr aqi-category torn.csv
	is_output $'aqi,category\n1,Good\n20,Good'
	run -1 --separate-stderr aqi-category --require-newline --stats torn.csv
	is_output $'aqi,category\n1,Good'
	is_stderr 'aqi-category:torn.csv:3:3: the file ends without a newline: this record may be torn (--require-newline)
aqi-category: read 2 written 1 refused 1'
	printf 'aqi,t\n1,"a\nb"' >torn.csv
	run -1 --separate-stderr aqi-category --require-newline torn.csv
	is_stderr 'aqi-category:torn.csv:3:3: the file ends without a newline: this record may be torn (--require-newline)'
	printf '1\n' >whole.csv
	printf 'aqi\n1\n' >whole.csv
	run -0 aqi-category --require-newline whole.csv whole.csv
	run -1 --separate-stderr aqi-category --require-newline torn.csv whole.csv --columns aqi
	is_output $'aqi,category\n1,Good'
}

@test "--require-newline refuses a header without one" {
	printf 'aqi' >torn.csv
	run -1 --separate-stderr aqi-category --require-newline torn.csv
	is_stderr 'aqi-category:torn.csv:1:4: the file ends without a newline: this record may be torn (--require-newline)'
	is_output ''
	run -0 aqi-category torn.csv
}

@test "--require-newline refuses a last record without one, in NDJSON" {
	printf '{"aqi":1}\n{"aqi":2}' >torn
	run -1 --separate-stderr aqi-category --require-newline torn
	is_output '{"aqi":1,"category":"Good"}'
	is_stderr 'aqi-category:torn:2:10: the file ends without a newline: this record may be torn (--require-newline)'
	printf '{"aqi":1}\n  ' >blank
	run -0 --separate-stderr aqi-category --require-newline blank
	run -1 --separate-stderr aqi-validate --require-newline --allow-absent --rejects bad torn
	[ "$(tail -n 1 bad)" = '{"record":"{\"aqi\":2}","reason":"the file ends without a newline: this record may be torn (--require-newline)"}' ]
}

# The cell, as it comes out of a CSV record and of an NDJSON one.
guarded() {
	local text=$1 wanted=$2
	printf '%s' "$text" | jq -Rsc '{aqi: 1, t: .}' >in.ndjson
	for f in '' '-O ndjson'; do
		aqi-category -O csv in.ndjson >plain.csv
		aqi-category --safe-csv $f plain.csv >out
		[ -z "$f" ] || { aqi-category plain.csv -O ndjson | cmp - out; continue; }
		[ "$(sed -n '2,$p' out)" = "1,$wanted,Good" ] ||
			{ printf '%s: got\n' "$text"; cat out; return 1; }
	done
	aqi-category --safe-csv -O csv in.ndjson >out
	[ "$(sed -n '2,$p' out)" = "1,$wanted,Good" ] ||
		{ printf '%s from JSON: got\n' "$text"; cat out; return 1; }
}

@test "--safe-csv guards text that begins like a formula" {
	guarded '=1+1' "'=1+1"
	guarded '+1' "'+1"
	guarded '-x' "'-x"
	guarded '-' "'-"
	guarded '@SUM(A1)' "'@SUM(A1)"
	guarded $'\tx' "'"$'\tx'
	guarded $'\rx' "\"'"$'\rx"'
	guarded '＝1' "'＝1"
	guarded '＋1' "'＋1"
	guarded '－1' "'－1"
	guarded '＠x' "'＠x"
	guarded '=HYPERLINK("http://x";"y")' "\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\""
	guarded '=1,2' "\"'=1,2\""
	guarded $'=1\n2' "\"'=1"$'\n2"'
	guarded '-1-1' "'-1-1"
	guarded '-1,5' "\"'-1,5\""
}

@test "--safe-csv leaves all other text, and numbers, as they are" {
	for text in -1 -0.5 -1e3 -.5 -1e999 1 '' ' =1' "'=1" x= 'a-b' ＝ ！; do
		case $text in ＝) guarded ＝ "'＝" ;; *) guarded "$text" "$text" ;; esac
	done
	printf 'aqi;t\n1;-1,5\n' >in.csv
	run -0 aqi-category --safe-csv -d ';' --decimal-comma in.csv
	is_output $'aqi;t;category\n1;-1,5;Good'
	printf 'aqi;t\n1;-1.5\n' >in.csv
	run -0 aqi-category --safe-csv -d ';' --decimal-comma in.csv
	is_output "aqi;t;category"$'\n'"1;'-1.5;Good"
}

@test "--safe-csv guards names, moved columns, chosen ones and refused records" {
	printf 'aqi,"=n",+\nx,=1,@\n-1,"=2",3\n=3,4\n' >in.csv
	run -1 --separate-stderr aqi-category --safe-csv --column aqi in.csv
	is_output "aqi,'=n,'+,category"$'\n'"-1,\"'=2\",3,Good"
	run -1 --separate-stderr aqi-category --safe-csv --columns '+,=n,aqi' in.csv
	is_output "'+,'=n,aqi,category"$'\n'"3,\"'=2\",-1,Good"
	printf 'pm25,"=n"\n=x,=1\n@,4,\n' >in.csv
	run -1 --separate-stderr aqi-validate --safe-csv --allow-absent --schema observed --rejects bad --flag in.csv
	is_output "pm25,'=n,valid,reasons"$'\n'"'=x,'=1,false,\"pm25: \"\"=x\"\" is not a number\""
	[ "$(cat bad)" = "pm25,'=n,reason
\"'@,4,\",,3 fields where the header has 2" ]
	printf '{"aqi":1,"=n":{"a":1},"t":"=1"}\n' >in.ndjson
	run -0 aqi-category --safe-csv -O csv in.ndjson
	is_output "aqi,'=n,t,category"$'\n'"1,\"{\"\"a\"\":1}\",'=1,Good"
	run -0 aqi-category --safe-csv in.ndjson
	is_output '{"aqi":1,"=n":{"a":1},"t":"=1","category":"Good"}'
}

@test "a run that stops before its first record has no CSV header from NDJSON" {
	printf 'x\ny\n{"aqi":1}\n' >in
	for pre in '' 'FAULT_SIZE=1 FAULT_SLOW=1' 'FAULT_SIZE=4 FAULT_SLOW=1'; do
		run -1 --separate-stderr env $pre LD_PRELOAD="$BUILD/fault.so" \
			ASAN_OPTIONS=verify_asan_link_order=0 \
			aqi-category -I ndjson -O csv --max-errors 2 in
		is_output ''
		run -1 --separate-stderr env $pre LD_PRELOAD="$BUILD/fault.so" \
			ASAN_OPTIONS=verify_asan_link_order=0 \
			aqi-category -I ndjson -O csv --max-errors 3 in
		is_output $'aqi,category\n1,Good'
	done
	printf '{"aqi":"x"}\n' >in
	run -1 --separate-stderr aqi-category -O csv in
	is_output aqi,category
	run -1 --separate-stderr aqi-category -O csv --max-errors 1 in
	is_output ''
}

@test "names in JSON messages are JSON strings" {
	name=$'\303\251\342\202\254\360\237\230\200 "\\'
	run -4 --separate-stderr aqi-category --errors json "$name"
	is_stderr "{\"program\":\"aqi-category\",\"file\":\"é€😀 \\\"\\\\\",\"code\":\"io\",\"reason\":\"cannot open: No such file or directory\"}"
	[ "$(jq -r .file <<<"$stderr")" = "$name" ]
	name=$'a\n\033\177\302\205\342\200\256\342\201\246\330\234\342\200\217x'
	run -4 --separate-stderr aqi-category --errors json "$name"
	[[ $stderr = *'"file":"a\u000a\u001b\u007f\u0085\u202e\u2066\u061c\u200fx"'* ]]
	[ "$(jq -r .file <<<"$stderr")" = "$name" ]
	run -4 --separate-stderr aqi-category --errors json $'\377a\303(\360\237\230'
	[ "$(jq -r .file <<<"$stderr")" = '\xffa\xc3(\xf0\x9f\x98' ]
}

@test "a missing category is null in NDJSON, and keeps its bytes in CSV" {
	printf 'aqi,category\n,\n,NA\n1,\nNA,Odd\n' >in.csv
	run -0 aqi-category -O ndjson in.csv
	is_output '{"aqi":null,"category":null}
{"aqi":null,"category":null}
{"aqi":1,"category":"Good"}
{"aqi":null,"category":"Odd"}'
	run -0 aqi-category in.csv
	is_output $'aqi,category\n,\n,NA\n1,Good\nNA,Odd'
}
