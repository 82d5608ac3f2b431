# Unit tests of util/.
tests-util-uses := util
tests-util-objs += tests/util/test-softfloat.o
