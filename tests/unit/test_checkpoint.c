/* A checkpoint as text, and what is refused of it. */
#undef _FORTIFY_SOURCE	/* whose declarations fault.h could not replace */
#include "record/checkpoint.h"

#include <stdlib.h>

#include "base/sum.h"
#include "fault.h"
#include "tap.h"

static const struct aqi_slice options[] = {
	{"-o", 2}, {"a b\n\\\177\303\251", 8}, {"", 0}
};
static const struct aqi_checkpoint_part parts[] = {
	{{"model", 5}, UINT64_MAX}, {{"schema", 6}, 0}
};
static const struct aqi_checkpoint_input inputs[] = {
	{{"a.csv", 5}, 1000, 1764099999123456789}, {{"-", 1}, 0, 0}
};
static const struct aqi_slice names[] = {
	{"pm25", 4}, {"- x\t,\"", 6}, {"", 0}
};
static const size_t map[] = {2, AQI_NO_COLUMN, 0};
static const struct aqi_slice own_names[] = {
	{"pm25", 4}, {"y", 1}
};
static const size_t own_map[] = {1, 0};

/* The last line, but for the digits. */
#define SUM_LINE "sum 0123456789abcdef\n"

static struct aqi_checkpoint
example(void)
{
	return (struct aqi_checkpoint){
		.program = {"aqi-predict 9.9", 15},
		.options = options, .n_options = 3,
		.parts = parts, .n_parts = 2,
		.inputs = inputs, .n_inputs = 2,
		.at = {
			.source = {.file = 1, .offset = 131072, .line = 1024,
				   .tail_size = 4096, .tail_sum = 0xabcdef},
			.syntax = AQI_SYNTAX_CSV,
			.is_open = true,
			.names = names, .n_names = 3,
			.n_columns = 3, .map = map,
		},
		.counts = {.read = 1023, .written = 1000, .refused = 23,
			   .unpredicted = 4},
		.messages = {[AQI_E_TYPE] = 23},
		.out = {131000, 0x0123456789abcdef},
		.rejects = {700, 1},
	};
}

static struct aqi_buffer
text_of(const struct aqi_checkpoint *checkpoint)
{
	struct aqi_buffer text = {0};

	aqi_checkpoint_format(checkpoint, &text);
	return text;
}

static enum aqi_status
parse(const char *data, size_t size, struct aqi_error *err)
{
	struct aqi_checkpoint checkpoint = {0};
	enum aqi_status status = aqi_checkpoint_parse(&checkpoint,
		(struct aqi_slice){data, size}, err);

	aqi_arena_free(&checkpoint.arena);
	return status;
}

static bool
same_slices(const struct aqi_slice *a, const struct aqi_slice *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!aqi_slice_equal(a[i], b[i]))
			return false;
	return true;
}

static void
test_round_trip(void)
{
	struct aqi_checkpoint wanted = example(), got = {0};
	struct aqi_buffer text = text_of(&wanted);
	struct aqi_error err;

	ok(aqi_checkpoint_parse(&got, (struct aqi_slice){text.data, text.size},
				&err) == AQI_OK, "what is written is read");
	ok(aqi_slice_equal(got.program, wanted.program) && got.n_options == 3 &&
	   same_slices(got.options, options, 3), "options come back, with "
	   "blanks, line ends and other bytes");
	ok(got.n_parts == 2 && aqi_slice_equal(got.parts[0].name,
					       parts[0].name) &&
	   got.parts[0].sum == UINT64_MAX && got.parts[1].sum == 0,
	   "so do the parts that were loaded");
	ok(got.n_inputs == 2 && got.inputs[0].size == 1000 &&
	   got.inputs[0].mtime_ns == 1764099999123456789 &&
	   aqi_slice_equal(got.inputs[1].name, inputs[1].name),
	   "so do the inputs");
	ok(!got.is_complete && got.at.source.file == 1 &&
	   got.at.source.offset == 131072 && got.at.source.line == 1024 &&
	   got.at.source.tail_size == 4096 &&
	   got.at.source.tail_sum == 0xabcdef &&
	   got.at.syntax == AQI_SYNTAX_CSV && got.at.is_open &&
	   !got.at.lacks_names, "so does the position");
	ok(got.at.n_names == 3 && got.at.n_columns == 3 &&
	   same_slices(got.at.names, names, 3) &&
	   memcmp(got.at.map, map, sizeof map) == 0, "so do the columns");
	ok(memcmp(&got.counts, &wanted.counts, sizeof got.counts) == 0 &&
	   memcmp(got.messages, wanted.messages, sizeof got.messages) == 0 &&
	   got.out.size == 131000 && got.out.sum == 0x0123456789abcdef &&
	   got.rejects.size == 700 && got.rejects.sum == 1,
	   "so do the counts and the marks of the outputs");
	aqi_arena_free(&got.arena);
	aqi_buffer_free(&text);
}

