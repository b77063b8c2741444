load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

RECORD_HEADER=station,time,$HEADER
BEIJING='"No","year","month","day","hour","PM2.5","PM10","SO2","NO2","CO","O3","TEMP","PRES","DEWP","RAIN","wd","WSPM","station"'
CPCB='From Date,To Date,PM2.5 (ug/m3),Ozone (ug/m3),CO (mg/m3),RH (%),WS (m/s),AT (degree C),BP (mmHg)'

@test "beijing-prsa: units at 0 C, humidity from dew point, parts of time" {
	# By hand, with Vm = 8.314462618 * 273.15 / 101325 * 1000 = 22.41397 l/mol:
	# NO2 17 ug/m3 * Vm / 46.005 = 8.2825 ppb, SO2 3 * Vm / 64.058 = 1.0497,
	# CO 300 ug/m3 * Vm / 28.010 / 1000 = 0.2401 ppm, O3 89 * Vm / 47.997 =
	# 41.5618. Humidity: 100 exp(17.625 Td/(243.04+Td) - 17.625 T/(243.04+T))
	# at T -0.5, Td -21.4 = 18.9113. 1 March 2013 was a Friday (4).
	run -0 aqi-features --from beijing-prsa <<<"$BEIJING"$'\r\n1,2013,3,1,0,9,9,3,17,300,89,-0.5,1024.5,-21.4,0,"NNW",5.7,"Dongsi"\r'
	is_output "$RECORD_HEADER
Dongsi,2013-03-01T00:00+08:00,9,9,8.2825,1.0497,0.2401,41.5618,-0.5,18.9113,5.7,1024.5,0,4,3"
}

@test "rows of a day, station and amount seen before are as each by itself" {
	local header=station,year,month,day,hour,PM2.5,NO2,CO row
	local rows=(
		'"a,b",2013,3,1,0,1,16,300' '"a,b",2013,3,1,00,1,16,300'
		'"a,b",2013,03,1.0,1.0,1,16.0,3e2' ' a ,2013,3,1,23,1,16,0'
		'a,2013,2,29,5,1,16,1' 'a,2013,2,29,5,1,-0,-0'
		'a,2013,3,1,24,1,16,300' 'a,2013,3,1,24,1,0,300'
		'a,2013,3,1,NA,1,16,300' 'a,NA,3,1,5,1,16,300'
		',2013,3,1,7,1,16,300' 'a,2013,3,1,7,1,NA,x'
		'"a ""b""",2013,3,1,7,1,16,300' 'a,12013,3,1,8,1,17,300'
		'a,2013,3,1,9,1,16,300'
	)

	for row in "${rows[@]}"; do
		printf '%s\n%s\n' "$header" "$row" >all.csv
		aqi-features --from beijing-prsa --allow-absent all.csv \
			>one.csv 2>>messages || [ $? = 1 ]
		sed 1d one.csv >>single
	done
	printf '%s\n' "$header" "${rows[@]}" >all.csv
	run -1 --separate-stderr aqi-features --from beijing-prsa \
		--allow-absent all.csv
	[ "$(sed 1d <<<"$output")" = "$(cat single)" ]
	[ "$(sed 's/:[0-9]*:/:/' <<<"$stderr")" = "$(sed 's/:2:/:/' messages)" ]
	[ "$(wc -l <single)" = 7 ]
	[[ "$output" == *$'\n"a,b",2013-03-01T00:00+08:00,'* ]]
	[[ "$output" == *$'\n"a ""b""",2013-03-01T07:00+08:00,'* ]]
}

@test "numbers that a block repeats are converted as each by itself" {
	local i
	echo '{"name":"m","time":{"column":"t","stamp":"begin"},"gas_reference_c":25,
		"fields":{"pm25":{"columns":"p","unit":"ug/m3"},
		"temperature":{"columns":"T","unit":"F"},
		"dew_point":{"columns":"D","unit":"F"}}}' >m.json
	echo t,p,T,D >all.csv
	for i in {10..89}; do
		echo "2024-01-01T10:$((i % 60 / 10))$((i % 10)),$i,50,41"
	done >>all.csv
	# At 10 C with a dew point of 5 C: exp(17.625*5/248.04 -
	# 17.625*10/253.04) = 0.710885.
	run -0 aqi-features --from ./m.json all.csv
	[ "$(grep -c ',10,71.0885,,,10,0,1$' <<<"$output")" = 80 ]
}

