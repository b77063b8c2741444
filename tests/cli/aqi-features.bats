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

@test "missing values stay missing, and the record stays" {
	run -0 --separate-stderr aqi-features --stats --from beijing-prsa <<<"$BEIJING"$'\n1,2013,3,1,0,NA,9,NA,17,NA,89,NA,1024.5,-21.4,0,"NNW",NA,"Dongsi"'
	is_output "$RECORD_HEADER
Dongsi,2013-03-01T00:00+08:00,,9,8.2825,,,41.5618,,,,1024.5,0,4,3"
	is_stderr 'aqi-features: read 1 written 1 refused 0'
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
