# Each source's own form: rows made up for these tests, in the form of its
# files, and the records that they become. ug/m3 becomes ppb by Vm / M of
# lib/air/units.h, at the source's temperature.

load helper

RECORD=station,time,$HEADER

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# The records of standard input alone, without the header.
of() {
	aqi-features --from "$@" | tail -n +2
}

@test "taiwan-moenv: numbers in texts, - for no wind, published at the hour's end" {
	run of taiwan-moenv <<-'END'
		{"site_id":"1","site_name":"基隆","aqi":23,"pm2_5":"6","pm2_5_avg":"5","pm10":"16","o3":"4.5","co":"0.68","so2":"1","no2":" 8 ","wind_speed":"-","publish_time":"2026/07/04 00:00:00"}
		{"site_id":"12","site_name":"x","aqi":0,"pm2_5":"","pm10":"","o3":"","co":"","so2":"","no2":"","wind_speed":"0.9","publish_time":"2026/07/04 01:00:00"}
	END
	is_output '{"station":"12","time":"2026-07-04T00:00+08:00","pm25":null,"pm10":null,"no2":null,"so2":null,"co":null,"o3":null,"temperature":null,"humidity":null,"wind_speed":0.9,"pressure":null,"hour":0,"day_of_week":5,"month":7}'
	run -0 aqi-features --from taiwan-moenv -O csv <<-'END'
		{"site_id":"1","pm2_5":"6","pm10":"16","o3":"4.5","co":"0.68","so2":"1","no2":" 8 ","wind_speed":"-","publish_time":"2026/07/04 00:00:00"}
	END
	is_output "$RECORD
1,2026-07-03T23:00+08:00,6,16,8,1,0.68,4.5,,,,,23,4,7"
}

# 10 ug/m3 of SO2 at 25 C are 3.8193 ppb.
@test "china-cnemc: a column a station, hour 0 is the last of the day before" {
	run of china-cnemc <<-'END'
		date,hour,type,1001A,1002A
		20190101,0,AQI,22,25
		20190101,0,PM2.5,11,
		20190101,1,SO2,10,20
	END
	is_output "1001A,2018-12-31T23:00+08:00,11,,,,,,,,,,23,0,12
1001A,2019-01-01T00:00+08:00,,,,3.8193,,,,,,,0,1,1
1002A,2019-01-01T00:00+08:00,,,,7.6385,,,,,,,0,1,1"
}

@test "taiwan-moenv: a text that is no number refuses the record" {
	run -1 --separate-stderr aqi-features --from taiwan-moenv <<-'END'
		{"site_id":"1","pm2_5":"six","pm10":"16","o3":"4.5","co":"0.68","so2":"1","no2":"8","wind_speed":"1","publish_time":"2026/07/04 00:00:00"}
	END
	is_stderr 'aqi-features:-:1:24: pm2_5: "six" is not a number'
}

AIRNOW='"AQSID","SiteName","GMTOffset","ValidDate","ValidTime","NO2","NO2_Unit","CO","CO_Unit","PM25","PM25_Unit","SO2","SO2_Unit","OZONE","OZONE_Unit","PM10","PM10_Unit"'

# 10 ug/m3 of NO2 at 25 C is 5.318 ppb.
@test "airnow: UTC becomes each site's own time, a unit stands beside each value" {
	run of airnow <<-END
		$AIRNOW
		"060590007","Anaheim","-8","04/08/2024","00:00","2.3","PPB","0.2","PPM","8.6","UG/M3","","","33.0","PPB","15.0","UG/M3"
		"004","Kathmandu","5.75","02/29/2024","18:30","10","UG/M3","200","PPB","","","","","","","",""
		"005","Nowhere","","02/29/2024","18:30","1","PPB","","","","","","","","","",""
	END
	is_output '060590007,2024-04-07T16:00-08:00,8.6,15.0,2.3,,0.2,33.0,,,,,16,6,4
004,2024-03-01T00:15+05:45,,,5.318,,0.2,,,,,,0,4,3
005,2024-02-29T18:30+00:00,,,1,,,,,,,,18,3,2'
}

