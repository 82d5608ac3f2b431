/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The demo guest. "demo=check" on its command line: it checks itself, prints DEMO-OK when all is well, and powers off.
 * Otherwise: a small shell on the console.
 */
#include "roms/boot-arm/demo.h"

enum psci { PSCI_VERSION = 0x84000000, PSCI_CPU_ON = 0x84000003, PSCI_OFF = 0x84000008, PSCI_RESET = 0x84000009 };

void power_off(void)
{
    psci_call(PSCI_OFF, 0, 0, 0);
    for (;;)
        wait_for_interrupt();
}

static bool equal(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a, *y = b;

    while (len && *x == *y)
        x++, y++, len--;
    return !len;
}

static size_t length(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

/* Is word among the blank-separated words of the command line? */
static bool asked(const char *word)
{
    uint32_t len, n = length(word);
    const char *args = fdt_prop("chosen", "bootargs", &len);

    for (uint32_t i = 0; args && i + n < len; i++)
        if (equal(args + i, word, n) && (!i || args[i - 1] == ' ') && (!args[i + n] || args[i + n] == ' '))
            return true;
    return false;
}

/* ---- what it shows ----------------------------------------------------------------------------- */

static uint32_t midr(void)
{
    uint32_t v;

    __asm__("mrc p15, 0, %0, c0, c0, 0" : "=r"(v));
    return v;
}

static void show_info(void)
{
    uint32_t len, version = psci_call(PSCI_VERSION, 0, 0, 0);
    const char *model = fdt_prop("", "model", &len), *args = fdt_prop("chosen", "bootargs", &len);
    const uint8_t *memory = fdt_prop("memory", "reg", &len);

    put("machine      ");
    put(model ? model : "unknown");
    put("\nCPU          ");
    put_hex(midr());
    put(", ");
    put_number(fdt_cpus());
    put(" of them\nmemory       ");
    put_number(memory && len == 16 ? fdt_u32(memory + 12) >> 20 : 0);
    put(" MiB\nPSCI         ");
    put_number(version >> 16);
    put(".");
    put_number(version & 0xffff);
    put("\ncommand line ");
    put(args ? args : "");
    put("\n");
}

static void put_digest(const uint8_t digest[32])
{
    for (int i = 0; i < 32; i++) {
        put_char("0123456789abcdef"[digest[i] >> 4]);
        put_char("0123456789abcdef"[digest[i] & 15]);
    }
}

/* The text that `seq 0 9999` prints. */
static void hash_numbers(uint8_t digest[32])
{
    struct sha256 s;

    sha256_init(&s);
    for (uint32_t n = 0; n < 10000; n++) {
        char text[5], *p = text + sizeof(text);
        uint32_t v = n;

        *--p = '\n';
        do {
            *--p = (char)('0' + v % 10);
            v /= 10;
        } while (v);
        sha256_add(&s, p, (size_t)(text + sizeof(text) - p));
    }
    sha256_end(&s, digest);
}

static void show_sum(void)
{
    uint8_t digest[32];

    hash_numbers(digest);
    put_digest(digest);
    put("  of the lines 0 to 9999\n");
}

/* ---- checks ------------------------------------------------------------------------------------ */

/* FIPS 180-4's example. */
static bool check_sha256(void)
{
    static const uint8_t abc[4] = { 0xba, 0x78, 0x16, 0xbf };
    struct sha256 s;
    uint8_t digest[32];

    sha256_init(&s);
    sha256_add(&s, "abc", 3);
    sha256_end(&s, digest);
    if (!equal(digest, abc, sizeof(abc)))
        return false;
    hash_numbers(digest);
    put_digest(digest);
    return true;
}

static bool check_timer(void)
{
    uint32_t start = ticks();

    while (ticks() - start < 5)
        wait_for_interrupt();
    put_number(ticks() - start);
    put(" interrupts");
    return true;
}

static bool check_fault(void)
{
    uint32_t before = probe_faults;

    if (probe(UNMAPPED, 42) != 42 || probe_faults != before + 1 || fault_address != UNMAPPED)
        return false;
    put_hex(fault_address);
    put(", status ");
    put_hex(fault_status);
    return (fault_status & 0x40f) == 5;          /* translation fault, section (DDI 0406C B3.13.3) */
}

static bool check_alias(void)
{
    static volatile uint32_t word;

    word = 0x12345678;
    put_hex(mmu_alias((const void *)&word));
    if (read32(mmu_alias((const void *)&word)) != 0x12345678)
        return false;
    write32(mmu_alias((const void *)&word), 0x9abcdef0);
    return word == 0x9abcdef0;
}

/* Every other CPU sets a word and turns itself off. */
static bool check_cpus(void)
{
    uint32_t n = fdt_cpus();

    for (uint32_t i = 1; i < n; i++) {
        static volatile uint32_t woken;
        uint32_t start = ticks();

        woken = 0;
        __asm__ volatile("dsb" : : : "memory");
        if (psci_call(PSCI_CPU_ON, i, (uint32_t)secondary_entry, (uint32_t)&woken) != 0)
            return false;
        while (!woken && ticks() - start < 5 * TICKS_PER_SECOND)
            wait_for_interrupt();
        if (!woken)
            return false;
    }
    put_number(n);
    return true;
}

static const struct {
    const char *name;
    bool (*run)(void);
} checks[] = {
    { "sha256", check_sha256 }, { "timer", check_timer }, { "fault", check_fault }, { "alias", check_alias },
    { "cpus", check_cpus },
};

static void run_checks(void)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
        put("DEMO ");
        put(checks[i].name);
        put(" ");
        if (!checks[i].run()) {
            put(" WRONG");
            ok = false;
        }
        put("\n");
    }
    put(ok ? "DEMO-OK\n" : "DEMO-FAILED\n");
}

