ui-objs += ui/image.o
