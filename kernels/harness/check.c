#include "check.h"
#include <stdio.h>
#include <string.h>

/* ---- Which cases there are ---- */

static bool is_identity_only(const struct kernel_entry *entry, const struct kernel_case *c) {
    for (unsigned i = 0; i < entry->operand_count; i++)
        if (entry->operand[i].presence == PRESENCE_OPTIONAL_IF_IDENTITY)
            return c->way != ACTIVATION_IDENTITY;
    return false;
}

static bool has_optional(const struct kernel_entry *entry) {
    for (unsigned i = 0; i < entry->operand_count; i++)
        if (entry->operand[i].presence != PRESENCE_REQUIRED)
            return true;
    return false;
}

static bool has_in_place(const struct kernel_entry *entry) {
    for (unsigned i = 0; i < entry->operand_count; i++)
        if (entry->operand[i].may_replace)
            return true;
    return false;
}

/* Labels must be below n, rows below k, and an image large enough to be interpolated. */
static bool has_room_for_indices(const struct kernel_entry *entry, const struct kernel_case *c) {
    if (entry->needs_columns && c->shape.n == 0)
        return false;
    for (unsigned i = 0; i < entry->operand_count; i++) {
        if (entry->operand[i].content == CONTENT_ROW)
            return c->omit_optional ? c->shape.k >= c->shape.m : c->shape.k > 0 || c->shape.m == 0;
        if (entry->operand[i].content == CONTENT_POINT)
            return c->shape.n == 0 || (c->shape.m >= 2 && c->shape.k >= 4);
    }
    return true;
}

bool kernel_case_valid(const struct kernel_entry *entry, const struct kernel_case *c) {
    for (enum dimension d = DIMENSION_M; d <= DIMENSION_N; d++)
        if (!kernel_entry_uses(entry, d) && kernel_dimension(c->shape, d) != 1)
            return false;
    if (c->way >= kernel_ways(entry))
        return false;
    if (c->omit_optional && (!has_optional(entry) || is_identity_only(entry, c) || c->in_place))
        return false;
    if (c->in_place && !has_in_place(entry))
        return false;
    return has_room_for_indices(entry, c);
}

/* ---- Layout ---- */

static bool stride(const struct kernel_operand *operand, const struct kernel_case *c, unsigned i,
                   size_t columns, size_t *out) {
    size_t multiple = c->row_multiple ? c->row_multiple : 1;
    size_t rounded;
    if (__builtin_add_overflow(columns, multiple - 1, &rounded))
        return false;
    *out = rounded / multiple * multiple;
    if (!operand->strided)
        *out = columns;
    else if (c->row_padding) /* a stride of its own for each, so that no two can be confused */
        return !__builtin_add_overflow(
            *out, c->row_padding + (operand->stride_of ? operand->stride_of - 1u : i), out);
    return true;
}

bool kernel_layout(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                   struct kernel_layout *out) {
    const struct kernel_operand *operand = &entry->operand[i];
    *out = (struct kernel_layout){.rows = kernel_dimension(c->shape, operand->rows),
                                  .columns = kernel_dimension(c->shape, operand->columns),
                                  .present = !(c->omit_optional && operand->presence != PRESENCE_REQUIRED),
                                  .shares = c->in_place ? operand->may_replace : 0};
    if (out->shares) {
        bool fits = kernel_layout(entry, c, out->shares - 1u, out);
        out->shares = operand->may_replace;
        return fits;
    }
    if (operand->content >= CONTENT_SPARSE_BEGIN) {
        bool bounds = operand->content == CONTENT_SPARSE_BEGIN || operand->content == CONTENT_SPARSE_END;
        out->columns = bounds ? out->rows : kernel_sparse_length(c, operand);
        out->rows = 1;
    }
    if (out->columns == 0)
        out->rows = 0;
    if (!stride(operand, c, i, out->columns, &out->ld))
        return false;
    size_t around, elements;
    if (out->rows > 0 && (__builtin_mul_overflow(out->rows - 1, out->ld, &out->elements) ||
                          __builtin_add_overflow(out->elements, out->columns, &out->elements)))
        return false;
    return !__builtin_add_overflow(c->lead, c->trail, &around) &&
           !__builtin_add_overflow(out->elements, around, &elements) &&
           !__builtin_mul_overflow(elements, kernel_element_size(operand->content), &out->bytes);
}

