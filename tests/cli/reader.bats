# The other reader itself (tests/data), on files made here: it agrees with
# aqi-features where that is right, and says what is not.
load helper

PRSA=No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir beijing_prsa
	file=beijing_prsa/PRSA_A.csv
	printf '%s\n' "$PRSA" \
		1,2013,3,1,0,4,4,4,7,300,77,-0.7,1023,-18.8,0,NNW,4.4,A \
		2,2013,3,1,1,NA,8,3,9,400,70,-1.1,1024,-18.2,0,N,4.7,A \
		3,2013,3,1,2,7,7,5,10,NA,73,NA,1024,-18.2,0,N,5.6,A >$file
	aqi-features --from beijing-prsa --exact --stats $file >records.csv \
		2>stats
}

compare() {
	python3 "$ROOT/tests/data/compare.py" "$@"
}

@test "records of aqi-features agree with the reader's" {
	run -0 compare --stats stats $file records.csv
	is_output "read 3 written 3 refused 0 merged 0 values 45"
	run -0 compare --every 2 --seed 1 --stats stats $file records.csv
	[[ $output == "read 3 written 3 refused 0 merged 0 values "[13]* ]]
}

@test "the reader prints records and counts" {
	run -0 python3 "$ROOT/tests/data/reader.py" $file
	[ "${lines[0]}" = "station,time,$HEADER" ]
	[[ ${lines[2]} == A,2013-03-01T01:00+08:00,,8.0,* ]]
	run -0 python3 "$ROOT/tests/data/reader.py" --counts $file
	is_output "read 3 written 3 refused 0 merged 0"
	run -0 python3 "$ROOT/tests/data/reader.py" --source $file
	is_output beijing-prsa
}

@test "a value that is not there, or a billionth off, is found" {
	sed '2s/,35\.95[0-9]*,/,35.9580001,/; 3s/,,8,/,1,8,/' records.csv >bad.csv
	run -1 compare --stats stats $file bad.csv
	[ "${#lines[@]}" = 3 ]
	[[ ${lines[0]} == "$file: record 1 (A 2013-03-01T00:00+08:00): o3: wanted 35.95"*", got 35.9580001" ]]
	[ "${lines[1]}" = "$file: record 2 (A 2013-03-01T01:00+08:00): pm25: wanted nothing, got 1" ]
	[ "${lines[2]}" = "every 1 of seed 1" ]
}

@test "a record too few or too many, and a wrong count, are found" {
	head -n 3 records.csv >bad.csv
	run -1 compare $file bad.csv
	[ "${lines[0]}" = "$file: 2 records, wanted 3" ]
	(cat records.csv; tail -n 1 records.csv) >bad.csv
	run -1 compare $file bad.csv
	[ "${lines[0]}" = "$file: 4 records, wanted 3" ]
	echo 'aqi-features: read 4 written 3 refused 1' >stats
	run -1 compare --stats stats $file records.csv
	[ "${lines[0]}" = "$file: read 4, wanted 3" ]
	[ "${lines[1]}" = "$file: refused 1, wanted 0" ]
}

@test "another order of columns or records is found" {
	awk -F, -v OFS=, '{ t = $3; $3 = $4; $4 = t; print }' records.csv >bad.csv
	run -1 compare $file bad.csv
	[ "${lines[0]}" = "$file: the columns are station,time,pm10,pm25,${HEADER#*,*,}" ]
	(head -n 1 records.csv; tail -n 2 records.csv; sed -n 2p records.csv) >bad.csv
	run -1 compare $file bad.csv
	[ "${lines[0]}" = "$file: record 1 (A 2013-03-01T01:00+08:00): time: wanted 2013-03-01T00:00+08:00, got 2013-03-01T01:00+08:00" ]
}
