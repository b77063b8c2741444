# Each program under Valgrind, on good and hostile records: no invalid access,
# nothing uninitialised used, nothing lost.
load helper

setup() {
	case $BUILD in *sanitize*) skip "the sanitizers watch already" ;; esac
	command -v valgrind >/dev/null || skip "valgrind is not installed"
	cd "$BATS_TEST_TMPDIR" || return 1
	aqi-loadgen -n 300 --seed 11 --invalid 60% >hostile.csv
	aqi-loadgen -n 300 --seed 11 --invalid 60% -O ndjson >hostile.ndjson
}

# Run a program, whose own status may be 0 to 3, under Valgrind.
watched() {
	local status=0
	valgrind -q --error-exitcode=99 --leak-check=full \
		--suppressions="$ROOT/tests/cli/valgrind.supp" \
		--errors-for-leak-kinds=definite,indirect,possible \
		"$BUILD/$1" "${@:2}" >out 2>err || status=$?
	[ "$status" -le 3 ] || {
		echo "status $status"
		tail -40 err
		return 1
	}
}

@test "aqi-validate under valgrind" {
	watched aqi-validate --rejects r.csv hostile.csv
	watched aqi-validate --flag -O ndjson hostile.csv
	watched aqi-validate --summary=json --schema observed hostile.ndjson
	watched aqi-validate --rejects r.ndjson -O csv --columns pm25,month --allow-absent hostile.ndjson
	watched aqi-validate --max-errors 2 -o out.csv hostile.csv
	watched aqi-validate --schema none hostile.csv
}

@test "aqi-features under valgrind" {
	watched aqi-features --from beijing-prsa "$ROOT/examples/stations.csv"
	watched aqi-features --from beijing-prsa --keep all -O ndjson "$ROOT/examples/stations.csv"
	watched aqi-features hostile.csv
	watched aqi-features --from cpcb hostile.csv
	watched aqi-features --list-sources
}

@test "aqi-predict under valgrind" {
	watched aqi-predict hostile.csv
	watched aqi-predict --exact --keep-old hostile.ndjson
	watched aqi-predict --schema api -O csv --columns "$HEADER" hostile.ndjson
	watched aqi-predict --list-models
	watched aqi-predict -m "$ROOT/models/production" hostile.csv
	watched aqi-predict -m "$ROOT/models/production/manifest.json" hostile.csv
}

@test "aqi-category under valgrind" {
	watched aqi-category --column pm25 --color --advice hostile.csv
	watched aqi-category --column pm25 --ansi always hostile.ndjson
}

@test "aqi-model under valgrind" {
	watched aqi-model eval production --stats hostile.csv
	watched aqi-model eval production --by-name --keep hostile.ndjson
	watched aqi-model eval production --leaf hostile.csv
	watched aqi-model check -v "$ROOT/models/production"
	watched aqi-model info "$ROOT/models/production" production
	watched aqi-model info --json
	watched aqi-model dump
	watched aqi-model dump --json -o out.ndjson
}

@test "aqi-loadgen under valgrind" {
	watched aqi-loadgen -n 500 --profile realistic --invalid 0.5 --label
	watched aqi-loadgen -n 500 -O ndjson -o out.ndjson
}