static void
test_own_names(void)
{
	struct aqi_checkpoint wanted = example(), got = {0};
	struct aqi_buffer text;
	struct aqi_error err;

	wanted.at.own_names = own_names;
	wanted.at.n_own_names = 2;
	wanted.at.map = own_map;
	text = text_of(&wanted);
	ok(aqi_checkpoint_parse(&got, (struct aqi_slice){text.data, text.size},
				&err) == AQI_OK &&
	   got.at.n_names == 3 && same_slices(got.at.names, names, 3) &&
	   got.at.n_own_names == 2 &&
	   same_slices(got.at.own_names, own_names, 2) &&
	   memcmp(got.at.map, own_map, sizeof own_map) == 0,
	   "a file's own columns come back beside those of the run");
	aqi_arena_free(&got.arena);
	aqi_buffer_free(&text);
}

static void
test_cuts(void)
{
	struct aqi_checkpoint wanted = example();
	struct aqi_buffer text = text_of(&wanted);
	struct aqi_error err;
	size_t n_bad = 0;

	for (size_t n = 0; n < text.size; n++)
		n_bad += parse(text.data, n, &err) != AQI_FATAL ||
			 err.code != AQI_E_MODEL;
	ok(n_bad == 0, "each of %zu cut lengths is refused", text.size);
	aqi_buffer_add_byte(&text, '\n');
	ok(parse(text.data, text.size, &err) == AQI_FATAL,
	   "one that is longer is refused");
	aqi_buffer_free(&text);
}

static void
test_flips(void)
{
	struct aqi_checkpoint wanted = example();
	struct aqi_buffer text = text_of(&wanted);
	struct aqi_error err;
	size_t n_bad = 0, n = 0;

	for (size_t i = 0; i < text.size; i++) {
		char byte = text.data[i];

		for (int other = 0; other < 256; other++) {
			text.data[i] = (char)other;
			if ((char)other == byte)
				continue;
			n++;
			n_bad += parse(text.data, text.size, &err) !=
				 AQI_FATAL || err.code != AQI_E_MODEL;
		}
		text.data[i] = byte;
	}
	ok(n_bad == 0, "each of %zu changed bytes is refused", n);
	aqi_buffer_free(&text);
}

static bool
says(const char *text, const char *reason)
{
	struct aqi_error err = {0};

	if (parse(text, strlen(text), &err) == AQI_FATAL &&
	    err.code == AQI_E_MODEL && strcmp(err.reason, reason) == 0)
		return true;
	note("%s", err.reason);
	return false;
}

static void
test_reasons(void)
{
	ok(says("", "this is no checkpoint; without it a run begins anew") &&
	   says("pm25\n1\n",
		"this is no checkpoint; without it a run begins anew"),
	   "another file is told from a checkpoint");
	ok(says("aqi-checkpoint 2\n", "damaged, or a checkpoint of another "
		"version; without it a run begins anew") &&
	   says("aqi-checkpoint 0\n", "damaged, or a checkpoint of another "
		"version; without it a run begins anew"),
	   "so is a checkpoint of another version");
	ok(says("aqi-checkpoint 1\nprogram x\n", "the checkpoint is damaged; "
		"without it a run begins anew"), "so is a damaged one");
}

