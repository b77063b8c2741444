#!/bin/sh
# A file that a logger appends to, answered record by record:
#
#     follow.sh FILE [PID]
#
# It goes on until it is stopped, or until the process of that PID, say the
# logger, is no more. -F follows the name, so that a file that is rotated away
# is followed by the next one, whose header is refused as a record and said so.
if [ $# -gt 1 ]; then
	tail -n +1 -s 0.1 -F --pid="$2" "$1" 2>/dev/null
else
	tail -n +1 -F "$1"
fi | aqi-predict
