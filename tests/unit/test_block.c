#include "model/block.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define SIZE 192

static const struct aqi_block_kind kind = {
	.magic = {'A', 'Q', 'I', 'T', 'E', 'S', 'T', '\0'},
	.version = 7,
	.name = "a block of a test",
};

static char *
make(void)
{
	char *block = aqi_block_new(&kind, SIZE);

	for (int i = sizeof(struct aqi_block_seal); i < SIZE; i++)
		block[i] = (char)(i * 7);
	aqi_block_finish(block);
	return block;
}

static const char *
check(const char *block, size_t size)
{
	return aqi_block_check(&kind, (struct aqi_slice){block, size});
}

static bool
says(const char *fault, const char *text)
{
	bool right = fault && strcmp(fault, text) == 0;

	if (!right)
		note("%s", fault ? fault : "it is whole");
	return right;
}

static void
test_new(void)
{
	static const char zeros[SIZE];
	char *block = aqi_block_new(&kind, SIZE), *odd = aqi_block_alloc(1);
	const size_t behind = sizeof(struct aqi_block_seal);
	const struct aqi_block_seal *seal = (const void *)block;

	ok((uintptr_t)block % AQI_BLOCK_ALIGN == 0 &&
	   (uintptr_t)odd % AQI_BLOCK_ALIGN == 0, "a block is aligned");
	ok(memcmp(seal->magic, kind.magic, sizeof kind.magic) == 0 &&
	   seal->version == 7 && seal->size == SIZE,
	   "the seal says what it is");
	ok(memcmp(block + behind, zeros, SIZE - behind) == 0,
	   "behind it are zeros");
	ok(says(check(block, SIZE), "is damaged: the checksum is wrong"),
	   "a block that is not finished is none");
	aqi_block_finish(block);
	ok(!check(block, SIZE), "one that is finished is");
	free(block);
	free(odd);
}

static void
test_new_with(void)
{
	static const char zeros[SIZE];
	struct {
		struct aqi_block_seal seal;
		uint64_t count, odd;
	} header = {{.magic = "another", .size = 1}, 5, 0}, found;
	char *block = aqi_block_new_with(&kind, SIZE, &header, sizeof header);

	memcpy(&found, block, sizeof found);
	ok(memcmp(found.seal.magic, kind.magic, sizeof kind.magic) == 0 &&
	   found.seal.size == SIZE && found.count == 5 && found.odd == 0,
	   "a header is copied without its seal");
	ok(memcmp(block + sizeof header, zeros, SIZE - sizeof header) == 0,
	   "behind it are zeros");
	free(block);
}

static void
test_align(void)
{
	ok(aqi_block_align(0) == 0 && aqi_block_align(1) == 64 &&
	   aqi_block_align(64) == 64 && aqi_block_align(65) == 128,
	   "parts begin at multiples of 64");
}

static void
test_begun(void)
{
	char *block = make();

	ok(aqi_block_is_begun(&kind, (struct aqi_slice){block, 8}),
	   "eight bytes tell what a block is");
	ok(!aqi_block_is_begun(&kind, (struct aqi_slice){block, 7}) &&
	   !aqi_block_is_begun(&kind, (struct aqi_slice){NULL, 0}),
	   "fewer do not");
	block[7] = 'x';
	ok(!aqi_block_is_begun(&kind, (struct aqi_slice){block, SIZE}),
	   "others are of no block");
	free(block);
	block = make();
	ok(aqi_block_is_current(&kind, (struct aqi_slice){block, SIZE}) &&
	   !aqi_block_is_current(&kind, (struct aqi_slice){
		   block, sizeof(struct aqi_block_seal) - 1}),
	   "of a seal that is cut short nobody knows the version");
	ok(says(aqi_block_check_seal((struct aqi_slice){
		   block, sizeof(struct aqi_block_seal) - 1}),
		"is cut short") &&
	   !aqi_block_check_seal((struct aqi_slice){block, SIZE}),
	   "nor is it one that holds");
	free(block);
}

#define AT(field) offsetof(struct aqi_block_seal, field)

static void
test_faults(void)
{
	static const struct {
		size_t at;
		char byte;
		const char *fault;
	} faults[] = {
		{AT(magic), 'x', "is not there"},
		{AT(version), 8, "is of another version: compile it again"},
		{AT(byte_order), 1, "is for the other byte order: compile it "
				    "again here"},
		{AT(size), 64, "is cut short, or has bytes behind it"},
		{AT(size) + 7, 1, "is cut short, or has bytes behind it"},
		{AT(checksum), 1, "is damaged: the checksum is wrong"},
		{SIZE - 1, 1, "is damaged: the checksum is wrong"},
	};
	char *block = make(), *wide = aqi_block_alloc(2 * SIZE);

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		memcpy(wide, block, SIZE);
		wide[faults[i].at] = faults[i].byte;
		ok(says(check(wide, SIZE), faults[i].fault), "byte %zu: %s",
		   faults[i].at, faults[i].fault);
	}
	memcpy(wide + 8, block, SIZE);
	ok(says(check(wide + 8, SIZE), "is at an odd place in memory"),
	   "a block at an odd place cannot be used");
	free(block);
	free(wide);
}

/* A size that the seal confirms, and yet no multiple of 64. */
static void
test_odd_size(void)
{
	char *block = make();
	const uint64_t size = SIZE - 8;

	memcpy(block + AT(size), &size, sizeof size);
	ok(says(check(block, SIZE - 8), "is cut short, or has bytes behind it"),
	   "a block is a multiple of 64");
	free(block);
}

static void
test_damage(void)
{
	char *block = make();
	size_t n_found = 0;

	for (size_t n = 0; n < SIZE; n++) {
		char *cut = aqi_block_alloc(n);

		memcpy(cut, block, n);
		n_found += check(cut, n) != NULL;
		free(cut);
	}
	ok(n_found == SIZE, "a block cut at any byte is found out");
	n_found = 0;
	for (size_t bit = 0; bit < SIZE * 8; bit++) {
		block[bit / 8] ^= (char)(1 << bit % 8);
		n_found += check(block, SIZE) != NULL;
		block[bit / 8] ^= (char)(1 << bit % 8);
	}
	ok(n_found == SIZE * 8 && !check(block, SIZE),
	   "so is any bit that flips");
	free(block);
}

/* Words that change places give another checksum. */
static void
test_order(void)
{
	char *block = make();
	size_t n_found = 0, n = 0;
	uint64_t a, b;

	for (size_t i = sizeof(struct aqi_block_seal); i < SIZE; i += 8) {
		for (size_t k = i + 8; k < SIZE; k += 8, n++) {
			memcpy(&a, block + i, sizeof a);
			memcpy(&b, block + k, sizeof b);
			memcpy(block + i, &b, sizeof b);
			memcpy(block + k, &a, sizeof a);
			n_found += check(block, SIZE) != NULL;
			memcpy(block + i, &a, sizeof a);
			memcpy(block + k, &b, sizeof b);
		}
	}
	ok(n_found == n, "so are two words that change places");
	free(block);
}

int
main(void)
{
	test_new();
	test_new_with();
	test_align();
	test_begun();
	test_faults();
	test_odd_size();
	test_damage();
	test_order();
	return done();
}