/* Numbers that fit the grammar but that the reader could not go by. */
static void
test_positions(void)
{
	struct aqi_error err;
	size_t n_bad = 0;

	for (int i = 0; i < 8; i++) {
		struct aqi_checkpoint c = example();
		struct aqi_buffer text;
		size_t beyond[] = {3, AQI_NO_COLUMN, 0};

		switch (i) {
		case 0: c.at.source.file = 3; break;
		case 1: c.at.source.file = 2; break;
		case 2: c.at.source.line = 0; break;
		case 3: c.at.source.tail_size = 4097; break;
		case 4: c.at.source.offset = 100; break;
		case 5: c.at.source.offset = UINT64_MAX; break;
		case 6: c.at.n_columns = AQI_MAX_COLUMNS + 1; break;
		case 7: c.at.map = beyond; break;
		}
		text = text_of(&c);
		n_bad += parse(text.data, text.size, &err) != AQI_FATAL;
		aqi_buffer_free(&text);
	}
	ok(n_bad == 0, "positions that are nowhere are refused");
}

/* The example with one text in the place of another, and a sum that fits. */
static bool
is_refused(const char *from, const char *to)
{
	struct aqi_checkpoint c = example();
	struct aqi_buffer text = text_of(&c), forged = {0};
	size_t n = strlen(from);
	const char *at = memmem(text.data, text.size, from, n);
	const char *last = text.data + text.size - strlen(SUM_LINE);
	struct aqi_error err = {0};
	bool refused = false;

	if (at) {
		aqi_buffer_add(&forged, text.data, (size_t)(at - text.data));
		aqi_buffer_add_text(&forged, to);
		aqi_buffer_add(&forged, at + n, (size_t)(last - at) - n);
		aqi_buffer_add_format(&forged, "sum %016llx\n",
			(unsigned long long)aqi_sum(AQI_SUM_START,
				(struct aqi_slice){forged.data, forged.size}));
		refused = parse(forged.data, forged.size, &err) == AQI_FATAL &&
			  strcmp(err.reason, "the checkpoint is damaged; "
				 "without it a run begins anew") == 0;
	}
	aqi_buffer_free(&text);
	aqi_buffer_free(&forged);
	return refused;
}

