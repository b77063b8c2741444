#include "air/fault.h"

#include "air/base_record.h"
#include "base/buffer.h"
#include "base/random.h"

/* Bytes of a text that stand for something: aqi_fault_write. */
#define OWN "\1"	/* the field's own value */
#define LEAST "\2"
#define MOST "\3"
#define BELOW "\4"	/* one step below the least */
#define ABOVE "\5"
#define ZEROS "\6"	/* three hundred of them */

#define CELL AQI_FAULT_CELL
#define EVERY AQI_FAULT_EVERY
#define CUT AQI_FAULT_CUT
#define ABSENT AQI_FAULT_ABSENT
#define TAIL AQI_FAULT_TAIL

/* Which fields a fault makes sense for: the first, and how many. */
#define ANY 0, AQI_N_BASE
#define POLLUTANT 0, AQI_N_POLLUTANTS
#define DECIMAL 0, AQI_N_MEASURED
#define WHOLE AQI_N_MEASURED, AQI_N_BASE - AQI_N_MEASURED

#define TEXT(text) {text, sizeof(text) - 1}
#define NONE {NULL, 0}
#define SAME(text) TEXT(text), TEXT(text)

static const struct aqi_fault edges[] = {
	{"least", CELL, ANY, SAME(LEAST)},
	{"most", CELL, ANY, SAME(MOST)},
	{"minus-zero", CELL, POLLUTANT, SAME("-0.0")},
	{"point-zero", CELL, WHOLE, SAME(OWN ".0")},
	{"exponent", CELL, DECIMAL, SAME(OWN "e0")},
	{"underflow", CELL, POLLUTANT, SAME("1e-400")},
	{"long-digits", CELL, DECIMAL, SAME(OWN ZEROS "1")},
	{"blanks", CELL, ANY, SAME(" \t" OWN " ")},
	{"crlf", TAIL, ANY, SAME("\r")},
	{"quoted", CELL, ANY, TEXT("\"" OWN "\""), NONE},
	{"leading-zeros", CELL, POLLUTANT, TEXT("00" OWN), NONE},
	{"no-leading-digit", CELL, POLLUTANT, TEXT(".5"), NONE},
}, faults[] = {
	{"below", CELL, ANY, SAME(BELOW)},
	{"above", CELL, ANY, SAME(ABOVE)},
	{"fraction", CELL, WHOLE, SAME(OWN ".5")},
	{"huge", CELL, ANY, SAME("1" ZEROS)},
	{"overflow", CELL, ANY, SAME("1e400")},
	{"empty", CELL, ANY, TEXT(""), TEXT("null")},
	{"na", CELL, ANY, TEXT("NA"), TEXT("\"NA\"")},
	{"all-empty", EVERY, ANY, TEXT(""), TEXT("null")},
	{"text", CELL, ANY, TEXT("high"), TEXT("\"high\"")},
	{"nan", CELL, ANY, SAME("NaN")},
	{"infinity", CELL, ANY, SAME("-inf")},
	{"hexadecimal", CELL, ANY, SAME("0x1")},
	{"plus", CELL, ANY, SAME("+1")},
	{"underscore", CELL, ANY, SAME("1_0")},
	{"blank-inside", CELL, ANY, SAME("1 0")},
	{"two-points", CELL, ANY, SAME("1.0.0")},
	{"decimal-comma", CELL, ANY, TEXT("\"12,5\""), TEXT("\"12,5\"")},
	{"unit", CELL, ANY, TEXT("5 ppb"), TEXT("\"5 ppb\"")},
	{"wide-digits", CELL, ANY, TEXT("\357\274\221\357\274\222"),
	 TEXT("\"\357\274\221\357\274\222\"")},
	{"formula", CELL, ANY, TEXT("=1+2"), TEXT("\"=1+2\"")},
	{"escape", CELL, ANY, TEXT("\033[31m9"), TEXT("\"\033[31m9\"")},
	{"nul", CELL, ANY, TEXT("1\0" "2"), TEXT("\"1\0" "2\"")},
	{"not-utf8", CELL, ANY, TEXT("\377\376"), TEXT("\"\377\376\"")},
	{"too-many-fields", TAIL, ANY, TEXT(",0"), NONE},
	{"too-few-fields", CUT, DECIMAL, TEXT(OWN), NONE},
	{"quote-inside", CELL, ANY, TEXT(OWN "\""), NONE},
	{"text-behind-quote", CELL, ANY, TEXT("\"" OWN "\"0"), NONE},
	{"lone-cr", CELL, ANY, TEXT("1\r" "2"), NONE},
	{"absent", ABSENT, ANY, NONE, TEXT("")},
	{"string", CELL, ANY, NONE, TEXT("\"" OWN "\"")},
	{"boolean", CELL, ANY, NONE, TEXT("true")},
	{"array", CELL, ANY, NONE, TEXT("[" OWN "]")},
	{"object", CELL, ANY, NONE, TEXT("{\"value\":" OWN "}")},
	{"json-leading-zero", CELL, ANY, NONE, TEXT("01")},
	{"json-bare-point", CELL, ANY, NONE, TEXT(".5")},
	{"bare-word", CELL, ANY, NONE, TEXT("high")},
	{"single-quotes", CELL, ANY, NONE, TEXT("'1'")},
	{"comment", CELL, ANY, NONE, TEXT(OWN "/**/")},
	{"two-commas", CELL, DECIMAL, NONE, TEXT(OWN ",")},
	{"repeated-key", CELL, ANY, NONE,
	 TEXT(OWN ",\"again\":1,\"again\":2")},
	{"cut", CUT, ANY, NONE, TEXT(OWN)},
	{"open-string", CUT, ANY, NONE, TEXT("\"" OWN)},
	{"two-records", TAIL, ANY, NONE, TEXT("{}")},
};

