/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For boards: the virtio device inside a PCI function. */
#ifndef HW_VIRTIO_VIRTIO_PCI_H
#define HW_VIRTIO_VIRTIO_PCI_H

#include "softmmu/device.h"

/* The device in dev when dev is of a virtio-X-pci type, else dev itself. */
struct device *virtio_pci_child(struct device *dev);

#endif