@test "numbers that are texts may be texts of CSV, too" {
	echo '{"name":"m","time":{"column":"t","stamp":"begin"},"text_numbers":true,
		"fields":{"pm25":{"columns":"p","unit":"ug/m3"}}}' >m.json
	run -1 --separate-stderr aqi-features --from ./m.json <<<$'t,p\n2024-01-01T10:00,7.5\n2024-01-01T10:00,x'
	is_output "$RECORD_HEADER
,2024-01-01T10:00,7.5,,,,,,,,,,10,0,1"
	is_stderr 'aqi-features:-:3:18: p: "x" is not a number'
	run -0 aqi-features --from ./m.json <<<'{"t":"2024-01-01T10:00","p":"7.5"}'
	[[ "$output" == *'"pm25":7.5,'* ]]
}

@test "a column that is named twice is asked once" {
	echo '{"name":"m","time":{"column":"t","stamp":"begin"},
		"fields":{"pm25":{"columns":["p","p","q"],"unit":"ug/m3"}}}' >m.json
	run -0 aqi-features --from ./m.json <<<$'t,p,q\n2024-01-01T10:00,7,8\n2024-01-01T11:00,,8'
	is_output "$RECORD_HEADER
,2024-01-01T10:00,7,,,,,,,,,,10,0,1
,2024-01-01T11:00,8,,,,,,,,,,11,0,1"
}

@test "a unit that is to stand in a column's name must" {
	echo '{"name":"m","time":{"column":"t","stamp":"begin"},
		"fields":{"pm25":{"columns":["p","p (*)"],"unit":"auto"}}}' >m.json
	run -0 aqi-features --from ./m.json <<<$'t,p (mg/m3)\n2024-01-01T10:00,7'
	is_output "$RECORD_HEADER
,2024-01-01T10:00,7000,,,,,,,,,,10,0,1"
	run -2 aqi-features --from ./m.json <<<$'t,p\n2024-01-01T10:00,7'
	is_output 'aqi-features:-:1: pm25: the column "p" has no unit in its name that converts into ug/m3'
	echo '{"name":"m","time":{"column":"t","stamp":"begin"},
		"layout":{"kind":"long","parameter":"what","value":"v"},
		"fields":{"pm25":{"columns":"p","unit":"auto"}}}' >m.json
	run -2 aqi-features --from ./m.json <<<$'t,what,v\n2024-01-01T10:00,p,7'
	is_output 'aqi-features:-:1: pm25: the column "p" has no unit in its name that converts into ug/m3'
}

@test "a time that leaves the years there are is refused" {
	echo '{"name":"m","time":{"column":"t","stamp":"begin","utc_offset":"+08:00"},
		"fields":{"pm25":{"columns":"p","unit":"ug/m3"}}}' >m.json
	run -1 --separate-stderr aqi-features --from ./m.json <<<$'t,p\n9999-12-31T15:30Z,7\n9999-12-31T16:00Z,8'
	is_output "$RECORD_HEADER
,9999-12-31T23:30+08:00,7,,,,,,,,,,23,4,12"
	is_stderr 'aqi-features:-:3:1: t: the hour begins outside the years 1 to 9999'
}

@test "years of more than four bytes are one day's or another's" {
	run -1 --separate-stderr aqi-features --from beijing-prsa --allow-absent <<<$'year,month,day,hour,PM2.5\n2013.0,3,1,0,1\n2013.0,3,1,1,1\n2013.5,3,1,2,1'
	is_output "$RECORD_HEADER
,2013-03-01T00:00+08:00,1,,,,,,,,,,0,4,3
,2013-03-01T01:00+08:00,1,,,,,,,,,,1,4,3"
	is_stderr 'aqi-features:-:4:1: year: "2013.5" is not a year of four digits (1000 to 9999)'
}

@test "a long layout: humidity that cannot be is blanked, and its time must be there" {
	local fields='"fields":{"pm25":{"columns":"pm","unit":"ug/m3"},
		"temperature":{"columns":"T","unit":"C"},
		"dew_point":{"columns":"D","unit":"C"}}}'
	echo '{"name":"m","time":{"columns":{"date":"d","time":"h"},
		"date_format":"YYYY-MM-DD","time_format":"hh:mm","stamp":"begin"},
		"layout":{"kind":"long","parameter":"what","value":"v"},
		'"$fields" >m.json
	# Td above T by 1 C is 106.9 %.
	run -0 --separate-stderr aqi-features --stats --from ./m.json <<<$'d,h,what,v\n2024-01-01,10:00,pm,1\n2024-01-01,10:00,T,10\n2024-01-01,10:00,D,11'
	is_output "$RECORD_HEADER
