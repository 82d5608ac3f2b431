/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gendecode: compile a table of instruction encodings (*.decode) to C.
 *
 *     gendecode INPUT.decode [USED.decode...] -o OUT.inc
 *
 * (Tables that INPUT uses are found by name; a Makefile may list them.)
 *
 * The table language, one statement a line (`#` starts a comment, a `\` at
 * the end of a line continues it):
 *
 *     width 32                     bits of an encoding, 16 or 32; comes first
 *     table a32                    name of the table; default: the file's name
 *     context struct a32_ctx       first argument of the handlers
 *     handlers extern a32_         handlers are `bool a32_trans_X()` in other
 *                                  files; without it they are static trans_X()
 *     use a32.decode               argument sets of another table (its header
 *                                  part declares the structs)
 *     field S:set_flags i:imm:s c:cond:ignore
 *                                  letters and the field each stands for; `:s`
 *                                  sign-extends, `:ignore` need not be used.
 *                                  A later line may bind a letter anew.
 *     args  dp_imm set_flags rn rd imm:s
 *                                  a struct args_dp_imm; members are uint32_t,
 *                                  `:s` makes one int32_t
 *     form  a32_dp dp_imm imm=expand(rot,imm8) !attribute...
 *                                  an argument set with assignments and
 *                                  attributes
 *     every !avoid(cond == 15)     attributes of all rows that follow
 *     NAME  BITS  ARGSET-or-form  member=value... !attribute...
 *     {  ...  }                    inside, a row whose encodings are all
 *                                  encodings of another row wins over it
 *     [  ...  ]                    inside, an earlier row wins over later ones
 *     prefer A B                   rows named A win over rows named B
 *
 * BITS, most significant first: 0 and 1 fixed; a letter is a bit of its field
 * (pieces of a split field are joined, most significant first); `z` and `o`
 * are should-be-zero and should-be-one (not tested); `.` is not looked at.
 * A value is a number, a field, or function(field-or-number, ...), which
 * becomes the C call function(ctx, ...). A member without an assignment takes
 * the field of its own name.
 *
 * Attributes: !need(x) calls need_x(ctx) and makes the encoding undefined when
 * it says false. !avoid(C expression over the row's fields) tells generators
 * of random code what is UNPREDICTABLE. Any other word (!priv, !branch) is
 * kept in the list.
 *
 * Errors, with file:line: overlap of rows that no rule orders, wrong width,
 * unknown letter, unknown set, member without a value, field without a use.
 *
 * The output has three parts. Plain inclusion gives structs, prototypes and
 * `static bool decode_TABLE(CTX *ctx, uint32_t insn)`; with DECODE_ARGS
 * defined only structs and prototypes; with DECODE_LIST defined only
 * `static const struct decode_row decode_rows_TABLE[]`, of which the first row
 * that matches is the one the decoder takes.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ROWS = 1200, MAX_ARGS = 200, MAX_MEMBERS = 16, MAX_FIELDS = 52,
    MAX_TOKENS = 64, MAX_PREFER = 100, LINE_SIZE = 2048,
};

struct field {
    char *name;
    bool is_signed, ignore;
};

struct argset {
    char *name;
    int n;
    char *member[MAX_MEMBERS];
    bool is_signed[MAX_MEMBERS];
    bool external;
};

/* An argument set and the text of each member's value (NULL: not assigned) */
struct form {
    char *name;
    const struct argset *args;
    char *value[MAX_MEMBERS];
    char *attrs;
};

struct piece {
    struct field field;
    uint32_t mask;
    bool used;
};

struct row {
    char *name, *bits, *attrs;
    int line, group;
    bool ordered;
    uint32_t mask, value, soft_mask, soft_value;
    struct form form;
    char *avoid, *need;
    struct piece piece[32];
    int npieces;
};

struct source {
    const char *path;
    FILE *file;
    int line;
};

struct prefer {
    char *winner, *loser;
};

static struct {
    int width;
    char *table, *context, *prefix;
    bool external;
    struct field letter[128];
    struct argset args[MAX_ARGS];
    struct form forms[MAX_ARGS];
    struct row rows[MAX_ROWS];
    struct prefer prefer[MAX_PREFER];
    int nargs, nforms, nrows, nprefer;
    char *every;
    int group, ngroups;
    bool ordered;
    FILE *out;
    const char *path;
} g;

static int errors;

__attribute__((format(printf, 2, 3)))
static void error_at(int line, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "%s:%d: ", g.path, line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    errors++;
}

static void *check_alloc(void *p)
{
    if (!p) {
        fputs("gendecode: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

static char *copy(const char *s)
{
    return check_alloc(strdup(s));
}

/* a with " b" appended; takes a, which may be NULL. */
static char *append(char *a, const char *b)
{
    size_t na = a ? strlen(a) : 0;

    a = check_alloc(realloc(a, na + strlen(b) + 2));
    sprintf(a + na, "%s%s", na ? " " : "", b);
    return a;
}

/* ---- Reading ---- */

/* Next statement with comment and continuations joined; false at the end. */
static bool read_line(struct source *src, char *buf)
{
    size_t n = 0;

    while (fgets(buf + n, (int)(LINE_SIZE - n), src->file)) {
        char *hash = strchr(buf + n, '#');

        src->line++;
        if (hash) {
            *hash = 0;
        }
        n = strlen(buf);
        while (n && isspace((unsigned char)buf[n - 1])) {
            buf[--n] = 0;
        }
        if (n == 0 || buf[n - 1] != '\\') {
            return true;
        }
        buf[--n] = 0;
        if (n > LINE_SIZE / 2) {
            error_at(src->line, "line too long");
            return true;
        }
    }
    return n != 0;
}

/* Split at blanks outside parentheses; returns the number of tokens. */
static int split(char *s, char **tok)
{
    int n = 0, depth = 0;

    while (n < MAX_TOKENS) {
        while (isspace((unsigned char)*s)) {
            s++;
        }
        if (!*s) {
            break;
        }
        tok[n++] = s;
        for (; *s && (depth || !isspace((unsigned char)*s)); s++) {
            depth += (*s == '(') - (*s == ')');
        }
        if (*s) {
            *s++ = 0;
        }
    }
    return n;
}

static const struct argset *find_args(const char *name)
{
    for (int i = 0; i < g.nargs; i++) {
        if (!strcmp(g.args[i].name, name)) {
            return &g.args[i];
        }
    }
    return NULL;
}

/* Argument set or form by name. */
static bool find_form(const char *name, struct form *f)
{
    const struct argset *a = find_args(name);

    if (a) {
        *f = (struct form) { .name = a->name, .args = a };
        return true;
    }
    for (int i = 0; i < g.nforms; i++) {
        if (!strcmp(g.forms[i].name, name)) {
            *f = g.forms[i];
            return true;
        }
    }
    return false;
}

static void parse_field(int line, char **tok, int n)
{
    for (int i = 1; i < n; i++) {
        unsigned char c = (unsigned char)tok[i][0];
        char *mod;

        if (!isalpha(c) || tok[i][1] != ':' || strchr("zo", c)) {
            error_at(line, "field '%s' is not letter:name", tok[i]);
            continue;
        }
        mod = strchr(tok[i] + 2, ':');
        if (mod) {
            *mod++ = 0;
        }
        if (mod && strcmp(mod, "s") && strcmp(mod, "ignore")) {
            error_at(line, "unknown field modifier '%s'", mod);
        }
        g.letter[c] = (struct field) {
            .name = copy(tok[i] + 2),
            .is_signed = mod && !strcmp(mod, "s"),
            .ignore = mod && !strcmp(mod, "ignore"),
        };
    }
}

static void parse_args(int line, char **tok, int n, bool external)
{
    struct argset *a = &g.args[g.nargs];

    if (n < 2 || n - 2 > MAX_MEMBERS || g.nargs == MAX_ARGS) {
        error_at(line, "args needs a name and at most %d members", MAX_MEMBERS);
        return;
    }
    if (find_args(tok[1])) {
        error_at(line, "argument set '%s' defined twice", tok[1]);
        return;
    }
    a->name = copy(tok[1]);
    a->external = external;
    for (int i = 2; i < n; i++) {
        char *mod = strchr(tok[i], ':');

        if (mod) {
            *mod++ = 0;
            a->is_signed[a->n] = true;
        }
        if (mod && strcmp(mod, "s")) {
            error_at(line, "unknown member modifier '%s'", mod);
        }
        a->member[a->n++] = copy(tok[i]);
    }
    g.nargs++;
}

/* member=value */
static void parse_assign(int line, struct form *f, char *text)
{
    char *eq = strchr(text, '=');

    if (!eq) {
        error_at(line, "'%s' is not member=value", text);
        return;
    }
    *eq = 0;
    for (int i = 0; i < f->args->n; i++) {
        if (!strcmp(f->args->member[i], text)) {
            f->value[i] = copy(eq + 1);
            return;
        }
    }
    error_at(line, "args %s has no member '%s'", f->args->name, text);
}

static void parse_form(int line, char **tok, int n)
{
    struct form *f = &g.forms[g.nforms];

    if (n < 3 || g.nforms == MAX_ARGS) {
        error_at(line, "form needs a name and an argument set");
        return;
    }
    if (!find_form(tok[2], f)) {
        error_at(line, "unknown argument set '%s'", tok[2]);
        return;
    }
    f->name = copy(tok[1]);
    for (int i = 3; i < n; i++) {
        if (tok[i][0] == '!') {
            f->attrs = append(f->attrs ? copy(f->attrs) : NULL, tok[i]);
        } else {
            parse_assign(line, f, tok[i]);
        }
    }
    g.nforms++;
}

static void add_field_bit(struct row *r, const struct field *f, uint32_t bit)
{
    int i;

    for (i = 0; i < r->npieces; i++) {
        if (!strcmp(r->piece[i].field.name, f->name)) {
            break;
        }
    }
    if (i == r->npieces) {
        r->piece[r->npieces++] = (struct piece) {
            .field = *f, .used = f->ignore,
        };
    }
    r->piece[i].mask |= bit;
}

static void parse_bits(struct row *r)
{
    size_t n = strlen(r->bits);

    if ((int)n != g.width) {
        error_at(r->line, "%s: %d bits, width is %d", r->name, (int)n, g.width);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)r->bits[i];
        uint32_t bit = 1u << (n - 1 - i);

        if (c == '0' || c == '1') {
            r->mask |= bit;
            r->value |= c == '1' ? bit : 0;
        } else if (c == 'z' || c == 'o') {
            r->soft_mask |= bit;
            r->soft_value |= c == 'o' ? bit : 0;
        } else if (c < 128 && isalpha(c) && g.letter[c].name) {
            add_field_bit(r, &g.letter[c], bit);
        } else if (c != '.') {
            error_at(r->line, "%s: unknown field '%c'", r->name, c);
        }
    }
}

static struct piece *find_piece(struct row *r, const char *name, size_t n)
{
    for (int i = 0; i < r->npieces; i++) {
        const char *f = r->piece[i].field.name;

        if (strlen(f) == n && !strncmp(f, name, n)) {
            return &r->piece[i];
        }
    }
    return NULL;
}

/* Call each(r, word, len, arg) for the identifiers in text */
static void each_word(struct row *r, const char *text,
                      void (*each)(struct row *, const char *, size_t))
{
    while (*text) {
        size_t n = 0;

        while (isalnum((unsigned char)text[n]) || text[n] == '_') {
            n++;
        }
        if (n && !isdigit((unsigned char)*text)) {
            each(r, text, n);
        }
        text += n ? n : 1;
    }
}

static void mark_used(struct row *r, const char *word, size_t n)
{
    struct piece *p = find_piece(r, word, n);

    if (p) {
        p->used = true;
    } else if (word[n] != '(') {
        error_at(r->line, "%s: unknown field '%.*s'", r->name, (int)n, word);
    }
}

static void check_row(struct row *r)
{
    const struct argset *a = r->form.args;

    for (int i = 0; i < a->n; i++) {
        if (!r->form.value[i]) {
            if (!find_piece(r, a->member[i], strlen(a->member[i]))) {
                error_at(r->line, "%s: args %s: no value for '%s'", r->name,
                         a->name, a->member[i]);
                continue;
            }
            r->form.value[i] = a->member[i];
        }
        each_word(r, r->form.value[i], mark_used);
    }
    for (int i = 0; i < r->npieces; i++) {
        if (!r->piece[i].used) {
            error_at(r->line, "%s: field '%s' is not used", r->name,
                     r->piece[i].field.name);
        }
    }
}

static void parse_attr(struct row *r, const char *text)
{
    if (!strncmp(text, "!avoid(", 7)) {
        if (r->avoid) {
            r->avoid = append(r->avoid, "||");
        }
        r->avoid = append(r->avoid, text + 6);
    } else if (!strncmp(text, "!need(", 6) && strchr(text, ')')) {
        r->need = copy(text + 6);
        *strchr(r->need, ')') = 0;
    } else {
        r->attrs = append(r->attrs, text + 1);
    }
}

/* Attributes that `every` or the row's form gives */
static void inherit_attrs(struct row *r, const char *attrs)
{
    char *text, *tok[MAX_TOKENS];
    int n;

    if (!attrs) {
        return;
    }
    text = copy(attrs);
    n = split(text, tok);
    for (int i = 0; i < n; i++) {
        parse_attr(r, tok[i]);
    }
    free(text);
}

static void parse_row(int line, char **tok, int n)
{
    struct row *r = &g.rows[g.nrows];

    if (n < 3) {
        error_at(line, "unknown statement '%s'", tok[0]);
        return;
    }
    if (g.nrows == MAX_ROWS) {
        error_at(line, "too many rows");
        return;
    }
    *r = (struct row) {
        .name = copy(tok[0]), .bits = copy(tok[1]), .line = line,
        .group = g.group, .ordered = g.ordered, .attrs = copy(""),
    };
    parse_bits(r);
    if (!find_form(tok[2], &r->form)) {
        error_at(line, "%s: unknown argument set '%s'", tok[0], tok[2]);
        return;
    }
    inherit_attrs(r, g.every);
    inherit_attrs(r, r->form.attrs);
    for (int i = 3; i < n; i++) {
        if (tok[i][0] == '!') {
            parse_attr(r, tok[i]);
        } else {
            parse_assign(line, &r->form, tok[i]);
        }
    }
    check_row(r);
    g.nrows++;
}

static void parse_file(const char *path, bool external);

/* `use FILE`: the path is relative to the file that says it. */
static void parse_use(const char *name)
{
    const char *slash = strrchr(g.path, '/'), *here = g.path;
    size_t n = slash ? (size_t)(slash + 1 - g.path) : 0;
    char *path = check_alloc(malloc(n + strlen(name) + 1));

    sprintf(path, "%.*s%s", (int)n, g.path, name);
    parse_file(path, true);
    g.path = here;
}

static void parse_group(int line, const char *brace)
{
    bool open = *brace == '{' || *brace == '[';

    if (open == (g.group != 0)) {
        error_at(line, "groups do not nest");
    }
    g.group = open ? ++g.ngroups : 0;
    g.ordered = *brace == '[';
}

static bool parse_setting(int line, char **tok, int n)
{
    if (!strcmp(tok[0], "width") && n == 2) {
        g.width = atoi(tok[1]);
        if (g.width != 16 && g.width != 32) {
            error_at(line, "width must be 16 or 32");
        }
    } else if (!strcmp(tok[0], "table") && n == 2) {
        g.table = copy(tok[1]);
    } else if (!strcmp(tok[0], "context") && n >= 2) {
        g.context = NULL;
        for (int i = 1; i < n; i++) {
            g.context = append(g.context, tok[i]);
        }
    } else if (!strcmp(tok[0], "handlers") && n == 3) {
        g.external = true;
        g.prefix = copy(tok[2]);
    } else if (!strcmp(tok[0], "every")) {
        g.every = NULL;
        for (int i = 1; i < n; i++) {
            g.every = append(g.every, tok[i]);
        }
    } else if (!strcmp(tok[0], "prefer") && n == 3 && g.nprefer < MAX_PREFER) {
        g.prefer[g.nprefer++] = (struct prefer) {
            copy(tok[1]), copy(tok[2]),
        };
    } else {
        return false;
    }
    return true;
}

/* One statement. Of a used table only the argument sets count. */
static void parse_statement(int line, char **tok, int n, bool external)
{
    if (!strcmp(tok[0], "args")) {
        parse_args(line, tok, n, external);
    } else if (!strcmp(tok[0], "use") && n == 2) {
        parse_use(tok[1]);
    } else if (external) {
        return;
    } else if (!strcmp(tok[0], "field")) {
        parse_field(line, tok, n);
    } else if (!strcmp(tok[0], "form")) {
        parse_form(line, tok, n);
    } else if (strchr("{}[]", tok[0][0]) && !tok[0][1]) {
        parse_group(line, tok[0]);
    } else if (!parse_setting(line, tok, n)) {
        if (!g.width) {
            error_at(line, "the first statement must be width");
            g.width = 32;
        }
        parse_row(line, tok, n);
    }
}

static void parse_file(const char *path, bool external)
{
    struct source src = { .path = path, .file = fopen(path, "r") };
    char buf[LINE_SIZE], *tok[MAX_TOKENS];

    if (!src.file) {
        fprintf(stderr, "%s: cannot open\n", path);
        exit(1);
    }
    g.path = path;
    for (;;) {
        int n;

        buf[0] = 0;
        if (!read_line(&src, buf)) {
            break;
        }
        n = split(buf, tok);
        if (n) {
            parse_statement(src.line, tok, n, external);
        }
    }
    fclose(src.file);
    if (g.group && !external) {
        error_at(src.line, "group is not closed");
    }
}

/* ---- Order and overlap ---- */

static bool preferred(const struct row *a, const struct row *b)
{
    for (int i = 0; i < g.nprefer; i++) {
        if (!strcmp(g.prefer[i].winner, a->name) &&
            !strcmp(g.prefer[i].loser, b->name)) {
            return true;
        }
    }
    return false;
}

static bool overlap(const struct row *a, const struct row *b)
{
    return ((a->value ^ b->value) & a->mask & b->mask) == 0;
}

/* A group's rule: order, or all of a's encodings are b's */
static bool group_wins(const struct row *a, const struct row *b)
{
    if (!a->group || a->group != b->group) {
        return false;
    }
    return a->ordered ? a < b : a->mask != b->mask &&
           (a->mask & b->mask) == b->mask;
}

/* a wins where both match */
static bool wins(const struct row *a, const struct row *b)
{
    return preferred(a, b) || group_wins(a, b);
}

static void check_overlap(void)
{
    for (int i = 0; i < g.nrows; i++) {
        for (int j = 0; j < i; j++) {
            const struct row *a = &g.rows[i], *b = &g.rows[j];

            if (overlap(a, b) && !wins(a, b) && !wins(b, a)) {
                error_at(a->line, "%s overlaps %s of line %d", a->name,
                         b->name, b->line);
            }
        }
    }
}

/* ---- Output ---- */

__attribute__((format(printf, 2, 3)))
static void emit(int indent, const char *fmt, ...)
{
    va_list ap;

    fprintf(g.out, "%*s", indent * 4, "");
    va_start(ap, fmt);
    vfprintf(g.out, fmt, ap);
    va_end(ap);
    fputc('\n', g.out);
}

static void emit_structs(void)
{
    for (int i = 0; i < g.nargs; i++) {
        const struct argset *a = &g.args[i];

        if (a->external) {
            continue;
        }
        emit(0, "struct args_%s {", a->name);
        for (int j = 0; j < a->n; j++) {
            emit(1, "%s %s;", a->is_signed[j] ? "int32_t" : "uint32_t",
                 a->member[j]);
        }
        if (a->n == 0) {
            emit(1, "uint32_t none;");
        }
        emit(0, "};");
    }
}

static bool first_of_name(const struct row *r)
{
    for (const struct row *p = g.rows; p < r; p++) {
        if (!strcmp(p->name, r->name)) {
            return false;
        }
    }
    return true;
}

static void emit_prototypes(void)
{
    for (int i = 0; i < g.nrows; i++) {
        const struct row *r = &g.rows[i];

        if (first_of_name(r)) {
            emit(0, "%sbool %strans_%s(%s *s, const struct args_%s *a);",
                 g.external ? "" : "static ", g.prefix, r->name, g.context,
                 r->form.args->name);
        }
    }
}

/* C expression for a field's value: runs of mask bits joined */
static void emit_extract(const struct piece *p)
{
    uint32_t mask = p->mask;
    int total = __builtin_popcount(mask), left = total;

    if (p->field.is_signed) {
        fprintf(g.out, "(uint32_t)((int32_t)((");
    } else {
        fprintf(g.out, "(");
    }
    for (bool first = true; mask; first = false) {
        int hi = 31 - __builtin_clz(mask), lo = hi;

        while (lo && (mask >> (lo - 1) & 1)) {
            lo--;
        }
        left -= hi - lo + 1;
        fprintf(g.out, "%s(insn >> %d & 0x%xu) << %d", first ? "" : " | ", lo,
                0xffffffffu >> (31 - (hi - lo)), left);
        mask &= lo ? (1u << lo) - 1 : 0;
    }
    if (p->field.is_signed) {
        fprintf(g.out, ") << %d) >> %d)", 32 - total, 32 - total);
    } else {
        fprintf(g.out, ")");
    }
}

static void emit_value(struct row *r, const char *text)
{
    while (*text) {
        size_t n = 0;
        struct piece *p;

        while (isalnum((unsigned char)text[n]) || text[n] == '_') {
            n++;
        }
        p = n ? find_piece(r, text, n) : NULL;
        if (n && text[n] == '(') {
            bool none = text[n + 1] == ')';

            fprintf(g.out, "%.*s(ctx%s", (int)n, text, none ? "" : ", ");
            n++;
        } else if (p) {
            emit_extract(p);
        } else {
            n = n ? n : 1;
            fprintf(g.out, "%.*s", (int)n, text);
        }
        text += n;
    }
}

/* Extract the arguments and call the handler */
static void emit_row_function(struct row *r)
{
    const struct argset *a = r->form.args;

    emit(0, "static bool decode_%s_row%d(%s *ctx, uint32_t insn)", g.table,
         (int)(r - g.rows), g.context);
    emit(0, "{");
    emit(1, "struct args_%s a = {", a->name);
    for (int i = 0; i < a->n; i++) {
        fprintf(g.out, "        .%s = ", a->member[i]);
        if (a->is_signed[i]) {
            fprintf(g.out, "(int32_t)");
        }
        fprintf(g.out, "(");
        emit_value(r, r->form.value[i]);
        fprintf(g.out, "),\n");
    }
    if (a->n == 0) {
        emit(2, ".none = 0,");
    }
    emit(1, "};\n");
    emit(1, "(void)insn;");
    if (r->need) {
        emit(1, "if (!need_%s(ctx)) {", r->need);
        emit(2, "return false;");
        emit(1, "}");
    }
    emit(1, "return %strans_%s(ctx, &a);", g.prefix, r->name);
    emit(0, "}\n");
}

static void emit_leaf(int depth, struct row **rows, int n, uint32_t known)
{
    for (int i = 0; i < n; i++) {
        uint32_t mask = rows[i]->mask & ~known;

        if (!mask) {
            emit(depth, "return decode_%s_row%d(ctx, insn);", g.table,
                 (int)(rows[i] - g.rows));
            return;
        }
        emit(depth, "if ((insn & 0x%08xu) == 0x%08xu) {", mask,
             rows[i]->value & mask);
        emit(depth + 1, "return decode_%s_row%d(ctx, insn);", g.table,
             (int)(rows[i] - g.rows));
        emit(depth, "}");
    }
    emit(depth, "return false;");
}

/* The bit that best halves the rows, given that few must go both ways */
static uint32_t best_bit(struct row **rows, int n, uint32_t known)
{
    uint32_t best = 0;
    int best_cost = n;

    for (int b = 0; b < g.width; b++) {
        int zero = 0, one = 0;

        if (known >> b & 1) {
            continue;
        }
        for (int i = 0; i < n; i++) {
            bool fixed = rows[i]->mask >> b & 1, v = rows[i]->value >> b & 1;

            zero += !fixed || !v;
            one += !fixed || v;
        }
        if ((zero > one ? zero : one) < best_cost) {
            best_cost = zero > one ? zero : one;
            best = 1u << b;
        }
    }
    return best;
}

static void emit_tree(int depth, struct row **rows, int n, uint32_t known);

static void emit_case(int depth, struct row **rows, int n, uint32_t known,
                      uint32_t test, uint32_t value)
{
    struct row **sub = check_alloc(calloc((size_t)n, sizeof(*sub)));
    int m = 0;

    for (int i = 0; i < n; i++) {
        if (((rows[i]->value ^ value) & rows[i]->mask & test) == 0) {
            sub[m++] = rows[i];
        }
    }
    emit_tree(depth, sub, m, known | test);
    free(sub);
}

static bool seen_value(struct row **rows, int i, uint32_t test)
{
    for (int j = 0; j < i; j++) {
        if ((rows[j]->value & test) == (rows[i]->value & test)) {
            return true;
        }
    }
    return false;
}

/*
 * Rows that can still match, best first. While all of them look at some bits
 * those select a case; otherwise one bit is tested and rows that do not look
 * at it go both ways.
 */
static void emit_tree(int depth, struct row **rows, int n, uint32_t known)
{
    uint32_t common = ~known, bit;

    for (int i = 0; i < n; i++) {
        common &= rows[i]->mask;
    }
    if (n > 2 && common) {
        emit(depth, "switch (insn & 0x%08xu) {", common);
        for (int i = 0; i < n; i++) {
            uint32_t v = rows[i]->value & common;

            if (!seen_value(rows, i, common)) {
                emit(depth, "case 0x%08xu:", v);
                emit_case(depth + 1, rows, n, known, common, v);
            }
        }
        emit(depth, "}");
        emit(depth, "return false;");
        return;
    }
    bit = n > 3 ? best_bit(rows, n, known) : 0;
    if (!bit) {
        emit_leaf(depth, rows, n, known);
        return;
    }
    emit(depth, "if (insn & 0x%08xu) {", bit);
    emit_case(depth + 1, rows, n, known, bit, bit);
    emit(depth, "}");
    emit_case(depth, rows, n, known, bit, 0);
}

static bool beaten(const struct row *r, struct row **rest, int n)
{
    for (int i = 0; i < n; i++) {
        if (rest[i] != r && overlap(rest[i], r) && wins(rest[i], r)) {
            return true;
        }
    }
    return false;
}

/* Rows in an order in which a winner is before the rows it wins over */
static void sort_rows(struct row **rows)
{
    for (int i = 0; i < g.nrows; i++) {
        rows[i] = &g.rows[i];
    }
    for (int i = 0; i < g.nrows; i++) {
        int j = i;
        struct row *r;

        while (j < g.nrows - 1 && beaten(rows[j], rows + i, g.nrows - i)) {
            j++;
        }
        r = rows[j];
        memmove(rows + i + 1, rows + i, (size_t)(j - i) * sizeof(*rows));
        rows[i] = r;
    }
}

static void emit_decoder(void)
{
    struct row *rows[MAX_ROWS];

    for (int i = 0; i < g.nrows; i++) {
        emit_row_function(&g.rows[i]);
    }
    sort_rows(rows);
    emit(0, "static bool decode_%s(%s *ctx, uint32_t insn)", g.table,
         g.context);
    emit(0, "{");
    emit_tree(1, rows, g.nrows, g.width == 32 ? 0 : 0xffff0000u);
    emit(0, "}");
}

static void declare_word(struct row *r, const char *word, size_t n)
{
    struct piece *p = find_piece(r, word, n);

    if (p && p->used) {
        fprintf(g.out, "    uint32_t %s = ", p->field.name);
        emit_extract(p);
        fprintf(g.out, ";\n");
        p->used = false;        /* declared */
    }
}

/* In the order of precedence: the first row that matches is the decoder's. */
static void emit_list(void)
{
    struct row *rows[MAX_ROWS];

    sort_rows(rows);
    /* conditions are written as the manual says them: a || b && c */
    emit(0, "#pragma GCC diagnostic push");
    emit(0, "#pragma GCC diagnostic ignored \"-Wparentheses\"");
    for (int i = 0; i < g.nrows; i++) {
        struct row *r = &g.rows[i];

        if (!r->avoid) {
            continue;
        }
        for (int j = 0; j < r->npieces; j++) {
            r->piece[j].used = true;
        }
        emit(0, "static bool avoid_%s_row%d(uint32_t insn)\n{", g.table, i);
        each_word(r, r->avoid, declare_word);
        emit(1, "(void)insn;");
        emit(1, "return %s;\n}\n", r->avoid);
    }
    emit(0, "#pragma GCC diagnostic pop");
    emit(0, "static const struct decode_row decode_rows_%s[] = {", g.table);
    for (int i = 0; i < g.nrows; i++) {
        struct row *r = rows[i];

        fprintf(g.out, "    { \"%s\", \"%s\", \"%s\", \"%s\", %d, 0x%08xu, "
                "0x%08xu, 0x%08xu, 0x%08xu, ", r->name, r->form.args->name,
                r->attrs, r->need ? r->need : "", g.width, r->mask, r->value,
                r->soft_mask, r->soft_value);
        if (r->avoid) {
            fprintf(g.out, "avoid_%s_row%d", g.table, (int)(r - g.rows));
        } else {
            fprintf(g.out, "NULL");
        }
        fprintf(g.out, ", \"");
        for (int j = 0; j < r->npieces; j++) {
            fprintf(g.out, "%s%s:%08x", j ? " " : "", r->piece[j].field.name,
                    r->piece[j].mask);
        }
        fprintf(g.out, "\", %d },\n", r->line);
    }
    emit(0, "};");
}

static const char list_struct[] =
    "#ifndef DECODE_ROW_DEFINED\n"
    "#define DECODE_ROW_DEFINED\n"
    "struct decode_row {\n"
    "    const char *name, *args;\n"
    "    const char *attrs;              /* words, without the ! */\n"
    "    const char *need;               /* feature, or \"\" */\n"
    "    int width;\n"
    "    uint32_t mask, value;           /* fixed bits */\n"
    "    uint32_t soft_mask, soft_value; /* should-be bits */\n"
    "    bool (*avoid)(uint32_t insn);   /* UNPREDICTABLE, or NULL */\n"
    "    const char *fields;             /* \"rn:000f0000 ...\", hex masks */\n"
    "    int line;\n"
    "};\n"
    "/* Thumb's BadReg(), for !avoid */\n"
    "#define BAD_REG(r) ((r) == 13 || (r) == 15)\n"
    "#endif\n";

static void emit_all(void)
{
    emit(0, "/* Generated by gendecode from %s. Do not edit. */",
         strrchr(g.path, '/') ? strrchr(g.path, '/') + 1 : g.path);
    emit(0, "#if defined(DECODE_LIST)");
    fputs(list_struct, g.out);
    emit_list();
    emit(0, "#else");
    emit(0, "#ifndef DECODE_ARGS_%s", g.table);
    emit(0, "#define DECODE_ARGS_%s", g.table);
    emit_structs();
    emit_prototypes();
    emit(0, "#endif");
    emit(0, "#ifndef DECODE_ARGS");
    emit_decoder();
    emit(0, "#endif\n#endif");
}

/* "dir/t32-x.decode" gives "t32_x" */
static char *table_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = copy(slash ? slash + 1 : path);

    for (char *p = name; *p; p++) {
        if (*p == '.') {
            *p = 0;
            break;
        }
        if (!isalnum((unsigned char)*p)) {
            *p = '_';
        }
    }
    return name;
}

int main(int argc, char **argv)
{
    const char *out;
    bool failed;

    if (argc < 4 || strcmp(argv[argc - 2], "-o")) {
        fputs("usage: gendecode INPUT.decode [USED.decode...] -o OUT.inc\n",
              stderr);
        return 1;
    }
    g.table = table_name(argv[1]);
    g.context = copy("struct a32_ctx");
    g.prefix = copy("");
    parse_file(argv[1], false);
    if (!errors) {
        check_overlap();
    }
    if (errors) {
        return 1;
    }
    out = argv[argc - 1];
    g.out = fopen(out, "w");
    if (!g.out) {
        perror(out);
        return 1;
    }
    emit_all();
    failed = ferror(g.out);
    failed |= fclose(g.out) != 0;
    if (failed) {
        fprintf(stderr, "%s: write error\n", out);
        remove(out);
        return 1;
    }
    return 0;
}
