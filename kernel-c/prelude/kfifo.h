/*
 * Queues of a fixed size. After include/linux/kfifo.h and lib/kfifo.c: one reader and one writer need no lock, as each moves an index of its own; two writers
 * (or readers) do. The kernel does not mark its accesses to the indices; here they are marked, so that only those to the elements race.
 */

struct __kfifo {
	unsigned int in, out, mask, esize;
	void *data;
};
#define __STRUCT_KFIFO(eltype, size) { \
	union { \
		struct __kfifo kfifo; \
		eltype *type; \
	}; \
	eltype buf[size]; }
#define STRUCT_KFIFO(eltype, size) struct __STRUCT_KFIFO(eltype, size)
#define STRUCT_KFIFO_PTR(eltype) struct __STRUCT_KFIFO(eltype, 0)
struct kfifo __STRUCT_KFIFO(unsigned char, 0);

#define DECLARE_KFIFO_PTR(name, eltype) STRUCT_KFIFO_PTR(eltype) name
#define DECLARE_KFIFO(name, eltype, size) STRUCT_KFIFO(eltype, size) name
#define DEFINE_KFIFO(name, eltype, size) \
	STRUCT_KFIFO(eltype, size) name = { .kfifo = { .mask = (size) - 1, .esize = sizeof(eltype), .data = name.buf } }
#define INIT_KFIFO(name) do { \
	BUILD_BUG_ON(!__KFIFO_POWER_OF_2(ARRAY_SIZE((name).buf))); \
	__kfifo_setup(&(name).kfifo, (name).buf, ARRAY_SIZE((name).buf), sizeof((name).buf[0])); \
} while (0)
#define __KFIFO_POWER_OF_2(n) ((n) != 0 && ((n) & ((n) - 1)) == 0)
static void __kfifo_setup(struct __kfifo *fifo, void *data, unsigned int size, unsigned int esize)
{
	fifo->in = 0;
	fifo->out = 0;
	fifo->mask = size ? size - 1 : 0;
	fifo->esize = esize;
	fifo->data = data;
}
/* Of one whose elements are in it the size is known when it is compiled. */
#define __kfifo_mask(fifo) (sizeof((fifo)->buf) ? sizeof((fifo)->buf) / sizeof((fifo)->buf[0]) - 1 : (fifo)->kfifo.mask)
#define __kfifo_elements(fifo) (sizeof((fifo)->buf) ? (fifo)->buf : (typeof((fifo)->type))(fifo)->kfifo.data)

#define kfifo_initialized(fifo) (__kfifo_mask(fifo) != 0)
#define kfifo_esize(fifo) ((fifo)->kfifo.esize)
#define kfifo_size(fifo) (__kfifo_mask(fifo) + 1)
#define kfifo_reset(fifo) do { \
	typeof(fifo) __fifo = (fifo); \
	__fifo->kfifo.in = __fifo->kfifo.out = 0; \
} while (0)
#define kfifo_reset_out(fifo) do { \
	typeof(fifo) __fifo = (fifo); \
	WRITE_ONCE(__fifo->kfifo.out, READ_ONCE(__fifo->kfifo.in)); \
} while (0)
static inline unsigned int __kfifo_len(const struct __kfifo *fifo) { return smp_load_acquire(&fifo->in) - READ_ONCE(fifo->out); }
#define kfifo_len(fifo) __kfifo_len(&(fifo)->kfifo)
#define kfifo_is_empty(fifo) (kfifo_len(fifo) == 0)
#define kfifo_is_empty_spinlocked(fifo, lock) ({ \
	unsigned long __fifo_flags; \
	bool __fifo_is; \
	spin_lock_irqsave(lock, __fifo_flags); \
	__fifo_is = kfifo_is_empty(fifo); \
	spin_unlock_irqrestore(lock, __fifo_flags); \
	__fifo_is; })
#define kfifo_is_full(fifo) (kfifo_len(fifo) > __kfifo_mask(fifo))
#define kfifo_avail(fifo) (kfifo_size(fifo) - kfifo_len(fifo))
#define kfifo_skip(fifo) do { \
	typeof(fifo) __fifo = (fifo); \
	WRITE_ONCE(__fifo->kfifo.out, READ_ONCE(__fifo->kfifo.out) + 1); \
} while (0)
#define kfifo_skip_count(fifo, count) do { \
	typeof(fifo) __fifo = (fifo); \
	WRITE_ONCE(__fifo->kfifo.out, READ_ONCE(__fifo->kfifo.out) + (count)); \
} while (0)

#define kfifo_put(fifo, value) ({ \
	typeof(fifo) __fifo = (fifo); \
	typeof(*__fifo->type) __fifo_value = (value); \
	unsigned int __fifo_at = READ_ONCE(__fifo->kfifo.in); \
	unsigned int __fifo_done = __fifo_at - READ_ONCE(__fifo->kfifo.out) <= __kfifo_mask(__fifo); \
	if (__fifo_done) { \
		__kfifo_elements(__fifo)[__fifo_at & __kfifo_mask(__fifo)] = __fifo_value; \
		smp_store_release(&__fifo->kfifo.in, __fifo_at + 1); \
	} \
	__fifo_done; })
#define kfifo_peek(fifo, value) ({ \
	typeof(fifo) __fifo = (fifo); \
	typeof(__fifo->type) __fifo_value = (value); \
	unsigned int __fifo_at = READ_ONCE(__fifo->kfifo.out); \
	unsigned int __fifo_done = smp_load_acquire(&__fifo->kfifo.in) != __fifo_at; \
	if (__fifo_done) \
		*__fifo_value = __kfifo_elements(__fifo)[__fifo_at & __kfifo_mask(__fifo)]; \
	__fifo_done; })
