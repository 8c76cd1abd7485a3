/*
 * Numbers for pointers. After lib/xarray.c, lib/idr.c: who locks what, what is read under RCU, what may sleep and fail. In place of the kernel's trees there is a
 * table with room for CONFIG_BOUND_INDICES pointers, and nothing is stored beyond it.
 */

#define __INDICES CONFIG_BOUND_INDICES

/* xarray */
#define XA_FLAGS_LOCK_IRQ 1u
#define XA_FLAGS_LOCK_BH 2u
#define XA_FLAGS_TRACK_FREE 4u
#define XA_FLAGS_ZERO_BUSY 8u
#define XA_FLAGS_ACCOUNT 32u
#define XA_FLAGS_ALLOC XA_FLAGS_TRACK_FREE
#define XA_FLAGS_ALLOC1 (XA_FLAGS_TRACK_FREE | XA_FLAGS_ZERO_BUSY)
#define XA_PRESENT 8u
struct xarray {
	spinlock_t xa_lock;
	gfp_t xa_flags;
	void __rcu *__slots[__INDICES];
};
struct xa_limit {
	u32 max, min;
};
#define XA_LIMIT(low, high) ((struct xa_limit){ .min = (low), .max = (high) })
#define xa_limit_32b XA_LIMIT(0, UINT_MAX)
#define xa_limit_31b XA_LIMIT(0, INT_MAX)
#define xa_limit_16b XA_LIMIT(0, USHRT_MAX)
#define XARRAY_INIT(name, flags) { .xa_lock = __SPIN_LOCK_UNLOCKED(name.xa_lock), .xa_flags = (flags) }
#define DEFINE_XARRAY_FLAGS(name, flags) struct xarray name = XARRAY_INIT(name, flags)
#define DEFINE_XARRAY(name) DEFINE_XARRAY_FLAGS(name, 0)
#define DEFINE_XARRAY_ALLOC(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC)
#define DEFINE_XARRAY_ALLOC1(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC1)
#define xa_init_flags(xa, flags) do { \
	struct xarray *__xa_new = (xa); \
	spin_lock_init(&__xa_new->xa_lock); \
	__xa_clear(__xa_new, flags); \
} while (0)
#define xa_init(xa) xa_init_flags(xa, 0)
static void __xa_clear(struct xarray *xa, gfp_t flags)
{
	xa->xa_flags = flags;
	memset(xa->__slots, 0, sizeof(xa->__slots));
}

static inline void *xa_mk_value(unsigned long v) { return (void *)((v << 1) | 1); }
static inline unsigned long xa_to_value(const void *entry) { return (unsigned long)entry >> 1; }
static inline bool xa_is_value(const void *entry) { return (unsigned long)entry & 1; }
static inline bool xa_is_err(const void *entry) { return ((unsigned long)entry & 3) == 2 && (unsigned long)entry >= (unsigned long)(-MAX_ERRNO << 2); }
static inline int xa_err(void *entry) { return xa_is_err(entry) ? (int)((long)entry >> 2) : 0; }
#define __XA_ERROR(error) ((void *)(((long)(error) << 2) | 2))

#define xa_trylock(xa) spin_trylock(&(xa)->xa_lock)
#define xa_lock(xa) spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa) spin_unlock(&(xa)->xa_lock)
#define xa_lock_bh(xa) spin_lock_bh(&(xa)->xa_lock)
#define xa_unlock_bh(xa) spin_unlock_bh(&(xa)->xa_lock)
#define xa_lock_irq(xa) spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa) spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, flags) spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags) spin_unlock_irqrestore(&(xa)->xa_lock, flags)
#define xa_lock_nested(xa, subclass) spin_lock_nested(&(xa)->xa_lock, subclass)

