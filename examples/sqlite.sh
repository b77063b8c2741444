#!/bin/sh
# SQLite: forecasts kept in a table. A delivery that comes again replaces the
# hours that are there already, so that loading twice is loading once.
set -e
here=$(cd "$(dirname "$0")" && pwd)

load() {
	aqi-features --from beijing-prsa --allow-refused 10% "$here/stations.csv" \
		-o records.csv 2>errors
	aqi-predict records.csv -o forecast.csv
	sqlite3 air.db <<-'END'
		CREATE TABLE IF NOT EXISTS forecast (station TEXT, time TEXT,
			pm25 REAL, aqi REAL, category TEXT,
			PRIMARY KEY (station, time));
		DROP TABLE IF EXISTS delivery;
		.import --csv forecast.csv delivery
		INSERT OR REPLACE INTO forecast
			SELECT station, time, nullif(pm25, ''), nullif(aqi, ''),
				nullif(category, '') FROM delivery;
		DROP TABLE delivery;
	END
}

load
load
sqlite3 -box air.db "SELECT station, count(*) AS hours, count(aqi) AS forecasts,
	round(avg(aqi), 2) AS mean, sum(aqi > 150) AS unhealthy
	FROM forecast GROUP BY station"
