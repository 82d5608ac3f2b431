# Unit tests of chardev/.
tests-chardev-uses := util chardev
tests-chardev-objs += tests/chardev/front.o
tests-chardev-objs += tests/chardev/test-chardev.o
tests-chardev-objs += tests/chardev/test-socket.o
tests-chardev-objs += tests/chardev/test-terminal.o
