# Objects of tcg/, one per line.
tcg-objs += tcg/x64-asm.o