@test "airnow: a unit that is none or not there, and an offset that is none" {
	cat >in.csv <<-END
		$AIRNOW
		"1","x","-8","04/08/2024","00:00","2.3","PPQ","","","","","","","","","",""
		"1","x","-8","04/08/2024","00:00","2.3","","","","","","","","","","",""
		"1","x","-15","04/08/2024","00:00","2.3","PPB","","","","","","","","","",""
		"1","x","0.001","04/08/2024","00:00","2.3","PPB","","","","","","","","","",""
		"1","x","-8","2024-04-08","00:00","2.3","PPB","","","","","","","","","",""
		"1","x","-8","04/08/2024","24:00","2.3","PPB","","","","","","","","","",""
		"1","x","-8","04/08/2024","","2.3","PPB","","","","","","","","","",""
	END
	run -1 --separate-stderr aqi-features --from airnow in.csv
	is_output "$RECORD"
	is_stderr 'aqi-features:in.csv:2:41: NO2_Unit: "PPQ" is not a unit that converts into ppb
aqi-features:in.csv:3:41: NO2_Unit: the unit of no2 is missing
aqi-features:in.csv:4:9: GMTOffset: "-15" is not an offset from UTC in hours (-14 to 14)
aqi-features:in.csv:5:9: GMTOffset: "0.001" is not an offset from UTC in hours (-14 to 14)
aqi-features:in.csv:6:14: ValidDate: "2024-04-08" is not a date as in MM/DD/YYYY
aqi-features:in.csv:7:27: ValidTime: "24:00" is not a time as in hh:mm
aqi-features:in.csv:8:27: ValidTime: the time is missing'
}

@test "airnow: the column of a unit has to be there" {
	printf 'AQSID,GMTOffset,ValidDate,ValidTime,NO2,Unit\n' >in.csv
	run -2 --separate-stderr aqi-features --from airnow in.csv
	is_stderr 'aqi-features:in.csv:1: no2: there is no column "NO2_Unit", as the source "airnow" has'
}

UCI='Date;Time;CO(GT);PT08.S1(CO);NO2(GT);T;RH;AH;;'

# 2.6 mg/m3 of CO is 2.2329 ppm at 20 C, 113 ug/m3 of NO2 are 59.0855 ppb.
@test "uci-italy: semicolons, decimal commas, -200, columns and rows of nothing" {
	run of uci-italy --station-name A < <(printf '%s\r\n' "$UCI" \
		'10/03/2004;18.00.00;2,6;1360;113;13,6;48,9;0,7578;;' \
		'11/03/2004;00.00.00;-200;-200;-200;-200,0;-200;-200;;' \
		';;;;;;;;;')
	is_output 'A,2004-03-10T18:00,,,59.0855,,2.2329,,13.6,48.9,,,18,2,3
A,2004-03-11T00:00,,,,,,,,,,,0,3,3'
}

@test "uci-italy: -d and --decimal-comma of the command line stand above it" {
	printf '%s\n' 'Date|Time|CO(GT)|NO2(GT)|T|RH' \
		'10/03/2004|18.00.00|2,6|113|13,6|48,9' >in.csv
	run -0 aqi-features --from uci-italy -d '|' in.csv
	[ "${lines[1]}" = 'in|2004-03-10T18:00|||59.0855||2.2329||13.6|48.9|||18|2|3' ]
	run -0 aqi-features --from uci-italy -d '|' --decimal-comma in.csv
	[ "${lines[1]}" = 'in|2004-03-10T18:00|||59,0855||2,2329||13,6|48,9|||18|2|3' ]
}

