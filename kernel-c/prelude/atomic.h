/* Atomic operations and barriers. */

#define ATOMIC_INIT(value) { (value) }
#define ATOMIC64_INIT(value) { (value) }
#define ATOMIC_LONG_INIT(value) { (value) }

#define smp_mb() __kernel_full_fence()
#define smp_rmb() __kernel_read_fence()
#define smp_wmb() __kernel_write_fence()
#define mb() __kernel_full_fence()
#define rmb() __kernel_read_fence()
#define wmb() __kernel_write_fence()
#define dma_mb() __kernel_full_fence()
#define dma_rmb() __kernel_read_fence()
#define dma_wmb() __kernel_write_fence()
#define smp_mb__before_atomic() __kernel_full_fence()
#define smp_mb__after_atomic() __kernel_full_fence()
#define smp_mb__after_spinlock() __kernel_full_fence()
#define smp_mb__after_unlock_lock() __kernel_full_fence()
#define smp_acquire__after_ctrl_dep() __kernel_read_fence()
#define smp_store_mb(x, value) do { WRITE_ONCE(x, value); __kernel_full_fence(); } while (0)
#define smp_load_acquire(p) __kernel_load_acquire(p)
#define smp_store_release(p, value) __kernel_store_release(p, value)
#define smp_cond_load_relaxed(p, condition) ({ \
	typeof(p) __pointer = (p); \
	typeof(*__pointer) VAL; \
	for (;;) { \
		VAL = READ_ONCE(*__pointer); \
		if (condition) \
			break; \
		__kernel_relax(); \
	} \
	VAL; })
#define smp_cond_load_acquire(p, condition) ({ \
	typeof(*(p)) __seen = smp_cond_load_relaxed(p, condition); \
	smp_acquire__after_ctrl_dep(); \
	__seen; })

#define __ATOMIC_RMW(prefix, type, op, OP, value_type) \
static inline void prefix##_##op(value_type i, type *v) { __kernel_atomic(OP, NONE, RELAXED, &v->counter, i); } \
static inline value_type prefix##_##op##_return(value_type i, type *v) { return __kernel_atomic(OP, NEW, FULL, &v->counter, i); } \
static inline value_type prefix##_##op##_return_relaxed(value_type i, type *v) { return __kernel_atomic(OP, NEW, RELAXED, &v->counter, i); } \
static inline value_type prefix##_##op##_return_acquire(value_type i, type *v) { return __kernel_atomic(OP, NEW, ACQUIRE, &v->counter, i); } \
static inline value_type prefix##_##op##_return_release(value_type i, type *v) { return __kernel_atomic(OP, NEW, RELEASE, &v->counter, i); } \
__ATOMIC_FETCH(prefix, type, op, OP, value_type)

#define __ATOMIC_FETCH(prefix, type, op, OP, value_type) \
static inline value_type prefix##_fetch_##op(value_type i, type *v) { return __kernel_atomic(OP, OLD, FULL, &v->counter, i); } \
static inline value_type prefix##_fetch_##op##_relaxed(value_type i, type *v) { return __kernel_atomic(OP, OLD, RELAXED, &v->counter, i); } \
static inline value_type prefix##_fetch_##op##_acquire(value_type i, type *v) { return __kernel_atomic(OP, OLD, ACQUIRE, &v->counter, i); } \
static inline value_type prefix##_fetch_##op##_release(value_type i, type *v) { return __kernel_atomic(OP, OLD, RELEASE, &v->counter, i); }

#define __ATOMIC_BITOP(prefix, type, op, OP, value_type) \
static inline void prefix##_##op(value_type i, type *v) { __kernel_atomic(OP, NONE, RELAXED, &v->counter, i); } \
__ATOMIC_FETCH(prefix, type, op, OP, value_type)

