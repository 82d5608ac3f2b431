# Objects of util/, one per line.
util-objs += util/softfloat.o
util-objs += util/x87float.o
util-objs += util/x87float-fn.o
util-objs += util/arena.o
util-objs += util/log.o
util-objs += util/clock.o
util-objs += util/timer.o
util-objs += util/event-loop.o
util-objs += util/jitmem.o
util-objs += util/rng.o
util-objs += util/keyval.o
util-objs += util/keyval-json.o
