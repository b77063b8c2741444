# Source mappings: what aqi-features makes of the files of a network.

load helper

RECORD=station,time,$HEADER
PRSA=No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# What is made of one record of Beijing, and of one of India.
of_beijing() {
	printf '%s\n' "$PRSA" "$1" | aqi-features --from beijing-prsa |
		tail -n 1
}

of_india() {
	printf '%s\n' "From Date,$1" "2020-01-03 11:00:00,$2" |
		aqi-features --from cpcb "${@:3}" | tail -n 1
}

# 7 ug/m3 of NO2 at 0 C is 7 * 22.41397 / 46.005 ppb, and so on; the humidity
# is that of Alduchov and Eskridge (1996) at -0.7 C and a dew point of -18.8.
@test "a record of Beijing becomes a base record" {
	run of_beijing 1,2013,3,1,0,4,4.0,4,7,300,77,-0.7,1023,-18.8,0,NNW,4.4,A
	is_output A,2013-03-01T00:00+08:00,4,4.0,3.4105,1.3996,0.2401,35.958,-0.7,24.0088,4.4,1023,0,4,3
}

# At 25 C: 15.35 / 1.88041 ppb of NO2, 0.26 / 1.14488 ppm of CO; 750 mmHg is
# 999.918 hPa.
@test "a record of India takes the units behind the names" {
	run of_india "PM2.5 (ug/m3),NO2 (ug/m3),CO (mg/m3),Ozone (),BP (mmHg)" \
		58.38,15.35,0.26,20,750
	is_output ,2020-01-03T11:00+05:30,58.38,,8.1631,,0.2271,10.1946,,,,999.9179,11,4,1
}

@test "pressure is mmHg or hPa by its size, and missing where it is neither" {
	for pair in 480:639.9475 780:1039.9146 780.01: 819.12: 899.99: 900:900 \
		1085:1085 1085.1:; do
		run of_india "CO (mg/m3),BP (mmHg)" "1,${pair%:*}"
		[ "$(cut -d, -f12 <<<"$output")" = "${pair#*:}" ]
	done
}

@test "CO of India is in mg/m3 whatever the header says" {
	run of_india "CO (ug/m3)" 1
	[ "$(cut -d, -f7 <<<"$output")" = 0.8735 ]
}

@test "humidity up to 102 is 100, and beyond that missing" {
	for pair in 99.5:99.5 100:100 100.1:100 102:100 102.1:; do
		run of_india "CO (mg/m3),RH (%)" "1,${pair%:*}"
		[ "$(cut -d, -f10 <<<"$output")" = "${pair#*:}" ]
	done
}

@test "the station is the column, the option, the file's name, or nothing" {
	printf '%s\n' "From Date,CO (mg/m3)" "2020-01-03 11:00:00,1" \
		>TN005.csv.txt
	run -0 aqi-features --from cpcb ./TN005.csv.txt
	[[ ${lines[1]} == TN005,* ]]
	run -0 aqi-features --from cpcb --station-name 'X, Y' TN005.csv.txt
	[[ ${lines[1]} == '"X, Y",2020'* ]]
	run -0 aqi-features --from cpcb -O ndjson <TN005.csv.txt
	[[ $output == '{"station":null,'* ]]
}

@test "what came out goes in again unchanged" {
	printf '%s\n' "$PRSA" \
		1,2013,3,1,0,4,4,4,7,300,77,-0.7,1023,-18.8,0,NNW,4.4,A \
		2,2013,3,1,1,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,A >in.csv
	aqi-features --from beijing-prsa in.csv >once.csv
	aqi-features once.csv >twice.csv
	aqi-features -O ndjson once.csv | aqi-features -O csv >thrice.csv
	cmp once.csv twice.csv
	cmp once.csv thrice.csv
}