#define __ATOMIC_STEP(prefix, type, op, OP, value_type) \
static inline void prefix##_##op(type *v) { __kernel_atomic(OP, NONE, RELAXED, &v->counter, 1); } \
static inline value_type prefix##_##op##_return(type *v) { return __kernel_atomic(OP, NEW, FULL, &v->counter, 1); } \
static inline value_type prefix##_##op##_return_relaxed(type *v) { return __kernel_atomic(OP, NEW, RELAXED, &v->counter, 1); } \
static inline value_type prefix##_##op##_return_acquire(type *v) { return __kernel_atomic(OP, NEW, ACQUIRE, &v->counter, 1); } \
static inline value_type prefix##_##op##_return_release(type *v) { return __kernel_atomic(OP, NEW, RELEASE, &v->counter, 1); } \
static inline value_type prefix##_fetch_##op(type *v) { return __kernel_atomic(OP, OLD, FULL, &v->counter, 1); } \
static inline value_type prefix##_fetch_##op##_relaxed(type *v) { return __kernel_atomic(OP, OLD, RELAXED, &v->counter, 1); } \
static inline value_type prefix##_fetch_##op##_acquire(type *v) { return __kernel_atomic(OP, OLD, ACQUIRE, &v->counter, 1); } \
static inline value_type prefix##_fetch_##op##_release(type *v) { return __kernel_atomic(OP, OLD, RELEASE, &v->counter, 1); } \
static inline bool prefix##_##op##_and_test(type *v) { return __kernel_atomic(OP, NEW, FULL, &v->counter, 1) == 0; }

#define __ATOMIC_API(prefix, type, value_type) \
static inline value_type prefix##_read(const type *v) { return __kernel_read_once(v->counter); } \
static inline value_type prefix##_read_acquire(const type *v) { return __kernel_load_acquire(&v->counter); } \
static inline void prefix##_set(type *v, value_type i) { __kernel_write_once(v->counter, i); } \
static inline void prefix##_set_release(type *v, value_type i) { __kernel_store_release(&v->counter, i); } \
__ATOMIC_RMW(prefix, type, add, ADD, value_type) \
__ATOMIC_RMW(prefix, type, sub, SUB, value_type) \
__ATOMIC_BITOP(prefix, type, and, AND, value_type) \
__ATOMIC_BITOP(prefix, type, or, OR, value_type) \
__ATOMIC_BITOP(prefix, type, xor, XOR, value_type) \
__ATOMIC_BITOP(prefix, type, andnot, ANDNOT, value_type) \
__ATOMIC_STEP(prefix, type, inc, ADD, value_type) \
__ATOMIC_STEP(prefix, type, dec, SUB, value_type) \
static inline bool prefix##_sub_and_test(value_type i, type *v) { return __kernel_atomic(SUB, NEW, FULL, &v->counter, i) == 0; } \
static inline bool prefix##_add_negative(value_type i, type *v) { return __kernel_atomic(ADD, NEW, FULL, &v->counter, i) < 0; } \
static inline value_type prefix##_xchg(type *v, value_type i) { return __kernel_atomic(XCHG, OLD, FULL, &v->counter, i); } \
static inline value_type prefix##_xchg_relaxed(type *v, value_type i) { return __kernel_atomic(XCHG, OLD, RELAXED, &v->counter, i); } \
static inline value_type prefix##_xchg_acquire(type *v, value_type i) { return __kernel_atomic(XCHG, OLD, ACQUIRE, &v->counter, i); } \
static inline value_type prefix##_xchg_release(type *v, value_type i) { return __kernel_atomic(XCHG, OLD, RELEASE, &v->counter, i); } \
static inline value_type prefix##_cmpxchg(type *v, value_type old, value_type i) { return __kernel_atomic(CMPXCHG, OLD, FULL, &v->counter, old, i); } \
static inline value_type prefix##_cmpxchg_relaxed(type *v, value_type old, value_type i) { return __kernel_atomic(CMPXCHG, OLD, RELAXED, &v->counter, old, i); } \
static inline value_type prefix##_cmpxchg_acquire(type *v, value_type old, value_type i) { return __kernel_atomic(CMPXCHG, OLD, ACQUIRE, &v->counter, old, i); } \
static inline value_type prefix##_cmpxchg_release(type *v, value_type old, value_type i) { return __kernel_atomic(CMPXCHG, OLD, RELEASE, &v->counter, old, i); } \
static inline value_type prefix##_fetch_add_unless(type *v, value_type i, value_type u) { return __kernel_atomic(ADD_UNLESS, OLD, FULL, &v->counter, i, u); } \
static inline bool prefix##_add_unless(type *v, value_type i, value_type u) { return __kernel_atomic(ADD_UNLESS, OLD, FULL, &v->counter, i, u) != u; } \
static inline bool prefix##_inc_not_zero(type *v) { return __kernel_atomic(ADD_UNLESS, OLD, FULL, &v->counter, 1, 0) != 0; } \
static inline value_type prefix##_dec_if_positive(type *v) { return __kernel_atomic(DEC_IF_POSITIVE, NEW, FULL, &v->counter, 1); } \

