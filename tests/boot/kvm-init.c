/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /init of tests/boot/kvm-arm64.sh: a virtual machine of KVM's, whose guest adds up numbers in its memory, stores to a device that is not
 * there (MMIO exits with the stored value), reads its virtual counter and powers itself off by PSCI. Prints what came; "KVM-OK" is the last word.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#define GUEST_RAM 0x40000000u
#define GUEST_SIZE 0x10000
#define DEVICE 0x09000000u
#define STORES 1000
#define PC_REG (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(regs.pc))

/* x0 sum, x1 count, x2 device, x3 memory; ends in PSCI SYSTEM_OFF */
__asm__(".section .rodata\n"
        ".global guest_code, guest_end\n"
        "guest_code:\n"
        "    mov x0, #0\n"
        "    mov x1, #1\n"
        "    movz x2, #0x900, lsl #16\n"
        "    movz x3, #0x4000, lsl #16\n"
        "1:  str x1, [x3, #0x800]\n"
        "    ldr x4, [x3, #0x800]\n"
        "    add x0, x0, x4\n"
        "    str w0, [x2, #4]\n"
        "    add x1, x1, #1\n"
        "    cmp x1, #1000\n"
        "    b.ls 1b\n"
        "    mrs x5, cntvct_el0\n"
        "    isb\n"
        "    mrs x6, cntvct_el0\n"
        "    cmp x6, x5\n"
        "    cset w7, hs\n"
        "    str w7, [x2, #8]\n"
        "    ldr w8, [x2, #12]\n"
        "    str w8, [x2, #16]\n"
        "    movz w0, #0x8400, lsl #16\n"
        "    movk w0, #8\n"
        "    hvc #0\n"
        "2:  b 2b\n"
        "guest_end:\n"
        ".text\n");
extern const char guest_code[], guest_end[];

static void finish(const char *why)
{
    printf("%s\n", why);
    fflush(stdout);
    reboot(RB_POWER_OFF);
    exit(1);
}

static int must(int ret, const char *what)
{
    if (ret < 0) {
        perror(what);
        finish("KVM-FAILED");
    }
    return ret;
}

static struct kvm_run *make_vcpu(int kvm, int vm, int *vcpu)
{
    struct kvm_vcpu_init init = { 0 };
    uint64_t pc = GUEST_RAM;
    struct kvm_one_reg reg = { .id = PC_REG, .addr = (uintptr_t)&pc };
    int size = must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
    void *run;

    *vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    must(ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
    init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
    must(ioctl(*vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
    must(ioctl(*vcpu, KVM_SET_ONE_REG, &reg), "KVM_SET_ONE_REG");
    run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, *vcpu, 0);
    if (run == MAP_FAILED)
        finish("KVM-FAILED mmap");
    return run;
}

/* One MMIO exit: 0x04 sums, 0x08 the counter's check, 0x0c read, 0x10 what was read. */
static void mmio(struct kvm_run *run, unsigned *sums, uint32_t *last)
{
    uint32_t v;

    memcpy(&v, run->mmio.data, 4);
    if (run->mmio.len != 4 || run->mmio.phys_addr < DEVICE)
        finish("KVM-FAILED mmio");
    switch (run->mmio.phys_addr - DEVICE) {
    case 0x04:
        ++*sums;
        *last = v;
        break;
    case 0x0c:
        v = 0x12345678;
        memcpy(run->mmio.data, &v, 4);
        break;
    default:
        printf("KVM store %llx %x\n", (unsigned long long)run->mmio.phys_addr - DEVICE, v);
        break;
    }
}

int main(void)
{
    struct kvm_userspace_memory_region region = { .guest_phys_addr = GUEST_RAM, .memory_size = GUEST_SIZE };
    unsigned sums = 0;
    uint32_t last = 0;
    struct kvm_run *run;
    int kvm, vm, vcpu;
    void *ram;

    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    freopen("/dev/console", "w", stdout);
    dup2(1, 2);
    kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm");
    printf("KVM version %d\n", ioctl(kvm, KVM_GET_API_VERSION, 0));
    vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    ram = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memcpy(ram, guest_code, (size_t)(guest_end - guest_code));
    __builtin___clear_cache(ram, (char *)ram + GUEST_SIZE);
    region.userspace_addr = (uintptr_t)ram;
    must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
    run = make_vcpu(kvm, vm, &vcpu);
    for (;;) {
        must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
        if (run->exit_reason != KVM_EXIT_MMIO)
            break;
        mmio(run, &sums, &last);
    }
    printf("KVM exit %u event %u sums %u last %u\n", run->exit_reason, run->system_event.type, sums, last);
    finish(run->exit_reason == KVM_EXIT_SYSTEM_EVENT && run->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN && sums == STORES &&
           last == STORES * (STORES + 1) / 2 ? "KVM-OK" : "KVM-FAILED");
}