@test "a bad date, time part or number refuses the row by its column" {
	printf '%s\n' "$PRSA" \
		1,2013,2,29,0,1,2,3,4,5,6,7,1000,2,0,N,1,A \
		1,2013,13,1,0,1,2,3,4,5,6,7,1000,2,0,N,1,A \
		1,2013,1,1,24,1,2,3,4,5,6,7,1000,2,0,N,1,A \
		1,2013,1,1.5,2,1,2,3,4,5,6,7,1000,2,0,N,1,A \
		1,2013,1,NA,2,1,2,3,4,5,6,7,1000,2,0,N,1,A \
		1,2013,1,1,2,1,2,3,x4,5,6,7,1000,2,0,N,1,A >in.csv
	run -1 --separate-stderr aqi-features --from beijing-prsa in.csv
	is_output "$RECORD"
	is_stderr "aqi-features:in.csv:2:10: day: 2013-02 has no day 29
aqi-features:in.csv:3:8: month: \"13\" is not a month (1 to 12)
aqi-features:in.csv:4:12: hour: \"24\" is not an hour (0 to 23)
aqi-features:in.csv:5:10: day: \"1.5\" is not a day of the month (1 to 31)
aqi-features:in.csv:6:10: day: the time is missing
aqi-features:in.csv:7:20: NO2: \"x4\" is not a number"
}

@test "a time that is none is refused with the form that is wanted" {
	printf '%s\n' "From Date,CO (mg/m3)" "2020-01-03,1" >in.csv
	run -1 --separate-stderr aqi-features --from cpcb in.csv
	is_stderr 'aqi-features:in.csv:2:1: From Date: "2020-01-03" is not a time as in YYYY-MM-DD hh:mm:ss'
	printf '%s\n' "time,$HEADER" "yesterday,$GOOD" >in.csv
	run -1 --separate-stderr aqi-features in.csv
	is_stderr 'aqi-features:in.csv:2:1: time: "yesterday" is not a time as in YYYY-MM-DDThh:mm'
}

@test "a mapping of one's own has stamps of the end, tokens and a decimal comma" {
	cat >town.json <<-END
		{"name": "town", "missing": ["-"], "gas_reference_c": 20,
		 "time": {"column": "End", "format": "DD.MM.YYYY hh:mm",
		          "stamp": "end", "utc_offset": "+01:00"},
		 "fields": {"o3": {"columns": "Ozon", "unit": "ug/m3"}}}
	END
	printf 'End;Ozon;x\n01.03.2024 00:00;50,5;1,5\n01.03.2024 01:00;-;2\n' \
		>town.csv
	run -0 aqi-features --from ./town.json -d ';' --decimal-comma \
		--keep x town.csv
	is_output "$(tr , ';' <<<"$RECORD");x
town;2024-02-29T23:00+01:00;;;;;;25,3096;;;;;23;3;2;1,5
town;2024-03-01T00:00+01:00;;;;;;;;;;;0;4;3;2"
}

@test "keep all keeps what the record has no name for" {
	printf '%s\n' "From Date,CO (mg/m3),WD (degree),month" \
		"2020-01-03 11:00:00,1,270,x" >A.csv
	run -0 aqi-features --from cpcb --keep all A.csv
	is_output "$RECORD,From Date,CO (mg/m3),WD (degree)
A,2020-01-03T11:00+05:30,,,,,0.8735,,,,,,11,4,1,2020-01-03 11:00:00,1,270"
}

@test "a column to keep is there, and no output" {
	printf '%s\n' "From Date,CO (mg/m3),month" >A.csv
	run -2 --separate-stderr aqi-features --from cpcb --keep 'From date' A.csv
	is_stderr 'aqi-features:A.csv:1: cannot keep "From date": there is no such column; did you mean "From Date"?'
	run -2 --separate-stderr aqi-features --from cpcb --keep month A.csv
	is_stderr 'aqi-features:A.csv:1: cannot keep "month": an output has that name'
}

@test "a header without what the source has is refused by name" {
	printf 'a,b\n1,2\n' >in.csv
	run -2 --separate-stderr aqi-features --from cpcb in.csv
	is_output ""
	is_stderr 'aqi-features:in.csv:1: time: there is no column "From Date", as the source "cpcb" has'
	run -2 --separate-stderr aqi-features in.csv
	is_stderr 'aqi-features:in.csv:1: there is no pollutant of the source "base", no "pm25" "pm10" "no2" "so2" "co" "o3"; try --guess'
	printf '%s\n' "$PRSA" >in.csv
	run -2 --separate-stderr aqi-features in.csv
	is_stderr 'aqi-features:in.csv:1: there is no pollutant of the source "base", no "pm25" "pm10" "no2" "so2" "co" "o3"; the header is like that of beijing-prsa: try --from beijing-prsa'
	printf 'pm10,PM25\n1,2\n' >in.csv
	run -2 --separate-stderr aqi-features in.csv
	is_stderr 'aqi-features:in.csv:1: pm25: there is no column "pm25", as the source "base" has; did you mean "PM25"?'
	run -0 aqi-features --allow-absent in.csv
	[ "${lines[1]}" = "in,,,1,,,,,,,,,,," ]
}