,2024-01-01T10:00,1,,,,,,10,,,,10,0,1"
	is_stderr 'aqi-features: read 3 written 1 refused 0 merged 2 blanked 1'
	local references
	for references in '' '"gas_reference_c":[{"before":"2018-08-31","c":0},{"c":25}],'; do
		sed "s/\"fields\"/$references&/" m.json >n.json
		run -2 aqi-features --from ./n.json --allow-absent \
			--columns d,what,v <<<'{"d":"2024-01-01","what":"pm","v":1}'
		is_output 'aqi-features:-: time: there is no column "h", as the source "m" has'
	done
}

@test "missing values stay missing, and the record stays" {
	run -0 --separate-stderr aqi-features --stats --from beijing-prsa <<<"$BEIJING"$'\n1,2013,3,1,0,NA,9,NA,17,NA,89,NA,1024.5,-21.4,0,"NNW",NA,"Dongsi"'
	is_output "$RECORD_HEADER
Dongsi,2013-03-01T00:00+08:00,,9,8.2825,,,41.5618,,,,1024.5,0,4,3"
	is_stderr 'aqi-features: read 1 written 1 refused 0 blanked 0'
}

@test "humidity above 100 up to 102 is 100, beyond that missing" {
	# Td above T by 0.1 C is 100.7 %, by 1 C 106.9 %.
	run -0 aqi-features --from beijing-prsa <<<"$BEIJING"$'\n1,2013,3,1,0,9,9,3,17,300,89,10,1024.5,10.1,0,"N",5.7,"D"\n2,2013,3,1,1,9,9,3,17,300,89,10,1024.5,11,0,"N",5.7,"D"'
	[[ "${lines[1]}" == *,10,100,5.7,* ]]
	[[ "${lines[2]}" == *,10,,5.7,* ]]
}

@test "a cell that is no number refuses the row by the source's own column" {
	run -1 --separate-stderr aqi-features --from beijing-prsa <<<"$BEIJING"$'\n1,2013,3,1,0,high,9,3,17,300,89,-0.5,1024.5,-21.4,0,"NNW",5.7,"Dongsi"\n2,2013,2,30,0,9,9,3,17,300,89,-0.5,1024.5,-21.4,0,"NNW",5.7,"Dongsi"'
	is_output "$RECORD_HEADER"
	[ "${stderr_lines[0]}" = 'aqi-features:-:2:14: PM2.5: "high" is not a number' ]
	[[ "${stderr_lines[1]}" == 'aqi-features:-:3:'*'day'* ]]
}

@test "cpcb: units from the names, at 25 C; the file is the station" {
	# Vm = 8.314462618 * 298.15 / 101325 * 1000 = 24.46536 l/mol: O3 10 ug/m3 *
	# Vm / 47.997 = 5.0973 ppb, CO 1 mg/m3 * Vm / 28.010 = 0.87345 ppm;
	# 760 mmHg = 1013.2501 hPa, and 980 is hPa whatever the name says.
	printf '%s\n' "$CPCB" '2020-01-03 23:00:00,2020-01-04 00:00:00,58.38,10,1,49,0.92,22.1,760' \
		'2020-01-04 00:00:00,2020-01-04 01:00:00,,10,1,49,0.92,22.1,980' >KA022.csv
	run -0 aqi-features --from cpcb KA022.csv
	is_output "$RECORD_HEADER
KA022,2020-01-03T23:00+05:30,58.38,,,,0.8735,5.0973,22.1,49,0.92,1013.2501,23,4,1
KA022,2020-01-04T00:00+05:30,,,,,0.8735,5.0973,22.1,49,0.92,980,0,5,1"
	run -0 aqi-features --from cpcb --station-name 'Bengaluru, "BTM"' KA022.csv
	[[ "${lines[1]}" == '"Bengaluru, ""BTM""",2020-01-03T23:00+05:30,'* ]]
}

@test "base: parts of time from the time, humidity from the dew point" {
	run -0 aqi-features <<<$'station,time,pm25,pm10,no2,so2,co,o3,temperature,dew_point,wind_speed,pressure\nA,2024-02-29T13:00+01:00,1,2,3,4,5,6,20,10,7,1000'
	is_output "$RECORD_HEADER
A,2024-02-29T13:00+01:00,1,2,3,4,5,6,20,52.5413,7,1000,13,3,2"
}

