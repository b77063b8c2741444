#!/bin/sh
# jq: forecasts as JSON. The hours of each category at each station, and the
# worst one.
here=$(cd "$(dirname "$0")" && pwd)

aqi-features --from beijing-prsa "$here/stations.csv" 2>/dev/null |
	aqi-predict -O ndjson |
	jq -sc 'group_by(.station)[] | map(select(.aqi)) | {
		station: .[0].station,
		hours: (group_by(.category) | map({(.[0].category): length}) | add),
		worst: (max_by(.aqi) | {time, aqi})
	}'
