#!/usr/bin/env bats
# aqi-model compile, and what it writes: the same model, whatever happens to the
# file.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	make_model
}

# same MODEL COMPILED: both say the same of 500 records, and of no value.
same() {
	aqi-loadgen -n 500 --seed 5 >in.csv
	echo ,,,,,,,,,,,, >>in.csv
	for program in "aqi-model eval --by-name" "aqi-predict --exact -m"; do
		$program "$1" in.csv >wanted
		$program "$2" in.csv >got
		cmp wanted got
	done
}

@test "a compiled model predicts what it was made of does" {
	run -0 --separate-stderr aqi-model compile ./model.json -o bare.aqi
	is_output ''
	is_stderr ''
	same ./model.json ./bare.aqi
	aqi-model compile "$ROOT/models/production" -o bundle.aqi
	same production ./bundle.aqi
}

@test "without a model, the one that is built in is compiled" {
	aqi-model compile >one.aqi
	aqi-model compile production -o two.aqi
	cmp one.aqi two.aqi
	aqi-model compile ./one.aqi -o again.aqi
	cmp one.aqi again.aqi
	same production ./one.aqi
}

@test "a compiled model is not written to a terminal" {
	script -qec true /dev/null </dev/null >/dev/null 2>&1 ||
		skip "script(1) of util-linux is not installed"
	run -2 script -qec 'aqi-model compile ./model.json' /dev/null </dev/null
	is_output $'aqi-model: a compiled model is no text for a terminal: write it to a file with -o\r'
	run -0 script -qec 'aqi-model compile ./model.json -o one.aqi' /dev/null </dev/null
	aqi-model check ./one.aqi
}

@test "a compiled file is found by its path alone, and needs nothing beside it" {
	mkdir -p bundle other
	cp "$ROOT/models/production/"*.json bundle
	aqi-model compile ./bundle -o bundle/model.aqi
	rm bundle/model.json bundle/manifest.json
	same production bundle/model.aqi
	AQI_MODEL=$PWD/bundle/model.aqi run -0 aqi-predict <<<"$HEADER"$'\n'"$GOOD"
	wanted=$output
	run -0 aqi-predict <<<"$HEADER"$'\n'"$GOOD"
	is_output "$wanted"
	run -0 aqi-predict -m <(cat bundle/model.aqi) <<<"$HEADER"$'\n'"$GOOD"
	is_output "$wanted"
}

@test "inputs that nobody names are named when it is compiled, or later" {
	sed 's/"feature_names":\["pm25"\]/"feature_names":[]/' model.json >none.json
	aqi-model compile --inputs x ./none.json -o named.aqi
	run -0 aqi-predict -m ./named.aqi <<<$'x\n50'
	[ "${lines[1]}" = 50,75.50,Moderate,0.85 ]
	aqi-model compile ./none.json -o none.aqi
	run -2 --separate-stderr aqi-predict -m ./none.aqi <<<$'x\n50'
	is_stderr 'aqi-predict:./none.aqi: the model does not name its 1 inputs (the base record has 13): name them with --inputs a,b,... of aqi-predict or aqi-model compile'
	run -0 aqi-predict --inputs x -m ./none.aqi <<<$'x\n50'
	[ "${lines[1]}" = 50,75.50,Moderate,0.85 ]
	run -0 aqi-model eval ./none.aqi <<<$'any\n50'
	is_output $'margin_0,out_0\n75.5,75.5'
	aqi-model compile -o built.aqi
	run -2 --separate-stderr aqi-predict --inputs x -m ./built.aqi <<<$'x\n50'
	is_stderr 'aqi-predict:./built.aqi: --inputs is for a tree file by itself; this is a bundle, whose manifest names them'
}

@test "compile takes one model, and says what is wrong with it" {
	run -2 --separate-stderr aqi-model compile ./model.json ./model.json
	is_stderr 'aqi-model: compile takes one model; see aqi-model compile --help'
	run -2 --separate-stderr aqi-model compile ''
	is_stderr 'aqi-model: compile takes a name, and an empty one was given'
	run -2 --separate-stderr aqi-model compile --inputs a,b ./model.json
	is_stderr 'aqi-model:./model.json: --inputs has 2 names, the model 1 inputs'
	echo old >out.aqi
	echo '{}' >bad.json
	run -3 aqi-model compile ./bad.json -o out.aqi
	[ "$(cat out.aqi)" = old ]
	run -4 aqi-model compile ./model.json -o /dev/full
	ls -A
	[ "$(ls -A | grep -c aqi)" = 1 ]
}

