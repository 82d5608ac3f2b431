# SPDX-License-Identifier: GPL-2.0-or-later
net-objs += $(if $(filter yes,$(SLIRP)),net/slirp.o)
net-objs += net/defrag.o
net-objs += net/dump.o
net-objs += net/gro.o
net-objs += net/net.o
net-objs += net/netdevs.o
net-objs += net/offload.o
net-objs += net/slirp-options.o
net-objs += net/socket.o
net-objs += net/tap.o
