# Layouts of source mappings: records that are made of several rows.

load helper

RECORD=station,time,$HEADER

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	long >long.json
	long '"order": "time",' >ordered.json
	long '"repeated": "first",' >first.json
	stations >stations.json
}

# A mapping of values with units beside them; what else its layout says.
long() {
	cat <<-END
	{"name": "town",
	 "station": {"column": "site"},
	 "time": {"column": "time", "stamp": "begin"},
	 "layout": {$1 "kind": "long", "parameter": "what", "value": "value"},
	 "missing": ["-"],
	 "gas_reference_c": 20,
	 "fields": {
	  "pm25": {"columns": "PM2.5", "unit_column": "unit"},
	  "o3": {"columns": "O3", "unit_column": "unit"},
	  "temperature": {"columns": "T", "unit_column": "unit"},
	  "dew_point": {"columns": "TD", "unit_column": "unit"},
	  "wind_speed": {"columns": ["WS", "RWS"], "unit_column": "unit"}}}
	END
}

# One of a column for each station.
stations() {
	cat <<-END
	{"name": "country",
	 "time": {"columns": {"date": "date", "time": "hour"},
	          "date_format": "YYYYMMDD", "time_format": "h",
	          "stamp": "begin", "utc_offset": "+08:00"},
	 "layout": {$1 "kind": "stations", "parameter": "type",
	            "other_columns": "note", "order": "time"},
	 "gas_reference_c": 25,
	 "fields": {"pm25": {"columns": "PM2.5", "unit": "ug/m3"},
	            "co": {"columns": "CO", "unit": "mg/m3"}}}
	END
}

# Rows of values behind their header.
rows() {
	printf '%s\n' site,time,what,value,unit "$@"
}

columns() {
	printf '%s\n' date,hour,type,A,B,note "$@"
}

# refuses NAME MESSAGE ROW...: the only message, and status 1.
refuses() {
	local from=$1 message=$2
	shift 2
	rows "$@" >in.csv
	run -1 --separate-stderr aqi-features --from "$from.json" in.csv
	is_stderr "aqi-features:in.csv:$message"
}

# rejects_mapping MESSAGE JSON
rejects_mapping() {
	printf '%s' "$2" >bad.json
	run -3 --separate-stderr aqi-features --from bad.json /dev/null
	is_stderr "aqi-features:bad.json: $1"
	is_output ''
}

# 50 ug/m3 of O3 at 20 C is 50 * 24.0551 / 47.997 ppb; 10 knots are 18.52 km/h.
@test "rows of a station and time make a record, in any order" {
	rows a,2024-01-01T00:00,PM2.5,10.50,ug/m3 \
		b,2024-01-01T00:00,O3,40,ppb \
		a,2024-01-01T00:00,O3,50,µg/m³ \
		a,2024-01-01T01:00,RWS,10,knots \
		a,2024-01-01T00:00,T,68,F >in.csv
	run -0 --separate-stderr aqi-features --from long.json --stats in.csv
	is_output "$RECORD
a,2024-01-01T00:00,10.50,,,,,25.059,20,,,,0,0,1
b,2024-01-01T00:00,,,,,,40,,,,,0,0,1
a,2024-01-01T01:00,,,,,,,,,5.1444,,1,0,1"
	is_stderr 'aqi-features: read 5 written 3 refused 0 merged 2 blanked 0'
}

@test "a column for each station makes a record for each station and hour" {
	columns 20240101,5,AQI,80,90,x 20240101,5,PM2.5,10,20,x \
		20240101,5,CO,1,,x 20240101,6,PM2.5,,7.0,x >in.csv
	run -0 --separate-stderr aqi-features --from stations.json --stats in.csv
	is_output "$RECORD
A,2024-01-01T05:00+08:00,10,,,,0.8735,,,,,,5,0,1
B,2024-01-01T05:00+08:00,20,,,,,,,,,,5,0,1
B,2024-01-01T06:00+08:00,7.0,,,,,,,,,,6,0,1"
	is_stderr 'aqi-features: read 8 written 3 refused 0 merged 5 blanked 0'
}

@test "records come in the order in which they begin" {
	for t in 5 3 9 1; do
		for s in z b y; do
			echo "$s,2024-01-01T0$t:00,PM2.5,$t,ug/m3"
		done
	done >body
	rows "$(cat body)" "$(sed 's/PM2.5/WS/; s,ug/m3,m/s,' body | sort)" >in.csv
	aqi-features --from long.json in.csv | tail -n +2 | cut -d, -f1,2 >got
	cut -d, -f1,2 body | cmp - got
}