/* Whether a node can be had for an index. */
static bool __xa_room(unsigned long index, gfp_t gfp)
{
#if CONFIG_BOUND_FAILED_ALLOCATIONS
	void *node = __kernel_alloc(1, gfp, 1);

	if (!node)
		return false;
	__kernel_free(node);
#endif
	if (index < __INDICES)
		return true;
	__kernel_beyond_indices();
	return false;
}
static void *__xa_load(struct xarray *xa, unsigned long index) { return index < __INDICES ? READ_ONCE(xa->__slots[index]) : NULL; }
static void *xa_load(struct xarray *xa, unsigned long index)
{
	void *entry;

	rcu_read_lock();
	entry = __xa_load(xa, index);
	rcu_read_unlock();
	return entry;
}
static bool xa_empty(const struct xarray *xa)
{
	unsigned long i;

	for (i = 0; i < __INDICES; i++)
		if (READ_ONCE(xa->__slots[i]))
			return false;
	return true;
}

/* With the lock held. */
static void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	lockdep_assert_held(&xa->xa_lock);
	if (entry && !__xa_room(index, gfp))
		return __XA_ERROR(-ENOMEM);
	if (index >= __INDICES)
		return NULL;
	old = xa->__slots[index];
	rcu_assign_pointer(xa->__slots[index], entry);
	return old;
}
static void *__xa_erase(struct xarray *xa, unsigned long index) { return __xa_store(xa, index, NULL, 0); }
static void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry, gfp_t gfp)
{
	void *found;

	lockdep_assert_held(&xa->xa_lock);
	found = index < __INDICES ? xa->__slots[index] : NULL;
	if (found != old)
		return found;
	found = __xa_store(xa, index, entry, gfp);
	return xa_is_err(found) ? found : old;
}
static int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	lockdep_assert_held(&xa->xa_lock);
	if (index < __INDICES && xa->__slots[index])
		return -EBUSY;
	return xa_err(__xa_store(xa, index, entry, gfp));
}
static int __xa_alloc_between(struct xarray *xa, u32 *id, void *entry, u32 min, u32 max, gfp_t gfp)
{
	u32 i = min;

	lockdep_assert_held(&xa->xa_lock);
	WARN_ON_ONCE(!(xa->xa_flags & XA_FLAGS_TRACK_FREE));
	if (!i && (xa->xa_flags & XA_FLAGS_ZERO_BUSY))
		i = 1;
	while (i <= max && i < __INDICES && xa->__slots[i])
		i++;
	if (i > max)
		return -EBUSY;
	if (!__xa_room(i, gfp))
		return -ENOMEM;
	*id = i;
	rcu_assign_pointer(xa->__slots[i], entry);
	return 0;
}
static int __xa_alloc_cyclic_between(struct xarray *xa, u32 *id, void *entry, u32 min, u32 max, u32 *next, gfp_t gfp)
{
	u32 first = *next > min && *next < __INDICES ? *next : min;
	int ret = __xa_alloc_between(xa, id, entry, first, max, gfp);

	if (ret < 0 && first > min) {
		ret = __xa_alloc_between(xa, id, entry, min, max, gfp);
		if (!ret)
			ret = 1;
	}
	if (ret >= 0)
		*next = *id + 1;
	return ret;
}

