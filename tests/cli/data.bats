# The whole way over real station data, where AQI_DATA names a folder of it.
load helper

setup() {
	need_folder AQI_DATA
	aqi-features --version | grep -q liblzma || skip "built without liblzma"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Each data set: its files, their source, and what stands before aqi-features.
# One that is not here, and no document or list of stations, fails a test.
data_sets() {
	cat <<-'END'
	airnow_2024/*HourlyAQObs_*.csv.xz       airnow
	airnow_2024/*HourlyData_*.dat.xz        airnow-hourly
	andalucia/*.csv.xz                      andalucia
	bc_0450307/*.csv.xz                     bc
	beijing_prsa/PRSA_*.csv.xz              beijing-prsa
	china_cnemc_2019/*china_sites*.csv.xz   china-cnemc
	india_city_day/*.csv.xz                 india-city-day
	india_cpcb/?????.csv.xz                 cpcb
	italy_uci/AirQualityUCI.csv.xz          uci-italy
	italy_uci/*_resaved_bom.csv.xz          uci-italy-resaved
	london_marylebone/*.csv.xz              openair
	openaq_csv/openaq_kabul_*.csv.xz        openaq-no-header
	openaq_csv/*_cardiff_*.csv.xz           openaq
	openaq_csv/*_greensboro_*.csv.xz        openaq
	openaq_csv/pandas_*.csv.xz              openaq
	openaq_csv/*.json.xz                    openaq    jq -c .[]
	saxony/*.csv.xz                         saxony
	sensor_community/*_sds011_*.csv.xz      sensor-community
	sensor_community/data-esp*.csv.xz       sensor-madavi
	seoul/seoul-air.csv.xz                  seoul
	seoul/daily_*.csv.xz                    seoul-daily
	taiwan_moenv/*.ndjson.xz                taiwan-moenv
	uk_aberdeen/*.csv.xz                    uk-aberdeen
	uk_air/*.csv.xz                         uk-air
	us_aqs_daily/*.csv.xz                   us-aqs
	us_nowcast_o3/*.csv.xz                  us-nowcast-o3
	END
}

# A count of a --stats line.
count() {
	sed -n "\$s/.* $2 \([0-9]*\).*/\1/p" "$1"
}

# One record of how many is compared: all of small files and with AQI_FULL.
# The seed of the sample is AQI_SEED, or another each time; a fault shows it.
every() {
	if [ -n "${AQI_FULL:-}" ]; then
		echo 1
	else
		echo $((1 + $(stat -c %s "$1") / 20000))
	fi
}

# read = written + refused + merged at each step, each step reads what the last
# one wrote, and refused records are whole, with their reason.
check_counts() {
	local step read before=$1
	for step in validate predict category; do
		read=$(count $step.stats read)
		[ "$read" = "$before" ] || { echo "$step read $read of $before"; return 1; }
		before=$(count $step.stats written)
		[ "$read" = $((before + $(count $step.stats refused))) ] ||
			{ cat $step.stats; return 1; }
	done
	[ "$(count validate.stats refused)" = \
		"$(($(wc -l <rejects.csv) - 1))" ]
	[ "$before" = "$(($(wc -l <out.csv) - 1))" ]
}

# One file through all programs, and its records against tests/data/reader.py.
whole_way() {
	local file=$1 from=$2 status=0
	shift 2
	if [ $# -gt 0 ]; then
		xz -dc "$file" | "$@" >in
		set -- in
	else
		set -- "$file"
	fi
	rm -f records.csv
	aqi-features --from "$from" -O csv --exact --stats -o records.csv "$@" \
		2>features.stats || status=$?
	[ $status -le 1 ] || { cat features.stats; return 1; }
	python3 "$ROOT/tests/data/compare.py" --every "$(every "$file")" \
		--seed "${AQI_SEED:-$RANDOM}" --stats features.stats \
		"$file" records.csv
	aqi-validate --schema observed --rejects rejects.csv --stats \
		records.csv 2>validate.stats |
		aqi-predict --stats 2>predict.stats |
		aqi-category --color --stats 2>category.stats >out.csv
	check_counts "$(count features.stats written)"
}

# All files of a source.
each_file() {
	local pattern source before file files=0
	while read -r pattern source before; do
		[ "$source" = "$1" ] || continue
		while read -r file; do
			# shellcheck disable=SC2086 # a command and its arguments
			whole_way "$file" "$source" $before
			files=$((files + 1))
		done < <(find "$AQI_DATA" -path "$AQI_DATA/$pattern" | sort)
	done < <(data_sets)
	[ $files -gt 0 ]
}

# But those of one day of AirNow and CNEMC, which are also in the others.
@test "all files of a source in one run are as each by itself" {
	local pattern source before
	while read -r pattern source before; do
		[ "$source" != taiwan-moenv ] || continue	# no header
		find "$AQI_DATA" -path "$AQI_DATA/$pattern" \
			! -path '*/raw_*' | sort >files
		[ "$(wc -l <files)" -gt 1 ] || continue
		xargs aqi-features --from "$source" <files >one.csv
		xargs -n 1 aqi-features --from "$source" <files |
			awk 'NR == 1 { header = $0 } NR == 1 || $0 != header' |
			cmp one.csv -
		echo "# $source: $(wc -l <files) files, $(wc -l <one.csv) lines" >&3
	done < <(data_sets)
}

@test "each file is of one data set, and each data set has its test" {
	local file pattern source before n
	while read -r file; do
		n=0
		while read -r pattern source before; do
			# shellcheck disable=SC2053 # a pattern it is
			[[ $file == "$AQI_DATA"/$pattern ]] && n=$((n + 1))
		done < <(data_sets)
		[ $n -eq 1 ] || { echo "$file is of $n data sets"; return 1; }
	done < <(find "$AQI_DATA" -type f ! -name README.md \
		! -name stations.csv ! -name stations_info.csv)
	diff <(data_sets | awk '{ print $2 }' | sort -u) \
		<(sed -n 's/^\teach_file //p' "$BATS_TEST_FILENAME" | sort)
}

@test "cpcb: counts add up, and values are those of the other reader" {
	each_file cpcb
}

@test "china-cnemc: counts add up, and values are those of the other reader" {
	each_file china-cnemc
}

@test "beijing-prsa: counts add up, and values are those of the other reader" {
	each_file beijing-prsa
}

@test "airnow-hourly: counts add up, and values are those of the other reader" {
	each_file airnow-hourly
}

@test "airnow: counts add up, and values are those of the other reader" {
	each_file airnow
}

@test "taiwan-moenv: counts add up, and values are those of the other reader" {
	each_file taiwan-moenv
}

@test "openair: counts add up, and values are those of the other reader" {
	each_file openair
}

@test "uk-aberdeen: counts add up, and values are those of the other reader" {
	each_file uk-aberdeen
}

@test "seoul: counts add up, and values are those of the other reader" {
	each_file seoul
}

@test "us-aqs: counts add up, and values are those of the other reader" {
	each_file us-aqs
}

@test "india-city-day: counts add up, and values are those of the other reader" {
	each_file india-city-day
}

@test "saxony: counts add up, and values are those of the other reader" {
	each_file saxony
}

@test "uci-italy: counts add up, and values are those of the other reader" {
	each_file uci-italy
}

@test "uci-italy-resaved: counts add up, and values are those of the other reader" {
	each_file uci-italy-resaved
}

@test "seoul-daily: counts add up, and values are those of the other reader" {
	each_file seoul-daily
}

@test "bc: counts add up, and values are those of the other reader" {
	each_file bc
}

@test "uk-air: counts add up, and values are those of the other reader" {
	each_file uk-air
}

@test "openaq: counts add up, and values are those of the other reader" {
	each_file openaq
}

@test "openaq-no-header: counts add up, and values are those of the other reader" {
	each_file openaq-no-header
}

@test "andalucia: counts add up, and values are those of the other reader" {
	each_file andalucia
}

@test "sensor-community: counts add up, and values are those of the other reader" {
	each_file sensor-community
}

@test "sensor-madavi: counts add up, and values are those of the other reader" {
	each_file sensor-madavi
}

@test "us-nowcast-o3: counts add up, and values are those of the other reader" {
	each_file us-nowcast-o3
}

@test "--guess names the source of each file, and none of a document's" {
	local pattern source before status=0
	(
		find "$AQI_DATA" -name README.md -printf '%p\t-\n'
		find "$AQI_DATA" -name 'stations*.csv' -printf '%p\t-\n'
		while read -r pattern source before; do
			find "$AQI_DATA" -path "$AQI_DATA/$pattern" \
				-printf "%p\t${before:+-}$source\n"
		done < <(data_sets) | sed 's/\t-.*/\t-/'
	) | sort >wanted
	cut -f 1 wanted | xargs -d '\n' aqi-features --guess >guesses || status=$?
	[ $status -eq 123 ]	# xargs: aqi-features ended with 1
	cut -f 1,2 guesses | diff wanted -
}

# The figures are those of the description of the data.
@test "Beijing has the gaps and episodes that its description counts" {
	for file in "$AQI_DATA"/beijing_prsa/*.csv.xz; do
		xz -dc "$file" >"$(basename "$file" .xz)"
	done
	aqi-features --from beijing-prsa PRSA_*.csv >all.csv
	[ "$(aqi-validate --schema observed --summary=json all.csv |
		jq -c '.fields | [.pm25, .pm10, .so2, .no2, .co, .o3, .temperature,
			.pressure, .wind_speed] | map(.missing)')" = \
		'[5073,3663,5653,7789,15840,8297,145,144,140]' ]
	# PM2.5 above 500, PM10 above 600, PM2.5 above PM10, O3 above 300 ppb,
	# and records with all six.
	[ "$(awk -F, 'NR > 1 {
			fine += $3 != "" && $3 > 500
			coarse += $4 != "" && $4 > 600
			crossed += $3 != "" && $4 != "" && $3 > $4
			ozone += $8 != "" && $8 > 300
			six += $3 != "" && $4 != "" && $5 != "" && $6 != "" &&
				$7 != "" && $8 != ""
		} END { print fine, coarse, crossed, ozone, six }' all.csv)" = \
		"552 430 18067 18 236657" ]
}

# 571,596 records with all six are those where CO is headed mg/m3; RJ017, with
# ug/m3 in the header, has 697 more.
@test "CPCB has the broken values that its description counts" {
	for file in "$AQI_DATA"/india_cpcb/?????.csv.xz; do
		xz -dc "$file" | aqi-features --from cpcb | tail -n +2
	done | awk -F, '{
			hot += $9 != "" && $9 > 50
			storm += $11 != "" && $11 > 20
			crossed += $3 != "" && $4 != "" && $3 > $4
			six += $3 != "" && $4 != "" && $5 != "" && $6 != "" &&
				$7 != "" && $8 != ""
		} END { print NR, hot, storm, crossed, six }' >found
	[ "$(<found)" = "823224 1571 4471 1742 $((571596 + 697))" ]
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