@test "uci-italy-resaved: a byte order mark, days without zeros, 0 for no gas" {
	run of uci-italy-resaved --station-name A < <(printf '%s\r\n' \
		$'\xef\xbb\xbfDate,Time,CO(GT),NO2(GT),T,RH' \
		10/3/2004,18:00:00,2.6,113,13.6,48.9 11/12/2004,0:00:00,0,0,0,50)
	is_output 'A,2004-03-10T18:00,,,59.0855,,2.2329,,13.6,48.9,,,18,2,3
A,2004-12-11T00:00,,,,,,,0,50,,,0,5,12'
}

@test "us-aqs: a day has no hour; the unit's column has one of two names" {
	run of us-aqs <<-'END'
		"Date","Source","Site ID","POC","Daily Max 8-hour Ozone Concentration","UNITS"
		"02/29/2020","AQS","010010012","1","0.03","ppm"
	END
	is_output '010010012,2020-02-29T00:00,,,,,,30,,,,,,5,2'
	run of us-aqs <<-'END'
		"Date","Site ID","Daily Mean PM2.5 Concentration","Units"
		"01/06/2023","510030001","-0.4","ug/m3 LC"
	END
	is_output '510030001,2023-01-06T00:00,-0.4,,,,,,,,,,,4,1'
	printf 'Date,Site ID,Daily Mean PM2.5 Concentration,Units\n2023-01-06,1,2,ug/m3\n,1,2,ug/m3\n' >in.csv
	run -1 --separate-stderr aqi-features --from us-aqs in.csv
	is_stderr 'aqi-features:in.csv:2:1: Date: "2023-01-06" is not a date as in MM/DD/YYYY
aqi-features:in.csv:3:1: Date: the time is missing'
}

# 15.9 ug/m3 of NO2 at 20 C are 8.3138 ppb, 40 of O3 20.0472, 2 of SO2 0.751,
# 0.3 mg/m3 of CO 0.2576 ppm.
@test "uk-air: a preamble, hours up to 24:00 that end there, an end" {
	run of uk-air --station-name Dundee <<-'END'
		Hourly measurement data supplied by UK-air on 13/02/2025
		Site Name,,"Dundee Mains Loan",
		Date,Time,"Nitrogen dioxide",Status
		2024-02-28,24:00:00,15.9,V ugm-3
		2024-02-29,01:00:00,No data,

		End
	END
	is_output 'Dundee,2024-02-28T23:00+00:00,,,8.3138,,,,,,,,23,2,2
Dundee,2024-02-29T00:00+00:00,,,,,,,,,,,0,3,2'
}

@test "uk-air: many pollutants, each with a column Status" {
	run of uk-air --station-name X < <(printf '%s\r\n' \
		'Date,Time,Ozone,Status,Sulphur dioxide,Status,Carbon monoxide,Status,PM10 particulate matter (Hourly measured),Status,PM2.5 particulate matter (Hourly measured),Status,Modelled Wind Speed,Status,Modelled Temperature,Status' \
		'31/12/2019,24:00:00,40,P ugm-3,2,P ugm-3,0.3,P mgm-3,19.575,P ugm-3 (FIDAS),16.156,P ugm-3 (Ref.eq),1.5,N ms-1,3.1,N degC')
	is_output 'X,2019-12-31T23:00+00:00,16.156,19.575,,0.751,0.2576,20.0472,3.1,,1.5,,23,1,12'
	run -1 --separate-stderr aqi-features --from uk-air <<-'END'
		Date,Time,Ozone
		31.12.2019,24:00:00,40
		31/12/2019,24:01:00,40
	END
	is_stderr 'aqi-features:-:2:1: Date: "31.12.2019" is not a date as in YYYY-MM-DD or DD/MM/YYYY
aqi-features:-:3:12: Time: "24:01:00" is not a time as in hh:mm:ss'
}

