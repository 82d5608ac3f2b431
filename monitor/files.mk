# Objects of monitor/.
monitor-objs += monitor/commands.o
monitor-objs += monitor/hmp.o
monitor-objs += monitor/line.o
