# Unit tests of tcg/.
tests-tcg-uses := util tcg
tests-tcg-objs += tests/tcg/test-x64-asm.o
tests-tcg-objs += tests/tcg/test-x64-out.o
tests-tcg-objs += tests/tcg/test-x64-vec.o
tests-tcg-objs += tests/tcg/test-opt.o
tests-tcg-objs += tests/tcg/test-crypto.o