@test "rows in order of time are written as soon as a later hour comes" {
	mkfifo in out
	aqi-features --from ordered.json in >out 3>&- &
	exec 5<out 4>in
	rows a,2024-01-01T00:00,PM2.5,10,ug/m3 >&4
	echo a,2024-01-01T01:00,PM2.5,11,ug/m3 >&4
	read -r -t 10 line <&5
	[ "$line" = "$RECORD" ]
	read -r -t 10 line <&5
	[ "$line" = a,2024-01-01T00:00,10,,,,,,,,,,0,0,1 ]
	exec 4>&-
	read -r -t 10 line <&5
	[ "$line" = a,2024-01-01T01:00,11,,,,,,,,,,1,0,1 ]
	wait $!
}

@test "a row of an hour that is written is refused" {
	refuses ordered "4:3: time: the records of this hour are written already: the rows are not in order of time" \
		a,2024-01-01T00:00,PM2.5,10,ug/m3 \
		a,2024-01-01T01:00,PM2.5,11,ug/m3 \
		a,2024-01-01T00:00,O3,12,ppb
	is_output "$RECORD
a,2024-01-01T00:00,10,,,,,,,,,,0,0,1
a,2024-01-01T01:00,11,,,,,,,,,,1,0,1"
}

@test "hours are in order where offsets are of half an hour" {
	rows a,2024-01-01T00:00+00:00,PM2.5,1,ug/m3 \
		b,2024-01-01T06:00+05:30,PM2.5,2,ug/m3 \
		c,2024-01-01T05:45+05:45,PM2.5,3,ug/m3 \
		a,2024-01-01T01:00+01:00,O3,4,ppb >in.csv
	run -0 --separate-stderr aqi-features --from ordered.json in.csv
	is_output "$RECORD
a,2024-01-01T00:00+00:00,1,,,,,4,,,,,0,0,1
b,2024-01-01T06:00+05:30,2,,,,,,,,,,6,0,1
c,2024-01-01T05:45+05:45,3,,,,,,,,,,5,0,1"
}

