/* What operands hold before a kernel runs: a pure function of the case and the element, so that it can be
 * checked afterwards. */
#include "check.h"
#include <string.h>

/* A finaliser of 64 bits (Stafford's mix 13, as in SplitMix64). */
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static uint64_t draw(uint64_t seed, unsigned operand, size_t row, size_t column) {
    return mix(mix(seed + 0x9E3779B97F4A7C15u * (operand + 1)) + mix(row + 1) * 3 + column);
}

uint32_t kernel_pattern(unsigned operand, ptrdiff_t distance) {
    return 0x7FA00001u | ((uint32_t)mix((uint64_t)distance + operand * 0x10001u) & 0xFFFF)
                             << 1; /* a signalling NaN */
}

/* Sign and mantissa from the draw, and an exponent spread over four binades below `top`: products of such
   numbers round differently in nearly every other order. */
static uint32_t plain(uint64_t bits, unsigned top) {
    return ((uint32_t)bits & 0x807FFFFFu) | (top - ((uint32_t)(bits >> 40) & 3)) << 23;
}

static uint32_t special(uint64_t bits) {
    static const uint32_t of[] = {
        0x7F800000, 0xFF800000, 0x7FC00000, 0x7F7FFFFF, 0xFF7FFFFF, /* infinities, NaN, the largest finite */
        0x00000001, 0x807FFFFF, 0x00800000, 0x7E800000,             /* denormals, the least normal, 2^126 */
        0x00000000, 0x80000000,
    };
    return of[(bits >> 32) % (sizeof of / sizeof *of)];
}

/* Specials come in a quarter of the columns of a quarter of the rows: one NaN in every sum would leave
 * nothing to compare. */
static bool is_special_place(const struct kernel_case *c, size_t row, size_t column) {
    return mix(c->seed ^ (row + 77)) % 4 == 0 && mix(~c->seed ^ (column + 99)) % 4 == 0;
}

static uint32_t number(const struct kernel_case *c, uint64_t bits, size_t row, size_t column) {
    if (c->values == VALUES_SMALL)
        return (bits >> 44) % 8 == 0 ? (uint32_t)bits & 0x80000000u : plain(bits, 127 - 68);
    if (c->values == VALUES_SPECIAL_COFACTORS && is_special_place(c, row, column))
        return special(bits);
    return plain(bits, 127);
}

static bool is_zero(const struct kernel_case *c, uint64_t bits) {
    return (double)(bits >> 11) * 0x1p-53 >= c->density;
}

static uint32_t factor(const struct kernel_case *c, uint64_t bits, size_t row, size_t column) {
    if (c->values == VALUES_SPECIAL_COFACTORS)
        return plain(bits, 127);
    if (is_zero(c, mix(bits)))
        return c->values == VALUES_ORDINARY || c->values == VALUES_TYPICAL ? 0 : (uint32_t)bits & 0x80000000u;
    if (c->values == VALUES_SPECIAL_FACTORS && is_special_place(c, row, column))
        return special(bits);
    return plain(bits, c->values == VALUES_SMALL ? 127 - 68 : 127);
}

static uint32_t as_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint32_t logit(const struct kernel_case *c, uint64_t bits, size_t row, size_t column) {
    bool special_values = c->values == VALUES_SPECIAL_FACTORS || c->values == VALUES_SPECIAL_COFACTORS;
    if (special_values && is_special_place(c, row, column))
        return special(bits);
    if (c->values == VALUES_SMALL)
        return number(c, bits, row, column);
    if (row % 3 == 0 && c->values != VALUES_TYPICAL) /* few different values: ties */
        return as_bits((float)((int)(bits % 7) - 3));
    if (row % 3 == 1 && c->values != VALUES_TYPICAL) /* far apart: exp underflows */
        return as_bits((float)((double)(bits >> 11) * (0x1p-53 * 240) - 120));
    return as_bits((float)((double)(bits >> 11) * (0x1p-53 * 8) - 4));
}

static uint32_t argument(const struct kernel_case *c, uint64_t bits, size_t column) {
    if (c->values == VALUES_TYPICAL)
        return as_bits((float)((double)(bits >> 11) * (0x1p-53 * 8) + 0x1p-53));
    switch (column % 4) {
    case 0: /* any bits: all exponents, NaNs too */
        return c->values == VALUES_ORDINARY ? (uint32_t)bits & 0x7FFFFFFFu : (uint32_t)bits;
    case 1:
        return as_bits((float)((double)(bits >> 11) * (0x1p-53 * 2) - 1));
    case 2:
        return as_bits((float)((double)(bits >> 11) * (0x1p-53 * 220) - 110));
    default:
        return c->values == VALUES_ORDINARY ? as_bits((float)((double)(bits >> 11) * (0x1p-53 * 100)))
                                            : special(bits);
    }
}

/* From as far outside the image on one side as on the other. */
static uint32_t point(const struct kernel_case *c, uint64_t bits, size_t row, size_t column) {
    size_t side = row == 0 ? c->shape.k : c->shape.m;
    if (c->values == VALUES_SPECIAL_COFACTORS && is_special_place(c, row, column))
        return special(bits);
    return as_bits((float)(((double)(bits >> 11) * 0x1p-53 * 2 - 0.5) * (double)side));
}

