load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	printf '%s\n' "station,$HEADER" "a,$GOOD" >good.csv
	{
		cat good.csv
		echo 'b,x1.2,50.2,25.3,8.1,0.6,45.7,22.5,165.0,3.2,1013.25,14.5,2,6'
		echo 'c,1,2'
		echo "d,,50.2,25.3,8.1,0.6,45.7,22.5,65,3.2,1013.25,14,2,6"
		echo "e,$GOOD"
	} >mixed.csv
}

@test "good records pass unchanged, byte for byte" {
	printf '%s\r\n' "$HEADER" "0500e-1, 50.2 ,25.30,8.1,.6,45.,\"22.5\",65,3.2,1013.25,14.0,2,6" >odd.csv
	run -0 aqi-validate odd.csv
	is_output "$HEADER
0500e-1, 50.2 ,25.30,8.1,.6,45.,\"22.5\",65,3.2,1013.25,14.0,2,6"
}

@test "a refused record is reported by line, column, field, value and reason" {
	run -1 --separate-stderr aqi-validate --stats mixed.csv
	is_output "$(printf '%s\n' "station,$HEADER" "a,$GOOD" "e,$GOOD")"
	is_stderr 'aqi-validate:mixed.csv:3:3: pm25: "x1.2" is not a number
aqi-validate:mixed.csv:3:36: humidity: "165.0" is outside 0..100 %
aqi-validate:mixed.csv:3:54: hour: "14.5" is not a whole number
aqi-validate:mixed.csv:4:6: 3 fields where the header has 14
aqi-validate:mixed.csv:5:3: pm25: missing; it must be a number in 0..500 ug/m3
aqi-validate: read 5 written 2 refused 3'
}

@test "the place of a field is found behind newlines in quotes" {
	printf 'note,%s\n"two\nlines",999,50.2,25.3,8.1,0.6,45.7,22.5,65,3.2,1013.25,14,2,6\n' \
		"$HEADER" >lines.csv
	run -1 --separate-stderr aqi-validate lines.csv
	is_stderr 'aqi-validate:lines.csv:3:8: pm25: "999" is outside 0..500 ug/m3'
}

@test "ranges are closed at both ends" {
	# The bounds of the prediction API, each in and just out.
	while read -r place in out; do
		record=$(echo "$GOOD" | awk -F, -v OFS=, -v i="$place" -v v="$in" '{$i = v} 1')
		run -0 aqi-validate <<<"$HEADER"$'\n'"$record"
		record=$(echo "$GOOD" | awk -F, -v OFS=, -v i="$place" -v v="$out" '{$i = v} 1')
		run -1 aqi-validate <<<"$HEADER"$'\n'"$record"
	done <<-'END'
	1 0 -0.0001
	1 500 500.0001
	2 600 600.0001
	3 200 200.0001
	4 100 100.0001
	5 50 50.0001
	6 300 300.0001
	7 -50 -50.0001
	7 60 60.0001
	8 100 100.0001
	9 50 50.0001
	10 900 899.9999
	10 1100 1100.0001
	11 0 -1
	11 23 24
	12 6 7
	13 1 0
	13 12 13
	END
}

@test "observed lets values be missing and episodes stand" {
	printf '%s\n' "$HEADER" "957,999,NA,,0.6,-3,22.5,65,3.2,1013,14,2,6" >episode.csv
	run -1 aqi-validate episode.csv
	run -0 aqi-validate --schema observed episode.csv
	[ "${#lines[@]}" = 2 ]
}

@test "--rejects takes the refused records as they came, with the reasons" {
	run -1 aqi-validate --rejects bad.csv mixed.csv
	diff - bad.csv <<-END
	station,$HEADER,reason
	b,x1.2,50.2,25.3,8.1,0.6,45.7,22.5,165.0,3.2,1013.25,14.5,2,6,"pm25: ""x1.2"" is not a number; humidity: ""165.0"" is outside 0..100 %; hour: ""14.5"" is not a whole number"
	"c,1,2",,,,,,,,,,,,,,3 fields where the header has 14
	d,,50.2,25.3,8.1,0.6,45.7,22.5,65,3.2,1013.25,14,2,6,pm25: missing; it must be a number in 0..500 ug/m3
	END
}