bool kernel_prepare(const struct kernel_entry *entry, const struct kernel_case *c, unsigned copy,
                    kernel_place *place, void *context, struct kernel_call *call) {
    *call = (struct kernel_call){.shape = c->shape, .scalar = c->scalar};
    if (entry->has_activation)
        call->activation = (enum activation)c->way;
    if (entry->has_update)
        call->update = kernel_update((enum update_rule)c->way, c->scalar);
    for (unsigned i = 0; i < entry->operand_count; i++) {
        struct kernel_layout layout;
        if (!kernel_layout(entry, c, i, &layout))
            return false;
        call->operand[i].ld = layout.ld;
        if (!layout.present || layout.shares)
            continue;
        char *memory = place(context, copy, i, layout.bytes);
        if (!memory)
            return false;
        call->operand[i].data = memory + c->lead * kernel_element_size(entry->operand[i].content);
        kernel_fill(entry, c, i, &layout, call->operand[i].data);
    }
    for (unsigned i = 0; c->in_place && i < entry->operand_count; i++)
        if (entry->operand[i].may_replace)
            call->operand[i].data = call->operand[entry->operand[i].may_replace - 1].data;
    return true;
}

/* ---- Comparison ---- */

static bool is_nan(uint32_t bits) {
    return (bits & 0x7FFFFFFFu) > 0x7F800000u;
}

static uint32_t element(const void *data, size_t index, size_t size) {
    uint32_t bits = 0;
    memcpy(&bits, (const char *)data + index * size, size);
    return bits;
}

static uint32_t low_bytes(uint32_t bits, size_t size) {
    return size == 1 ? bits & 0xFF : bits;
}

static bool found_fault(struct kernel_fault *fault, enum kernel_fault_kind kind, unsigned operand, size_t row,
                        size_t column, uint32_t expected, uint32_t found) {
    *fault = (struct kernel_fault){kind, operand, row, column, 0, expected, found};
    return false;
}

static bool output_equal(const struct kernel_entry *entry, unsigned i, const struct kernel_call *expected,
                         const struct kernel_call *found, struct kernel_fault *fault) {
    const struct kernel_operand *operand = &entry->operand[i];
    size_t rows = kernel_dimension(expected->shape, operand->rows);
    size_t columns = kernel_dimension(expected->shape, operand->columns);
    size_t size = kernel_element_size(operand->content);
    for (size_t row = 0; row < rows && columns > 0 && expected->operand[i].data; row++) {
        const char *a = (const char *)expected->operand[i].data + size * row * expected->operand[i].ld;
        const char *b = (const char *)found->operand[i].data + size * row * found->operand[i].ld;
        if (memcmp(a, b, size * columns) == 0)
            continue;
        for (size_t column = 0; column < columns; column++) {
            uint32_t x = element(a, column, size), y = element(b, column, size);
            if (x != y && !(operand->content != CONTENT_COUNT && is_nan(x) && is_nan(y)))
                return found_fault(fault, KERNEL_FAULT_DIFFERS, i, row, column, x, y);
        }
    }
    return true;
}

bool kernel_outputs_equal(const struct kernel_entry *entry, const struct kernel_call *expected,
                          const struct kernel_call *found, struct kernel_fault *fault) {
    *fault = (struct kernel_fault){.kind = KERNEL_FAULT_NONE};
    for (unsigned i = 0; i < entry->operand_count; i++)
        if (entry->operand[i].access != ACCESS_READ && !output_equal(entry, i, expected, found, fault))
            return false;
    return true;
}

static bool pattern_intact(unsigned i, const char *data, size_t size, ptrdiff_t from, ptrdiff_t to,
                           struct kernel_fault *fault) {
    for (ptrdiff_t e = from; e < to; e++) {
        uint32_t expected = low_bytes(kernel_pattern(i, e), size);
        uint32_t found = element(data + e * (ptrdiff_t)size, 0, size);
        if (found != expected) {
            *fault = (struct kernel_fault){KERNEL_FAULT_OUTSIDE, i, 0, 0, e, expected, found};
            return false;
        }
    }
    return true;
}

/* Everything around the elements, and between the rows. */
static bool surroundings_intact(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                                const struct kernel_layout *layout, const void *data,
                                struct kernel_fault *fault) {
    size_t size = kernel_element_size(entry->operand[i].content);
    ptrdiff_t end = (ptrdiff_t)layout->elements;
    if (!pattern_intact(i, data, size, -(ptrdiff_t)c->lead, 0, fault) ||
        !pattern_intact(i, data, size, end, end + (ptrdiff_t)c->trail, fault))
        return false;
    for (size_t row = 0; row + 1 < layout->rows; row++) {
        ptrdiff_t first = (ptrdiff_t)(row * layout->ld);
        if (!pattern_intact(i, data, size, first + (ptrdiff_t)layout->columns, first + (ptrdiff_t)layout->ld,
                            fault))
            return false;
    }
    return true;
}

static bool elements_intact(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                            const struct kernel_layout *layout, const void *data,
                            struct kernel_fault *fault) {
    size_t size = kernel_element_size(entry->operand[i].content);
    for (size_t row = 0; row < layout->rows; row++)
        for (size_t column = 0; column < layout->columns; column++) {
            uint32_t expected = low_bytes(kernel_start_value(entry, c, i, row, column), size);
            uint32_t found = element(data, row * layout->ld + column, size);
            if (found != expected)
                return found_fault(fault, KERNEL_FAULT_INPUT, i, row, column, expected, found);
        }
    return true;
}

