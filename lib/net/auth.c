#include "net/auth.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#ifdef HAVE_CRYPTO
#include <openssl/crypto.h>
#include <openssl/evp.h>
#endif

#include "base/arena.h"
#include "base/ascii.h"
#include "base/file.h"

#define MAX_FILE ((size_t)1 << 20)
#define MAX_NAME 64
#define HASH_SIZE 32

struct key {
	struct key *next;
	const char *name;
	unsigned char hash[HASH_SIZE];
};

struct aqi_auth {
	struct key *keys;
	struct aqi_arena arena;
};

const char *
aqi_auth_libcrypto(void)
{
#ifdef HAVE_CRYPTO
	return OpenSSL_version(OPENSSL_VERSION_STRING);
#else
	return NULL;
#endif
}

#ifdef HAVE_CRYPTO

static bool
is_name(struct aqi_slice text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789_-.";

	for (size_t i = 0; i < text.size; i++)
		if (!memchr(allowed, text.data[i], sizeof allowed - 1))
			return false;
	return text.size > 0 && text.size <= MAX_NAME;
}

static bool
read_hash(struct aqi_slice text, unsigned char hash[HASH_SIZE])
{
	int high, low;

	if (text.size != 2 * HASH_SIZE)
		return false;
	for (size_t i = 0; i < HASH_SIZE; i++) {
		high = aqi_ascii_hex(text.data[2 * i]);
		low = aqi_ascii_hex(text.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		hash[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* The text up to a blank, which *rest loses. */
static struct aqi_slice
cut_word(struct aqi_slice *rest)
{
	struct aqi_slice word = {rest->data, 0};

	while (word.size < rest->size && word.data[word.size] != ' ' &&
	       word.data[word.size] != '\t')
		word.size++;
	rest->data += word.size;
	rest->size -= word.size;
	*rest = aqi_slice_trim(*rest);
	return word;
}

/* A hash that is wrong may be a key, which is nothing to print. */
static enum aqi_status
add_key(struct aqi_auth *auth, struct aqi_slice line, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_slice name = cut_word(&line);
	struct key *key = aqi_arena_alloc(&auth->arena, sizeof *key);
	char *text = aqi_arena_alloc(&auth->arena, name.size + 1);

	if (!key || !text)
		return aqi_error_memory(err);
	aqi_error_quote(quoted, name);
	if (!is_name(name))
		return aqi_error_set(err, AQI_E_USAGE, "%s is no name of a "
				     "key: up to %d letters, digits, '_', '-' "
				     "and '.'", quoted, MAX_NAME);
	if (!read_hash(line, key->hash))
		return aqi_error_set(err, AQI_E_USAGE, "the key %s lacks its "
				     "SHA-256, 64 hex digits and nothing "
				     "behind them", quoted);
	for (const struct key *k = auth->keys; k; k = k->next)
		if (aqi_slice_is(name, k->name))
			return aqi_error_set(err, AQI_E_USAGE,
					     "the key %s is there twice",
					     quoted);
	memcpy(text, name.data, name.size);
	text[name.size] = '\0';
	key->name = text;
	key->next = auth->keys;
	auth->keys = key;
	return AQI_OK;
}

static enum aqi_status
read_lines(struct aqi_auth *auth, const char *path, struct aqi_slice text,
	   struct aqi_error *err)
{
	struct aqi_slice line;
	const char *end;

	for (uint64_t n = 1; text.size > 0; n++) {
		end = memchr(text.data, '\n', text.size);
		line = (struct aqi_slice){
			text.data, end ? (size_t)(end - text.data) : text.size};
		text.data += line.size + (end != NULL);
		text.size -= line.size + (end != NULL);
		if (line.size > 0 && line.data[line.size - 1] == '\r')
			line.size--;
		line = aqi_slice_trim(line);
		if (line.size == 0 || line.data[0] == '#')
			continue;
		if (add_key(auth, line, err) != AQI_OK)
			return aqi_error_at(err, path, n, 0);
	}
	if (auth->keys)
		return AQI_OK;
	aqi_error_set(err, AQI_E_USAGE, "no key is in it");
	return aqi_error_at(err, path, 0, 0);
}

static enum aqi_status
check_mode(const char *path, struct aqi_error *err)
{
	struct stat st;

	if (!aqi_file_stat(path, &st)) {
		aqi_error_system(err, errno, "cannot open it");
		return aqi_error_at(err, path, 0, 0);
	}
	if ((st.st_mode & S_IRWXO) == 0)
		return AQI_OK;
	aqi_error_set(err, AQI_E_USAGE, "others may read or change the keys; "
		      "chmod o= takes that from them");
	return aqi_error_at(err, path, 0, 0);
}

static enum aqi_status
read_keys(struct aqi_auth *auth, const char *path, struct aqi_error *err)
{
	struct aqi_buffer bytes = {0};
	enum aqi_status status = check_mode(path, err);

	if (status == AQI_OK)
		status = aqi_file_load(path, MAX_FILE, AQI_E_USAGE, &bytes,
				       err);
	if (status == AQI_OK)
		status = read_lines(auth, path, (struct aqi_slice){
			bytes.data, bytes.size}, err);
	aqi_buffer_free(&bytes);
	return status;
}

struct aqi_auth *
aqi_auth_load(const char *path, struct aqi_error *err)
{
	struct aqi_auth *auth = calloc(1, sizeof *auth);

	if (!auth) {
		aqi_error_memory(err);
		return NULL;
	}
	if (read_keys(auth, path, err) == AQI_OK)
		return auth;
	aqi_auth_free(auth);
	return NULL;
}

/*
 * What is compared are hashes, which say nothing about a key that is nearly
 * right; all of them are, so that time does not tell which was found either.
 */
const char *
aqi_auth_find(const struct aqi_auth *auth, struct aqi_slice key)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	const char *name = NULL;

	if (!EVP_Digest(key.data, key.size, hash, NULL, EVP_sha256(), NULL))
		return NULL;
	for (const struct key *k = auth->keys; k; k = k->next)
		if (CRYPTO_memcmp(hash, k->hash, HASH_SIZE) == 0)
			name = k->name;
	return name;
}

#else

struct aqi_auth *
aqi_auth_load(const char *path, struct aqi_error *err)
{
	aqi_error_set(err, AQI_E_USAGE, "keys are not built in; libcrypto of "
		      "OpenSSL was not there");
	aqi_error_at(err, path, 0, 0);
	return NULL;
}

const char *
aqi_auth_find(const struct aqi_auth *auth, struct aqi_slice key)
{
	(void)auth;
	(void)key;
	return NULL;
}

#endif

void
aqi_auth_free(struct aqi_auth *auth)
{
	if (!auth)
		return;
	aqi_arena_free(&auth->arena);
	free(auth);
}