@test "--rejects of NDJSON are NDJSON, whatever the bytes were" {
	{
		echo "{\"pm25\":1}"
		printf '{"pm25":\377}\n[1]\n'
	} >in.ndjson
	run -1 aqi-validate --allow-absent --schema observed --rejects bad.ndjson in.ndjson
	[[ "$output" == *'{"pm25":1}'* ]]
	run -0 jq -c . bad.ndjson
	is_output '{"record":"{\"pm25\":�}","reason":"invalid UTF-8 at byte 19 of the file (--encoding names another)"}
{"record":"[1]","reason":"an array is no record; a line is one JSON object"}'
}

@test "--flag writes all records that can be read and says what is wrong" {
	run -1 --separate-stderr aqi-validate --flag mixed.csv
	is_output "station,$HEADER,valid,reasons
a,$GOOD,true,
b,x1.2,50.2,25.3,8.1,0.6,45.7,22.5,165.0,3.2,1013.25,14.5,2,6,false,\"pm25: \"\"x1.2\"\" is not a number; humidity: \"\"165.0\"\" is outside 0..100 %; hour: \"\"14.5\"\" is not a whole number\"
d,,50.2,25.3,8.1,0.6,45.7,22.5,65,3.2,1013.25,14,2,6,false,pm25: missing; it must be a number in 0..500 ug/m3
e,$GOOD,true,"
	is_stderr 'aqi-validate:mixed.csv:4:6: 3 fields where the header has 14'
}

@test "--flag has status 0 when every record was written" {
	grep -v '^c' mixed.csv >flagged.csv
	run -0 aqi-validate --flag flagged.csv
	[ "${#lines[@]}" = 5 ]
}

@test "--summary counts, and gives minimum, mean and maximum of each field" {
	run -1 aqi-validate --summary mixed.csv
	[[ "$output" == *'5 records, 2 valid, 3 refused'* ]]
	[[ "$output" == *'pm25                      2          1          2        35.5        35.5        35.5  ug/m3'* ]]
	[[ "$output" == *'humidity                  3          0          1          65          65          65  %'* ]]
	[[ "${lines[-1]}" =~ ^month\ [\ 0-9.]*[0-9]$ ]]
}

@test "--summary=json is one document with the same figures" {
	aqi-validate --summary=json mixed.csv >summary.json 2>/dev/null || [ $? = 1 ]
	run -0 jq -c '[.schema, .read, .valid, .refused, .fields.pm25, .fields.month.mean]' summary.json
	is_output '["api",5,2,3,{"count":2,"missing":1,"refused":2,"min":35.5,"mean":35.5,"max":35.5,"unit":"ug/m3"},6]'
	run -0 jq -c '.fields.hour | has("unit")' summary.json
	is_output false
}

@test "--summary adds without losing small values" {
	# 1e16 + 10 times 1 in plain doubles loses every one.
	schema='{"properties":{"x":{"type":"number"}}}'
	echo "$schema" >x.json
	{ echo x; echo 1e16; yes 1 | head -10; echo -1e16; } >sum.csv
	run -0 aqi-validate --schema ./x.json --summary=json sum.csv
	[[ "$output" == *'"mean":0.8333333333333334'* ]]
}

@test "--summary in another form than two is refused" {
	run -2 aqi-validate --summary=html good.csv
	is_output 'aqi-validate: --summary takes text or json, not "html"'
}

@test "--flag and --summary exclude each other" {
	run -2 aqi-validate --flag --summary good.csv
	is_output 'aqi-validate: --flag writes records and --summary none: choose one'
}

@test "--print-schema prints what is checked, and it loads again" {
	aqi-validate --print-schema >api.json
	run -0 jq -r '[.title, .properties.pm25.maximum, .properties.hour.type, (.required|length)] | @csv' api.json
	is_output '"api",500,"integer",13'
	run -1 --separate-stderr aqi-validate --schema ./api.json mixed.csv
	[ "${#lines[@]}" = 3 ]
}