static bool is_replaced(const struct kernel_entry *entry, const struct kernel_case *c, unsigned input) {
    for (unsigned i = 0; c->in_place && i < entry->operand_count; i++)
        if (entry->operand[i].may_replace == input + 1)
            return true;
    return false;
}

/* Whether a call that has run left alone what it must. */
static bool rest_intact(const struct kernel_entry *entry, const struct kernel_case *c,
                        const struct kernel_call *call, const struct kernel_call *other,
                        struct kernel_fault *fault) {
    for (unsigned i = 0; i < entry->operand_count; i++) {
        const struct kernel_operand *operand = &entry->operand[i];
        const void *data = call->operand[i].data;
        struct kernel_layout layout;
        if (!kernel_layout(entry, c, i, &layout))
            return found_fault(fault, KERNEL_FAULT_MEMORY, i, 0, 0, 0, 0);
        if (!layout.present || layout.shares)
            continue;
        if (!surroundings_intact(entry, c, i, &layout, data, fault))
            return false;
        if (operand->access != ACCESS_READ || is_replaced(entry, c, i))
            continue;
        if (operand->content >= CONTENT_SPARSE_BEGIN) {
            if (layout.elements &&
                memcmp(data, other->operand[i].data, layout.elements * sizeof(uint32_t)) != 0)
                return found_fault(fault, KERNEL_FAULT_INPUT, i, 0, 0, 0, 0);
        } else if (!elements_intact(entry, c, i, &layout, data, fault)) {
            return false;
        }
    }
    return true;
}

bool kernel_check(const struct kernels *table, const struct kernel_entry *entry, const struct kernel_case *c,
                  kernel_place *place, void *context, struct kernel_fault *fault) {
    struct kernel_call expected, found;
    *fault = (struct kernel_fault){.kind = KERNEL_FAULT_MEMORY};
    if (!kernel_prepare(entry, c, 0, place, context, &expected) ||
        !kernel_prepare(entry, c, 1, place, context, &found))
        return false;
    entry->run(kernel_tables[0], &expected);
    entry->run(table, &found);
    return kernel_outputs_equal(entry, &expected, &found, fault) &&
           rest_intact(entry, c, &found, &expected, fault) && rest_intact(entry, c, &expected, &found, fault);
}

/* ---- In words ---- */

void kernel_case_describe(const struct kernel_entry *entry, const struct kernel_case *c, char *text,
                          size_t size) {
#define ACTIVATION_NAME(NAME, name, derivative_of, runs) #name,
#define UPDATE_NAME(NAME, name, moments) #name,
    static const char *const activation[] = {EACH_ACTIVATION(ACTIVATION_NAME)};
    static const char *const update[] = {EACH_UPDATE(UPDATE_NAME)};
    static const char *const values[] = {"ordinary values", "small values", "special factors",
                                         "special cofactors", "typical values"};
    snprintf(
        text, size,
        "%s, m %zu, k %zu, n %zu%s%s, %s%s%s, rows + %zu, %zu elements before and %zu behind, density %g, "
        "scalar %g, seed %llu",
        entry->name, c->shape.m, c->shape.k, c->shape.n, kernel_ways(entry) > 1 ? ", " : "",
        entry->has_activation ? activation[c->way]
        : entry->has_update   ? update[c->way]
                              : "",
        values[c->values], c->omit_optional ? ", optional operand NULL" : "", c->in_place ? ", in place" : "",
        c->row_padding, c->lead, c->trail, c->density, (double)c->scalar, (unsigned long long)c->seed);
}

static double as_number(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

void kernel_fault_describe(const struct kernel_entry *entry, const struct kernel_fault *fault, char *text,
                           size_t size) {
    const char *name = entry->operand[fault->operand].name;
    switch (fault->kind) {
    case KERNEL_FAULT_NONE:
        snprintf(text, size, "no fault");
        break;
    case KERNEL_FAULT_MEMORY:
        snprintf(text, size, "not enough memory for its operands");
        break;
    case KERNEL_FAULT_DIFFERS:
    case KERNEL_FAULT_INPUT:
        snprintf(text, size, "%s %s[%zu][%zu]: expected 0x%08x (%.9g), found 0x%08x (%.9g)",
                 fault->kind == KERNEL_FAULT_INPUT ? "changed its input" : "differs from scalar:", name,
                 fault->row, fault->column, (unsigned)fault->expected, as_number(fault->expected),
                 (unsigned)fault->found, as_number(fault->found));
        break;
    case KERNEL_FAULT_OUTSIDE:
        snprintf(text, size, "wrote outside the elements of %s, %td elements from the first", name,
                 fault->distance);
        break;
    }
}