@test "what is damaged is refused before any record" {
	aqi-model compile ./model.json -o good.aqi
	size=$(stat -c %s good.aqi)
	for at in 9 13 17 40 200 $((size / 2)) $((size - 1)); do
		python3 - "$at" <<-'END'
		import sys
		at = int(sys.argv[1])
		data = bytearray(open("good.aqi", "rb").read())
		data[at] ^= 64
		open("bad.aqi", "wb").write(data)
		END
		run -3 --separate-stderr aqi-predict -m ./bad.aqi <<<$'pm25\n50'
		is_output ''
		[[ $stderr = 'aqi-predict:./bad.aqi: '*' compiled '* ]]
	done
	head -c $((size - 1)) good.aqi >cut.aqi
	run -3 --separate-stderr aqi-predict -m ./cut.aqi <<<$'pm25\n50'
	is_output ''
	is_stderr 'aqi-predict:./cut.aqi: the compiled model is cut short, or has bytes behind it'
}

# A program that has loaded the model and waits for its next record; then the
# file is cut, written over, or removed, and the record comes.
@test "a file that is cut or written over while it is in use changes nothing" {
	aqi-model compile -o good.aqi
	runs=20
	[ -z "${AQI_FULL:-}" ] || runs=1000
	size=$(stat -c %s good.aqi)
	aqi-predict -m ./good.aqi <<<"$HEADER"$'\n'"$GOOD"$'\n'"$GOOD" >wanted
	RANDOM=${SEED:=$RANDOM}
	echo "SEED=$SEED runs=$runs"
	mkfifo pipe
	for ((i = 0; i < runs; i++)); do
		cp good.aqi used.aqi
		at=$(((RANDOM * 32768 + RANDOM) % size))
		aqi-predict -m ./used.aqi <pipe >got &
		exec 7>pipe
		printf '%s\n%s\n' "$HEADER" "$GOOD" >&7
		until [ "$(wc -l <got)" = 2 ]; do :; done
		case $((i % 4)) in
		0) truncate -s "$at" used.aqi ;;
		1) truncate -s 0 used.aqi ;;
		2) dd if=/dev/zero of=used.aqi conv=notrunc bs=64K count=16 \
			seek="$at" oflag=seek_bytes status=none ;;
		3) rm used.aqi ;;
		esac
		printf '%s\n' "$GOOD" >&7
		exec 7>&-
		wait $!
		cmp wanted got
	done
}

# The same while it is being loaded: it is whole or refused.
@test "a file that is cut or written over while it is loaded is whole or refused" {
	aqi-model compile -o good.aqi
	runs=20
	[ -z "${AQI_FULL:-}" ] || runs=1000
	size=$(stat -c %s good.aqi)
	printf '%s\n%s\n' "$HEADER" "$GOOD" >in.csv
	aqi-predict -m ./good.aqi in.csv >wanted
	RANDOM=${SEED:=$RANDOM}
	echo "SEED=$SEED runs=$runs"
	refused=0
	for ((i = 0; i < runs; i++)); do
		cp good.aqi used.aqi
		at=$(((RANDOM * 32768 + RANDOM) % size))
		aqi-predict -m ./used.aqi in.csv >got 2>err &
		if ((i % 2)); then
			truncate -s "$at" used.aqi
		else
			dd if=/dev/zero of=used.aqi conv=notrunc bs=64K \
				count=16 seek="$at" oflag=seek_bytes status=none
		fi
		status=0
		wait $! || status=$?
		if [ "$status" = 3 ]; then
			refused=$((refused + 1))
			[ ! -s got ]
			grep -qE '^aqi-predict:./used.aqi: .* compiled ' err
		else
			[ "$status" = 0 ]
			cmp wanted got
		fi
	done
	echo "$refused of $runs were refused"
}
