# aqi-category: the category, colour and advice of an index.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# What aqi-category makes of a CSV of one column; the options first.
category_of() {
	printf 'aqi\n%s\n' "${@: -1}" | aqi-category "${@:1:$#-1}" | tail -n 1
}

@test "each bound belongs to the category below it" {
	printf '%s\n' aqi 0 50 50.0000001 100 100.0000001 150 150.0000001 \
		200 200.0000001 300 300.0000001 -7 1e9 >in.csv
	cat >expected.csv <<-END
		aqi,category
		0,Good
		50,Good
		50.0000001,Moderate
		100,Moderate
		100.0000001,Unhealthy for Sensitive Groups
		150,Unhealthy for Sensitive Groups
		150.0000001,Unhealthy
		200,Unhealthy
		200.0000001,Very Unhealthy
		300,Very Unhealthy
		300.0000001,Hazardous
		-7,Good
		1e9,Hazardous
	END
	run -0 --separate-stderr aqi-category in.csv
	is_output "$(cat expected.csv)"
	is_stderr ""
}

@test "color adds the EPA's colours, by name and as RGB" {
	printf 'id,aqi\na,25\nb,75\nc,125\nd,175\ne,250\nf,400\n' >in.csv
	cat >expected.csv <<-END
		id,aqi,category,color,rgb
		a,25,Good,Green,#00E400
		b,75,Moderate,Yellow,#FFFF00
		c,125,Unhealthy for Sensitive Groups,Orange,#FF7E00
		d,175,Unhealthy,Red,#FF0000
		e,250,Very Unhealthy,Purple,#8F3F97
		f,400,Hazardous,Maroon,#7E0023
	END
	run -0 aqi-category --color in.csv
	is_output "$(cat expected.csv)"
}

@test "advice needs no quotes in CSV" {
	printf 'aqi\n25\n75\n125\n175\n250\n400\n' >in.csv
	run -0 aqi-category --advice in.csv
	[ "${lines[0]}" = aqi,category,advice ]
	[ "${lines[1]}" = "25,Good,Enjoy being outdoors." ]
	[ "$(printf '%s\n' "$output" | awk -F, 'NF == 3 && $3' | wc -l)" = 7 ]
	[[ $output != *'"'* ]]
}