__ATOMIC_API(atomic, atomic_t, int)
__ATOMIC_API(atomic64, atomic64_t, s64)
__ATOMIC_API(atomic_long, atomic_long_t, long)

#define __TRY_CMPXCHG(order, pointer, old, new) ({ \
	typeof(old) __old_at = (old); \
	typeof(*__old_at) __expected = *__old_at; \
	typeof(*__old_at) __found = __kernel_atomic(CMPXCHG, OLD, order, pointer, __expected, new); \
	if (__found != __expected) \
		*__old_at = __found; \
	__found == __expected; })
#define xchg(p, value) __kernel_atomic(XCHG, OLD, FULL, p, value)
#define xchg_relaxed(p, value) __kernel_atomic(XCHG, OLD, RELAXED, p, value)
#define xchg_acquire(p, value) __kernel_atomic(XCHG, OLD, ACQUIRE, p, value)
#define xchg_release(p, value) __kernel_atomic(XCHG, OLD, RELEASE, p, value)
#define cmpxchg(p, old, new) __kernel_atomic(CMPXCHG, OLD, FULL, p, old, new)
#define cmpxchg_relaxed(p, old, new) __kernel_atomic(CMPXCHG, OLD, RELAXED, p, old, new)
#define cmpxchg_acquire(p, old, new) __kernel_atomic(CMPXCHG, OLD, ACQUIRE, p, old, new)
#define cmpxchg_release(p, old, new) __kernel_atomic(CMPXCHG, OLD, RELEASE, p, old, new)
#define cmpxchg64(p, old, new) cmpxchg(p, old, new)
#define cmpxchg_local(p, old, new) cmpxchg(p, old, new)
#define try_cmpxchg(p, old, new) __TRY_CMPXCHG(FULL, p, old, new)
#define try_cmpxchg_relaxed(p, old, new) __TRY_CMPXCHG(RELAXED, p, old, new)
#define try_cmpxchg_acquire(p, old, new) __TRY_CMPXCHG(ACQUIRE, p, old, new)
#define try_cmpxchg_release(p, old, new) __TRY_CMPXCHG(RELEASE, p, old, new)
#define atomic_try_cmpxchg(v, old, new) __TRY_CMPXCHG(FULL, &(v)->counter, old, new)
#define atomic_try_cmpxchg_relaxed(v, old, new) __TRY_CMPXCHG(RELAXED, &(v)->counter, old, new)
#define atomic_try_cmpxchg_acquire(v, old, new) __TRY_CMPXCHG(ACQUIRE, &(v)->counter, old, new)
#define atomic_try_cmpxchg_release(v, old, new) __TRY_CMPXCHG(RELEASE, &(v)->counter, old, new)
#define atomic64_try_cmpxchg(v, old, new) __TRY_CMPXCHG(FULL, &(v)->counter, old, new)
#define atomic64_try_cmpxchg_relaxed(v, old, new) __TRY_CMPXCHG(RELAXED, &(v)->counter, old, new)
#define atomic64_try_cmpxchg_acquire(v, old, new) __TRY_CMPXCHG(ACQUIRE, &(v)->counter, old, new)
#define atomic64_try_cmpxchg_release(v, old, new) __TRY_CMPXCHG(RELEASE, &(v)->counter, old, new)
#define atomic_long_try_cmpxchg(v, old, new) __TRY_CMPXCHG(FULL, &(v)->counter, old, new)
#define atomic_cond_read_relaxed(v, condition) smp_cond_load_relaxed(&(v)->counter, condition)
#define atomic_cond_read_acquire(v, condition) smp_cond_load_acquire(&(v)->counter, condition)