#define N_EDGES (sizeof edges / sizeof *edges)
#define N_FAULTS (sizeof faults / sizeof *faults)

_Static_assert(N_EDGES <= AQI_FAULT_MAX && N_FAULTS <= AQI_FAULT_MAX,
	       "a list has room for all");

const struct aqi_fault *
aqi_fault_at(size_t i, bool *is_valid)
{
	*is_valid = i < N_EDGES;
	if (i >= N_EDGES + N_FAULTS)
		return NULL;
	return *is_valid ? &edges[i] : &faults[i - N_EDGES];
}

static struct aqi_slice
text_of(const struct aqi_fault *fault, enum aqi_syntax syntax)
{
	return syntax == AQI_SYNTAX_CSV ? fault->csv : fault->ndjson;
}

void
aqi_fault_list(struct aqi_fault_list *list, enum aqi_syntax syntax)
{
	const struct aqi_fault *fault;
	bool is_valid;

	*list = (struct aqi_fault_list){.syntax = syntax};
	for (size_t i = 0; (fault = aqi_fault_at(i, &is_valid)); i++) {
		if (!text_of(fault, syntax).data)
			continue;
		if (is_valid)
			list->edges.items[list->edges.n++] = fault;
		else
			list->faults.items[list->faults.n++] = fault;
	}
}

struct aqi_damage
aqi_fault_choose(const struct aqi_fault_list *list, struct aqi_random *random)
{
	bool is_valid = aqi_random_below(random, 2) == 0;
	const struct aqi_fault *fault =
		is_valid ? list->edges.items[aqi_random_below(
				   random, list->edges.n)] :
			   list->faults.items[aqi_random_below(
				   random, list->faults.n)];

	return (struct aqi_damage){
		.fault = fault,
		.is_valid = is_valid,
		.text = text_of(fault, list->syntax),
		.field = fault->first_field +
			 aqi_random_below(random, fault->n_fields),
	};
}

static void
add_zeros(struct aqi_buffer *out)
{
	for (int i = 0; i < 300; i++)
		aqi_buffer_add_byte(out, '0');
}

void
aqi_fault_write(struct aqi_slice text, const struct aqi_fault_values *values,
		struct aqi_buffer *out)
{
	const struct aqi_slice by_byte[] = {
		[0] = {0}, values->own, values->least, values->most,
		values->below, values->above,
	};

	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == ZEROS[0])
			add_zeros(out);
		else if (c > 0 && c < sizeof by_byte / sizeof *by_byte)
			aqi_buffer_add_slice(out, by_byte[c]);
		else
			aqi_buffer_add_byte(out, text.data[i]);
	}
}
