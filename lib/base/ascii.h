/* ascii.h: what a byte of a text is, in any locale. */
#ifndef AQI_BASE_ASCII_H
#define AQI_BASE_ASCII_H

#include <stdbool.h>

static inline bool
aqi_ascii_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* The value of a digit in hexadecimal, 0 to 15; -1: it is none. */
static inline int
aqi_ascii_hex(char byte)
{
	if (aqi_ascii_is_digit(byte))
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* A capital letter as a small one, and any other byte as it is. */
static inline char
aqi_ascii_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static inline bool
aqi_ascii_is_alnum(char byte)
{
	const char lower = aqi_ascii_lower(byte);

	return aqi_ascii_is_digit(byte) || (lower >= 'a' && lower <= 'z');
}

#endif