/* Bits of an array of unsigned long. */
static inline void set_bit(long nr, volatile unsigned long *addr) { __kernel_atomic(OR, NONE, RELAXED, addr + BIT_WORD(nr), BIT_MASK(nr)); }
static inline void clear_bit(long nr, volatile unsigned long *addr) { __kernel_atomic(ANDNOT, NONE, RELAXED, addr + BIT_WORD(nr), BIT_MASK(nr)); }
static inline void change_bit(long nr, volatile unsigned long *addr) { __kernel_atomic(XOR, NONE, RELAXED, addr + BIT_WORD(nr), BIT_MASK(nr)); }
static inline void clear_bit_unlock(long nr, volatile unsigned long *addr) { __kernel_atomic(ANDNOT, NONE, RELEASE, addr + BIT_WORD(nr), BIT_MASK(nr)); }
static inline bool test_and_set_bit(long nr, volatile unsigned long *addr) { return (__kernel_atomic(OR, OLD, FULL, addr + BIT_WORD(nr), BIT_MASK(nr)) & BIT_MASK(nr)) != 0; }
static inline bool test_and_set_bit_lock(long nr, volatile unsigned long *addr) { return (__kernel_atomic(OR, OLD, ACQUIRE, addr + BIT_WORD(nr), BIT_MASK(nr)) & BIT_MASK(nr)) != 0; }
static inline bool test_and_clear_bit(long nr, volatile unsigned long *addr) { return (__kernel_atomic(ANDNOT, OLD, FULL, addr + BIT_WORD(nr), BIT_MASK(nr)) & BIT_MASK(nr)) != 0; }
static inline bool test_and_change_bit(long nr, volatile unsigned long *addr) { return (__kernel_atomic(XOR, OLD, FULL, addr + BIT_WORD(nr), BIT_MASK(nr)) & BIT_MASK(nr)) != 0; }
static inline bool test_bit(long nr, const volatile unsigned long *addr) { return (__kernel_read_once(addr[BIT_WORD(nr)]) >> (nr % BITS_PER_LONG)) & 1; }
static inline bool test_bit_acquire(long nr, const volatile unsigned long *addr) { return (__kernel_load_acquire(addr + BIT_WORD(nr)) >> (nr % BITS_PER_LONG)) & 1; }
static inline void __set_bit(long nr, unsigned long *addr) { addr[BIT_WORD(nr)] |= BIT_MASK(nr); }
static inline void __clear_bit(long nr, unsigned long *addr) { addr[BIT_WORD(nr)] &= ~BIT_MASK(nr); }
static inline void __change_bit(long nr, unsigned long *addr) { addr[BIT_WORD(nr)] ^= BIT_MASK(nr); }
static inline void __clear_bit_unlock(long nr, unsigned long *addr) { __kernel_store_release(&addr[BIT_WORD(nr)], __kernel_read_once(addr[BIT_WORD(nr)]) & ~BIT_MASK(nr)); }
static inline void assign_bit(long nr, volatile unsigned long *addr, bool value)
{
	if (value)
		set_bit(nr, addr);
	else
		clear_bit(nr, addr);
}
static bool __test_and_set_bit(long nr, unsigned long *addr)
{
	unsigned long old = addr[BIT_WORD(nr)];

	addr[BIT_WORD(nr)] = old | BIT_MASK(nr);
	return (old & BIT_MASK(nr)) != 0;
}
static bool __test_and_clear_bit(long nr, unsigned long *addr)
{
	unsigned long old = addr[BIT_WORD(nr)];

	addr[BIT_WORD(nr)] = old & ~BIT_MASK(nr);
	return (old & BIT_MASK(nr)) != 0;
}
static unsigned long __ffs(unsigned long word)
{
	unsigned long bit = 0;

	while (!(word & 1)) {
		word >>= 1;
		bit++;
	}
	return bit;
}
static unsigned long __fls(unsigned long word)
{
	unsigned long bit = 0;

	while (word >>= 1)
		bit++;
	return bit;
}
static inline int ffs(int word) { return word ? (int)__ffs((unsigned int)word) + 1 : 0; }
static inline int fls(unsigned int word) { return word ? (int)__fls(word) + 1 : 0; }
static inline int fls64(u64 word) { return word ? (int)__fls(word) + 1 : 0; }
#define ffz(word) __ffs(~(word))
#define ilog2(n) ((int)__fls(n))
static unsigned int hweight64(u64 word)
{
	unsigned int count = 0;

	for (; word; word &= word - 1)
		count++;
	return count;
}
static inline unsigned int hweight32(unsigned int word) { return hweight64(word); }
static inline unsigned int hweight_long(unsigned long word) { return hweight64(word); }
static unsigned long find_next_bit(const unsigned long *addr, unsigned long size, unsigned long from)
{
	for (; from < size; from++) {
		if ((READ_ONCE(addr[BIT_WORD(from)]) >> (from % BITS_PER_LONG)) & 1)
			break;
	}
	return from < size ? from : size;
}
static unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size, unsigned long from)
{
	for (; from < size; from++) {
		if (!((READ_ONCE(addr[BIT_WORD(from)]) >> (from % BITS_PER_LONG)) & 1))
			break;
	}
	return from < size ? from : size;
}
static inline unsigned long find_first_bit(const unsigned long *addr, unsigned long size) { return find_next_bit(addr, size, 0); }
static inline unsigned long find_first_zero_bit(const unsigned long *addr, unsigned long size) { return find_next_zero_bit(addr, size, 0); }
#define for_each_set_bit(bit, addr, size) \
	for ((bit) = find_first_bit(addr, size); (bit) < (size); (bit) = find_next_bit(addr, size, (bit) + 1))