@test "a missing index leaves all that is added empty" {
	printf 'aqi,x\n,1\nNA,2\n60,3\n' >in.csv
	run -0 aqi-category --color --advice in.csv
	[ "${lines[1]}" = ",1,,,," ]
	[ "${lines[2]}" = "NA,2,,,," ]
	[[ ${lines[3]} = 60,3,Moderate,Yellow,#FFFF00,* ]]

	printf '{"aqi":null,"x":1}\n' >in.ndjson
	run -0 aqi-category --color in.ndjson
	is_output '{"aqi":null,"x":1,"category":null,"color":null,"rgb":null}'
}

@test "an index that is no number is refused" {
	printf 'id,aqi\na,4x\nb,1e999\nc,7\n' >in.csv
	run -1 --separate-stderr aqi-category in.csv
	is_output $'id,aqi,category\nc,7,Good'
	[ "${stderr_lines[0]}" = \
		'aqi-category:in.csv:2:3: aqi: "4x" is not a number' ]
	[ "${stderr_lines[1]}" = \
		'aqi-category:in.csv:3:3: aqi: "1e999" is too large for a number' ]
	[ "${#stderr_lines[@]}" = 2 ]
}

@test "a category that stands already is kept" {
	# A prediction of 50.004: Moderate before it was rounded.
	printf 'aqi,category,x\n50.00,Moderate,1\n' >in.csv
	run -0 aqi-category in.csv
	is_output "$(cat in.csv)"
	run -0 aqi-category --color in.csv
	[ "${lines[1]}" = "50.00,Moderate,1,Yellow,#FFFF00" ]
}

@test "recompute replaces a category in its place" {
	printf 'aqi,category,x\n50.00,Moderate,1\n,Good,2\n' >in.csv
	run -0 aqi-category --recompute --color in.csv
	[ "${lines[0]}" = "aqi,category,x,color,rgb" ]
	[ "${lines[1]}" = "50.00,Good,1,Green,#00E400" ]
	[ "${lines[2]}" = ",,2,," ]
}

@test "recompute with keep-old renames the old category" {
	printf 'aqi,category\n50,Moderate\n' >in.csv
	run -0 aqi-category --recompute --keep-old in.csv
	[ "${lines[0]}" = "aqi,category_in,category" ]
	[ "${lines[1]}" = "50,Moderate,Good" ]
}

@test "the colour is of the index where the category kept is none of ours" {
	printf 'aqi,category\n120,Poor\n120,\n' >in.csv
	run -0 aqi-category --color in.csv
	[ "${lines[1]}" = "120,Poor,Orange,#FF7E00" ]
	[ "${lines[2]}" = "120,Unhealthy for Sensitive Groups,Orange,#FF7E00" ]
}

@test "column takes the index from another column" {
	printf 'aqi,aqi_high\n10,210\n' >in.csv
	run -0 aqi-category --column aqi_high in.csv
	[ "${lines[1]}" = "10,210,Very Unhealthy" ]
}

@test "a column that is not there ends with status 2 and a near match" {
	printf 'station,AQI\na,10\n' >in.csv
	run -2 --separate-stderr aqi-category in.csv
	is_output ""
	is_stderr 'aqi-category:in.csv:1: no column "aqi"; is it "AQI"?'
	run -2 --separate-stderr aqi-category --column ozone in.csv
	is_stderr 'aqi-category:in.csv:1: no column "ozone"; --column names that of the index'
	run -2 --separate-stderr aqi-category <<<$'site;aqi\n1;2'
	is_stderr "aqi-category:-:1: aqi: no such column; the header is one column with ';' in it: try -d ';'"
	run -0 aqi-category --allow-absent in.csv
	is_output $'station,AQI,category\na,10,'
}

@test "NDJSON stays NDJSON, its index a number also from CSV" {
	printf '{"aqi":12.50,"a":[1, 2]}\n' >in.ndjson
	run -0 aqi-category in.ndjson
	is_output '{"aqi":12.50,"a":[1, 2],"category":"Good"}'
	printf 'site,index\n007,12.50\n' >in.csv
	run -0 aqi-category --column index -O ndjson in.csv
	is_output '{"site":"007","index":12.50,"category":"Good"}'
}

@test "ansi always paints the category alone" {
	run -0 category_of --ansi always 42
	is_output $'42,\e[38;5;16;48;5;40mGood\e[0m'
	run -0 category_of --ansi always 350
	is_output $'350,\e[38;5;231;48;5;88mHazardous\e[0m'
}

@test "a category kept is painted in its place" {
	printf 'aqi,category,x\n60,Good,1\n60,Poor,2\n60,,3\n' >in.csv
	run -0 aqi-category --ansi always --keep-old in.csv
	[ "${lines[0]}" = "aqi,category,x" ]
	[ "${lines[1]}" = $'60,\e[38;5;16;48;5;40mGood\e[0m,1' ]
	[ "${lines[2]}" = "60,Poor,2" ]
	[ "${lines[3]}" = $'60,\e[38;5;16;48;5;226mModerate\e[0m,3' ]
}

@test "NDJSON is not painted" {
	printf '{"aqi":1}\n' >in.ndjson
	run -0 aqi-category --ansi always in.ndjson
	is_output '{"aqi":1,"category":"Good"}'
	printf 'aqi\n1\n' >in.csv
	run -0 aqi-category --ansi always -O ndjson in.csv
	is_output '{"aqi":1,"category":"Good"}'
}

@test "ansi auto paints on a terminal, and there only" {
	script -qec true /dev/null </dev/null >/dev/null 2>&1 ||
		skip "no terminal can be made here"
	printf 'aqi\n1\n' >in.csv
	on_terminal() { script -qec "$1" /dev/null </dev/null | tr -d '\r'; }
	export TERM=xterm
	unset NO_COLOR

	run -0 aqi-category in.csv
	[ "${lines[1]}" = 1,Good ]
	run -0 on_terminal "aqi-category in.csv"
	[ "${lines[1]}" = $'1,\e[38;5;16;48;5;40mGood\e[0m' ]
	run -0 on_terminal "aqi-category --ansi never in.csv"
	[ "${lines[1]}" = 1,Good ]
	NO_COLOR=1 run -0 on_terminal "aqi-category in.csv"
	[ "${lines[1]}" = 1,Good ]
	TERM=dumb run -0 on_terminal "aqi-category in.csv"
	[ "${lines[1]}" = 1,Good ]
	on_terminal "aqi-category -o out.csv in.csv"
	[ "$(cat out.csv)" = $'aqi,category\n1,Good' ]
}

@test "another word than auto, always or never is told" {
	run -2 --separate-stderr aqi-category --ansi yes </dev/null
	is_stderr 'aqi-category: --ansi takes auto, always or never, not "yes"'
}

@test "an NDJSON category is kept wherever it first stands, and made elsewhere" {
	run -0 aqi-category <<<'{"aqi":1}
{"aqi":200,"category":"mine"}
{"aqi":301,"category":null}'
	is_output '{"aqi":1,"category":"Good"}
{"aqi":200,"category":"mine"}
{"aqi":301,"category":"Hazardous"}'
	run -0 aqi-category --recompute <<<'{"aqi":1}
{"aqi":200,"category":"mine"}'
	is_output '{"aqi":1,"category":"Good"}
{"aqi":200,"category":"Unhealthy"}'
}

@test "a later record that has the new column keeps it under a free name" {
	run -0 aqi-category --column pm25 --keep-old --recompute <<-'END'
	{"pm25":1,"category_in":2}
	{"pm25":1,"category":5}
	{"pm25":1,"category":5,"category_in":3}
	{"pm25":1,"category":5,"category_in_in":3}
	END
	[ "$output" = '{"pm25":1,"category_in":2,"category":"Good"}
{"pm25":1,"category_in_in":5,"category":"Good"}
{"pm25":1,"category_in_in":5,"category_in":3,"category":"Good"}
{"pm25":1,"category_in_in_in":5,"category_in_in":3,"category":"Good"}' ]
}

@test "an old NDJSON category is renamed to a name that is free" {
	run -0 aqi-category --keep-old --recompute <<<'{"aqi":1,"category":"x"}
{"aqi":2,"category_in":"y","category":"z"}
{"category":"w","aqi":3}'
	is_output '{"aqi":1,"category_in":"x","category":"Good"}
{"aqi":2,"category_in_in":"y","category_in":"z","category":"Good"}
{"category_in":"w","aqi":3,"category":"Good"}'
	run -0 aqi-category --keep-old --recompute <<<'{"aqi":1}
{"aqi":2,"category":"mine"}'
	is_output '{"aqi":1,"category":"Good"}
{"aqi":2,"category_in":"mine","category":"Good"}'
}

@test "a missing category is made, in CSV as in NDJSON, and other ones stay" {
	printf 'category,aqi\n,60\nNA,60\nNA,\nMine,60\n' >in.csv
	run -0 aqi-category in.csv
	is_output $'category,aqi\nModerate,60\nModerate,60\nNA,\nMine,60'
	run -0 aqi-category <<<$'{"category":null,"aqi":60}\n{"category":null,"aqi":null}'
	is_output $'{"category":"Moderate","aqi":60}\n{"category":null,"aqi":null}'
}

@test "a record without the index does not hide that of a later one" {
	run -1 --separate-stderr aqi-category --allow-absent <<<$'{"a":1}\n{"aqi":60}\n{"aqi":"x"}'
	is_output $'{"a":1,"category":null}\n{"aqi":60,"category":"Moderate"}'
	is_stderr 'aqi-category:-:3:8: aqi: "x" is not a number'
}

@test "--rejects has the refused records, as they came and with the reason" {
	printf 'id,pm25\na,1\nb,x\nc,2,3\n' >in.csv
	run -1 --separate-stderr aqi-category --column pm25 --rejects bad --stats in.csv
	[ "${#lines[@]}" = 2 ]
	[[ "${lines[1]}" == a,1,* ]]
	[ "$(cat bad)" = 'id,pm25,reason
b,x,"pm25: ""x"" is not a number"
"c,2,3",,3 fields where the header has 2' ]
	[[ "${stderr_lines[-1]}" == 'aqi-category: read 3 written 1 refused 2'* ]]
	run -1 --separate-stderr aqi-category --column pm25 --rejects bad -O ndjson in.csv
	[ "$(cat bad)" = '{"id":"b","pm25":"x","reason":"pm25: \"x\" is not a number"}
{"record":"c,2,3","reason":"3 fields where the header has 2"}' ]
}

@test "a record that cannot be read keeps a field of --rejects for itself" {
	printf 'id,pm25,x\na,1,2\n' >a.csv
	printf 'x,pm25\n1,2"q\n' >b.csv
	printf 'y\n' >empty.csv
	why='a quote inside a field that is not quoted; quote the field and double the quote'
	run -1 --separate-stderr aqi-category --column pm25 --rejects bad a.csv b.csv
	is_output "$(printf 'id,pm25,x,category\na,1,2,Good')"
	[ "$(cat bad)" = "$(printf 'id,pm25,x,reason\n"1,2""q",,,%s' "$why")" ]
	# A column of that name is replaced, but for the only one.
	printf 'reason,pm25\na,1"\n' >a.csv
	run -1 --separate-stderr aqi-category --column pm25 --rejects bad a.csv
	[ "$(cat bad)" = "$(printf 'reason,pm25\n%s,"a,1"""' "$why")" ]
	printf 'reason\n1"\nx\n' >a.csv
	run -1 --separate-stderr aqi-category --column reason --rejects bad a.csv
	[ "$(cat bad)" = "$(printf 'reason_in,reason\n"1""",%s\nx,"reason: ""x"" is not a number"' "$why")" ]
}

@test "more missing tokens that are numbers than are looked for at once" {
	run -1 --separate-stderr aqi-category --column pm25 \
		--na NA,1,2,3,4,5,6,7,8,9,10 <<-'END'
	pm25,note
	9,a text of some length
	40,
	NA,
	"10","a ""note"" of a text"
	a5,and a text that is no number
	"0","the ""last"" one"
	END
	is_output 'pm25,note,category
9,a text of some length,
40,,Good
NA,,
"10","a ""note"" of a text",
"0","the ""last"" one",Good'
	is_stderr 'aqi-category:-:6:1: pm25: "a5" is not a number'
}
