#!/bin/sh
# Forecasts by cron, of what a network has delivered:
#
#     17 * * * *   cron.sh /srv/air/stations.csv /srv/air/out
#
# out/forecast.csv is whole at any moment: each step writes with -o, all or
# nothing, and the first that fails ends the run, so the last good forecast
# stays. Refused records are kept in out/rejects.csv, and their messages go to
# out/log. Up to a tenth of them is all right; cron mails what is printed, and
# that is nothing while all is well.
set -u
in=$(realpath "$1") && mkdir -p "$2" && cd "$2" || exit 4

# A run that takes longer than an hour is not run twice.
exec 9>lock
flock -n 9 || exit 0

step() {
	"$@" 2>>log.new
	status=$?
	[ $status -eq 0 ] && return
	mv log.new log
	echo "$1 ended with status $status; the forecast is the old one"
	tail -n 3 log
	exit $status
} >&2

: >log.new
step aqi-features --from beijing-prsa --allow-refused 10% "$in" -o records.csv
step aqi-validate --schema observed --allow-refused 10% --rejects rejects.csv \
	records.csv -o good.csv
step aqi-predict good.csv -o forecast.csv
mv log.new log