@test "a schema of one's own: text fields, enum, open bounds" {
	cat >own.json <<-'END'
	{"type": "object",
	 "properties": {
	   "site": {"type": "string", "enum": ["A1", "B 2"]},
	   "load": {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 1.5, "unit": "t"}},
	 "required": ["site"]}
	END
	printf 'site,load\nA1,1.5\nB 2,\nC3,1\nA1,0\n,1\n' >own.csv
	run -1 --separate-stderr aqi-validate --schema own.json own.csv
	is_output $'site,load\nA1,1.5\nB 2,'
	is_stderr 'aqi-validate:own.csv:4:1: site: "C3" is none of the 2 allowed values
aqi-validate:own.csv:5:4: load: "0" is outside >0..1.5 t
aqi-validate:own.csv:6:1: site: missing; it must be a text'
}

@test "a text field takes any text, and no number" {
	echo '{"properties": {"site": {"type": "string"}}}' >own.json
	printf '{"site":"A"}\n{"site":5}\n{"site":"5"}\n' >own.ndjson
	run -1 --separate-stderr aqi-validate --schema ./own.json own.ndjson
	is_output $'{"site":"A"}\n{"site":"5"}'
	is_stderr 'aqi-validate:own.ndjson:2:9: site: "5" is not a text'
}

