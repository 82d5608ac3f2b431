hw-objs += hw/virtio/virtio.o
hw-objs += hw/virtio/virtio-balloon.o
hw-objs += hw/virtio/virtio-blk.o
hw-objs += hw/virtio/virtio-console.o
hw-objs += hw/virtio/virtio-mmio.o
hw-objs += hw/virtio/virtio-net.o
hw-objs += hw/virtio/virtio-rng.o
hw-objs += hw/virtio/virtqueue.o