@test "--keep keeps columns of the source behind the record" {
	run -0 aqi-features --from beijing-prsa --keep RAIN,wd <<<"$BEIJING"$'\n1,2013,3,1,0,9,9,3,17,300,89,-0.5,1024.5,-21.4,0,"NNW",5.7,"Dongsi"'
	is_output "$RECORD_HEADER,RAIN,wd
Dongsi,2013-03-01T00:00+08:00,9,9,8.2825,1.0497,0.2401,41.5618,-0.5,18.9113,5.7,1024.5,0,4,3,0,\"NNW\""
	run -0 aqi-features --from beijing-prsa --keep all <<<"$BEIJING"$'\n1,2013,3,1,0,9,9,3,17,300,89,-0.5,1024.5,-21.4,0,"NNW",5.7,"Dongsi"'
	[[ "${lines[0]}" == "$RECORD_HEADER,No,"*RAIN,wd,WSPM* ]]
}

@test "--decimals and --exact" {
	row=$'\n1,2013,3,1,0,9,9,3,17,300,89,-0.5,1024.5,-21.4,0,"NNW",5.7,"Dongsi"'
	run -0 aqi-features --from beijing-prsa --decimals 1 <<<"$BEIJING$row"
	[[ "${lines[1]}" == *,9,9,8.3,1,0.2,41.6,-0.5,18.9,5.7,1024.5,* ]]
	run -0 aqi-features --from beijing-prsa --exact <<<"$BEIJING$row"
	[[ "${lines[1]}" =~ ,8\.2825[0-9]{9,13},1\.0497 ]]
}

@test "NDJSON comes and goes the same way" {
	run -0 aqi-features --from cpcb <<<'{"From Date":"2020-01-03 23:00:00","PM2.5 (ug/m3)":58.38,"Ozone (ug/m3)":null}'
	is_output '{"station":null,"time":"2020-01-03T23:00+05:30","pm25":58.38,"pm10":null,"no2":null,"so2":null,"co":null,"o3":null,"temperature":null,"humidity":null,"wind_speed":null,"pressure":null,"hour":23,"day_of_week":4,"month":1}'
}

@test "a mapping of one's own, from a file" {
	cat >mine.json <<-'END'
	{"name": "mine", "title": "one sensor", "station": {"column": "id"},
	 "time": {"column": "t", "format": "YYYY-MM-DD hh:mm:ss", "stamp": "end", "utc_offset": "+00:00"},
	 "gas_reference_c": 20,
	 "fields": {"pm25": {"columns": "dust", "unit": "mg/m3"}, "temperature": {"columns": "f", "unit": "F"}}}
	END
	run -0 aqi-features --from ./mine.json <<<$'id,t,dust,f\ns1,2024-01-01 00:00:00,0.012,68'
	is_output "$RECORD_HEADER
s1,2023-12-31T23:00+00:00,12,,,,,,20,,,,23,6,12"
}

@test "--list-sources lists what --from knows" {
	run -0 aqi-features --list-sources
	[[ "$output" == *beijing-prsa* && "$output" == *cpcb* && "$output" == *base* ]]
}

@test "an unknown source, and a header that is not of the source, say what would be right" {
	run -3 aqi-features --from bejing-prsa <<<x
	[[ "$output" == *'"bejing-prsa" is not a source'*"did you mean beijing-prsa"* ]]
	run -2 --separate-stderr aqi-features --from beijing-prsa <<<$'time,pm\n1,2'
	is_output ''
	[[ "$stderr" == 'aqi-features:-:1: '* ]]
	run -3 aqi-features --from ./none.json <<<x
	is_output 'aqi-features:./none.json: cannot open: No such file or directory'
}

@test "the order of records does not decide where station and time come from" {
	ALL='"pm25":1,"pm10":1,"no2":1,"so2":1,"co":1,"o3":1,"temperature":20,"humidity":50,"wind_speed":1,"pressure":1000,"hour":3,"day_of_week":2,"month":5'
	bare="{$ALL}"
	full="{\"station\":\"A\",\"time\":\"2024-01-01T10:00+00:00\",$ALL}"
	bare_out="{\"station\":null,\"time\":null,$ALL}"
	full_out='{"station":"A","time":"2024-01-01T10:00+00:00","pm25":1,"pm10":1,"no2":1,"so2":1,"co":1,"o3":1,"temperature":20,"humidity":50,"wind_speed":1,"pressure":1000,"hour":10,"day_of_week":0,"month":1}'
	run -0 aqi-features <<<"$bare"$'\n'"$full"
	is_output "$bare_out"$'\n'"$full_out"
	run -0 aqi-features <<<"$full"$'\n'"$bare"
	is_output "$full_out"$'\n'"$bare_out"
}

