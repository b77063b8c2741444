# The whole way over real station data, where AQI_DATA names a folder of it.
load helper

setup() {
	need_folder AQI_DATA
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Sum of a count over the --stats lines in files.
count() {
	local word=$1
	shift
	cat "$@" | awk -v w="$word" '{ for (i = 1; i < NF; i++) if ($i == w) n += $(i + 1) } END { print n + 0 }'
}

# One file through all programs; out.csv, and the counts of each in *.stats.
whole_way() {
	local name=$1
	shift
	xz -dc "$AQI_DATA/$name" |
		aqi-features "$@" --stats 2>features.stats |
		aqi-validate --schema observed --rejects rejects.csv --stats 2>validate.stats |
		aqi-predict --stats 2>predict.stats |
		aqi-category --color --stats 2>category.stats >out.csv
}

# read = written + refused at each step, and each step reads what the last wrote.
check_counts() {
	local rows=$1 step read written refused before=$1
	for step in features validate predict category; do
		read=$(count read $step.stats)
		written=$(count written $step.stats)
		refused=$(count refused $step.stats)
		[ "$read" = "$before" ] || { echo "$step read $read of $before"; return 1; }
		[ "$read" = $((written + refused)) ] || { echo "$step: $read $written $refused"; return 1; }
		before=$written
	done
	[ "$(($(wc -l <out.csv) - 1))" = "$before" ]
	# Refused rows are whole and have their reason.
	[ "$(($(wc -l <rejects.csv) - 1))" = "$(count refused validate.stats)" ]
}

@test "all Beijing files: read = written + refused at each step, station and time kept" {
	for file in "$AQI_DATA"/beijing_prsa/*.csv.xz; do
		whole_way "beijing_prsa/$(basename "$file")" --from beijing-prsa
		check_counts 26304
		[ "$(count refused features.stats)" = 0 ]
		station=$(basename "$file" | cut -d_ -f3)
		awk -F, -v s="$station" 'NR == 2 { if ($2 != "2013-03-01T00:00+08:00") exit 1 }
			NR > 1 && $1 != s { exit 1 }' out.csv
	done
}

@test "all CPCB files: read = written + refused at each step, named stations kept" {
	for file in "$AQI_DATA"/india_cpcb/*.csv.xz; do
		rows=$(($(xz -dc "$file" | wc -l) - 1))
		name=$(basename "$file" .csv.xz)
		whole_way "india_cpcb/$name.csv.xz" --from cpcb --station-name "$name"
		check_counts "$rows"
		awk -F, -v s="$name" 'NR > 1 && $1 != s { exit 1 }' out.csv
	done
}

@test "the way through NDJSON gives equal values" {
	for name in beijing_prsa/PRSA_Data_Dongsi_20130301-20160229.csv.xz india_cpcb/UP031.csv.xz; do
		case $name in beijing*) from=beijing-prsa ;; *) from=cpcb ;; esac
		xz -dc "$AQI_DATA/$name" | head -4000 >in.csv
		aqi-features --from $from in.csv | aqi-predict >straight.csv
		aqi-features --from $from -O ndjson in.csv | aqi-predict | aqi-category -O csv >through.csv
		cmp straight.csv through.csv
	done
}

@test "parallel in blocks and xargs with one output a file give the same rows" {
	for station in Dongsi Wanliu; do
		xz -dc "$AQI_DATA"/beijing_prsa/*_"$station"_*.csv.xz >$station.csv
		aqi-features --from beijing-prsa $station.csv | aqi-predict >$station.whole
	done
	parallel --pipe --header : --block 400k -k \
		'aqi-features --from beijing-prsa | aqi-predict' <Dongsi.csv |
		awk 'NR == 1 || !/^station,/' >blocks.csv
	cmp blocks.csv Dongsi.whole
	printf '%s\n' Dongsi.csv Wanliu.csv |
		xargs -P 2 -I{} sh -c 'aqi-features --from beijing-prsa {} | aqi-predict -o {}.out'
	cmp Dongsi.csv.out Dongsi.whole
	cmp Wanliu.csv.out Wanliu.whole
}

# The source of a file of the folder, by its path there; nothing for no data.
source_of() {
	case $1 in
	airnow_2024/*HourlyAQObs*) echo airnow ;;
	airnow_2024/*HourlyData*) echo airnow-hourly ;;
	andalucia/*) echo andalucia ;;
	bc_0450307/*) echo bc ;;
	beijing_prsa/*) echo beijing-prsa ;;
	china_cnemc_2019/*.xz) echo china-cnemc ;;
	india_city_day/*) echo india-city-day ;;
	india_cpcb/*.xz) echo cpcb ;;
	italy_uci/*resaved*) echo uci-italy-resaved ;;
	italy_uci/*) echo uci-italy ;;
	london_marylebone/*) echo openair ;;
	openaq_csv/*kabul*) echo openaq-no-header ;;
	openaq_csv/*.csv.xz) echo openaq ;;
	saxony/*) echo saxony ;;
	sensor_community/data-esp8266*) echo sensor-madavi ;;
	sensor_community/*) echo sensor-community ;;
	seoul/daily*) echo seoul-daily ;;
	seoul/*) echo seoul ;;
	taiwan_moenv/*) echo taiwan-moenv ;;
	uk_aberdeen/*) echo uk-aberdeen ;;
	uk_air/*) echo uk-air ;;
	us_aqs_daily/*) echo us-aqs ;;
	us_nowcast_o3/*) echo us-nowcast-o3 ;;
	esac
}

@test "--guess knows the source of every file" {
	cd "$AQI_DATA"
	find . -name '*.xz' -o -name '*.csv' | sed 's,^\./,,' | sort \
		>"$BATS_TEST_TMPDIR/files"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/files")" -gt 100 ]
	while IFS= read -r file; do
		wanted=$(source_of "$file")
		printf '%s\t%s\n' "$file" "${wanted:--}"
	done <"$BATS_TEST_TMPDIR/files" >"$BATS_TEST_TMPDIR/wanted"
	tr '\n' '\0' <"$BATS_TEST_TMPDIR/files" |
		xargs -0 aqi-features --guess | cut -f 1,2 \
		>"$BATS_TEST_TMPDIR/got" || true
	diff "$BATS_TEST_TMPDIR/wanted" "$BATS_TEST_TMPDIR/got"
}

@test "each file of a source with a row a record is read whole, and no row refused" {
	cd "$AQI_DATA"
	n=0
	for file in */*.xz saxony/*/*/*.xz airnow_2024/raw_hour/*.csv.xz; do
		from=$(source_of "$file")
		case $from in
		'' | airnow-hourly | china-cnemc | openaq* | beijing* | cpcb)
			continue ;;
		esac
		aqi-features --from "$from" --stats "$file" \
			2>"$BATS_TEST_TMPDIR/stats" >"$BATS_TEST_TMPDIR/out" || {
			echo "$file: $(cat "$BATS_TEST_TMPDIR/stats")"
			return 1
		}
		[[ $(cat "$BATS_TEST_TMPDIR/stats") == *" refused 0 "* ]]
		n=$((n + $(count written "$BATS_TEST_TMPDIR/stats")))
	done
	echo "$n records"
	[ "$n" -gt 400000 ]
}

@test "files with several rows a record: read = written + refused + merged" {
	cd "$AQI_DATA"
	n=0 refused=0
	for file in airnow_2024/HourlyData*.xz airnow_2024/raw_hour/*Data*.xz \
		china_cnemc_2019/*q2.csv.xz china_cnemc_2019/raw_daily/*.xz \
		openaq_csv/*.csv.xz; do
		aqi-features --from "$(source_of "$file")" --stats "$file" \
			2>"$BATS_TEST_TMPDIR/stats" >"$BATS_TEST_TMPDIR/out" ||
			[ $? -eq 1 ]
		tail -n 1 "$BATS_TEST_TMPDIR/stats" >"$BATS_TEST_TMPDIR/line"
		read -r _ _ r _ w _ f _ m _ <"$BATS_TEST_TMPDIR/line"
		[ "$r" = $((w + f + m)) ]
		[ "$(($(wc -l <"$BATS_TEST_TMPDIR/out") - 1))" = "$w" ]
		n=$((n + w)) refused=$((refused + f))
	done
	echo "$n records, $refused refused"
	# Two of China's files break off in a line.
	[ "$refused" = 2 ]
	[ "$n" -gt 350000 ]
}

@test "a day of AirNow has a record for each station and hour, and its values" {
	xz -dc "$AQI_DATA"/airnow_2024/HourlyData_20240408_470sites.dat.xz >day.dat
	aqi-features --from airnow-hourly day.dat >out.csv
	named='^(PM2.5|PM10|NO2|SO2|CO|OZONE|TEMP|RHUM|WS|RWS|BARPR)$'
	awk -F'|' -v named="$named" '$6 ~ named && !seen[$3, $2]++ { n++ }
		END { print n }' day.dat >wanted
	echo "$(($(wc -l <out.csv) - 1))" | cmp wanted -
	# Each PM2.5 of a station, in order, with its bytes.
	awk -F'|' '$6 == "PM2.5" { print $3 "," $8 }' day.dat | sort >wanted
	awk -F, 'NR > 1 && $3 != "" { print $1 "," $3 }' out.csv | sort | cmp wanted -
}