@test "a unit in a name that does not convert is refused" {
	printf '%s\n' "From Date,NO2 (mm)" >in.csv
	run -2 --separate-stderr aqi-features --from cpcb in.csv
	is_stderr 'aqi-features:in.csv:1: no2: the column "NO2 (mm)" has no unit in its name that converts into ppb'
}

@test "an unknown source, and a mapping that is none, are refused" {
	run -3 --separate-stderr aqi-features --from cpc
	is_stderr 'aqi-features: "cpc" is not a source (--list-sources lists them); did you mean cpcb?'
	run -3 --separate-stderr aqi-features --from ./none
	is_stderr 'aqi-features:./none: cannot open: No such file or directory'
	printf '{"name": "x",\n "rows": "long"}' >x.json
	run -3 --separate-stderr aqi-features --from x.json
	is_stderr 'aqi-features:x.json: "rows" is not a key here; there are name, title, source, licence, note, station, time, input, layout, missing, text_numbers, gas_reference_c, fields'
	printf '{"name": "x",\n ?' >x.json
	run -3 --separate-stderr aqi-features --from x.json
	is_stderr "aqi-features:x.json:2:2: not JSON: string or '}' expected"
}

@test "decimals and exact are of converted values" {
	printf '%s\n' "From Date,PM2.5 (ug/m3),CO (mg/m3)" \
		"2020-01-03 11:00:00,1.23456,1" >A.csv
	run -0 aqi-features --from cpcb --decimals 1 A.csv
	[ "$(cut -d, -f3,7 <<<"${lines[1]}")" = 1.23456,0.9 ]
	run -0 aqi-features --from cpcb --exact A.csv
	[ "$(cut -d, -f3,7 <<<"${lines[1]}")" = 1.23456,0.873452470424392 ]
}

@test "list-sources lists names and titles" {
	run -0 aqi-features --list-sources
	[ "$(cut -f 1 <<<"$output")" = "$(cd "$ROOT/models/sources" &&
		LC_ALL=C ls *.json | sed 's/\.json$//')" ]
	run -1 grep -vE $'^[a-z0-9-]+\t.{20,}' <<<"$output"
}

@test "with allow-absent a time and a pollutant still are needed" {
	printf 'year,month,day,hour,PM2.5\n2013,3,1,4,7\n' >in.csv
	run -0 aqi-features --from beijing-prsa --allow-absent in.csv
	is_output "$RECORD
in,2013-03-01T04:00+08:00,7,,,,,,,,,,4,4,3"
	printf 'PM2.5\n7\n' >in.csv
	run -2 --separate-stderr aqi-features --from beijing-prsa --allow-absent in.csv
	is_stderr 'aqi-features:in.csv:1: time: there is no column "year", as the source "beijing-prsa" has'
	printf 'year,month,day,PM2.5\n2013,3,1,7\n' >in.csv
	run -2 --separate-stderr aqi-features --from beijing-prsa --allow-absent in.csv
	is_stderr 'aqi-features:in.csv:1: time: there is no column "hour", as the source "beijing-prsa" has'
	printf 'year,month,day,hour\n2013,3,1,4\n' >in.csv
	run -2 --separate-stderr aqi-features --from beijing-prsa --allow-absent in.csv
	[[ "$stderr" == 'aqi-features:in.csv:1: there is no pollutant of the source "beijing-prsa"'* ]]
}

@test "what the first NDJSON record lacks is in no header line" {
	run -2 --separate-stderr aqi-features --from cpcb <<<'{"a":1}'
	is_stderr 'aqi-features:-: time: there is no column "From Date", as the source "cpcb" has'
}
