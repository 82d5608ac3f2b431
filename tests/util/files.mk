# Unit tests of util/.
tests-util-uses := util
tests-util-objs += tests/util/test-softfloat.o
tests-util-objs += tests/util/test-x87float.o
tests-util-objs += tests/util/test-bits.o
tests-util-objs += tests/util/test-memory.o
tests-util-objs += tests/util/test-log.o
tests-util-objs += tests/util/test-event-loop.o
tests-util-objs += tests/util/test-keyval.o
