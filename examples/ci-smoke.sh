#!/bin/sh
# Does a prediction API do what it should? A test for every push: each endpoint
# with good and bad bodies, the predictions themselves, and a short load with
# limits. The first that fails ends it, with status 1.
#
# Usage: ci-smoke.sh [URL]
#
# Without URL, aqi-serve is started for the test. What was measured goes into
# the folder results, for the pages that a CI service makes of it.
set -eu
mkdir -p results
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT

url=${1:-}
if [ -z "$url" ]; then
	# The server says on standard error where it listens, when it does.
	mkfifo "$folder/ready"
	aqi-serve --listen 127.0.0.1:0 2>"$folder/ready" &
	server=$!
	exec 3<"$folder/ready"
	read -r line <&3
	url=http://${line##*http://}
fi

# What the API's own document says of it, 200 or 422.
aqi-loadgen --target "$url" --smoke --junit results/smoke.xml

# The same predictions as those of the model that should be deployed.
aqi-loadgen --target "$url" -n 200 --task predict=4 --task batch=1 \
	--verify "${AQI_MODEL:-production}" --junit results/verify.xml \
	-o results/verify.txt

# A hundred requests a second for five seconds, after a ramp of one.
aqi-loadgen --target "$url" --rate 10..100:1s,100:5s \
	--fail-if 'p99>500ms' --fail-if 'errors>0.1%' \
	--csv results/load.csv --junit results/load.xml -o results/load.txt
echo "the API has passed"
