/*
 * What C says about widths, signs and conversions, and what the lowering must not break. Each function's value under gcc (x86-64, -funsigned-char
 * -fno-strict-overflow -fwrapv) stands in semantics.expected; `noinline` keeps gcc honest. (One thing is left out: gcc computes with a bit-field wider
 * than `int` in the field's own width, clang and the lowering in its declared type's.)
 */
struct bits { unsigned a:3; int b:5; unsigned long c:40; unsigned d:1; u8 tail; };
struct point { int x, y; };
struct node { struct node *next; int value; };
struct shape { u8 kind; union { struct point p; long l; u8 raw[8]; }; short last; };
enum colour { RED, GREEN = 10, BLUE, NEGATIVE = -3 };

static int counter;
static int table[6] = { [1] = 10, 20, [4 ... 5] = 7 };
static struct point points[] = { { 1, 2 }, { .y = 4, .x = 3 }, [3] = { 7 } };
static const char text[] = "hello";
static struct bits flags = { .a = 5, .b = -3, .c = 1234567890123UL, .d = 1, .tail = 200 };
static struct node third = { NULL, 3 }, second = { &third, 2 }, first = { &second, 1 };
static struct shape shape = { .kind = 1, .p = { .x = 5, .y = 6 }, .last = -2 };
static int matrix[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
static int flat[2][2] = { 1, 2, 3 };
static long (*operation)(long, long);

static noinline int bump(int by) { counter += by; return counter; }
static noinline long add(long a, long b) { return a + b; }
static noinline long sub(long a, long b) { return a - b; }
static noinline int wide(u8 a, s8 b, u16 c, s16 d) { return a + b * c - d; }
static noinline long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static noinline void set_to(int *p, int v) { *p = v; }

static noinline long promote_char(void) { u8 a = 200, b = 100; return a + b; }
static noinline long wrap_char(void) { u8 a = 200; a += 100; return a; }
static noinline long plain_char(void) { char c = (char)200; return c; }
static noinline long signed_char(void) { s8 c = (s8)200; return c; }
static noinline long unsigned_compare(void) { int a = -1; unsigned b = 1; return a < b; }
static noinline long long_compare(void) { long a = -1; unsigned b = 1; return a < b; }
static noinline long unsigned_divide(void) { int a = -7; unsigned b = 2; return a / b; }
static noinline long signed_divide(void) { int a = -7, b = 2; return a / b * 100 + a % b; }
static noinline long shift_right(void) { int a = -16; unsigned b = -16; return (a >> 2) + (long)(b >> 28) * 1000; }
static noinline long shift_left(void) { u16 a = 0x8001; int n = 4; return a << n; }
static noinline long shift_long(void) { unsigned one = 1; int n = 31; return one << n; }
static noinline long int_overflow(void) { int a = 0x7fffffff; a++; return a; }
static noinline long unsigned_wrap(void) { unsigned a = 0; a--; return a; }
static noinline long mixed_add(void) { unsigned a = 0xffffffff; long b = 1; return a + b; }
static noinline long mixed_int(void) { unsigned a = 0xffffffff; int b = 1; return a + b; }
static noinline long truncate(void) { long a = 0x123456789abcdefL; return (int)a + (short)a * 3L + (u8)a; }
static noinline long literals(void) { return 0xffffffff + 1 + 4294967295 + 1u + 'a' + '\n' + 0777; }
static noinline long hex_sign(void) { return -1 < 0x80000000; }
static noinline long bitwise(void) { u8 a = 0xf0; return ~a + (a ^ 0xff) + (a | 3) + (a & 0x3c); }
static noinline long not(void) { int a = 5, z = 0; return !a + !z * 2 + !!a * 4; }
static noinline long booleans(void) { bool b = 4; int n = 256; bool c = n; b += c; return b + c * 2 + sizeof(b) * 10; }
static noinline long pointer_truth(void) { int x; int *p = &x, *q = NULL; bool b = p; x = 0; return b + !q * 2 + (p && !q) * 4 + x; }
static noinline long short_circuit(void) { counter = 0; (void)(0 && bump(1)); (void)(1 || bump(2)); (void)(1 && bump(4)); return counter; }
static noinline long conditional(void) { int a = 3; long b = a > 2 ? -1 : 1u; unsigned c = a; return b + (c ? a : -1L); }
static noinline long elvis(void) { int a = 0, b = 7; return (a ?: b) * 10 + (b ?: a); }
static noinline long comma(void) { int a = 1, b; b = (a += 2, a * 10); return a + b; }
static noinline long increments(void) { int i = 5; int a = i++, b = ++i, c = i--, d = --i; return a + b * 10 + c * 100 + d * 1000 + i * 10000; }
static noinline long postfix_pointer(void) { int *p = table; long s = *p++; s += *p++ * 2; s += (*p)++; s += *p; *p -= 1; return s * 10 + (p - table); }
static noinline long compound(void) { long a = 100; a -= 30; a *= 3; a /= 4; a %= 40; a <<= 3; a |= 5; a &= ~1; a ^= 0x55; a >>= 1; return a; }
static noinline long compound_narrow(void) { u8 a = 250; s8 b = 100; u16 c = 65535; a += 10; b += 100; c *= c; return a * 1000000L + b * 1000 + c; }
static noinline long array_sum(void) { int i; long s = 0; for (i = 0; i < 6; i++) s = s * 3 + table[i]; return s; }
static noinline long array_sizes(void) { return sizeof(points) / sizeof(points[0]) * 100 + sizeof(text) + sizeof(table); }
static noinline long struct_table(void) { return points[0].x + points[1].x * 10 + points[1].y * 100 + points[2].x + points[3].x * 1000 + points[3].y; }
static noinline long two_dimensions(void) { int i, j; long s = 0; for (i = 0; i < 2; i++) for (j = 0; j < 3; j++) s = s * 7 + matrix[i][j]; return s + flat[1][0] * 1000000 + flat[1][1]; }
static noinline long string_chars(void) { const char *p = text; long s = 0; while (*p) s = s * 31 + *p++; return s + "abc"[1]; }
static noinline long negative_index(void) { int *p = &table[4]; return p[-3] + *(p - 2) + (&table[5] - &table[1]) * 1000; }
static noinline long bit_read(void) { return flags.a + flags.b * 10 + (u64)flags.c * 1000 + flags.d + flags.tail; }
static noinline long bit_write(void) { struct bits f = { 0 }; f.a = 9; f.b = 17; f.c = ~0UL; f.d = 3; f.tail = 7; return f.a + f.b * 100 + (f.c >> 30) * 10000 + f.d + f.tail; }
static noinline long bit_compound(void) { struct bits f = { .a = 6 }; int r; f.a += 3; r = f.a++; f.b -= 20; return r * 100 + f.a * 10 + f.b; }
static noinline long bit_value(void) { struct bits f = { 0 }; int a = (f.a = 13), b = (f.b = 31); return a * 100 + b; }
static noinline long bit_promote(void) { struct bits f = { .a = 0 }; return f.a - 1 < 0; }
static noinline long struct_copy(void) { struct point a = { 1, 2 }, b; b = a; a.x = 9; return a.x * 100 + b.x * 10 + b.y; }
static noinline long struct_literal(void) { struct point p = { 5, 6 }; p = (struct point){ .y = 8 }; return p.x * 10 + p.y + ((struct point){ 3, 4 }).y * 100; }
static noinline long anonymous_union(void) { long r = shape.p.y * 10 + shape.raw[0] + shape.last; return r + offsetof(struct shape, p.y) * 1000 + sizeof(struct shape) * 100000L; }
static noinline long layout(void) { return sizeof(struct bits) + offsetof(struct bits, tail) * 100 + sizeof(struct node) * 10000; }
static noinline long linked(void) { struct node *n; long s = 0; for (n = &first; n; n = n->next) s = s * 10 + n->value; return s; }
static noinline long container(void) { int *v = &second.value; return container_of(v, struct node, value)->next->value; }
static noinline long enums(void) { enum colour c = BLUE; return c + NEGATIVE * 100 + (c == BLUE) * 1000; }
static noinline long switches(void)
{
	long s = 0;
	int i;

	for (i = -2; i < 14; i++) {
		switch (i) {
		case 0: s += 1; break;
		case 1 ... 3: s += 10; fallthrough;
		case 5: s += 100; break;
		case -1: continue;
		default: s += 1000; break;
		case GREEN: s += 5000;
		}
		s *= 2;
	}
	return s;
}
static noinline long switch_unsigned(void) { u8 c = 255; switch (c) { case 255: return 1; case 0: return 2; } return 3; }
static noinline long switch_long(void) { unsigned long v = 0x100000001UL; switch (v) { case 1: return 1; case 0x100000001UL: return 2; default: return 3; } }
static noinline long loops(void) { int i = 0, s = 0; do { if (i == 3) continue; s += i; if (i > 6) break; } while (++i < 100); while (i > 0) { i -= 2; s += 100; } return s; }
static noinline long nested_breaks(void) { int i, j, s = 0; for (i = 0; i < 5; i++) { for (j = 0; ; j++) { if (j > i) break; if (j & 1) continue; s += 10 * i + j; } if (i == 3) break; } return s + i * 10000; }
static noinline long gotos(void) { int i = 0, s = 0; again: s += i; if (++i < 5) goto again; if (s == 10) goto out; s = -1; out: return s; }
static noinline long goto_loop_local(void) { int n = 0, s = 0; again: { int fresh = n * 2; s += fresh; } if (n++ < 3) goto again; return s; }
static noinline long shadow(void) { int a = 1, s; { int a = 2; s = a; { int a = 3; s = s * 10 + a; } s = s * 10 + a; } return s * 10 + a; }
static noinline long statement_expression(void) { int a = 3; int b = ({ int t = a * 2; t + 1; }); return b * 10 + ({ a++; a; }); }
static noinline long macros(void) { int a = 3, b = 8; swap(a, b); return min(a, b) + max(a, b) * 10 + clamp(25, a, 20) * 100 + abs(-4) * 10000; }
static noinline long calls(void) { return fib(12) + wide(200, -3, 60000, -5); }
static noinline long function_pointer(void) { long r; operation = sub; r = operation(10, 3); operation = add; r = r * 100 + (*operation)(10, 3); return r * 10 + (operation == add); }
static noinline long pointer_table(void) { static long (*const ops[])(long, long) = { add, sub }; return ops[0](5, 6) * 100 + ops[1](5, 6); }
static noinline long address_taken(void) { int a = 1, b = 2; int *p = &a; *p = 5; set_to(&b, 7); p = a > 4 ? &b : &a; (*p)++; return a * 10 + b; }
static noinline long address_parameter_of(int n) { int *p = &n; *p += 5; return n; }
static noinline long address_parameter(void) { return address_parameter_of(4); }
static noinline long pointer_to_pointer(void) { int a = 1, b = 2, *p = &a, **q = &p; **q = 8; *q = &b; *p = 9; return a * 10 + b; }
static noinline long static_local_of(int by) { static int calls = 40; return calls += by; }
static noinline long static_local(void) { static_local_of(1); return static_local_of(2); }
static noinline long casts(void) { long v = -2; return (unsigned)v % 7 + (u8)(s8)-1 + (int)(u16)v + (long)(int *)8; }
static noinline long volatile_local(void) { volatile int v = 3; v += 4; return v * v; }
static noinline long const_local(void) { const int n = 6; const long m = n * n; return m + n; }
static noinline long deep_expression(void) { int a = 7, b = 3; return ((a + b) * (a - b) << 2 | (a & b) ^ 5) - (a % b ? a / b : b) + -(a * -b) + ~(a ^ b); }
static noinline long dependent_loop(void) { int prev = 0, cur = 1, i; for (i = 0; i < 20; i++) { int next = prev + cur; prev = cur; cur = next; } return cur; }
static noinline long maybe_set(void) { int v, i, s = 0; for (i = 0; i < 4; i++) { if (i == 0) v = 3; s += v; v++; } return s; }
static noinline long parallel_swap(void) { int a = 1, b = 2, c = 3, i; for (i = 0; i < 4; i++) { int t = a; a = b; b = c; c = t; } return a * 100 + b * 10 + c; }
static noinline long element_of_element(void) { int i = 1; int index[3] = { 2, 0, 1 }; index[index[i]]++; index[i++] += 5; return index[0] + index[1] * 10 + index[2] * 100 + i * 1000; }
static noinline long local_string(void) { char buffer[8] = "abc"; buffer[1] = 'x'; return buffer[0] + buffer[1] * 2 + buffer[3] + buffer[7] + sizeof(buffer); }
static noinline long saturating(void) { u32 a = 0xfffffff0, b = 0x20; return a + b < a; }
static noinline long ternary_chain(void) { long s = 0; int i; for (i = -1; i < 3; i++) s = s * 10 + (i < 0 ? 1 : i == 0 ? 2 : i == 1 ? 3 : 4); return s; }
static noinline long assignment_value(void) { int a, b, c; a = b = c = 4; a += b -= 1; return a * 100 + b * 10 + (c = 300, (u8)c); }
static noinline long narrow_assignment(void) { u8 c; int i = (c = 300); return i; }