uint32_t kernel_start_value(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                            size_t row, size_t column) {
    uint64_t bits = draw(c->seed, i, row, column);
    switch (entry->operand[i].content) {
    case CONTENT_FACTOR:
        return factor(c, bits, row, column);
    case CONTENT_SPARSE_VALUE:
        bits = factor(&(struct kernel_case){.density = 1, .values = c->values, .seed = c->seed}, bits, row,
                      column);
        return bits << 33 == 0 ? 1 : (uint32_t)bits; /* an index holds no zeros */
    case CONTENT_LOGIT:
        return logit(c, bits, row, column);
    case CONTENT_ACTIVATION:
        if (activation_derivative_needs_input((enum activation)c->way))
            return argument(c, bits, column);
        return c->values == VALUES_ORDINARY && bits % 16 ? plain(bits, 126) & 0x7FFFFFFFu
                                                         : number(c, bits, row, column);
    case CONTENT_SQUARE:
        return number(c, bits, row, column) & 0x7FFFFFFFu;
    case CONTENT_ARGUMENT:
        return argument(c, bits, column);
    case CONTENT_BYTE:
        return (uint8_t)(bits >> 8);
    case CONTENT_FACTOR_BYTE:
        return is_zero(c, mix(bits)) ? 0 : (uint32_t)(1 + (bits >> 8) % 255);
    case CONTENT_BYTE_VALUE:
        return column == 0 ? 0
                           : factor(&(struct kernel_case){.density = 1, .values = c->values, .seed = c->seed},
                                    bits, row, column);
    case CONTENT_LABEL:
        return (uint32_t)(bits % c->shape.n);
    case CONTENT_ROW:
        return (uint32_t)(bits % c->shape.k);
    case CONTENT_POINT:
        return point(c, bits, row, column);
    case CONTENT_PLAIN:
    case CONTENT_COFACTOR:
    case CONTENT_COUNT:
    case CONTENT_SPARSE_BEGIN:
    case CONTENT_SPARSE_END:
    case CONTENT_SPARSE_INDEX:
        break;
    }
    return number(c, bits, row, column);
}

/* ---- Sparse rows ---- */

static bool is_nonzero(const struct kernel_case *c, size_t row, size_t column) {
    return !is_zero(c, draw(c->seed, KERNEL_OPERANDS, row, column));
}

/* Elements between the entries of a row and those of the row before, which belong to no row. Rows need not
   follow one another directly, as begin[] and end[] are separate arrays. */
static size_t gap_before(const struct kernel_case *c, size_t row) {
    return c->values == VALUES_TYPICAL ? 0 : mix(c->seed ^ (row + 55)) % 3;
}

size_t kernel_sparse_length(const struct kernel_case *c, const struct kernel_operand *operand) {
    size_t rows = kernel_dimension(c->shape, operand->rows);
    size_t columns = kernel_dimension(c->shape, operand->columns), length = 0;
    for (size_t row = 0; row < rows; row++) {
        length += gap_before(c, row);
        for (size_t column = 0; column < columns; column++)
            length += is_nonzero(c, row, column);
    }
    return length;
}

static void fill_pattern(unsigned i, size_t size, ptrdiff_t from, ptrdiff_t to, char *data) {
    for (ptrdiff_t e = from; e < to; e++) {
        uint32_t pattern = kernel_pattern(i, e);
        memcpy(data + e * (ptrdiff_t)size, &pattern, size);
    }
}

static void fill_sparse(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                        uint32_t *data) {
    const struct kernel_operand *operand = &entry->operand[i];
    size_t rows = kernel_dimension(c->shape, operand->rows);
    size_t columns = kernel_dimension(c->shape, operand->columns), at = 0;
    for (size_t row = 0; row < rows; row++) {
        size_t gap = gap_before(c, row);
        if (operand->content >= CONTENT_SPARSE_INDEX)
            fill_pattern(i, sizeof *data, (ptrdiff_t)at, (ptrdiff_t)(at + gap), (char *)data);
        at += gap;
        if (operand->content == CONTENT_SPARSE_BEGIN)
            data[row] = (uint32_t)at;
        for (size_t column = 0; column < columns; column++) {
            if (!is_nonzero(c, row, column))
                continue;
            if (operand->content == CONTENT_SPARSE_INDEX)
                data[at] = (uint32_t)column;
            else if (operand->content == CONTENT_SPARSE_VALUE)
                data[at] = kernel_start_value(entry, c, i, row, column);
            at++;
        }
        if (operand->content == CONTENT_SPARSE_END)
            data[row] = (uint32_t)at;
    }
}

void kernel_fill(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                 const struct kernel_layout *layout, void *data) {
    enum content content = entry->operand[i].content;
    size_t size = kernel_element_size(content);
    fill_pattern(i, size, -(ptrdiff_t)c->lead, 0, data);
    fill_pattern(i, size, (ptrdiff_t)layout->elements, (ptrdiff_t)(layout->elements + c->trail), data);
    if (content >= CONTENT_SPARSE_BEGIN) {
        fill_sparse(entry, c, i, data);
        return;
    }
    for (size_t row = 0; row < layout->rows; row++) {
        ptrdiff_t first = (ptrdiff_t)(row * layout->ld);
        char *at = (char *)data + first * (ptrdiff_t)size;
        if (entry->operand[i].access == ACCESS_WRITE) {
            fill_pattern(i, size, first, first + (ptrdiff_t)layout->columns, data);
        } else {
            for (size_t column = 0; column < layout->columns; column++) {
                uint32_t value = kernel_start_value(entry, c, i, row, column);
                memcpy(at + column * size, &value, size);
            }
        }
        if (row + 1 < layout->rows)
            fill_pattern(i, size, first + (ptrdiff_t)layout->columns, first + (ptrdiff_t)layout->ld, data);
    }
}
