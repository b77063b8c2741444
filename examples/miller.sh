#!/bin/sh
# Miller: forecasts as a table, by names of columns all the way.
here=$(cd "$(dirname "$0")" && pwd)

aqi-features --from beijing-prsa "$here/stations.csv" 2>/dev/null |
	aqi-predict |
	mlr --icsv --opprint \
		filter 'is_not_empty($aqi)' then \
		put '$part = $hour < 12 ? "morning" : "afternoon"' then \
		stats1 -a count,mean,max -f aqi -g station,part then \
		put '$aqi_mean = fmtnum($aqi_mean, "%.2f")'