/* The same with the lock taken, in each of its ways. */
#define __XA_API(suffix) \
static void *xa_store##suffix(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp) \
{ \
	void *old; \
	might_alloc(gfp); \
	xa_lock##suffix(xa); \
	old = __xa_store(xa, index, entry, gfp); \
	xa_unlock##suffix(xa); \
	return old; \
} \
static void *xa_erase##suffix(struct xarray *xa, unsigned long index) \
{ \
	void *old; \
	xa_lock##suffix(xa); \
	old = __xa_erase(xa, index); \
	xa_unlock##suffix(xa); \
	return old; \
} \
static void *xa_cmpxchg##suffix(struct xarray *xa, unsigned long index, void *old, void *entry, gfp_t gfp) \
{ \
	void *found; \
	might_alloc(gfp); \
	xa_lock##suffix(xa); \
	found = __xa_cmpxchg(xa, index, old, entry, gfp); \
	xa_unlock##suffix(xa); \
	return found; \
} \
static int xa_insert##suffix(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp) \
{ \
	int ret; \
	might_alloc(gfp); \
	xa_lock##suffix(xa); \
	ret = __xa_insert(xa, index, entry, gfp); \
	xa_unlock##suffix(xa); \
	return ret; \
} \
static int __xa_alloc_lock##suffix(struct xarray *xa, u32 *id, void *entry, u32 min, u32 max, gfp_t gfp) \
{ \
	int ret; \
	might_alloc(gfp); \
	xa_lock##suffix(xa); \
	ret = __xa_alloc_between(xa, id, entry, min, max, gfp); \
	xa_unlock##suffix(xa); \
	return ret; \
} \
static int __xa_alloc_cyclic_lock##suffix(struct xarray *xa, u32 *id, void *entry, u32 min, u32 max, u32 *next, gfp_t gfp) \
{ \
	int ret; \
	might_alloc(gfp); \
	xa_lock##suffix(xa); \
	ret = __xa_alloc_cyclic_between(xa, id, entry, min, max, next, gfp); \
	xa_unlock##suffix(xa); \
	return ret; \
}
__XA_API()
__XA_API(_bh)
__XA_API(_irq)
/* A limit is a structure, by value. */
#define __XA_LIMITED(alloc, xa, id, entry, limit, ...) ({ \
	struct xa_limit __limit = (limit); \
	alloc(xa, id, entry, __limit.min, __limit.max, __VA_ARGS__); })
#define __xa_alloc(xa, id, entry, limit, gfp) __XA_LIMITED(__xa_alloc_between, xa, id, entry, limit, gfp)
#define xa_alloc(xa, id, entry, limit, gfp) __XA_LIMITED(__xa_alloc_lock, xa, id, entry, limit, gfp)
#define xa_alloc_bh(xa, id, entry, limit, gfp) __XA_LIMITED(__xa_alloc_lock_bh, xa, id, entry, limit, gfp)
#define xa_alloc_irq(xa, id, entry, limit, gfp) __XA_LIMITED(__xa_alloc_lock_irq, xa, id, entry, limit, gfp)
#define __xa_alloc_cyclic(xa, id, entry, limit, next, gfp) __XA_LIMITED(__xa_alloc_cyclic_between, xa, id, entry, limit, next, gfp)
#define xa_alloc_cyclic(xa, id, entry, limit, next, gfp) __XA_LIMITED(__xa_alloc_cyclic_lock, xa, id, entry, limit, next, gfp)
#define xa_alloc_cyclic_bh(xa, id, entry, limit, next, gfp) __XA_LIMITED(__xa_alloc_cyclic_lock_bh, xa, id, entry, limit, next, gfp)
#define xa_alloc_cyclic_irq(xa, id, entry, limit, next, gfp) __XA_LIMITED(__xa_alloc_cyclic_lock_irq, xa, id, entry, limit, next, gfp)

static void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter)
{
	void *entry = NULL;
	unsigned long i;

	rcu_read_lock();
	for (i = *index; i <= max && i < __INDICES && !entry; i++) {
		entry = READ_ONCE(xa->__slots[i]);
		if (entry)
			*index = i;
	}
	rcu_read_unlock();
	return entry;
}
static void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter)
{
	unsigned long next = *index + 1;
	void *entry = next ? xa_find(xa, &next, max, filter) : NULL;

	if (entry)
		*index = next;
	return entry;
}
#define xa_for_each_range(xa, index, entry, start, last) \
	for (index = start, entry = xa_find(xa, &index, last, XA_PRESENT); entry; entry = xa_find_after(xa, &index, last, XA_PRESENT))
#define xa_for_each_start(xa, index, entry, start) xa_for_each_range(xa, index, entry, start, ULONG_MAX)
#define xa_for_each(xa, index, entry) xa_for_each_start(xa, index, entry, 0)
static void xa_destroy(struct xarray *xa)
{
	unsigned long flags, i;

	xa_lock_irqsave(xa, flags);
	for (i = 0; i < __INDICES; i++)
		RCU_INIT_POINTER(xa->__slots[i], NULL);
	xa_unlock_irqrestore(xa, flags);
}

