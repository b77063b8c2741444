#!/usr/bin/env bats
# aqi-model prune and quantize: smaller models, and what they cost.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	make_model
	aqi-loadgen -n 300 --seed 4 >in.csv
}

# of NAME: the number that a line of the output begins with.
of() {
	sed -n "s/^$1 \([^,]*\).*/\1/p" <<<"$output"
}

@test "what decides nothing is dropped, and no prediction changes" {
	run -0 aqi-model prune --tolerance 0 --records in.csv -o small.aqi
	[ "$(of records)" = 300 ]
	[ "$(of 'mean error')" = 0 ]
	[ "$(of 'largest error')" = 0 ]
	[ "$(of 'other category')" = 0 ]
	aqi-predict --exact in.csv >wanted
	aqi-predict --exact -m ./small.aqi in.csv >got
	cmp wanted got
}

@test "fewer trees: a smaller file, and the error that it says" {
	run -0 --separate-stderr aqi-model prune --trees 100 --records in.csv -o small.aqi
	is_stderr ''
	[ "${lines[0]}" = 'trees 100, were 320' ]
	[[ ${lines[1]} =~ ^nodes\ [0-9]+,\ were\ 23900$ ]]
	[[ ${lines[2]} =~ ^distinct\ splits\ [0-9]+,\ were\ 1845$ ]]
	[ "$(of bytes)" = "$(stat -c %s small.aqi)" ]
	aqi-model compile -o whole.aqi
	[[ ${lines[3]} = "bytes $(of bytes), were $(stat -c %s whole.aqi)" ]]
	[ "$(of bytes)" -lt $(($(stat -c %s whole.aqi) / 2)) ]
	aqi-model eval --by-name production in.csv | cut -d, -f 2 >wanted
	aqi-model eval --by-name ./small.aqi in.csv | cut -d, -f 2 >got
	run -0 python3 - "$(of 'mean error')" "$(of 'largest error')" <<-'END'
	import sys
	a, b = ([float(x) for x in open(f).read().split()[1:]] for f in ("wanted", "got"))
	d = [abs(x - y) for x, y in zip(a, b)]
	mean, most = map(float, sys.argv[1:])
	assert abs(sum(d) / len(d) - mean) < 1e-4 * mean, (sum(d) / len(d), mean)
	assert abs(max(d) - most) < 1e-4 * most, (max(d), most)
	END
}

@test "records that come to another category are counted" {
	run -0 aqi-model quantize --cuts 4 --records in.csv -o small.aqi
	moved=$(of 'other category')
	aqi-predict in.csv | rev | cut -d, -f 2 | rev >wanted
	aqi-predict -m ./small.aqi in.csv | rev | cut -d, -f 2 | rev >got
	[ "$(paste -d, wanted got | awk -F, '$1 != $2' | wc -l)" = "$moved" ]
	[ "$moved" -gt 0 ]
}

@test "without a file, it is only said what would be" {
	run -0 aqi-model prune --trees 100 -o small.aqi
	wanted=$output
	ls >before
	run -0 aqi-model prune --trees 100
	is_output "$wanted"
	ls | diff before -
}

@test "coarser numbers: leaves of a step, and so many thresholds" {
	run -0 aqi-model quantize --leaf-step 10 ./model.json -o small.aqi
	run -0 aqi-model eval ./small.aqi <<<$'pm25\n12\n50'
	is_output $'margin_0,out_0\n30,30\n80,80'
	run -0 aqi-model quantize --cuts 16 -o small.aqi
	[ "$(of 'distinct splits')" -le $((16 * 13 * 2)) ]
	run -0 aqi-model quantize --cuts 100000 --records in.csv -o small.aqi
	[ "$(of 'largest error')" = 0 ]
}

@test "a record that is refused is named, and the others count" {
	printf 'pm25\n1\nx\n50\n' >bad.csv
	run -1 --separate-stderr aqi-model prune --tolerance 0 --records bad.csv ./model.json -o small.aqi
	[ "$(of records)" = 2 ]
	is_stderr 'aqi-model:bad.csv:3:1: pm25: "x" is not a number'
	run -0 aqi-predict -m ./small.aqi <<<$'pm25\n50'
	printf 'pm25\n' >none.csv
	run -0 --separate-stderr aqi-model prune --tolerance 0 --records none.csv ./model.json -o small.aqi
	[ "${lines[-1]}" = 'records 0' ]
}

@test "a model that names no inputs takes records by their places" {
	sed 's/"feature_names":\["pm25"\]/"feature_names":[]/' model.json >none.json
	run -0 aqi-model prune --tolerance 100 --records <(printf 'any\n12\n50\n') ./none.json -o small.aqi
	[ "$(of nodes)" = 1 ]
	[ "$(of 'mean error')" = 25.125 ]
	run -2 --separate-stderr aqi-model prune --tolerance 0 --records in.csv ./none.json -o other.aqi
	is_stderr 'aqi-model:in.csv:1: 13 columns, but the model has 1 inputs, which it does not name: name them with aqi-model compile --inputs'
	[ ! -e other.aqi ]
}

