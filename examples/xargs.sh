#!/bin/sh
# xargs: a file each, four at a time. Since -o writes all or nothing, a file
# that is there is done, and a second run does only those that are not. xargs
# ends with 123 when a program had refused records or failed.
mkdir -p days out
for day in 1 2 3 4 5; do
	aqi-loadgen -n 24 --seed $day -o days/$day.csv
done
echo 'these,are,no,inputs' >days/6.csv

for run in first second; do
	for file in days/*.csv; do
		[ -e "out/${file#days/}" ] || echo "${file#days/}"
	done | xargs -P 4 -I{} aqi-predict days/{} -o out/{} 2>errors
	echo "$run run: status $?, $(ls out | wc -l) files done"
done
cat errors
