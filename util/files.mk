# Objects of util/, one per line.
util-objs += util/softfloat.o
