# Objects of tcg/, one per line.
tcg-objs += tcg/ir.o
tcg-objs += tcg/ir-build.o
tcg-objs += tcg/ir-verify.o
tcg-objs += tcg/helpers.o
tcg-objs += tcg/opt.o
tcg-objs += tcg/opt-fold.o
tcg-objs += tcg/opt-copy.o
tcg-objs += tcg/opt-dead.o
tcg-objs += tcg/interp.o
tcg-objs += tcg/interp-vec.o
tcg-objs += tcg/disas.o
tcg-objs += tcg/compile.o
tcg-objs += tcg/x64-asm.o
