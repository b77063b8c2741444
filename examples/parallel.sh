#!/bin/sh
# GNU parallel: one job a station, as many at a time as there are cores. The
# job log keeps the status and the time of each; after a failure,
# --resume-failed with the same log runs only what is missing.
set -e

# A week of three stations, each in a file of its own.
aqi-loadgen --profile realistic --stations 3 -n 504 |
	awk -F, 'NR == 1 { head = $0; next }
		!seen[$1]++ { print head >($1 ".csv") }
		{ print >($1 ".csv") }'

parallel --will-cite --joblog jobs.log --halt soon,fail=1 \
	aqi-predict {} -o {.}.forecast ::: S*.csv

echo 'jobs that failed:' "$(awk 'NR > 1 && $7 != 0' jobs.log | wc -l)"
wc -l S*.forecast
