# Objects of chardev/.
chardev-objs += chardev/chardev.o
chardev-objs += chardev/fd-io.o
chardev-objs += chardev/file.o
chardev-objs += chardev/mux.o
chardev-objs += chardev/pty.o
chardev-objs += chardev/socket.o
chardev-objs += chardev/stdio.o
