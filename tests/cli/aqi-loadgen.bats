# aqi-loadgen: made-up records, good and bad ones.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Where the records of tests/unit/test_synth.c come from, these do too.
@test "without options it writes ten uniform records of seed 1" {
	run -0 --separate-stderr aqi-loadgen
	[ "${#lines[@]}" = 11 ]
	[ "${lines[0]}" = "$HEADER" ]
	[ "${lines[1]}" = "46.6,232.5,43.5,10.6,4.16,119.4,-7.9,75.8,11.5,1026.2,10,2,11" ]
	is_stderr ""
}

@test "a shorter run is the beginning of a longer one" {
	for options in "" "--profile realistic" "-O ndjson --invalid 0.4 --label"
	do
		aqi-loadgen $options -n 100 >few
		aqi-loadgen $options -n 1000 >many
		cmp few <(head -c "$(wc -c <few)" many)
	done
}

@test "another seed gives other records, the same seed the same" {
	aqi-loadgen -n 100 --seed 5 >a
	aqi-loadgen -n 100 --seed 5 >b
	aqi-loadgen -n 100 --seed 6 >c
	cmp a b
	run -1 cmp -s a c
	run -0 aqi-loadgen --seed 18446744073709551615
}

@test "realistic records have stations in turn, hour by hour" {
	run -0 aqi-loadgen --profile realistic --stations 2 -n 3 --no-header \
		--start 2023-12-31T23:00+05:30
	[[ ${lines[0]} = S01,2023-12-31T23:00+05:30,*,23,6,12 ]]
	[[ ${lines[1]} = S02,2023-12-31T23:00+05:30,*,23,6,12 ]]
	[[ ${lines[2]} = S01,2024-01-01T00:00+05:30,*,0,0,1 ]]
}

@test "all records of both profiles are valid" {
	for profile in uniform realistic; do
		aqi-loadgen --profile $profile -n 20000 >out.csv
		run -0 --separate-stderr aqi-validate --schema api \
			-o valid.csv out.csv
		cmp out.csv valid.csv
	done
}

# Labels cut off, aqi-validate must write the records labelled valid and no
# other, in order. It drops the CR of a record that ends in CR LF.
check_labels() {
	aqi-loadgen -n 5000 --invalid 0.9 --label "$@" >labelled
	case "$*" in
	*ndjson*)
		sed -E 's/^\{"expect":"[a-z]+","fault":"[^"]+",?/{/' \
			labelled >records
		grep -a '^{"expect":"valid"' labelled |
			sed -E 's/^[^,]+,"fault":"[^"]+",?/{/'
		;;
	*)
		cut -d, -f3- labelled >records
		grep -aE '^(expect|valid),' labelled |
			cut -d, -f3-
		;;
	esac | tr -d '\r' >expected
	run -1 --separate-stderr aqi-validate --schema api records -o valid
	tr -d '\r' <valid | cmp expected -
}

@test "each label is aqi-validate's verdict" {
	check_labels
	check_labels --profile realistic --seed 2
	check_labels -O ndjson
	check_labels -O ndjson --profile realistic --seed 2
}

@test "invalid replaces about the share asked for" {
	aqi-loadgen -n 10000 --invalid 10% --label >labelled
	none=$(grep -ac '^valid,none,' labelled)
	[ "$none" -gt 8850 ] && [ "$none" -lt 9150 ]
	aqi-loadgen -n 10000 --invalid 0.1 --label | cmp - labelled
	aqi-loadgen -n 1000 --invalid 0 | cmp - <(aqi-loadgen -n 1000)
}

@test "records that are not replaced are the same without faults" {
	aqi-loadgen -n 1000 >whole
	aqi-loadgen -n 1000 --invalid 50% --label |
		sed -n 's/^valid,none,//p' >kept
	[ "$(wc -l <kept)" -gt 400 ]
	[ "$(grep -cxFf kept whole)" = "$(wc -l <kept)" ]
}

@test "an endless run ends quietly when nobody reads on" {
	aqi-loadgen -n 0 2>err | head -n 3 >out
	[ "$(wc -l <out)" = 3 ]
	[ ! -s err ]
}

@test "a full disk ends with status 4" {
	[ -c /dev/full ] || skip "there is no /dev/full"
	run -4 --separate-stderr sh -c 'aqi-loadgen >/dev/full'
	is_stderr "aqi-loadgen:standard output: cannot write: No space left on device"
}

@test "a file is written whole, and counted" {
	run -0 --separate-stderr aqi-loadgen -n 1000 -o out.csv --stats
	is_output ""
	is_stderr "aqi-loadgen: read 1000 written 1000 refused 0"
	cmp out.csv <(aqi-loadgen -n 1000)
}

# Each line: the arguments, a tab, what is said.
@test "a wrong command line ends with status 2" {
	while IFS=$'\t' read -r arguments message; do
		run -2 --separate-stderr aqi-loadgen $arguments
		is_output ""
		is_stderr "aqi-loadgen: $message"
	done <<-'END'
	-n x	-n takes a whole number from 0 to 18446744073709551615, not "x"
	-n -1	-n takes a whole number from 0 to 18446744073709551615, not "-1"
	--invalid 1.5	--invalid SHARE takes a number from 0 to 1, not "1.5"
	--invalid 101%	--invalid P% takes a number from 0 to 100, not "101"
	--profile city	--profile takes uniform or realistic, not "city"
	--profile realistic --start now	--start takes a time such as 2024-01-01T00:00+00:00, not "now"
	--profile realistic --stations 0	--stations takes a whole number from 1 to 9999, not "0"
	--stations 3	--stations is for --profile realistic
	--start 2024-01-01T00:00	--start is for --profile realistic
	-n 0 -o out.csv	-n 0 has no end, but a file must have one before it takes its name
	records.csv	no file is read; -o writes to one
	END
}
