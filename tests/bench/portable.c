/*
 * A processor without vector instructions: what is linked with it, and with
 * the linker's --wrap of these two, is plain C throughout.
 */
#include <string.h>

#include "base/processor.h"

enum aqi_level __wrap_aqi_processor_level(void);
bool __wrap_aqi_processor_has(const char *name);

enum aqi_level
__wrap_aqi_processor_level(void)
{
	return AQI_PORTABLE;
}

bool
__wrap_aqi_processor_has(const char *name)
{
	return strcmp(name, aqi_level_name(AQI_PORTABLE)) == 0;
}