@test "a schema that cannot be used is refused with status 3 and its reason" {
	while IFS='|' read -r text reason; do
		echo "$text" >bad.json
		run -3 aqi-validate --schema ./bad.json good.csv
		is_output "aqi-validate:./bad.json$reason"
	done <<-'END'
	{|:2:1: JSON ends too early
	[]|: a schema is a JSON object
	{"type":"array","properties":{"a":{"type":"number"}}}|: the type of a record is object
	{"properties":{}}|: a schema needs properties, an object with a member for each field
	{"properties":{"a":{"type":"date"}}}|: a: type must be number, integer or string, or a list of one of them and null
	{"properties":{"a":{"type":"null"}}}|: a: a field of type null holds nothing
	{"properties":{"a":{"type":"number","pattern":"x"}}}|: a: the word "pattern" is not supported here (aqi-schema(5) lists those that are)
	{"properties":{"a":{"type":"number","minimum":"x"}}}|: a: minimum must be a number
	{"properties":{"a":{"type":"number","minimum":2,"maximum":1}}}|: a: the minimum is above the maximum
	{"properties":{"a":{"type":"number","minimum":1,"exclusiveMaximum":1}}}|: a: no value lies between the bounds; leave one of them closed, or move it
	{"properties":{"a":{"type":"number","exclusiveMinimum":1,"maximum":1}}}|: a: no value lies between the bounds; leave one of them closed, or move it
	{"properties":{"a":{"type":"string","enum":[1]}}}|: a: enum must be a list of strings
	{"properties":{"a":{"type":"number","unit":1}}}|: a: unit must be a string
	{"properties":{"a":7}}|: a: the property must be an object
	{"properties":{"a":{"type":"number"}},"required":["b"]}|: b: required names a field that is no property
	{"properties":{"a":{"type":"number"}},"required":3}|: required must be a list of names
	{"properties":{"a":{"type":["number","null"]}},"required":["a"]}|: a: required, and of a type with null: choose one
	{"properties":{"a":{"type":"number"}},"additionalProperties":false}|: additionalProperties can only be true: other columns pass unchecked
	{"properties":{"a":{"type":"number"}},"oneOf":[]}|: the word "oneOf" is not supported here (aqi-schema(5) lists those that are)
	END
	run -3 aqi-validate --schema apu good.csv
	is_output 'aqi-validate:apu: no such schema; there are api and observed, or give a file with a / in its name'
	run -3 aqi-validate --schema ./none.json good.csv
	is_output 'aqi-validate:./none.json: cannot open: No such file or directory'
}

@test "a column under another name is recognised and named" {
	run -2 aqi-validate <<<"PM2.5,PM10"
	is_output 'aqi-validate:-:1: pm25: no such column, and "PM2.5" looks like it: rename it, or convert the file with aqi-features --from SOURCE'
}

@test "a header of a known source is recognised" {
	run -2 aqi-validate "$ROOT/examples/stations.csv"
	is_output "aqi-validate:$ROOT/examples/stations.csv:1: pm25: no such column; the header is like that of beijing-prsa: convert the file with aqi-features --from beijing-prsa"
	run -2 aqi-predict <<<'From Date,To Date,PM2.5 (ug/m3),PM10 (ug/m3),Ozone (ug/m3)'
	is_output 'aqi-predict:-:1: pm25: no such column; the header is like that of cpcb: convert the file with aqi-features --from cpcb'
}

@test "a header with another delimiter is recognised" {
	run -2 aqi-validate <<<'pm25;pm10;no2'
	is_output "aqi-validate:-:1: pm25: no such column; the header is one column with ';' in it: try -d ';'"
	run -2 aqi-validate <<<$'pm25\tpm10'
	is_output 'aqi-validate:-:1: pm25: no such column; the header is one column with tabs in it: try -d tab'
}

@test "NDJSON passes unchanged too, with absent keys missing" {
	# No blank is touched; the last line has no line end.
	record='{ "pm25":1 , "pm10":2,"no2":3,"so2":4,"co":5,"o3":6,"temperature":7,"humidity":8,"wind_speed":9,"pressure":1000,"hour":1,"day_of_week":2,"month":3,"x":[1, {"y":null}]}'
	printf '%s\n{"pm25":2}\n%s' "$record" "$record" >in.ndjson
	run -1 --separate-stderr aqi-validate in.ndjson
	is_output "$record"$'\n'"$record"
	[ "${stderr_lines[0]}" = 'aqi-validate:in.ndjson:2: pm10: missing; it must be a number in 0..600 ug/m3' ]
}

@test "a rejects file can be checked again: its reason is replaced" {
	run -1 aqi-validate --rejects first.csv mixed.csv
	run -1 aqi-validate --rejects second.csv first.csv
	run -0 tail -n 1 second.csv
	is_output "d,,50.2,25.3,8.1,0.6,45.7,22.5,65,3.2,1013.25,14,2,6,pm25: missing; it must be a number in 0..500 ug/m3"
	[ "$(head -n 1 second.csv)" = "station,$HEADER,reason" ]
}

@test "--rejects in CSV of NDJSON whose first record cannot be read" {
	run -1 --separate-stderr aqi-validate --allow-absent -O csv --rejects r.csv <<<'{x
{"pm25":1}'
	[ "${stderr_lines[-1]}" = 'aqi-validate:-: the first record cannot be read, so that refused ones have no columns in CSV; choose them with --columns' ]
	[ ! -e r.csv ]
	run -1 --separate-stderr aqi-validate --schema observed --allow-absent --columns pm25 -O csv --rejects r.csv <<<'{x
{"pm25":1}'
	is_output $'pm25\n1'
	[ "$(tail -n 1 r.csv)" = "\"{x\",not JSON: string or '}' expected" ]
}

@test "records and rejects do not go to the same place" {
	run -2 aqi-validate -o a.csv --rejects a.csv good.csv
	is_output 'aqi-validate: --output and --rejects are one file; give each a file of its own'
	run -2 aqi-validate --rejects - good.csv
	is_output 'aqi-validate: --output and --rejects are one file; give each a file of its own'
}

@test "a range with one bound is told as such" {
	echo '{"properties":{"a":{"type":"number","minimum":0,"unit":"t"},"b":{"type":"integer","exclusiveMaximum":5},"c":{"type":"number","minimum":1}},"required":["c"]}' >one.json
	run -1 --separate-stderr aqi-validate --schema ./one.json <<<$'a,b,c\n-1,5,'
	is_stderr 'aqi-validate:-:2:1: a: "-1" is not 0 or more t
aqi-validate:-:2:4: b: "5" is not <5
aqi-validate:-:2:6: c: missing; it must be a number, 1 or more'
}

@test "options behind a file are options, whatever the environment" {
	run -1 --separate-stderr env POSIXLY_CORRECT=1 aqi-validate mixed.csv --stats
	[ "${stderr_lines[-1]}" = 'aqi-validate: read 5 written 2 refused 3' ]
}

@test "a CR that ends a file is no line end" {
	printf '%s\n%s\r' "$HEADER" "$GOOD" >cr.csv
	run -1 --separate-stderr aqi-validate cr.csv
	is_stderr 'aqi-validate:cr.csv:2:57: a CR without LF outside quotes; lines end in LF or CRLF'
}

@test "a summary of numbers near the largest double has their mean" {
	echo '{"properties":{"a":{"type":"number"}}}' >wide.json
	run -0 aqi-validate --schema ./wide.json --summary=json <<<$'a\n1.7e308\n1.7e308'
	is_output '{"schema":"./wide.json","read":2,"valid":2,"refused":0,"fields":{"a":{"count":2,"missing":0,"refused":0,"min":1.7e+308,"mean":1.7e+308,"max":1.7e+308}}}'
	run -0 aqi-validate --schema ./wide.json --summary=json <<<$'a\n1\n1.7e308\n1.7e308\n-1.7e308\n-1.7e308\n1.7976931348623157e308\n-1.7976931348623157e308'
	[[ "$output" == *'"min":-1.7976931348623157e+308,"mean":'*',"max":1.7976931348623157e+308}}}' ]]
	run -0 aqi-validate --schema ./wide.json --summary=json <<<$'a\n1.7976931348623157e308\n1.7976931348623157e308\n1.7976931348623157e308'
	[[ "$output" == *'"mean":1.7976931348623157e+308,'* ]]
	run -0 aqi-validate --schema ./wide.json --summary=json <<<$'a\n'
	[[ "$output" == *'"min":null,"mean":null,"max":null}}}' ]]
}

@test "a summary as text cuts no digits" {
	echo '{"properties":{"a":{"type":"number"},"b":{"type":"number"}}}' >wide.json
	run -0 aqi-validate --schema ./wide.json --summary <<<$'a,b\n1e100,-123456789012345.5\n1e100,2'
	read -r _ _ _ _ min mean max <<<"${lines[2]}"
	[ "$min $mean $max" = "1e+100 1e+100 1e+100" ]
	read -r _ _ _ _ min mean max <<<"${lines[3]}"
	[ "$min $mean $max" = "-123456789012345.5 -61728394506171.75 2" ]
}

@test "the order of records does not decide which fields are checked" {
	good='{"pm25":null}' bad='{"pm25":1,"pm10":-70}'
	run -1 --separate-stderr aqi-validate --allow-absent --schema observed <<<"$good"$'\n'"$bad"
	is_output "$good"
	is_stderr 'aqi-validate:-:2:18: pm10: "-70" is outside -15..5000 ug/m3'
	run -1 --separate-stderr aqi-validate --allow-absent --schema observed <<<"$bad"$'\n'"$good"
	is_output "$good"
	is_stderr 'aqi-validate:-:1:18: pm10: "-70" is outside -15..5000 ug/m3'
	run -0 aqi-validate --allow-absent --schema observed --columns pm25 <<<"$good"$'\n'"$bad"
	is_output $'{"pm25":null}\n{"pm25":1}'
}

@test "a schema's type is not null twice" {
	echo '{"properties":{"a":{"type":["null","null"]}}}' >null.json
	run -3 aqi-validate --schema ./null.json <<<$'a\n1'
	is_output 'aqi-validate:./null.json: a: type must be number, integer or string, or a list of one of them and null'
	echo '{"properties":{"a":{"type":["null","integer"]}}}' >null.json
	run -0 aqi-validate --schema ./null.json <<<$'a\n1'
}

@test "bounds of a schema are told apart by their whole word" {
	echo '{"properties":{"a":{"type":"number","exclusiveMinimum":1,"maximum":4},"b":{"type":"number","minimum":1,"exclusiveMaximum":4}}}' >bounds.json
	run -1 --separate-stderr aqi-validate --schema ./bounds.json <<<$'a,b\n4,1\n1,2\n2,4'
	is_output $'a,b\n4,1'
	is_stderr 'aqi-validate:-:3:1: a: "1" is outside >1..4
aqi-validate:-:4:3: b: "4" is outside 1..<4'
}

@test "a known key that only a later record has is refused in CSV, not lost" {
	run -1 --separate-stderr aqi-validate --schema observed --allow-absent -O csv <<<'{"pm25":1}
{"pm25":2,"pm10":3}'
	is_output $'pm25\n1'
	is_stderr 'aqi-validate:-:2:11: the key "pm10" is not in the first record; choose the columns of CSV with --columns'
}

@test "of an open and a closed bound of one value the open one holds" {
	for words in '"minimum":5,"exclusiveMinimum":5' '"exclusiveMinimum":5,"minimum":5'; do
		echo "{\"properties\":{\"a\":{\"type\":\"number\",$words}}}" >open.json
		run -1 --separate-stderr aqi-validate --schema ./open.json <<<$'a\n5\n6'
		is_output $'a\n6'
	done
}