#define kfifo_get(fifo, value) ({ \
	typeof(fifo) __fifo = (fifo); \
	typeof(__fifo->type) __fifo_value = (value); \
	unsigned int __fifo_at = READ_ONCE(__fifo->kfifo.out); \
	unsigned int __fifo_done = smp_load_acquire(&__fifo->kfifo.in) != __fifo_at; \
	if (__fifo_done) { \
		*__fifo_value = __kfifo_elements(__fifo)[__fifo_at & __kfifo_mask(__fifo)]; \
		smp_store_release(&__fifo->kfifo.out, __fifo_at + 1); \
	} \
	__fifo_done; })

/* Several elements: as many as there is room for, or are there. */
static void __kfifo_copy(struct __kfifo *fifo, char *buf, unsigned int n, unsigned int at, bool in)
{
	unsigned int mask = fifo->mask, esize = fifo->esize, i;
	char *data = fifo->data;

	for (i = 0; i < n; i++) {
		char *element = data + ((at + i) & mask) * esize;

		memcpy(in ? element : buf + i * esize, in ? buf + i * esize : element, esize);
	}
}
static unsigned int __kfifo_in(struct __kfifo *fifo, const void *buf, unsigned int n)
{
	unsigned int at = READ_ONCE(fifo->in), room = fifo->mask + 1 - (at - READ_ONCE(fifo->out));

	if (n > room)
		n = room;
	__kfifo_copy(fifo, (char *)buf, n, at, true);
	smp_store_release(&fifo->in, at + n);
	return n;
}
static unsigned int __kfifo_out_peek(struct __kfifo *fifo, void *buf, unsigned int n)
{
	unsigned int at = READ_ONCE(fifo->out), there = smp_load_acquire(&fifo->in) - at;

	if (n > there)
		n = there;
	__kfifo_copy(fifo, buf, n, at, false);
	return n;
}
static unsigned int __kfifo_out(struct __kfifo *fifo, void *buf, unsigned int n)
{
	n = __kfifo_out_peek(fifo, buf, n);
	smp_store_release(&fifo->out, READ_ONCE(fifo->out) + n);
	return n;
}
#define kfifo_in(fifo, buf, n) __kfifo_in(&(fifo)->kfifo, buf, n)
#define kfifo_out(fifo, buf, n) __kfifo_out(&(fifo)->kfifo, buf, n)
#define kfifo_out_peek(fifo, buf, n) __kfifo_out_peek(&(fifo)->kfifo, buf, n)
static unsigned int __kfifo_in_locked(struct __kfifo *fifo, const void *buf, unsigned int n, spinlock_t *lock)
{
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	n = __kfifo_in(fifo, buf, n);
	spin_unlock_irqrestore(lock, flags);
	return n;
}
static unsigned int __kfifo_out_locked(struct __kfifo *fifo, void *buf, unsigned int n, spinlock_t *lock)
{
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	n = __kfifo_out(fifo, buf, n);
	spin_unlock_irqrestore(lock, flags);
	return n;
}
#define kfifo_in_spinlocked(fifo, buf, n, lock) __kfifo_in_locked(&(fifo)->kfifo, buf, n, lock)
#define kfifo_out_spinlocked(fifo, buf, n, lock) __kfifo_out_locked(&(fifo)->kfifo, buf, n, lock)
#define kfifo_in_locked(fifo, buf, n, lock) kfifo_in_spinlocked(fifo, buf, n, lock)
#define kfifo_out_locked(fifo, buf, n, lock) kfifo_out_spinlocked(fifo, buf, n, lock)
#define kfifo_in_spinlocked_noirqsave(fifo, buf, n, lock) ({ \
	unsigned int __fifo_copied; \
	spin_lock(lock); \
	__fifo_copied = kfifo_in(fifo, buf, n); \
	spin_unlock(lock); \
	__fifo_copied; })
#define kfifo_out_spinlocked_noirqsave(fifo, buf, n, lock) ({ \
	unsigned int __fifo_copied; \
	spin_lock(lock); \
	__fifo_copied = kfifo_out(fifo, buf, n); \
	spin_unlock(lock); \
	__fifo_copied; })

/* One whose elements lie elsewhere. A size that is no power of 2 is rounded up to one, or down if the memory is given. */
static unsigned int __kfifo_power_of_2(unsigned int n)
{
	unsigned int power = 1;

	while (power < n)
		power <<= 1;
	return power;
}
static int __kfifo_alloc(struct __kfifo *fifo, unsigned int size, unsigned int esize, gfp_t gfp)
{
	size = __kfifo_power_of_2(size);
	if (size < 2) {
		__kfifo_setup(fifo, NULL, 0, esize);
		return -EINVAL;
	}
	__kfifo_setup(fifo, kmalloc_array(esize, size, gfp), size, esize);
	if (!fifo->data) {
		fifo->mask = 0;
		return -ENOMEM;
	}
	return 0;
}
static void __kfifo_free(struct __kfifo *fifo)
{
	kfree(fifo->data);
	__kfifo_setup(fifo, NULL, 0, 0);
}
static int __kfifo_init(struct __kfifo *fifo, void *buffer, unsigned int size, unsigned int esize)
{
	size /= esize;
	if (size & (size - 1))
		size = __kfifo_power_of_2(size) >> 1;
	__kfifo_setup(fifo, buffer, size, esize);
	return size < 2 ? -EINVAL : 0;
}
#define kfifo_alloc(fifo, size, gfp) __kfifo_alloc(&(fifo)->kfifo, size, sizeof(*(fifo)->type), gfp)
#define kfifo_free(fifo) __kfifo_free(&(fifo)->kfifo)
#define kfifo_init(fifo, buffer, size) __kfifo_init(&(fifo)->kfifo, buffer, size, sizeof(*(fifo)->type))
