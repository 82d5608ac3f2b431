/* SPDX-License-Identifier: GPL-2.0-or-later */
/* block/drives.c: -drive and -blockdev. In specs, @ stands for the image and # for a second one. */
#include "config.h"
#include <string.h>
#include <unistd.h>
#include "block/drives.h"
#include "tests/block/disk.h"

static struct disk d;
static struct drives *drives;

static void setup(void)
{
    g_autofree char *second = NULL;

    disk_init(&d);
    second = g_strdup(disk_path(&d, "second"));
    ck_assert(g_file_set_contents(second, "x", 1, NULL) && !truncate(second, 1024));
    drives = drives_new(d.loop);
}

static void teardown(void)
{
    drives_free(drives);
    disk_fini(&d);
}

static char *expand(const char *spec)
{
    GString *s = g_string_new(spec);
    g_autofree char *second = g_strdup(disk_path(&d, "second"));

    g_string_replace(s, "@", d.file, 0);
    g_string_replace(s, "#", second, 0);
    return g_string_free(s, FALSE);
}

static void add(const char *spec)
{
    g_autofree char *text = expand(spec);
    g_autoptr(GError) err = NULL;
    bool node = g_str_has_prefix(text, "node:");

    ck_assert_msg(node ? drives_add_node(drives, text + 5, &err) : drives_add(drives, text, &err), "%s", err ? err->message : "");
}

static void refuse(const char *spec, const char *why)
{
    g_autofree char *text = expand(spec);
    g_autoptr(GError) err = NULL;
    bool node = g_str_has_prefix(text, "node:");

    ck_assert_msg(!(node ? drives_add_node(drives, text + 5, &err) : drives_add(drives, text, &err)), "accepted: %s", text);
    ck_assert_msg(strstr(err->message, why), "'%s' lacks '%s'", err->message, why);
    ck_assert_ptr_null(strchr(err->message, '\n'));
}

static struct block *attach(const char *id)
{
    g_autoptr(GError) err = NULL;
    struct block *b = drives_attach(drives, id, &err);

    ck_assert_msg(b, "%s", err ? err->message : "");
    return b;
}

START_TEST(ids_are_given_and_made)
{
    unsigned at;
    bool cdrom;

    add("@,if=none,id=d0");
    add("file=#");
    ck_assert_str_eq(block_file(attach("d0")), d.file);
    ck_assert_ptr_null(drives_attach(drives, "d0", NULL));
    ck_assert_str_eq(drives_next(drives, "virtio", 0, &at, &cdrom), "virtio0");
    ck_assert_ptr_null(drives_next(drives, "virtio", 1, &at, &cdrom));
    ck_assert_uint_eq(block_size(attach("virtio0")), 1024);
    ck_assert_ptr_null(drives_attach(drives, "nope", NULL));
}
END_TEST

START_TEST(virtio_drives_are_in_order_of_index)
{
    unsigned at;
    bool cdrom;

    add("file=@,if=virtio,index=3");
    add("file=#,if=virtio,index=1,id=first");
    ck_assert_str_eq(drives_next(drives, "virtio", 0, &at, &cdrom), "first");
    ck_assert_str_eq(drives_next(drives, "virtio", 1, &at, &cdrom), "virtio3");
    ck_assert_ptr_null(drives_next(drives, "virtio", 2, &at, &cdrom));
}
END_TEST

START_TEST(flash_by_unit)
{
    add("file=@,if=pflash,format=raw,unit=1,readonly=on");
    add("file=#,if=pflash,format=raw");
    ck_assert_str_eq(block_file(drives_pflash(drives, 1)), d.file);
    ck_assert(block_readonly(drives_pflash(drives, 1)));
    ck_assert_uint_eq(block_size(drives_pflash(drives, 0)), 1024);
    ck_assert_ptr_null(drives_pflash(drives, 2));
}
END_TEST

START_TEST(all_that_qemu_writes)
{
    add("file=@,if=none,id=a,format=raw,media=disk,index=0,bus=0,cache=writethrough,aio=threads,discard=unmap,detect-zeroes=unmap,"
        "werror=stop,rerror=ignore,copy-on-read=off,snapshot=off,read-only=off,auto-read-only=on");
    ck_assert(block_writethrough(attach("a")));
    add("driver=raw,file.driver=file,file.filename=#,if=none,id=b,cache=unsafe,readonly=on,file.locking=off,node-name=n");
    ck_assert(block_readonly(attach("n")));
}
END_TEST

START_TEST(snapshots_leave_the_image_alone)
{
    uint8_t buf[512] = { 0 };
    struct block *b;

    buf[511] = 1;
    add("file=@,if=none,id=a,snapshot=on");
    b = attach("a");
    ck_assert(!block_readonly(b));
    ck_assert_int_eq(block_write(b, 0, buf, 512), 0);
    ck_assert_uint_eq(disk_peek(&d, 0), disk_byte(0));
    ck_assert(drives_commit(drives, "all", NULL));
    ck_assert_uint_eq(disk_peek(&d, 0), 0);
    ck_assert(!drives_commit(drives, "nope", NULL));
    drives_snapshot(drives);
    add("file=#,if=none,id=b");
    add("file=@,if=none,id=c");          /* beside a: both only read it */
    ck_assert_int_eq(block_read(attach("c"), 0, buf, 512), 0);
    ck_assert_uint_eq(buf[0], 0);
}
END_TEST

