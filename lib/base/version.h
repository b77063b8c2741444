/* version.h: what is released. */
#ifndef AQI_BASE_VERSION_H
#define AQI_BASE_VERSION_H

#define AQI_VERSION "0.12.0"

#endif