# 19 ug/m3 of O3 at 20 C are 9.5224 ppb; 24 of NO2 12.5491, -1 is -0.5229.
@test "uk-aberdeen: semicolons, decimal points, columns that come and go" {
	run of uk-aberdeen --station-name E <<-'END'
		DateTime;Ozone;Nitrogen Dioxide;PM10;PM2.5
		2017-10-01 00:00:00;19;24;9;6
		2017-10-01 01:00:00;;-1;;
	END
	is_output 'E,2017-09-30T23:00+00:00,6,9,12.5491,,,9.5224,,,,,23,5,9
E,2017-10-01T00:00+00:00,,,-0.5229,,,,,,,,0,6,10'
}

@test "seoul: a column without a name, one with the wrong name, 24:00" {
	run of seoul --station-name Seoul <<-'END'
		,일시,초미세먼지,미세먼지,오존,이산화탄소,일산화탄소,아황산가스
		0,2018-12-31 24:00,17,31,0.018,0.021,0.4,0.005
		1,2019-01-01 01:00,17,31,0.018,0.021,-,0.005
	END
	is_output 'Seoul,2018-12-31T23:00+09:00,17,31,21,5,0.4,18,,,,,23,0,12
Seoul,2019-01-01T00:00+09:00,17,31,21,5,,18,,,,,0,1,1'
}

@test "seoul-daily: CP949, and a day has no hour" {
	cat >utf8.csv <<-'END'
		측정일시,측정소명,이산화질소농도(ppm),오존농도(ppm),일산화탄소농도(ppm),아황산가스농도(ppm),미세먼지농도(㎍/㎥),초미세먼지농도(㎍/㎥)
		20210101,강남구,0.022,0.017,0.5,0.004,22,14
		20210101,강동구,,,,,30,
	END
	iconv -f UTF-8 -t CP949 utf8.csv >cp949.csv
	run of seoul-daily cp949.csv
	is_output '강남구,2021-01-01T00:00+09:00,14,22,22,4,0.5,17,,,,,,4,1
강동구,2021-01-01T00:00+09:00,,30,,,,,,,,,,4,1'
}

# 42 ug/m3 of NO2 at 20 C are 21.961 ppb; 9 of O3 4.5106, 5.2 of SO2 1.9527.
@test "saxony: units below the header, the day's row, PM10 by three methods" {
	run of saxony --station-name S <<-'END'
		Datum,Zeit,BEN,NO,NO2,O3,PM10,PM10_HVS,PM10_TEOM,PM2.5,SO2
		yyyy-mm-dd,hh:mm,µg/m³,µg/m³,µg/m³,µg/m³,µg/m³,µg/m³,µg/m³,µg/m³,µg/m³
		2017-10-01,,,,,,,15.75,,10.13,
		2017-10-01,01:00,3.4,66,42,9,,,21,,5.2
		2017-11-01,00:00,,,,,7,8,9,,
	END
	is_output 'S,2017-10-01T00:00+01:00,10.13,15.75,,,,,,,,,,6,10
S,2017-10-01T00:00+01:00,,21,21.961,1.9527,,4.5106,,,,,0,6,10
S,2017-10-31T23:00+01:00,,7,,,,,,,,,23,1,10'
}

# 7 ug/m3 of NO2 at 20 C are 3.6602 ppb; 58.5 of O3 29.319, 2 of SO2 0.751.
@test "andalucia: padded texts in ISO-8859-1, names in quotes, a time beside the date" {
	cat >utf8.csv <<-'END'
		D_PROVINCIA;D_MUNICIPIO;D_ESTACION;F_FECHA;D_HORA;'PM10';'PM25';'NO2';'O3';'SO2'
		ALMERIA     ;ALMERÍA     ;PLAZA Ñ       ;2023/01/23 00:00:00.000000000;23:00     ;8.522;;7.0;58.5;2.0
	END
	iconv -f UTF-8 -t ISO-8859-1 utf8.csv >in.csv
	run of andalucia in.csv
	is_output 'PLAZA Ñ,2023-01-23T23:00,,8.522,3.6602,0.751,,29.319,,,,,23,0,1'
}

