/* loadgen_smoke.h: aqi-loadgen --smoke. */
#ifndef AQI_CMD_LOADGEN_SMOKE_H
#define AQI_CMD_LOADGEN_SMOKE_H

struct loadgen_target;

/* Try each endpoint, and report; the exit status. */
int loadgen_smoke_run(struct loadgen_target *o);

#endif