/* refcount_t: what goes wrong is said, and the counter saturates. */
#define REFCOUNT_INIT(n) { .refs = ATOMIC_INIT(n) }
#define REFCOUNT_SATURATED (INT_MIN / 2)
static inline void refcount_set(refcount_t *r, int n) { atomic_set(&r->refs, n); }
static inline unsigned int refcount_read(const refcount_t *r) { return (unsigned int)atomic_read(&r->refs); }
static void refcount_add(int i, refcount_t *r)
{
	int old = atomic_fetch_add_relaxed(i, &r->refs);

	__kernel_refcount_assert(old != 0, "refcount_t: addition on 0; use-after-free.");
	__kernel_refcount_assert(old >= 0 && old + i >= 0, "refcount_t: saturated; leaking memory.");
	if (old <= 0 || old + i < 0)
		atomic_set(&r->refs, REFCOUNT_SATURATED);
}
static inline void refcount_inc(refcount_t *r) { refcount_add(1, r); }
static bool refcount_add_not_zero(int i, refcount_t *r)
{
	int old = atomic_fetch_add_unless(&r->refs, i, 0);

	if (!old)
		return false;
	__kernel_refcount_assert(old >= 0 && old + i >= 0, "refcount_t: saturated; leaking memory.");
	if (old < 0 || old + i < 0)
		atomic_set(&r->refs, REFCOUNT_SATURATED);
	return true;
}
static inline bool refcount_inc_not_zero(refcount_t *r) { return refcount_add_not_zero(1, r); }
static bool refcount_sub_and_test(int i, refcount_t *r)
{
	int old = atomic_fetch_sub_release(i, &r->refs);

	if (old == i)
		return true;
	__kernel_refcount_assert(old >= i, "refcount_t: underflow; use-after-free.");
	if (old <= 0 || old - i < 0)
		atomic_set(&r->refs, REFCOUNT_SATURATED);
	return false;
}
static inline bool refcount_dec_and_test(refcount_t *r) { return refcount_sub_and_test(1, r); }
static void refcount_dec(refcount_t *r)
{
	int old = atomic_fetch_sub_release(1, &r->refs);

	__kernel_refcount_assert(old > 1, "refcount_t: decrement hit 0; leaking memory.");
	if (old <= 1)
		atomic_set(&r->refs, REFCOUNT_SATURATED);
}
static inline bool refcount_dec_if_one(refcount_t *r) { return atomic_cmpxchg_release(&r->refs, 1, 0) == 1; }
static bool refcount_dec_not_one(refcount_t *r)
{
	int seen = atomic_read(&r->refs);

	for (;;) {
		int found;

		if (seen == 1)
			return false;
		__kernel_refcount_assert(seen > 0, "refcount_t: underflow; use-after-free.");
		if (seen <= 0)
			return true;
		found = atomic_cmpxchg_release(&r->refs, seen, seen - 1);
		if (found == seen)
			return true;
		seen = found;
	}
}
static bool refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock)
{
	if (refcount_dec_not_one(r))
		return false;
	mutex_lock(lock);
	if (!refcount_dec_and_test(r)) {
		mutex_unlock(lock);
		return false;
	}
	return true;
}
static bool refcount_dec_and_lock(refcount_t *r, spinlock_t *lock)
{
	if (refcount_dec_not_one(r))
		return false;
	spin_lock(lock);
	if (!refcount_dec_and_test(r)) {
		spin_unlock(lock);
		return false;
	}
	return true;
}
static bool refcount_dec_and_lock_irqsave(refcount_t *r, spinlock_t *lock, unsigned long *flags)
{
	if (refcount_dec_not_one(r))
		return false;
	spin_lock_irqsave(lock, *flags);
	if (!refcount_dec_and_test(r)) {
		spin_unlock_irqrestore(lock, *flags);
		return false;
	}
	return true;
}
static int atomic_dec_and_mutex_lock(atomic_t *count, struct mutex *lock)
{
	if (atomic_add_unless(count, -1, 1))
		return 0;
	mutex_lock(lock);
	if (!atomic_dec_and_test(count)) {
		mutex_unlock(lock);
		return 0;
	}
	return 1;
}
static int atomic_dec_and_lock(atomic_t *count, spinlock_t *lock)
{
	if (atomic_add_unless(count, -1, 1))
		return 0;
	spin_lock(lock);
	if (!atomic_dec_and_test(count)) {
		spin_unlock(lock);
		return 0;
	}
	return 1;
}

struct kref {
	refcount_t refcount;
};
#define KREF_INIT(n) { .refcount = REFCOUNT_INIT(n) }
static inline void kref_init(struct kref *kref) { refcount_set(&kref->refcount, 1); }
static inline unsigned int kref_read(const struct kref *kref) { return refcount_read(&kref->refcount); }
static inline void kref_get(struct kref *kref) { refcount_inc(&kref->refcount); }
static inline int kref_get_unless_zero(struct kref *kref) { return refcount_inc_not_zero(&kref->refcount); }
static int kref_put(struct kref *kref, void (*release)(struct kref *kref))
{
	if (refcount_dec_and_test(&kref->refcount)) {
		release(kref);
		return 1;
	}
	return 0;
}
static int kref_put_mutex(struct kref *kref, void (*release)(struct kref *kref), struct mutex *lock)
{
	if (refcount_dec_and_mutex_lock(&kref->refcount, lock)) {
		release(kref);
		return 1;
	}
	return 0;
}
static int kref_put_lock(struct kref *kref, void (*release)(struct kref *kref), spinlock_t *lock)
{
	if (refcount_dec_and_lock(&kref->refcount, lock)) {
		release(kref);
		return 1;
	}
	return 0;
}