/* Forged by someone who can count: there is one way to write each thing. */
static void
test_forged(void)
{
	static const struct { const char *from, *to; } cases[] = {
		{"program aqi-predict 9.9\n", "program aqi-predict 9.9"},
		{"program ", "Program "},
		{"9.9\n", "9.\\9\n"}, {"9.9\n", "9.9\\\n"},
		{"9.9\n", "9.9\\5\n"}, {"9.9\n", "9.9\177\n"},
		{"9.9\n", "9.9\t\n"}, {"9.9\n", "9.9\\41\n"},
		{"9.9\n", "9.9\\0A\n"}, {"9.9\n", "9.9\\g0\n"},
		{"options 3", "options 03"}, {"options 3", "options x"},
		{"options 3", "options 3 "}, {"options 3", "options "},
		{"options 3", "options 2"}, {"options 3", "options 4"},
		{"options 3", "options 99999"},
		{"options 3", "options 18446744073709551616"},
		{"options 3", "options 18446744073709551620"},
		{"parts 2\nffffffffffffffff", "parts 2\nfffffffffffffff"},
		{"parts 2\nffffffffffffffff", "parts 2\nFfffffffffffffff"},
		{"parts 2\nffffffffffffffff ", "parts 2\nffffffffffffffff\t"},
		{"inputs 2\n1000 ", "inputs 2\n1000"},
		{"inputs 2\n1000 ", "inputs 2\n-1 "},
		{"complete 0", "complete 2"}, {"complete 0", "complete"},
		{"at 1 ", "at 3 "}, {"at 1 ", "at 2 "},
		{" 1024 4096 ", " 0 4096 "}, {" 1024 4096 ", " 1024 4097 "},
		{"131072 1024", "9223372036854775808 1024"},
		{"131072 1024", "4095 1024"},
		{"read 1 ", "read 9 "}, {" 0 1 3\n", " 0 0 3\n"},
		{" 0 1 3\n", " 0 1 4097\n"}, {" 0 1 3\n", " 0 0 0\n"},
		{" 0 1 3\n", " 2 1 3\n"}, {" 0 1 3\n", " 0 1 2\n"},
		{"columns 3\n2 ", "columns 3\n3 "},
		{"columns 3\n2 ", "columns 3\n"},
		{"columns 3\n2 ", "columns 3\n-2 "},
		{"counts 1023 ", "counts "}, {"messages ", "messages"},
		{"out 131000 ", "out 9223372036854775808 "},
		{"rejects 700 ", "rejects 18446744073709551615 "},
		{"rejects 700 0000000000000001\n",
		 "rejects 700 0000000000000001\n\n"},
		{"rejects 700 0000000000000001\n", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ok(is_refused(cases[i].from, cases[i].to),
		   "case %zu, with a sum that fits, is refused", i);
	ok(!is_refused("9.9", "9.8"), "a change that is none is not");
}

/* Each call that can fail leaves the old file, and no other. */
static void
test_faults(const char *path)
{
	static const struct {
		const char *call;
		int error;
		const char *reason;
	} cases[] = {
		{"write", ENOSPC, "cannot write the checkpoint: No space left "
			"on device"},
		{"write", EINTR, NULL},
		{"fsync", EIO, "cannot write the checkpoint: Input/output "
			"error"},
		{"close", EDQUOT, "cannot write the checkpoint: Disk quota "
			"exceeded"},
		{"rename", EROFS, "cannot write the checkpoint: Read-only file "
			"system"},
	};
	struct aqi_checkpoint wanted = example(), got;
	char new_path[80];

	snprintf(new_path, sizeof new_path, "%s.new", path);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_error err = {0};
		const char *reason = cases[i].reason;
		enum aqi_status status;

		wanted.counts.read = i;
		if (aqi_checkpoint_save(&wanted, path, &err) != AQI_OK)
			note("%s", err.reason);
		wanted.counts.read = 100;
		fault.call = cases[i].call;
		fault.error = cases[i].error;
		status = aqi_checkpoint_save(&wanted, path, &err);
		ok(!fault.call && (reason ? status == AQI_FATAL &&
		   err.code == AQI_E_IO && strcmp(err.file, path) == 0 &&
		   strcmp(err.reason, reason) == 0 : status == AQI_OK),
		   "%s that fails with error %d is %s", cases[i].call,
		   cases[i].error, reason ? "told" : "done again");
		fault.call = NULL;
		got = (struct aqi_checkpoint){0};
		ok(aqi_checkpoint_load(&got, path, &err) == AQI_OK &&
		   got.counts.read == (reason ? i : 100) &&
		   access(new_path, F_OK) != 0, "the %s file stands",
		   reason ? "old" : "new");
		aqi_arena_free(&got.arena);
	}
}

static void
test_files(void)
{
	char folder[] = "/tmp/aqi-checkpoint.XXXXXX", path[64];
	struct aqi_checkpoint wanted = example(), got = {0};
	struct aqi_error err;

	if (!mkdtemp(folder))
		exit(1);
	snprintf(path, sizeof path, "%s/cp", folder);
	ok(aqi_checkpoint_load(&got, path, &err) == AQI_END,
	   "no file is no error");
	ok(aqi_checkpoint_save(&wanted, path, &err) == AQI_OK &&
	   aqi_checkpoint_save(&wanted, path, &err) == AQI_OK &&
	   aqi_checkpoint_load(&got, path, &err) == AQI_OK &&
	   aqi_slice_equal(got.program, wanted.program),
	   "a file is written, replaced and read");
	aqi_arena_free(&got.arena);
	test_faults(path);
	ok(aqi_checkpoint_save(&wanted, "/nonexistent/cp", &err) ==
	   AQI_FATAL && err.code == AQI_E_IO &&
	   strcmp(err.file, "/nonexistent/cp") == 0 &&
	   strcmp(err.reason, "cannot write the checkpoint: No such file or "
		  "directory") == 0, "a folder that is not there is named");
	ok(aqi_checkpoint_load(&got, "/dev/null/x", &err) == AQI_FATAL &&
	   err.code == AQI_E_MODEL &&
	   strcmp(err.reason, "cannot open: Not a directory") == 0,
	   "a path that cannot be is an error, not a file that is missing");
	unlink(path);
	ok(rmdir(folder) == 0, "nothing else is left");
}

int
main(void)
{
	test_round_trip();
	test_own_names();
	test_cuts();
	test_flips();
	test_reasons();
	test_positions();
	test_forged();
	test_files();
	return done();
}