@test "the order of records does not decide on pollutants, parts of time and humidity" {
	a='{"year":2013,"month":3,"PM2.5":9}'
	b='{"station":"B","year":2013,"month":3,"day":1,"hour":4,"PM2.5":7,"CO":300,"TEMP":20,"DEWP":10}'
	run -1 --separate-stderr aqi-features --from beijing-prsa --allow-absent <<<"$a"$'\n'"$b"
	first=$output
	is_stderr 'aqi-features:-:1: day: the time is missing'
	[[ "$first" == '{"station":"B","time":"2013-03-01T04:00+08:00","pm25":7,'*'"humidity":52.5413,'* ]]
	run -1 --separate-stderr aqi-features --from beijing-prsa --allow-absent <<<"$b"$'\n'"$a"
	is_output "$first"
	is_stderr 'aqi-features:-:2: day: the time is missing'
	a='{"pm25":1,"temperature":20,"dew_point":10}'
	b='{"pm25":1,"humidity":40}'
	run -0 aqi-features --allow-absent -O csv <<<"$a"$'\n'"$b"
	[ "$(cut -d, -f10 <<<"$output" | paste -sd ' ')" = "humidity 52.5413 40" ]
	run -0 aqi-features --allow-absent -O csv <<<"$b"$'\n'"$a"
	[ "$(cut -d, -f10 <<<"$output" | paste -sd ' ')" = "humidity 40 52.5413" ]
}

@test "a header of another delimiter is named" {
	run -2 --separate-stderr aqi-features --from beijing-prsa <<<'No;year;month'
	is_stderr "aqi-features:-:1: time: there is no column \"year\", as the source \"beijing-prsa\" has; the header is one column with ';' in it: try -d ';'"
	run -2 --separate-stderr aqi-features --from beijing-prsa <<<$'No\tyear\tmonth'
	is_stderr 'aqi-features:-:1: time: there is no column "year", as the source "beijing-prsa" has; the header is one column with tabs in it: try -d tab'
}

@test "parts of time are numbers in NDJSON, so that refused ones can be read again" {
	head='No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station'
	printf '%s\n' "$head" 1,2017,1,18,9,x,2,3,4,500,6,7,1000,1,0,N,1,A >in.csv
	run -1 --separate-stderr aqi-features --from beijing-prsa -O ndjson --rejects bad in.csv
	sed -i 's/"PM2.5":"x"/"PM2.5":1/' bad
	run -0 --separate-stderr aqi-features --from beijing-prsa bad
	[[ "$output" = *'"time":"2017-01-18T09:00+08:00","pm25":1,'* ]]
	printf '%s\n' "$head" 1,17,1,18,9,1,2,3,4,500,6,7,1000,1,0,N,1,A >in.csv
	run -1 --separate-stderr aqi-features --from beijing-prsa in.csv
	is_stderr 'aqi-features:in.csv:2:3: year: "17" is not a year of four digits (1000 to 9999)'
}

@test "humidity is made record by record, the same of CSV and of NDJSON" {
	printf '%s\n' pm25,temperature,dew_point,humidity 1,20,10, 1,20,10,40 \
		1,20,,NA 1,20,10,150 >in.csv
	printf '%s\n' '{"pm25":1,"temperature":20,"dew_point":10,"humidity":null}' \
		'{"pm25":1,"temperature":20,"dew_point":10,"humidity":40}' \
		'{"pm25":1,"temperature":20}' \
		'{"pm25":1,"temperature":20,"dew_point":10,"humidity":150}' >in.ndjson
	for f in csv ndjson; do
		run -0 --separate-stderr aqi-features --allow-absent --stats -O csv in.$f
		[ "$(cut -d, -f10 <<<"$output" | paste -sd ' ')" = "humidity 52.5413 40  52.5413" ]
		is_stderr 'aqi-features: read 4 written 4 refused 0 blanked 1'
	done
}

@test "kept are the columns of the first record, not those only looked for" {
	run -0 aqi-features --allow-absent --keep all <<<$'{"pm25":1,"x":2}\n{"pm25":1,"dew_point":3}'
	[[ "${lines[0]}" == *'"month":null,"x":2}' ]]
	[[ "${lines[1]}" == *'"month":null,"x":null}' ]]
}

@test "a record's time wins over columns of its parts" {
	run -0 aqi-features --allow-absent <<<$'time,pm25,hour,day_of_week,month\n2024-01-01T10:00,1,3,x,\n,1,3,2,5'
	[ "${lines[1]}" = ",2024-01-01T10:00,1,,,,,,,,,,10,0,1" ]
	[ "${lines[2]}" = ",,1,,,,,,,,,,3,2,5" ]
}