START_TEST(nodes)
{
    add("node:driver=file,filename=@,node-name=f");
    add("node:driver=raw,file=f,node-name=r,offset=4096,size=1k");
    ck_assert_uint_eq(block_size(attach("r")), 1024);
    ck_assert_ptr_null(drives_attach(drives, "f", NULL));
    add("node:raw,node-name=q,file.driver=file,file.filename=#,read-only=on,cache.direct=off,cache.no-flush=on,discard=unmap,"
        "file.aio=threads");
    ck_assert(block_readonly(attach("q")));
}
END_TEST

START_TEST(nodes_in_json)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *spec = expand("{\"driver\":\"raw\",\"node-name\":\"j\",\"read-only\":true,\"offset\":512,"
                                   "\"file\":{\"driver\":\"file\",\"filename\":\"@\",\"aio\":\"threads\"}}");

    if (!drives_add_node(drives, spec, &err)) {
        ck_assert_msg(strstr(err->message, "built without json-glib"), "%s", err->message);
        return;
    }
    ck_assert(block_readonly(attach("j")));
    refuse("node:{\"driver\":\"file\"", "not JSON");
    refuse("node:{\"driver\":[\"file\"],\"node-name\":\"k\"}", "'driver': neither an object nor a value");
    refuse("node:{\"driver\":\"file\",\"node-name\":\"k\",\"filename\":\"#\",\"x\":{\"y\":1}}", "no option 'x.y'");
}
END_TEST

START_TEST(mistakes)
{
    add("file=@,if=none,id=taken");
    refuse("if=none,id=x", "it needs file=FILE");
    refuse("file=@,if=scsi", "if=scsi: must be virtio or ide or floppy or none or pflash");
    refuse("file=#,if=none,id=taken", "id=taken: the name is taken");
    refuse("file=#,if=none,id=2x", "id=2x: must be letters");
    refuse("file=#,format=qcow2", "format=qcow2 is not supported; the nearest is format=raw");
    refuse("file=#,cache=maybe", "cache=maybe: must be writeback or");
    refuse("file=#,aio=posix", "aio=posix: must be threads or io_uring or native");
    refuse("file=#,werror=retry", "werror=retry: must be report, ignore, enospc or stop");
    refuse("file=#,rerror=enospc", "rerror=enospc: must be report, ignore or stop");
    refuse("file=#,discard=maybe", "discard=maybe: must be");
    refuse("file=#,detect-zeroes=unmap", "detect-zeroes=unmap: must be with discard=unmap");
    refuse("file=#,readonly=2", "readonly=2: must be on or off");
    refuse("file=#,foo=1", "no option 'foo'");
    refuse("file=#,index=x", "index=x: must be a number");
    refuse("file=/nonexistent/file", "No such file");
    refuse("file=@", "is in use by another drive or process");
    add("file=#,if=pflash");
    refuse("file=@,if=pflash,unit=0", "has this index or unit");
    refuse("node:driver=file,filename=@", "it needs node-name=NAME");
    refuse("node:filename=@,node-name=n", "it needs driver=raw or driver=file");
    refuse("node:driver=qcow2,node-name=n", "driver=qcow2: must be raw or file");
    refuse("node:driver=file,node-name=n", "it needs filename=FILE");
    refuse("node:driver=raw,node-name=n", "it needs file=NODE, or file.driver=file");
    refuse("node:driver=raw,node-name=n,file=m", "there is no -blockdev with this node-name");
    refuse("node:driver=raw,node-name=n,file.driver=file", "it needs file.filename=FILE");
    refuse("node:driver=file,node-name=taken,filename=@", "the name is taken");
    refuse("node:driver=file,node-name=n,filename=@,foo=1", "no option 'foo'");
}
END_TEST

START_TEST(ide_drives_have_buses_of_two)
{
    unsigned at;
    bool cdrom;

    ck_assert(drives_set_default_interface(drives, "ide"));
    ck_assert(!drives_set_default_interface(drives, "esdi"));
    add("file=@,bus=1,unit=0,media=cdrom");
    add("file=#,readonly=on");
    add("file=#,index=1,readonly=on");
    add("file=#,if=floppy,readonly=on");
    ck_assert_str_eq(drives_next(drives, "ide", 0, &at, &cdrom), "ide0-hd0");
    ck_assert(at == 0 && !cdrom);
    ck_assert_str_eq(drives_next(drives, "ide", 1, &at, &cdrom), "ide0-hd1");
    ck_assert_str_eq(drives_next(drives, "ide", 2, &at, &cdrom), "ide1-cd0");
    ck_assert(at == 2 && cdrom);
    ck_assert_ptr_null(drives_next(drives, "ide", 3, &at, &cdrom));
    ck_assert_str_eq(drives_next(drives, "floppy", 0, &at, &cdrom), "floppy0");
    refuse("file=#,bus=0,unit=2", "unit=2: must be");
    refuse("file=#,bus=1,index=2", "index= goes without");
    refuse("file=#,index=2", "has this index or unit");
}
END_TEST

static Suite *drives_suite(void)
{
    Suite *s = suite_create("drives");
    TCase *t = tcase_create("drives");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, ids_are_given_and_made);
    tcase_add_test(t, virtio_drives_are_in_order_of_index);
    tcase_add_test(t, ide_drives_have_buses_of_two);
    tcase_add_test(t, flash_by_unit);
    tcase_add_test(t, all_that_qemu_writes);
    tcase_add_test(t, snapshots_leave_the_image_alone);
    tcase_add_test(t, nodes);
    tcase_add_test(t, nodes_in_json);
    tcase_add_test(t, mistakes);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(drives_suite)
