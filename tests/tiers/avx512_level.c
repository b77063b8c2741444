/*
 * The level that AQI_LEVEL names, where the processor has it: for what is
 * linked with this and with the linker's --wrap of these two.
 */
#include <stdlib.h>
#include <string.h>

#include "base/processor.h"

enum aqi_level __wrap_aqi_processor_level(void);
enum aqi_level __real_aqi_processor_level(void);
bool __wrap_aqi_processor_has(const char *name);
bool __real_aqi_processor_has(const char *name);

enum aqi_level
__wrap_aqi_processor_level(void)
{
	const enum aqi_level best = __real_aqi_processor_level();
	const char *wanted = getenv("AQI_LEVEL");

	for (enum aqi_level l = AQI_PORTABLE; wanted && l < best; l++)
		if (strcmp(wanted, aqi_level_name(l)) == 0)
			return l;
	return best;
}

bool
__wrap_aqi_processor_has(const char *name)
{
	const enum aqi_level most = __wrap_aqi_processor_level();

	for (enum aqi_level l = AQI_PORTABLE; l <= most; l++)
		if (strcmp(name, aqi_level_name(l)) == 0)
			return __real_aqi_processor_has(name);
	return false;
}