/* IDR: who changes it must see to it that nobody else does; who looks something up may be in a reader of RCU instead. */
struct idr {
	unsigned int __count, idr_base, idr_next;
	void __rcu *__slots[__INDICES];
};
#define IDR_INIT_BASE(name, base) { .idr_base = (base) }
#define IDR_INIT(name) IDR_INIT_BASE(name, 0)
#define DEFINE_IDR(name) struct idr name = IDR_INIT(name)
static void idr_init_base(struct idr *idr, int base)
{
	memset(idr, 0, sizeof(*idr));
	idr->idr_base = base;
}
static inline void idr_init(struct idr *idr) { idr_init_base(idr, 0); }
static int __idr_alloc(struct idr *idr, void *ptr, unsigned int start, unsigned int end, gfp_t gfp)
{
	unsigned int i = start - idr->idr_base;

	while (i < end - idr->idr_base && i < __INDICES && idr->__slots[i])
		i++;
	if (i >= end - idr->idr_base)
		return -ENOSPC;
	if (!__xa_room(i, gfp))
		return -ENOMEM;
	idr->__count++;
	rcu_assign_pointer(idr->__slots[i], ptr);
	return i + idr->idr_base;
}
static int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	might_alloc(gfp);
	if (WARN_ON_ONCE(start < 0))
		return -EINVAL;
	return __idr_alloc(idr, ptr, start < (int)idr->idr_base ? idr->idr_base : (unsigned int)start, end > 0 ? (unsigned int)end : (unsigned int)INT_MAX + 1, gfp);
}
static int idr_alloc_u32(struct idr *idr, void *ptr, u32 *nextid, unsigned long max, gfp_t gfp)
{
	int id;

	might_alloc(gfp);
	id = __idr_alloc(idr, ptr, *nextid, max > INT_MAX ? (unsigned int)INT_MAX + 1 : max + 1, gfp);
	if (id < 0)
		return id;
	*nextid = id;
	return 0;
}
static int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	int id = idr->idr_next, first = start;

	if (id > first && id - idr->idr_base < __INDICES)
		first = id;
	id = idr_alloc(idr, ptr, first, end, gfp);
	if (id < 0 && first > start)
		id = idr_alloc(idr, ptr, start, end, gfp);
	if (id >= 0)
		idr->idr_next = id + 1;
	return id;
}
static void *idr_find(const struct idr *idr, unsigned long id)
{
	unsigned long i = id - idr->idr_base;

	return i < __INDICES ? READ_ONCE(idr->__slots[i]) : NULL;
}
static void *idr_remove(struct idr *idr, unsigned long id)
{
	unsigned long i = id - idr->idr_base;
	void *old = i < __INDICES ? idr->__slots[i] : NULL;

	if (old) {
		idr->__count--;
		rcu_assign_pointer(idr->__slots[i], NULL);
	}
	return old;
}
static void *idr_replace(struct idr *idr, void *ptr, unsigned long id)
{
	unsigned long i = id - idr->idr_base;
	void *old = i < __INDICES ? idr->__slots[i] : NULL;

	if (!old)
		return ERR_PTR(-ENOENT);
	rcu_assign_pointer(idr->__slots[i], ptr);
	return old;
}
static void *idr_get_next(struct idr *idr, int *nextid)
{
	unsigned long i = *nextid - idr->idr_base;
	void *entry = NULL;

	if (*nextid < (int)idr->idr_base)
		i = 0;
	for (; i < __INDICES && !entry; i++) {
		entry = READ_ONCE(idr->__slots[i]);
		if (entry)
			*nextid = i + idr->idr_base;
	}
	return entry;
}
static int idr_for_each(const struct idr *idr, int (*fn)(int id, void *p, void *data), void *data)
{
	unsigned long i;

	for (i = 0; i < __INDICES; i++) {
		void *entry = READ_ONCE(idr->__slots[i]);
		int ret = entry ? fn(i + idr->idr_base, entry, data) : 0;

		if (ret)
			return ret;
	}
	return 0;
}
#define idr_for_each_entry(idr, entry, id) for (id = 0; ((entry) = idr_get_next(idr, &(id))) != NULL; id += 1U)
#define idr_for_each_entry_continue(idr, entry, id) for ((entry) = idr_get_next(idr, &(id)); entry; ++id, (entry) = idr_get_next(idr, &(id)))
static inline bool idr_is_empty(const struct idr *idr) { return READ_ONCE(idr->__count) == 0; }
static inline void idr_set_cursor(struct idr *idr, unsigned int val) { WRITE_ONCE(idr->idr_next, val); }
static inline unsigned int idr_get_cursor(const struct idr *idr) { return READ_ONCE(idr->idr_next); }
static inline void idr_preload(gfp_t gfp) { might_alloc(gfp); __kernel_preempt_disable(); }
static inline void idr_preload_end(void) { __kernel_preempt_enable(); }
static void idr_destroy(struct idr *idr)
{
	idr->__count = 0;
	memset(idr->__slots, 0, sizeof(idr->__slots));
}

