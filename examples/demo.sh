#!/bin/sh
# The main job, shown: a day of two stations becomes records, good records and
# forecasts. Run by `make demo`; BUILD says where the programs are.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$(pwd)
build=${BUILD:-build}
case $build in /*) ;; *) build=$root/$build ;; esac
PATH=$build:$PATH
export PATH
unset AQI_MODEL MODEL_PATH AQI_MODELS_DIR
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cp examples/stations.csv "$folder" && cd "$folder" || exit 2

bold='' plain='' ansi=never
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m') ansi=always
fi

# Show a command, run it, show what it says. Refused records are part of the
# story (status 1), anything above is the end of it.
run() {
	printf '  %s$ %s%s\n' "$bold" "$*" "$plain"
	"$@" >said 2>&1
	status=$?
	sed 's/^/    /' said
	if [ "$status" -gt 1 ]; then
		echo "demo.sh: $1 ended with status $status" >&2
		exit "$status"
	fi
	echo
}

echo
echo 'The hours of one day at two stations, as a network publishes them:'
echo
cut -d, -f 1-13,17-18 stations.csv | sed -n '1p;8,10p;15p' | sed 's/^/    /'
echo
echo '1  Its columns, units and times become records of one form.'
echo
run aqi-features --from beijing-prsa --stats stations.csv -o day.csv
echo '2  Each record is checked; what is wrong is named and set aside.'
echo
run aqi-validate --schema observed --rejects bad.csv --stats day.csv -o good.csv
echo '3  A model forecasts the air quality index of the next 24 hours.'
echo
run aqi-predict --stats good.csv -o forecast.csv
echo 'What came out, every third hour:'
echo
aqi-category --ansi=$ansi forecast.csv | awk -F, '
function row(station, time, pm25, aqi, category, confidence,   shown) {
	shown = category
	gsub(/\033\[[0-9;]*m/, "", shown)	# colours take no room
	while (length(shown) < 30) {
		shown = shown " "
		category = category " "
	}
	line = sprintf("    %-9s  %-5s %5s %7s  %s %s", station, time, pm25,
		       aqi, category, confidence)
	sub(/ +$/, "", line)
	print line
}
function or_none(text) {
	return text == "" ? "-" : text
}
NR == 1 {
	for (i = 1; i <= NF; i++)
		at[$i] = i
	row("station", "hour", "PM2.5", "aqi", "category", "confidence")
	next
}
$at["hour"] % 3 == 1 {
	if (last != "" && $at["station"] != last)
		print ""
	last = $at["station"]
	row(last, substr($at["time"], 12, 5), or_none($at["pm25"]),
	    or_none($at["aqi"]), or_none($at["category"]),
	    or_none($at["confidence"]))
}'
cat <<'END'

A dash is a missing value. At 07:00 Riverside lacks PM2.5 and the model makes do
without; at 13:00 Northgate lacks every pollutant, too much for a forecast.

The same without the files between, as it is used every day:

    build/aqi-features --from beijing-prsa examples/stations.csv |
      build/aqi-validate --schema observed | build/aqi-predict

Next, a week of a made-up city, and what to do about its air:

    build/aqi-loadgen --profile realistic --stations 1 -n 168 |
      build/aqi-predict | build/aqi-category --advice

README.md has more recipes; man -l man/aqi.7 tells how it all goes together.
END
