#!/usr/bin/env bats
# The page of the API, in a browser.

bats_require_minimum_version 1.5.0

setup() {
	load helper
}

@test "the page of the API works in a browser, with nothing from elsewhere" {
	run -0 --separate-stderr timeout 60 python3 \
		"$BATS_TEST_DIRNAME/../serve/browser.py" "$BUILD/aqi-serve"
	case $output in
	SKIP*) skip "${output#SKIP }" ;;
	esac
	[ "${#lines[@]}" -eq 8 ]
	[[ ${lines[7]} = 'right: nothing is thrown' ]]
}
