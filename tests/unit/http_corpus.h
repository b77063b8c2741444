/* http_corpus.h: messages that others have made, in the folder AQI_CORPORA. */
#ifndef AQI_TESTS_HTTP_CORPUS_H
#define AQI_TESTS_HTTP_CORPUS_H

#include <stdlib.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/file.h"
#include "lines.h"
#include "tap.h"

static const char *corpora;	/* the folder */

static const char *const llhttp_requests[] = {"sample", "content-length",
	"transfer-encoding", "connection", "method", "uri", "invalid",
	"finish", "pausing", "pipelining", "lenient-headers",
	"lenient-header-value-relaxed", "lenient-version"};
#define N_LLHTTP_REQUESTS (sizeof llhttp_requests / sizeof *llhttp_requests)

static struct aqi_buffer
load(const char *folder, const char *file)
{
	char path[1000];
	struct aqi_buffer bytes;
	struct aqi_error err;

	snprintf(path, sizeof path, "%s/%s/%s", corpora, folder, file);
	if (aqi_file_load(path, 100000000, AQI_E_IO, &bytes, &err) != AQI_OK)
		note("%s: %s", path, err.reason);
	else
		aqi_buffer_add_byte(&bytes, '\0');
	return bytes;
}

/*
 * With a Host behind each request line of HTTP/1.1, where there is none: so
 * that what is refused is refused for what it was made for.
 */
__attribute__((unused))
static struct aqi_buffer
with_host(const char *data, size_t size)
{
	static const char version[] = " HTTP/1.";
	const size_t n = sizeof version - 1;
	struct aqi_buffer out = {0};
	bool has_host = false;

	for (size_t i = 0; i + 5 <= size; i++)
		has_host |= strncasecmp(data + i, "host:", 5) == 0 &&
			    i > 0 && data[i - 1] == '\n';
	for (size_t i = 0; i < size; i++) {
		aqi_buffer_add_byte(&out, data[i]);
		if (!has_host && i >= n + 2 && data[i] == '\n' &&
		    data[i - 1] == '\r' && data[i - 2] >= '1' &&
		    memcmp(data + i - 2 - n, version, n) == 0)
			aqi_buffer_add_text(&out, "Host: a\r\n");
	}
	return out;
}

/* The bytes of a case of http-llhttp, as its README says. */
static struct aqi_buffer
unescape(const char *p, const char *end)
{
	static const char letters[] = "rntf", bytes[] = "\r\n\t\f";
	struct aqi_buffer out = {0};
	const char *letter;
	char digits[4] = {0};

	if (p < end && end[-1] == '\n')
		end--;
	while (p < end) {
		if (*p == '\n') {
			aqi_buffer_add_text(&out, "\r\n");
			p++;
		} else if (*p != '\\' || p + 1 == end) {
			aqi_buffer_add_byte(&out, *p++);
		} else if (p[1] == '\n') {
			p += 2;
		} else if (p[1] && (letter = strchr(letters, p[1]))) {
			aqi_buffer_add_byte(&out, bytes[letter - letters]);
			p += 2;
		} else if (p[1] == 'x' && end - p >= 4) {
			memcpy(digits, p + 2, 2);
			digits[2] = '\0';
			aqi_buffer_add_byte(&out, (char)strtoul(digits, NULL,
								16));
			p += 4;
		} else if (p[1] >= '0' && p[1] <= '7') {
			size_t n = strspn(p + 1, "01234567");

			n = n < 3 ? n : 3;
			memcpy(digits, p + 1, n);
			digits[n] = '\0';
			aqi_buffer_add_byte(&out, (char)strtoul(digits, NULL,
								8));
			p += 1 + n;
		} else {
			aqi_buffer_add_byte(&out, *p++);
		}
	}
	return out;
}

#endif