@test "a value that is there already is refused" {
	refuses long '4:26: value: pm25 of this station and time stands in line 2 already' \
		a,2024-01-01T00:00,PM2.5,10,ug/m3 \
		a,2024-01-01T00:00,PM2.5,-,ug/m3 \
		a,2024-01-01T00:00,PM2.5,11,ug/m3
	is_output "$RECORD
a,2024-01-01T00:00,10,,,,,,,,,,0,0,1"
	cp in.csv more.csv
	run -1 --separate-stderr aqi-features --from long.json in.csv more.csv
	[ "${stderr_lines[1]}" = 'aqi-features:more.csv:2:26: value: pm25 of this station and time stands in line 2 of "in.csv" already' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "or merged, where the mapping lets the first stand" {
	rows a,2024-01-01T00:00,PM2.5,10,ug/m3 \
		a,2024-01-01T00:00,PM2.5,11,ug/m3 >in.csv
	run -0 --separate-stderr aqi-features --from first.json --stats in.csv
	is_output "$RECORD
a,2024-01-01T00:00,10,,,,,,,,,,0,0,1"
	is_stderr 'aqi-features: read 2 written 1 refused 0 merged 1 blanked 0'
}

@test "of two parameters of a field the first of the mapping counts" {
	for order in "WS RWS" "RWS WS"; do
		rows a,2024-01-01T00:00,${order% *},9,m/s \
			a,2024-01-01T00:00,${order#* },9,m/s |
			sed 's,RWS\,9\,m/s,RWS\,2\,knots,' >in.csv
		run -0 aqi-features --from long.json in.csv
		[ "$(cut -d, -f11 <<<"${lines[1]}")" = 9 ]
	done
	rows a,2024-01-01T00:00,WS,-,m/s a,2024-01-01T00:00,RWS,2,knots >in.csv
	run -0 aqi-features --from long.json in.csv
	[ "$(cut -d, -f11 <<<"${lines[1]}")" = 1.0289 ]
}

@test "humidity is made of a temperature and a dew point that are merged" {
	rows a,2024-01-01T00:00,TD,10,C a,2024-01-01T01:00,TD,10,C \
		a,2024-01-01T00:00,T,20,C >in.csv
	run -0 --separate-stderr aqi-features --from long.json --stats in.csv
	# 52.541 % by Alduchov and Eskridge (1996); no record of a dew point.
	is_output "$RECORD
a,2024-01-01T00:00,,,,,,,20,52.5413,,,0,0,1"
	is_stderr 'aqi-features: read 3 written 1 refused 0 merged 2 blanked 0'
}

@test "a parameter that the mapping does not name adds nothing" {
	rows a,2024-01-01T00:00,NOISE,10,dB a,2024-01-01T00:00,PM2.5,1,ug/m3 \
		b,2024-01-01T00:00,NOISE,10,dB >in.csv
	run -0 --separate-stderr aqi-features --from long.json --stats in.csv
	is_output "$RECORD
a,2024-01-01T00:00,1,,,,,,,,,,0,0,1"
	is_stderr 'aqi-features: read 3 written 1 refused 0 merged 2 blanked 0'
}

@test "what is wrong with a row is refused with its place" {
	refuses long '2:26: value: "x" is not a number' \
		a,2024-01-01T00:00,PM2.5,x,ug/m3
	refuses long '2:28: unit: "dB" is not a unit that converts into ug/m3' \
		a,2024-01-01T00:00,PM2.5,1,dB
	refuses long '2:28: unit: the unit of pm25 is missing' \
		a,2024-01-01T00:00,PM2.5,1,
	refuses long '2:20: what: it is not said what the row is of' \
		a,2024-01-01T00:00,,1,ug/m3
	refuses long '2:3: time: "now" is not a time as in YYYY-MM-DDThh:mm' \
		a,now,PM2.5,1,ug/m3
	refuses long '2:3: time: the time is missing' a,,PM2.5,1,ug/m3
	refuses long '2:27: 4 fields where the header has 5' \
		a,2024-01-01T00:00,PM2.5,1
	is_output "$RECORD"
}

@test "a bad cell of a station is refused alone" {
	columns 20240101,5,PM2.5,x,20,n 20240101,5,CO,1,y,n >in.csv
	run -1 --separate-stderr aqi-features --from stations.json --stats \
		--rejects bad.csv in.csv
	is_output "$RECORD
B,2024-01-01T05:00+08:00,20,,,,,,,,,,5,0,1
A,2024-01-01T05:00+08:00,,,,,0.8735,,,,,,5,0,1"
	is_stderr 'aqi-features:in.csv:2:18: A: "x" is not a number
aqi-features:in.csv:3:17: B: "y" is not a number
aqi-features: read 4 written 2 refused 2 merged 0 blanked 0'
	run -0 cat bad.csv
	is_output 'date,hour,type,A,B,note,reason
20240101,5,PM2.5,x,20,n,"A: ""x"" is not a number"
20240101,5,CO,1,y,n,"B: ""y"" is not a number"'
}

@test "a row of stations whose time or type is none counts as one" {
	columns 20240132,5,PM2.5,1,2,n 20240101,5,,1,2,n 20240101,5,CO,1,2 \
		20240101,5,CO,1,2,n >in.csv
	run -1 --separate-stderr aqi-features --from stations.json --stats in.csv
	[ "${#lines[@]}" -eq 3 ]
	[ "${stderr_lines[1]}" = 'aqi-features:in.csv:3:12: type: it is not said what the row is of' ]
	[ "${stderr_lines[3]}" = 'aqi-features: read 5 written 2 refused 3 merged 0 blanked 0' ]
}

@test "a station that the first JSON record has not is no silent loss" {
	cat >in.ndjson <<-'END'
	{"date":"20240101","hour":5,"type":"CO","A":1}
	{"date":"20240101","hour":5,"type":"PM2.5","A":1,"note":"n"}
	{"date":"20240101","hour":6,"type":"CO","B":2}
	END
	for out in ndjson csv; do
		run -1 --separate-stderr aqi-features --from stations.json \
			-O $out --stats in.ndjson
		is_stderr 'aqi-features:in.ndjson:3:41: the key "B" is not in the first record; choose the keys with --columns
aqi-features: read 3 written 1 refused 1 merged 1 blanked 0'
	done
	run -0 --separate-stderr aqi-features --from stations.json \
		--columns date,hour,type,A,B --stats in.ndjson
	is_stderr 'aqi-features: read 6 written 2 refused 0 merged 4 blanked 0'
}

@test "a row of stations that comes too late counts as one" {
	columns 20240101,5,CO,1,2,n 20240101,6,CO,1,2,n \
		20240101,5,PM2.5,1,2,n >in.csv
	run -1 --separate-stderr aqi-features --from stations.json --stats in.csv
	is_stderr 'aqi-features:in.csv:4:1: date: the records of this hour are written already: the rows are not in order of time
aqi-features: read 5 written 4 refused 1 merged 0 blanked 0'
}

@test "a repeated value of a station is refused alone" {
	columns 20240101,5,CO,1,,n 20240101,5,CO,3,4,n >in.csv
	run -1 --separate-stderr aqi-features --from stations.json --stats in.csv
	is_stderr 'aqi-features:in.csv:3:15: A: co of this station and time stands in line 2 already
aqi-features: read 4 written 2 refused 1 merged 1 blanked 0'
}

@test "a value that cannot be is blanked, more than 255 in a row too" {
	{
		echo date,hour,type,$(seq -s, -f s%g 300),note
		echo 20240101,5,RH,$(yes 103 | head -n 300 | paste -sd,),n
		echo 20240101,5,PM2.5,$(seq -s, 300),n
	} >in.csv
	stations | sed 's,"fields": {,&"humidity": {"columns": "RH"\, "unit": "%"}\,,' >rh.json
	run -0 --separate-stderr aqi-features --from rh.json --stats in.csv
	is_stderr 'aqi-features: read 600 written 300 refused 0 merged 300 blanked 300'
}

@test "a run stops at the refused value that --max-errors allows last" {
	rows a,2024-01-01T00:00,PM2.5,1,ug/m3 a,2024-01-01T01:00,PM2.5,x,ug/m3 \
		a,2024-01-01T02:00,PM2.5,2,ug/m3 a,2024-01-01T01:00,O3,2,ppb \
		a,2024-01-01T03:00,PM2.5,y,ug/m3 >in.csv
	run -1 --separate-stderr aqi-features --from ordered.json --stats \
		--max-errors 2 in.csv
	# What is not complete is not written.
	is_output "$RECORD
a,2024-01-01T00:00,1,,,,,,,,,,0,0,1"
	is_stderr 'aqi-features:in.csv:3:26: value: "x" is not a number
aqi-features:in.csv:5:3: time: the records of this hour are written already: the rows are not in order of time
aqi-features: stopped at refused record 2 (--max-errors)
aqi-features: read 4 written 1 refused 2 merged 1 blanked 0'
	# With columns of stations each value counts, and a row is worked off.
	stations >country.json
	columns 20240101,0,PM2.5,1,2,n 20240101,1,PM2.5,x,y,n \
		20240101,2,PM2.5,z,4,n >columns.csv
	run -1 --separate-stderr aqi-features --from country.json --stats \
		--max-errors 1 columns.csv
	is_stderr 'aqi-features:columns.csv:3:18: A: "x" is not a number
aqi-features:columns.csv:3:20: B: "y" is not a number
aqi-features: stopped at refused record 2 (--max-errors)
aqi-features: read 4 written 2 refused 2 merged 0 blanked 0'
	run -1 --separate-stderr aqi-features --from country.json --stats \
		--max-errors 3 columns.csv
	[ "${stderr_lines[3]}" = 'aqi-features: stopped at refused record 3 (--max-errors)' ]
	[ "${stderr_lines[4]}" = 'aqi-features: read 6 written 2 refused 3 merged 1 blanked 0' ]
	run -0 aqi-features --from ordered.json --allow-refused 60% in.csv
	run -1 aqi-features --from ordered.json --allow-refused 59% in.csv
}

@test "records that wait are limited, sharply" {
	for n in 4 5; do
		rows $(for i in 1 2 3 4 5 1; do
			echo $i,2024-01-01T00:00,PM2.5,1,ug/m3
		done) | head -n $((n + 1)) >in.csv
		run -0 aqi-features --from long.json --max-held 5 in.csv
		[ "${#lines[@]}" -eq $((n + 1)) ]
	done
	rows $(for i in 1 2 3 4 5 6; do
		echo $i,2024-01-01T00:00,PM2.5,1,ug/m3
	done) >in.csv
	run -0 aqi-features --from long.json --max-held 6 in.csv
	run -5 --separate-stderr aqi-features --from long.json --max-held 5 \
		--stats in.csv
	is_stderr 'aqi-features:in.csv:7: more than 5 records wait for rows (--max-held); where rows come in order of time, the mapping can say so ("order")
aqi-features: read 5 written 0 refused 0 merged 5 blanked 0'
	is_output "$RECORD"
	# In order of time, an hour's records wait.
	sed '6s/00:00/01:00/; 7s/00:00/01:00/' in.csv >hours.csv
	run -0 aqi-features --from ordered.json --max-held 4 hours.csv
	run -5 aqi-features --from ordered.json --max-held 3 hours.csv
	for n in 0 x 4294967296; do
		run -2 --separate-stderr aqi-features --max-held $n in.csv
		is_stderr "aqi-features: --max-held takes a whole number from 1 to 4294967295, not \"$n\""
	done
}

@test "what is complete before a limit is written, however input is cut" {
	rows a,2024-01-01T00:00,PM2.5,1,ug/m3 a,2024-01-01T01:00,PM2.5,1,ug/m3 \
		b,2024-01-01T01:00,PM2.5,1,ug/m3 >in.csv
	run -5 --separate-stderr aqi-features --from ordered.json \
		--max-held 1 in.csv
	is_output "$RECORD
a,2024-01-01T00:00,1,,,,,,,,,,0,0,1"
}

@test "records may have their rows in several files" {
	rows a,2024-01-01T00:00,PM2.5,1,ug/m3 a,2024-01-01T01:00,PM2.5,2,ug/m3 >1.csv
	rows a,2024-01-01T00:00,O3,3,ppb a,2024-01-01T01:00,O3,4,ppb >2.csv
	run -0 aqi-features --from long.json 1.csv 2.csv
	is_output "$RECORD
a,2024-01-01T00:00,1,,,,,3,,,,,0,0,1
a,2024-01-01T01:00,2,,,,,4,,,,,1,0,1"
	# In order of time, that is the order of all files.
	tail -n 2 2.csv | sed '1d' | rows "$(cat)" >3.csv
	run -0 aqi-features --from ordered.json 1.csv 3.csv
	is_output "$RECORD
a,2024-01-01T00:00,1,,,,,,,,,,0,0,1
a,2024-01-01T01:00,2,,,,,4,,,,,1,0,1"
	run -1 aqi-features --from ordered.json 1.csv 2.csv
}

@test "each file has columns of stations of its own" {
	stations >country.json
	columns 20240101,0,PM2.5,1,2,n >1.csv
	printf '%s\n' hour,C,date,type,B,note 0,3,20240101,CO,5,n \
		1,4,20240101,PM2.5,6,n >2.csv
	run -0 --separate-stderr aqi-features --stats --from country.json 1.csv 2.csv 1.csv <<<x ||
		[ "$status" = 1 ]
	is_output "$RECORD
A,2024-01-01T00:00+08:00,1,,,,,,,,,,0,0,1
B,2024-01-01T00:00+08:00,2,,,,4.3673,,,,,,0,0,1
C,2024-01-01T00:00+08:00,,,,,2.6204,,,,,,0,0,1
C,2024-01-01T01:00+08:00,4,,,,,,,,,,1,0,1
B,2024-01-01T01:00+08:00,6,,,,,,,,,,1,0,1"
	# The third is of an hour that is over.
	[ "${stderr_lines[-1]}" = "aqi-features: read 7 written 5 refused 1 merged 1 blanked 0" ]
}

@test "without a column the station is the file's name" {
	sed '/"station"/d' long.json >nameless.json
	rows a,2024-01-01T00:00,PM2.5,1,ug/m3 >here.csv
	run -0 aqi-features --from nameless.json here.csv
	[[ ${lines[1]} = here,2024* ]]
	run -0 aqi-features --from nameless.json --station-name x here.csv
	[[ ${lines[1]} = x,2024* ]]
	run -0 aqi-features --from nameless.json <here.csv
	[[ ${lines[1]} = ,2024* ]]
}

@test "JSON lines are gathered as well, and written as asked" {
	rows a,2024-01-01T00:00,PM2.5,1.50,ug/m3 a,2024-01-01T00:00,O3,50,ug/m3 >in.csv
	run -0 aqi-features --from long.json -O ndjson in.csv
	is_output '{"station":"a","time":"2024-01-01T00:00","pm25":1.50,"pm10":null,"no2":null,"so2":null,"co":null,"o3":25.059,"temperature":null,"humidity":null,"wind_speed":null,"pressure":null,"hour":0,"day_of_week":0,"month":1}'
	wanted=$output
	printf '%s\n' '{"value":1.50,"what":"PM2.5","site":"a","time":"2024-01-01T00:00","unit":"ug/m3"}' \
		'{"value":50,"what":"O3","site":"a","time":"2024-01-01T00:00","unit":"ug/m3"}' >in.ndjson
	run -0 aqi-features --from long.json in.ndjson
	is_output "$wanted"
	run -0 bash -c 'diff <(aqi-features --from long.json in.csv) \
		<(aqi-features --from long.json -O csv in.ndjson)'
}

@test "what OpenAQ sends of an instrument without a value is missing" {
	printf '%s\n' location,local,parameter,value,unit \
		a,2018-01-01T01:00Z,pm25,-999,ug/m3 \
		a,2018-01-01T01:00Z,o3,0.03,ppm \
		a,2018-01-01T02:00Z,pm25,-999.0,ug/m3 \
		a,2018-01-01T03:00Z,pm25,-2.5,ug/m3 >in.csv
	run -0 --separate-stderr aqi-features --from openaq --stats in.csv
	is_output "$RECORD
a,2018-01-01T01:00+00:00,,,,,,30,,,,,1,0,1
a,2018-01-01T03:00+00:00,-2.5,,,,,,,,,,3,0,1"
	is_stderr 'aqi-features: read 4 written 2 refused 0 merged 2 blanked 0'
}

@test "a time may have several names, and be in an object of JSON" {
	local at='{"date":{"utc":"2018-01-01T00:00Z","local":"2018-01-01T01:00+01:00"}'
	local row='"location":"a","parameter":"pm25","value":6,"unit":"ug/m3"}'

	# Without a zone, in an object that is none, and in one without the key.
	printf '%s\n' "$at,$row" '{"date":"2018-01-01",'"$row" \
		'{"date":{"utc":"2018-01-01T00:00Z"},'"$row" '{"date":[1],'"$row" \
		"${at/T01/T02},$row" >in.ndjson
	run -1 --separate-stderr aqi-features --from openaq -O csv in.ndjson
	is_output "$RECORD
a,2018-01-01T01:00+01:00,6,,,,,,,,,,1,0,1
a,2018-01-01T02:00+01:00,6,,,,,,,,,,2,0,1"
	is_stderr 'aqi-features:in.ndjson:2: date.local: the time is missing
aqi-features:in.ndjson:3: date.local: the time is missing
aqi-features:in.ndjson:4: date.local: the time is missing'
	for name in local datetime date.local date.utc utc; do
		printf '%s\n' "location,$name,parameter,value,unit" \
			a,2018-01-01T01:00Z,pm25,6,ug/m3 >in.csv
		run -0 aqi-features --from openaq in.csv
		[ "${lines[1]}" = a,2018-01-01T01:00+00:00,6,,,,,,,,,,1,0,1 ]
	done
	sed -i s/utc/when/ in.csv
	run -2 --separate-stderr aqi-features --from openaq in.csv
	is_stderr 'aqi-features:in.csv:1: time: there is no column "local", as the source "openaq" has'
}

@test "a JSON array is named, and jq makes lines of it" {
	for text in '[{"a":1}]' '[' '[ ' '[[1]]' '[ {"a":1'; do
		printf '%s\n' "$text" >in.json
		run -1 --separate-stderr aqi-features --from openaq in.json
		[[ ${stderr_lines[0]} = "aqi-features:in.json:1:1: this looks like a JSON array; a record is one JSON object a line (jq -c '.[]')" ]]
	done
}

# feed N: standard input N bytes at a time, each in a read of its own.
feed() {
	python3 -u -c '
import os, sys
data = open(sys.argv[2], "rb").read()
n = int(sys.argv[1])
for i in range(0, len(data), n):
    os.write(1, data[i:i + n])' "$1" in.csv
}

@test "output does not depend on how input is cut" {
	for t in 00 01 02 01 03; do
		for s in a b c; do
			for p in PM2.5,1,ug/m3 O3,2,ppb WS,x,m/s O3,3,ppb N,4,-; do
				echo "$s,2024-01-01T$t:00,$p"
			done
		done
	done >body
	rows "$(cat body)" 'd,2024-01-01T03:00,"PM2.5",1,' d,2024 >in.csv
	for name in long ordered first; do
		run -1 --separate-stderr aqi-features --from $name.json \
			--rejects bad --stats - <in.csv
		wanted=$output said=$stderr
		mv bad wanted
		for n in 1 2 7 4095 4097; do
			run -1 --separate-stderr aqi-features \
				--from $name.json --rejects bad --stats - \
				< <(feed $n)
			is_output "$wanted"
			is_stderr "$said"
			cmp bad wanted
		done
	done
}

@test "a file that breaks off in a line is refused there, and kept before" {
	columns 20240101,5,PM2.5,1,2,n 20240101,5,CO,1 | head -c -1 >in.csv
	run -1 --separate-stderr aqi-features --from stations.json --stats in.csv
	is_stderr 'aqi-features:in.csv:3:16: 4 fields where the header has 6
aqi-features: read 3 written 2 refused 1 merged 0 blanked 0'
}

@test "a write that fails ends the run, and the counts hold" {
	{
		for h in $(seq 10 23); do
			for s in $(seq 300); do
				echo $s,2024-01-01T$h:00,PM2.5,1,ug/m3
			done
		done
	} >body
	rows "$(cat body)" >in.csv
	for name in long ordered; do
		run -4 bash -c "aqi-features --from $name.json in.csv >/dev/full"
		for at in 1 2 3; do
			run --separate-stderr env LD_PRELOAD="$BUILD/fault.so" \
				ASAN_OPTIONS=verify_asan_link_order=0 \
				FAULT_CALL=write FAULT_AT=$at FAULT_ERRNO=EIO \
				aqi-features --from $name.json --stats in.csv
			[ "$status" = 4 ] || [ "$status" = 0 ]
			read -r _ _ r _ w _ f _ m _ <<<"${stderr_lines[-1]}"
			[ "$r" = $((w + f + m)) ]
			[ "${#lines[@]}" -eq 0 ] || [ "$w" = $((${#lines[@]} - 1)) ]
		done
	done
}

@test "an empty input, and a header alone" {
	rows >in.csv
	run -0 aqi-features --from long.json in.csv
	is_output "$RECORD"
	run -1 aqi-features --from long.json /dev/null
	run -0 aqi-features --from long.json -I ndjson /dev/null
	is_output ''
}

@test "a header without what a layout needs is refused" {
	says() {
		printf '%s\n' "$3" >in.csv
		run -2 --separate-stderr aqi-features --from "$1.json" "${@:4}" in.csv
		is_stderr "aqi-features:in.csv:1: $2"
		is_output ''
	}
	says long 'there is no column "what", as the source "town" has; did you mean "wat"?' \
		site,time,wat,value,unit
	says long 'there is no column "value", as the source "town" has' \
		site,time,what,x,unit
	says long 'pm25: there is no column "unit", as the source "town" has' \
		site,time,what,value
	says long 'time: there is no column "time", as the source "town" has' \
		site,what,value,unit
	says long 'time: there is no column "time", as the source "town" has' \
		site,what,value,unit --allow-absent
	says stations 'there is no column of a station' date,hour,type,note
	says long '--keep all is for sources with a row for each record; name the columns that are the same in all rows of one' \
		site,time,what,value,unit --keep all
	says long 'cannot keep "sites": there is no such column; did you mean "site"?' \
		site,time,what,value,unit --keep sites
	says long 'cannot keep "time": an output has that name' \
		site,time,what,value,unit --keep time
	says stations '--keep is not for columns of stations, where a row is of many records' \
		date,hour,type,note,A --keep note
	says stations '--keep is not for columns of stations, where a row is of many records' \
		date,hour,type,note,A --keep all
}

@test "what is kept of a record is of the row that it begins with" {
	printf '%s\n' site,time,what,value,unit,town,lat \
		'a,2024-01-01T00:00,N,1,-,no,0' \
		'a,2024-01-01T00:00,O3,5,ppb,"Sidi, ""B""",36.80' \
		'b,2024-01-01T00:00,PM2.5,x,ug/m3,,' \
		'b,2024-01-01T00:00,O3,6,ppb,late,1' \
		'a,2024-01-01T00:00,PM2.5,7,ug/m3,other,2' >1.csv
	printf '%s\n' lat,site,time,what,value,unit \
		3,a,2024-01-01T01:00,O3,8,ppb 4,b,2024-01-01T00:00,WS,9,m/s >2.csv
	run -1 --separate-stderr aqi-features --from long.json --keep town,lat 1.csv 2.csv
	is_output "$RECORD,town,lat
a,2024-01-01T00:00,7,,,,,5,,,,,0,0,1,\"Sidi, \"\"B\"\"\",36.80
b,2024-01-01T00:00,,,,,,6,,,9,,0,0,1,late,1
a,2024-01-01T01:00,,,,,,8,,,,,1,0,1,,3"
	run -1 --separate-stderr aqi-features --from long.json --keep town,lat -O ndjson 1.csv 2.csv
	[[ "${lines[0]}" == *'"month":1,"town":"Sidi, \"B\"","lat":"36.80"}' ]]
	[[ "${lines[2]}" == *'"month":1,"town":null,"lat":"3"}' ]]
	echo '{"site":"a","time":"2024-01-01T00:00","what":"O3","value":1,"unit":"ppb","at":{"lat":1.50},"n":2.0,"t":"é\n"}' >1.ndjson
	run -0 aqi-features --from long.json --keep at,n,t 1.ndjson
	[[ "$output" == *'"month":1,"at":{"lat":1.50},"n":2.0,"t":"é\n"}' ]]
	# Two hundred records, of which each keeps its own.
	{
		head -n 1 1.csv
		seq 200 | sed 's/.*/s&,2024-01-01T00:00,O3,1,ppb,town &,&.0/'
		seq 200 | sed 's/.*/s&,2024-01-01T00:00,PM2.5,1,ug\/m3,no,no/'
	} >many.csv
	run -0 aqi-features --from long.json --keep lat,town many.csv
	[ "${#lines[@]}" = 201 ]
	for i in 1 100 200; do
		[[ "${lines[$i]}" == "s$i,"*",$i.0,town $i" ]]
	done
}

@test "a layout that is none is refused when it is read" {
	local time='"time": {"column": "t", "stamp": "begin"}'
	local fields='"fields": {"o3": {"columns": "O3", "unit": "ppb"}}'

	with() {
		echo "{\"name\": \"n\", $time, \"layout\": $1, $fields}"
	}
	rejects_mapping 'layout.kind: "long" or "stations" is wanted here' \
		"$(with '{"kind": "wide", "parameter": "p"}')"
	rejects_mapping 'layout: the key "kind" is missing' \
		"$(with '{"parameter": "p"}')"
	rejects_mapping 'layout: the key "parameter" is missing' \
		"$(with '{"kind": "long"}')"
	rejects_mapping 'layout: a long layout needs the key "value"' \
		"$(with '{"kind": "long", "parameter": "p"}')"
	rejects_mapping 'layout: "value" goes with a long layout' \
		"$(with '{"kind": "stations", "parameter": "p", "value": "v"}')"
	rejects_mapping 'layout: "other_columns" goes with columns of stations' \
		"$(with '{"kind": "long", "parameter": "p", "value": "v", "other_columns": "x"}')"
	rejects_mapping 'layout.order: "time" or "any" is wanted here' \
		"$(with '{"kind": "long", "parameter": "p", "value": "v", "order": "station"}')"
	rejects_mapping 'layout.repeated: "refuse" or "first" is wanted here' \
		"$(with '{"kind": "long", "parameter": "p", "value": "v", "repeated": true}')"
	rejects_mapping 'layout: "what" is not a key here; there are kind, parameter, value, other_columns, order, repeated, note' \
		"$(with '{"what": 1}')"
	rejects_mapping 'station: each column has a station of its own in this layout' \
		"$(with '{"kind": "stations", "parameter": "p"}, "station": {"column": "s"}')"
	time='"time": {"column": "t", "stamp": "begin", "optional": true}'
	rejects_mapping 'time.optional: rows that make a record together need their time' \
		"$(with '{"kind": "stations", "parameter": "p"}')"
	time='"time": {"column": "t", "stamp": "begin"}'
	fields='"fields": {"o3": {"columns": "O3 (*)", "unit": "auto"}}'
	rejects_mapping 'fields.o3: "O3 (*)" is a pattern, which the parameter of a row cannot be' \
		"$(with '{"kind": "stations", "parameter": "p"}')"
	fields='"fields": {"o3": {"columns": "X", "unit": "ppb"}, "no2": {"columns": ["Y", "X"], "unit": "ppb"}}'
	rejects_mapping 'fields.o3: "X" is of no2 already' \
		"$(with '{"kind": "stations", "parameter": "p"}')"
	fields='"fields": {"o3": {"columns": "X", "unit": "ppb"}, "hour": {"columns": "H"}}'
	rejects_mapping 'fields.hour: a part of time comes from the time in this layout' \
		"$(with '{"kind": "stations", "parameter": "p"}')"
}