@test "sensor-community: readings every few minutes, in UTC" {
	run of sensor-community <<-'END'
		sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2
		5331;SDS011;2688;57.128;-2.130;2017-10-07T12:29:51;7.97;;;2.40;;
	END
	is_output '5331,2017-10-07T12:29:51+00:00,2.40,7.97,,,,,,,,,12,5,10'
}

@test "sensor-madavi: two columns without a name, and the first sensor that has a value" {
	run of sensor-madavi --station-name M <<-'END'
		Time;durP1;ratioP1;P1;durP2;ratioP2;P2;SDS_P1;SDS_P2;Temp;Humidity;BMP_temperature;BMP_pressure;BME280_temperature;BME280_humidity;BME280_pressure;Samples;Min_cycle;Max_cycle;Signal
		2018/01/11 17:25:07;;;;;;;18.98;7.47;;;;;;;;;;583875;211;5081397;-92
		2018/01/11 17:27:35;;;1.5;;;2.5;;;7.1;80;8.2;98000;;;;;;583875;211;5081397;-92
		2018/01/11 17:30:00;;;1.5;;;2.5;3;4;7.1;80;8.2;98000;9;81;101325;;;583875;211;5081397;-92
	END
	is_output 'M,2018-01-11T17:25:07+00:00,7.47,18.98,,,,,,,,,17,3,1
M,2018-01-11T17:27:35+00:00,2.5,1.5,,,,,7.1,80,,980,17,3,1
M,2018-01-11T17:30+00:00,4,3,,,,,9,81,,1013.25,17,3,1'
}

@test "openair: the record's own units" {
	run of openair --station-name L <<-'END'
		date,ws,wd,nox,no2,o3,pm10,so2,co,pm25
		1998-01-01 00:00:00,0.6,280,285,39,1,29,4.7225,3.3725,NA
	END
	is_output 'L,1998-01-01T00:00+00:00,,29,39,4.7225,3.3725,1,,,0.6,,0,3,1'
}

@test "bc: UTC becomes Pacific Standard Time, from the hour's end" {
	run of bc --station-name B <<-'END'
		date_utc,date_local,pm25_1hr,pm10_1hr,o3_1hr,no_1hr,no2_1hr,so2_1hr,rh_1hr,temp_1hr,ws_1hr
		2014-07-01T07:00:00Z,2014-07-01 00:00:00,7.3,11.6,2.3,29.8,18.4,1.2,92,-1,1.07
	END
	is_output 'B,2014-06-30T22:00-08:00,7.3,11.6,18.4,1.2,,2.3,-1,92,1.07,,22,0,6'
}

# At 25 C 18.22 ug/m3 of NO2 are 9.6894 ppb, 27.64 of SO2 10.5564, 133.36 of
# O3 67.9773, 0.92 mg/m3 of CO 0.8036 ppm.
@test "india-city-day: daily means of a city" {
	run of india-city-day <<-'END'
		City,Date,PM2.5,PM10,NO,NO2,NOx,NH3,CO,SO2,O3,AQI,AQI_Bucket
		Ahmedabad,2015-01-01,,48.5,0.92,18.22,17.15,,0.92,27.64,133.36,,
	END
	is_output 'Ahmedabad,2015-01-01T00:00+05:30,,48.5,9.6894,10.5564,0.8036,67.9773,,,,,,3,1'
}

@test "us-nowcast-o3: ozone alone" {
	run of us-nowcast-o3 <<-'END'
		DataID,DataStreamID,LST,Value,ParmeterTypeID
		3055305854,2975,2019-04-16 08:00:00,33.00000,1
		NULL,2975,2019-04-16 09:00:00,NULL,1
	END
	is_output '2975,2019-04-16T08:00,,,,,,33.00000,,,,,8,1,4
2975,2019-04-16T09:00,,,,,,,,,,,9,1,4'
}