# What says the same as in.csv in another form, and one that shrinks by it.
@test "records come in any form that other programs read" {
	for shrink in 'prune --trees 100' 'quantize --leaf-step 1'; do
		run -0 aqi-model $shrink --records in.csv
		wanted=$output
		tr , ';' <in.csv >other.csv
		run -0 aqi-model $shrink -d ';' --records other.csv
		is_output "$wanted"
		tr ,. ';,' <in.csv >other.csv
		run -0 aqi-model $shrink -d ';' --decimal-comma --records other.csv
		is_output "$wanted"
		sed 1d in.csv >other.csv
		run -0 aqi-model $shrink --no-header --columns "$HEADER" --records other.csv
		is_output "$wanted"
		iconv -t UTF-16 in.csv >other.csv
		run -0 aqi-model $shrink --encoding UTF-16 -j 1 --records other.csv
		is_output "$wanted"
		aqi-validate -O ndjson in.csv >other.csv
		run -0 aqi-model $shrink -I ndjson --records other.csv
		is_output "$wanted"
	done
}

@test "of records, texts are missing, columns chosen and refusals allowed" {
	sed 's/"feature_names":\["pm25"\]/"feature_names":[]/' model.json >none.json
	printf 'site,pm25\nx,12\ny,none\nz,50\nz,?\n' >odd.csv
	run -1 --separate-stderr aqi-model prune --tolerance 100 --na none --columns pm25 \
		--rejects bad.csv --records odd.csv ./none.json
	[ "$(of records)" = 3 ]
	[ "$(of 'mean error')" = 25.125 ]
	is_stderr 'aqi-model:odd.csv:5:3: pm25: "?" is not a number'
	[ "$(cat bad.csv)" = $'pm25,reason\n?,"pm25: ""?"" is not a number"' ]
	run -0 aqi-model quantize --leaf-step 10 --na none --columns pm25 \
		--allow-refused 1 --records odd.csv ./none.json
	run -2 --separate-stderr aqi-model prune --trees 1 --no-header --records odd.csv
	is_stderr 'aqi-model: --no-header needs the names of the columns: --columns NAME,...'
}

@test "the file that is written may be the model itself, which is whole at any time" {
	aqi-model compile ./model.json -o other.aqi
	for from in model.json other.aqi; do
		for command in compile 'prune --trees 1' 'quantize --leaf-step 10'; do
			cp $from same
			aqi-model $command ./same -o wanted
			aqi-model $command ./same -o same
			cmp wanted same
			# A link still leads there; what it led to is written.
			cp $from same
			ln -sf same link
			aqi-model $command ./link -o link
			[ -L link ]
			# compile does not change what is compiled.
			aqi-predict -m ./same <<<$'pm25\n12' >got
			aqi-predict -m ./wanted <<<$'pm25\n12' | cmp - got
			cp $from same
			run -4 --separate-stderr bash -c \
				"ulimit -f 1; exec aqi-model $command ./same -o same"
			is_stderr 'aqi-model:same: cannot write: File too large'
			cmp $from same
		done
	done
	# No other file is left, but for those of bats.
	[ "$(ls -A | grep -v separate-stderr | tr '\n' ' ')" = \
		'got in.csv link model.json other.aqi same wanted ' ]
}

@test "what is asked for in vain is said" {
	run -2 --separate-stderr aqi-model prune
	is_stderr 'aqi-model: prune takes --trees, --tolerance, or both'
	run -2 --separate-stderr aqi-model quantize -o x.aqi
	is_stderr 'aqi-model: quantize takes --leaf-step, --cuts, or both'
	run -2 --separate-stderr aqi-model prune --trees 3 a b
	is_stderr 'aqi-model: prune takes one model; see aqi-model prune --help'
	run -2 --separate-stderr aqi-model quantize --cuts 3 a b
	is_stderr 'aqi-model: quantize takes one model; see aqi-model quantize --help'
	run -2 --separate-stderr aqi-model quantize --cuts 0 -o x
	is_stderr 'aqi-model: --cuts takes a whole number from 1 to 1000000, not "0"'
	run -2 --separate-stderr aqi-model prune --tolerance -1 -o x
	is_stderr 'aqi-model: --tolerance takes a number from 0 to 1e+30, not "-1"'
	run -2 --separate-stderr aqi-model prune --trees 2 ./model.json -o x.aqi
	is_stderr 'aqi-model: the model has 1 trees, fewer than 2'
	run -3 --separate-stderr aqi-model prune --trees 2 ./nosuch.json -o x.aqi
	is_stderr 'aqi-model:./nosuch.json: cannot open: No such file or directory'
	[ ! -e x.aqi ]
	run -4 --separate-stderr aqi-model prune --trees 1 ./model.json -o /dev/full
	is_stderr 'aqi-model:/dev/full: cannot write: No space left on device'
	is_output ''
}

@test "usage: the records are not what is written" {
	aqi-loadgen -n 2 -o records.csv
	cp records.csv kept
	run -2 --separate-stderr aqi-model prune production --trees 100 --records records.csv -o records.csv
	is_stderr 'aqi-model:records.csv: --output would write over this input; give it a file of its own'
	cmp records.csv kept
}