/* IDA: numbers alone. Its lock is its own. */
struct ida {
	spinlock_t __lock;
	unsigned long __taken;
};
#define IDA_INIT(name) { .__lock = __SPIN_LOCK_UNLOCKED(name.__lock) }
#define DEFINE_IDA(name) struct ida name = IDA_INIT(name)
#define ida_init(new) do { \
	struct ida *__ida_new = (new); \
	spin_lock_init(&__ida_new->__lock); \
	__ida_new->__taken = 0; \
} while (0)
static int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp)
{
	unsigned long flags;
	unsigned int i = min;
	int id;

	might_alloc(gfp);
	if ((int)min < 0)
		return -ENOSPC;
	if (!__xa_room(0, gfp))
		return -ENOMEM;
	spin_lock_irqsave(&ida->__lock, flags);
	while (i < BITS_PER_LONG && i <= max && (ida->__taken & BIT(i)))
		i++;
	if (i >= BITS_PER_LONG)
		__kernel_beyond_indices();
	if (i < BITS_PER_LONG && i <= max) {
		ida->__taken |= BIT(i);
		id = i;
	} else {
		id = -ENOSPC;
	}
	spin_unlock_irqrestore(&ida->__lock, flags);
	return id;
}
static inline int ida_alloc(struct ida *ida, gfp_t gfp) { return ida_alloc_range(ida, 0, ~0, gfp); }
static inline int ida_alloc_min(struct ida *ida, unsigned int min, gfp_t gfp) { return ida_alloc_range(ida, min, ~0, gfp); }
static inline int ida_alloc_max(struct ida *ida, unsigned int max, gfp_t gfp) { return ida_alloc_range(ida, 0, max, gfp); }
static void ida_free(struct ida *ida, unsigned int id)
{
	unsigned long flags;
	bool taken;

	BUG_ON((int)id < 0);
	spin_lock_irqsave(&ida->__lock, flags);
	taken = id < BITS_PER_LONG && (ida->__taken & BIT(id));
	if (taken)
		ida->__taken &= ~BIT(id);
	spin_unlock_irqrestore(&ida->__lock, flags);
	WARN(!taken, "ida_free called for id=%d which is not allocated.\n", id);
}
static void ida_destroy(struct ida *ida)
{
	unsigned long flags;

	spin_lock_irqsave(&ida->__lock, flags);
	ida->__taken = 0;
	spin_unlock_irqrestore(&ida->__lock, flags);
}
static inline bool ida_is_empty(const struct ida *ida) { return READ_ONCE(ida->__taken) == 0; }
#define ida_simple_get(ida, start, end, gfp) ida_alloc_range(ida, start, (end) - 1, gfp)
#define ida_simple_remove(ida, id) ida_free(ida, id)