# NO2 of 100 ug/m3 is 48.7207 ppb at 0 C, 53.1799 at 25 C; SO2 at 0 C 34.9901.
@test "a mapping's temperature of gases changes on its day, by the written time" {
	cat >china.json <<-'END'
		{"name": "china", "time": {"columns": {"date": "d", "time": "h"},
		  "date_format": "YYYYMMDD", "time_format": "h", "stamp": "begin",
		  "stamp_zone": "utc", "utc_offset": "+08:00"},
		 "gas_reference_c": [{"before": "2018-09-01", "c": 0}, {"c": 25}],
		 "fields": {"no2": {"columns": "no2", "unit": "ug/m3"},
		  "so2": {"columns": "so2", "units_by_range": [
		    {"unit": "ug/m3", "from": 0, "to": 500}], "optional": true}}}
	END
	run of china.json --station-name C <<-'END'
		d,h,no2,so2
		20180831,15,100,100
		20180831,16,100,501
	END
	is_output 'C,2018-08-31T23:00+08:00,,,48.7207,34.9901,,,,,,,23,4,8
C,2018-09-01T00:00+08:00,,,53.1799,,,,,,,,0,5,9'
}

@test "values that cannot be are counted, of the written records alone" {
	printf '%s\n' "From Date,CO (mg/m3),RH (%),BP (mmHg)" \
		"2020-01-03 11:00:00,1,103,800" "2020-01-03 12:00:00,1,102,750" \
		"2020-01-03 13:00:00,x,103,800" "2020-01-03 14:00:00,1,,800" >in.csv
	run -1 --separate-stderr aqi-features --from cpcb --stats in.csv
	[ "${stderr##*$'\n'}" = 'aqi-features: read 4 written 3 refused 1 blanked 3' ]
	run -1 --separate-stderr aqi-features --from cpcb --stats --max-errors 1 in.csv
	[ "${stderr##*$'\n'}" = 'aqi-features: read 3 written 2 refused 1 blanked 2' ]
	run -0 --separate-stderr aqi-features --stats <<<'pm25,pm10,no2,so2,co,o3,temperature,dew_point,wind_speed,pressure,hour,day_of_week,month
1,2,3,4,5,6,7,9,8,1000,1,1,1'
	is_stderr 'aqi-features: read 1 written 1 refused 0 blanked 1'
}

@test "a unit's column is looked at in each row, and a given unit stands in" {
	cat >units.json <<-'END'
		{"name": "units", "time": {"column": "t", "stamp": "begin"},
		 "gas_reference_c": 25,
		 "fields": {"co": {"columns": ["a", "b"], "missing": "none",
		   "unit": "ppm", "unit_column": "u"}}}
	END
	run of units.json --station-name U <<-'END'
		t,a,b,u
		2020-01-01 00:00,none,1,mg/m3
		2020-01-01 01:00,500,1,ppb
		2020-01-01 02:00,500,1,ppb
		2020-01-01 03:00,1,,
	END
	is_output 'U,2020-01-01T00:00,,,,,0.8735,,,,,,0,2,1
U,2020-01-01T01:00,,,,,0.5,,,,,,1,2,1
U,2020-01-01T02:00,,,,,0.5,,,,,,2,2,1
U,2020-01-01T03:00,,,,,1,,,,,,3,2,1'
}

@test "NDJSON: what the first record lacks of several columns, a later one has" {
	cat >two.json <<-'END'
		{"name": "two", "time": {"column": "t", "stamp": "begin"},
		 "fields": {"pm10": {"columns": ["a", "b"], "unit": "ug/m3"},
		   "o3": {"columns": "o", "unit_column": "u", "optional": true}}}
	END
	run -0 aqi-features --from two.json -O csv --station-name T <<-'END'
		{"t":"2020-01-01 00:00","b":1}
		{"t":"2020-01-01 01:00","b":1,"a":2,"o":0.03,"u":"ppm"}
	END
	is_output "$RECORD
T,2020-01-01T00:00,,1,,,,,,,,,0,2,1
T,2020-01-01T01:00,,2,,,,30,,,,,1,2,1"
}

