/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /init of disk-kill.sh's and disk-full.sh's guest: loads the modules of /lib/modules/order, mounts ext4 from /dev/vda and writes numbered
 * records to it, each made durable in one of several ways before "ACK N ok" goes to the console. Files that nobody syncs are written, renamed
 * and deleted beside them. The kernel command line sets, through the environment: start (first number), count (0: for ever), size (bytes of a
 * record), options (of the mount).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define NOISE (8u << 20)

static void power_off(void)
{
    sync();
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

static void check(int ok, const char *what)
{
    if (ok)
        return;
    printf("WRITER: %s: %s\n", what, strerror(errno));
    power_off();
}

static unsigned long number(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);

    return text ? strtoul(text, NULL, 0) : otherwise;
}

static void load_modules(void)
{
    FILE *f = fopen("/lib/modules/order", "r");
    char name[64], path[128];

    check(f != NULL, "order");
    while (fscanf(f, "%63s", name) == 1) {
        int fd;

        snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
        fd = open(path, O_RDONLY);
        check(fd >= 0 && (!syscall(SYS_finit_module, fd, "", 0) || errno == EEXIST), name);
        close(fd);
    }
    fclose(f);
}

/* "record 0000000017 rrrr...r\n", the letter by the number. */
static void make_record(char *r, unsigned long n, size_t size)
{
    int len = snprintf(r, size, "record %010lu ", n);

    memset(r + len, 'a' + (int)(n % 26), size - (size_t)len);
    r[size - 1] = '\n';
}

static void write_record(int fd, int dsync_fd, const char *r, unsigned long n, size_t size)
{
    off_t at = (off_t)((n - 1) * size);

    switch (n % 3) {
    case 0:
        check(pwrite(dsync_fd, r, size, at) == (ssize_t)size, "write");
        return;
    case 1:
        check(pwrite(fd, r, size, at) == (ssize_t)size, "write");
        check(!fdatasync(fd), "fdatasync");
        return;
    default:
        check(pwrite(fd, r, size, at) == (ssize_t)size, "write");
        check(!fsync(fd), "fsync");
    }
}

static void make_noise(int fd, unsigned long n)
{
    static char block[32768];
    char name[64];
    int one;

    memset(block, (int)n, sizeof(block));
    check(pwrite(fd, block, sizeof(block), (off_t)(n * 7919 % (NOISE / 4096) * 4096)) == (ssize_t)sizeof(block), "noise");
    if (n % 8)
        return;
    snprintf(name, sizeof(name), "/mnt/d/%lu", n);
    one = open(name, O_WRONLY | O_CREAT, 0600);
    check(one >= 0 && write(one, block, 5000) == 5000, name);
    close(one);
    check(!rename(name, "/mnt/d/last"), name);
}

int main(void)
{
    unsigned long first = number("start", 1), count = number("count", 0), size = number("size", 64);
    const char *options = getenv("options");
    char *record = malloc(size);
    int fd, dsync_fd, noise;

    setvbuf(stdout, NULL, _IOLBF, 0);
    check(!mkdir("/mnt", 0755) || errno == EEXIST, "/mnt");
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    load_modules();
    check(!mount("/dev/vda", "/mnt", "ext4", 0, options ? options : ""), "mount");
    mkdir("/mnt/d", 0755);
    fd = open("/mnt/records", O_RDWR | O_CREAT, 0644);
    dsync_fd = open("/mnt/records", O_RDWR | O_DSYNC);
    noise = open("/mnt/noise", O_RDWR | O_CREAT, 0644);
    check(fd >= 0 && dsync_fd >= 0 && noise >= 0, "open");
    check(!ftruncate(fd, (off_t)((first - 1) * size)) && !fsync(fd), "truncate");
    for (unsigned long n = first; !count || n < first + count; n++) {
        make_record(record, n, size);
        write_record(fd, dsync_fd, record, n, size);
        printf("ACK %lu ok\n", n);
        make_noise(noise, n);
    }
    close(fd);
    close(dsync_fd);
    close(noise);
    check(!umount("/mnt"), "umount");
    printf("WRITER: done\n");
    power_off();
}