/* ---- shell ------------------------------------------------------------------------------------- */

static void show_ticks(void)
{
    put_number(ticks());
    put(" timer interrupts since start, ");
    put_number(TICKS_PER_SECOND);
    put(" a second\n");
}

static void show_fault(void)
{
    put(check_fault() ? ": taken and returned from\n" : "wrong fault\n");
}

static void reset(void)
{
    psci_call(PSCI_RESET, 0, 0, 0);
}

static void show_help(void);

static const struct {
    const char *name, *help;
    void (*run)(void);
} commands[] = {
    { "help", "this list", show_help },
    { "info", "what the machine is", show_info },
    { "ticks", "timer interrupts so far", show_ticks },
    { "sum", "SHA-256 of known text; compare with: seq 0 9999 | sha256sum", show_sum },
    { "fault", "touch an address that is not mapped", show_fault },
    { "reset", "start the machine again", reset },
    { "off", "power off", power_off },
};

static void show_help(void)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        put(commands[i].name);
        for (size_t n = length(commands[i].name); n < 8; n++)
            put_char(' ');
        put(commands[i].help);
        put("\n");
    }
}

/* One line with echo and backspace; longer ones are cut. */
static void read_line(char *line, size_t size)
{
    size_t n = 0;

    for (;;) {
        int c = get_char();

        if (c < 0) {
            wait_for_interrupt();
        } else if (c == '\r' || c == '\n') {
            break;
        } else if ((c == 8 || c == 127) && n) {
            n--;
            put("\b \b");
        } else if (c >= ' ' && c < 127 && n + 1 < size) {
            line[n++] = (char)c;
            put_char((char)c);
        }
    }
    line[n] = 0;
    put("\n");
}

static void obey(const char *line)
{
    if (!*line)
        return;
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (length(line) == length(commands[i].name) && equal(line, commands[i].name, length(line))) {
            commands[i].run();
            return;
        }
    }
    put(line);
    put(": unknown; help lists the commands\n");
}

static void shell(void)
{
    char line[64];

    put("Type help for the commands, off to power off.\n");
    for (;;) {
        put("demo> ");
        read_line(line, sizeof(line));
        obey(line);
    }
}

int main(const void *tree);
int main(const void *tree)
{
    console_init();
    mmu_init();
    fdt_init(tree);
    irq_init();
    put("\nTinamou's own demo guest\n");
    show_info();
    if (!asked("demo=check"))
        shell();
    run_checks();
    return 0;
}