guesses() {
	aqi-features --guess "$@"
}

@test "--guess says which source, and why" {
	printf '%s\n' 'DateTime;PM10' '2017-10-01 01:00:00;11' >a.csv
	printf '%s\n' Hourly Site Date,Time,Ozone,Status \
		'2024-01-01,01:00:00,1,V ugm-3' '2024-01-01,x,1,V ugm-3' End >u.csv
	printf '%s\n' "$RECORD" "A,2020-01-01 00:00,$GOOD" >r.csv
	printf '%s\n' Datum,Zeit,NO2 yyyy-mm-dd,hh:mm,ppm >s.csv
	printf '%s\n' '04/08/24|00:00|0001|X|-4|NO2|PPB|1.6|Y' >h.dat
	run -0 --separate-stderr aqi-features --guess a.csv u.csv r.csv s.csv h.dat
	is_output "$(printf '%s\t%s\t%s\n' \
		a.csv uk-aberdeen '2 of 5 columns, 1 of the first 1 records; delimiter ;' \
		u.csv uk-air '3 of 10 columns, 1 of the first 2 records; delimiter ,; header in line 3' \
		r.csv base '15 of 16 columns, 1 of the first 1 records; delimiter ,' \
		s.csv saxony '3 of 8 columns, no record; delimiter ,' \
		h.dat airnow-hourly '6 of 6 columns, 1 of the first 1 records; delimiter |; iso-8859-1; no header')"
	is_stderr ""
}

@test "--guess says where no row is of a parameter that the source has" {
	printf '%s\n' location,utc,local,parameter,value,unit \
		A,2024-01-01T00:00:00Z,2024-01-01T01:00:00+01:00,PM25,10,ug/m3 >a.csv
	run -0 aqi-features --guess a.csv
	[[ "$output" = *', 1 of the first 1 records, none of a parameter it knows; '* ]]
	sed -i s/PM25/pm25/ a.csv
	run -0 aqi-features --guess a.csv
	[[ "$output" = *', 1 of the first 1 records; '* ]]
}

@test "--guess: what no source reads is status 1, what cannot be read 4" {
	printf 'a,b\n1,2\n' >x.csv
	printf '%s\n' 'DateTime;PM10' '2017-10-01 01:00:00;11' >a.csv
	run -1 --separate-stderr aqi-features --guess x.csv a.csv
	is_output "$(printf '%s\t%s\t%s\n' x.csv - 'no source reads it' \
		a.csv uk-aberdeen '2 of 5 columns, 1 of the first 1 records; delimiter ;')"
	run -4 --separate-stderr aqi-features --guess nosuch.csv x.csv
	is_output "$(printf 'x.csv\t-\tno source reads it')"
	is_stderr 'aqi-features:nosuch.csv: cannot open: No such file or directory'
	run -2 --separate-stderr aqi-features --guess
	is_stderr 'aqi-features: --guess takes files: name some'
	run -2 --separate-stderr aqi-features --guess --from base a.csv
	is_stderr 'aqi-features: --guess looks for the source that --from names: drop --from to have it guessed, or --guess to have the files converted'
	is_output ''
	run -2 --separate-stderr aqi-features --guess - a.csv <a.csv
	is_stderr 'aqi-features:-: a guess reads its file several times, and this is a stream; save it as a file'
	[[ $output = a.csv* ]]
	mkfifo pipe
	run -2 --separate-stderr aqi-features --guess pipe
	is_stderr 'aqi-features:pipe: a guess reads its file several times, and this is a stream; save it as a file'
}
