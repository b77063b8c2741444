#!/usr/bin/env bats
# aqi-serve beside the service that it replaces: see tests/serve/README.md.

bats_require_minimum_version 1.5.0

setup() {
	load helper
}

# compare DIALECT PYTHON: all answers alike, but for what may differ.
compare() {
	local AQI_REFERENCE_PYTHON=$2
	[ -x "$BUILD/aqi-serve" ] || skip "there is no aqi-serve"
	export AQI_REFERENCE_PYTHON
	run -0 --separate-stderr python3 \
		"$BATS_TEST_DIRNAME/../serve/differential.py" \
		"$BUILD/aqi-serve" --error-dialect "$1" --seed "${AQI_SEED:-1}"
	case ${lines[0]} in
	SKIP*) skip "${lines[0]#SKIP }" ;;
	esac
	printf '# %s\n' "${lines[@]}" >&3
	[[ ${lines[1]} = 'good: 1000 same, 0 differ'* ]]
	[[ ${lines[2]} = 'bad: '*' same, 0 differ'* ]]
}

@test "the same requests get the same answers as from the reference" {
	compare pydantic2 "${AQI_REFERENCE_PYTHON:-}"
}

@test "in the dialect of pydantic 1, too" {
	compare pydantic1 "${AQI_REFERENCE_PYTHON1:-}"
}
