/* The same without vectors. */
#define AQI_CSV_BITS_PORTABLE
#include "test_csv_bits.c"
