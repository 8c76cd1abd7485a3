/* A bit as a spinlock, which no validator sees, and lists whose heads hold one (include/linux/bit_spinlock.h, list_bl.h). */

static void bit_spin_lock(int bitnum, unsigned long *addr)
{
	__kernel_preempt_disable();
	while (test_and_set_bit_lock(bitnum, addr)) {
		__kernel_preempt_enable();
		do {
			__kernel_relax();
		} while (test_bit(bitnum, addr));
		__kernel_preempt_disable();
	}
}
static int bit_spin_trylock(int bitnum, unsigned long *addr)
{
	__kernel_preempt_disable();
	if (test_and_set_bit_lock(bitnum, addr)) {
		__kernel_preempt_enable();
		return 0;
	}
	return 1;
}
static void bit_spin_unlock(int bitnum, unsigned long *addr)
{
	__kernel_bug_on(!test_bit(bitnum, addr));
	clear_bit_unlock(bitnum, addr);
	__kernel_preempt_enable();
}
static void __bit_spin_unlock(int bitnum, unsigned long *addr)
{
	__kernel_bug_on(!test_bit(bitnum, addr));
	__clear_bit_unlock(bitnum, addr);
	__kernel_preempt_enable();
}
static inline int bit_spin_is_locked(int bitnum, unsigned long *addr) { return test_bit(bitnum, addr); }

struct hlist_bl_node {
	struct hlist_bl_node *next, **pprev;
};
struct hlist_bl_head {
	struct hlist_bl_node *first;
};
#define LIST_BL_LOCKMASK 1UL
#define INIT_HLIST_BL_HEAD(head) ((head)->first = NULL)
static inline void INIT_HLIST_BL_NODE(struct hlist_bl_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}
static inline void hlist_bl_lock(struct hlist_bl_head *b) { bit_spin_lock(0, (unsigned long *)b); }
static inline void hlist_bl_unlock(struct hlist_bl_head *b) { __bit_spin_unlock(0, (unsigned long *)b); }
static inline bool hlist_bl_is_locked(struct hlist_bl_head *b) { return bit_spin_is_locked(0, (unsigned long *)b); }
#define __hlist_bl_pointer(first) ((struct hlist_bl_node *)((unsigned long)(first) & ~LIST_BL_LOCKMASK))
/* Who waits for the lock sets the bit that is set, or reads it: the kernel's race detector does not mind where a value stays what it is. */
static inline struct hlist_bl_node *hlist_bl_first(struct hlist_bl_head *h) { return __hlist_bl_pointer(READ_ONCE(h->first)); }
static inline struct hlist_bl_node *hlist_bl_first_rcu(struct hlist_bl_head *h) { return __hlist_bl_pointer(READ_ONCE(h->first)); }
static void hlist_bl_set_first(struct hlist_bl_head *h, struct hlist_bl_node *n)
{
	__kernel_bug_on(!((unsigned long)READ_ONCE(h->first) & LIST_BL_LOCKMASK));
	WRITE_ONCE(h->first, (struct hlist_bl_node *)((unsigned long)n | LIST_BL_LOCKMASK));
}
static void hlist_bl_set_first_rcu(struct hlist_bl_head *h, struct hlist_bl_node *n)
{
	__kernel_bug_on(!((unsigned long)READ_ONCE(h->first) & LIST_BL_LOCKMASK));
	smp_store_release(&h->first, (struct hlist_bl_node *)((unsigned long)n | LIST_BL_LOCKMASK));
}
static inline bool hlist_bl_unhashed(const struct hlist_bl_node *h) { return !h->pprev; }
static inline bool hlist_bl_empty(const struct hlist_bl_head *h) { return !__hlist_bl_pointer(READ_ONCE(h->first)); }
static void hlist_bl_add_head(struct hlist_bl_node *n, struct hlist_bl_head *h)
{
	struct hlist_bl_node *first = hlist_bl_first(h);

	n->next = first;
	if (first)
		first->pprev = &n->next;
	n->pprev = &h->first;
	hlist_bl_set_first(h, n);
}
static void hlist_bl_add_head_rcu(struct hlist_bl_node *n, struct hlist_bl_head *h)
{
	struct hlist_bl_node *first = hlist_bl_first(h);

	n->next = first;
	if (first)
		first->pprev = &n->next;
	n->pprev = &h->first;
	hlist_bl_set_first_rcu(h, n);
}
static void hlist_bl_add_before(struct hlist_bl_node *n, struct hlist_bl_node *next)
{
	struct hlist_bl_node **pprev = next->pprev;

	n->pprev = pprev;
	n->next = next;
	next->pprev = &n->next;
	/* The list's first may hold the lock. */
	WRITE_ONCE(*pprev, (struct hlist_bl_node *)((unsigned long)n | ((unsigned long)READ_ONCE(*pprev) & LIST_BL_LOCKMASK)));
}
static void hlist_bl_add_behind(struct hlist_bl_node *n, struct hlist_bl_node *prev)
{
	n->next = prev->next;
	n->pprev = &prev->next;
	prev->next = n;
	if (n->next)
		n->next->pprev = &n->next;
}
static void __hlist_bl_del(struct hlist_bl_node *n)
{
	struct hlist_bl_node *next = n->next;
	struct hlist_bl_node **pprev = n->pprev;

	WRITE_ONCE(*pprev, (struct hlist_bl_node *)((unsigned long)next | ((unsigned long)READ_ONCE(*pprev) & LIST_BL_LOCKMASK)));
	if (next)
		next->pprev = pprev;
}
static void hlist_bl_del(struct hlist_bl_node *n)
{
	__hlist_bl_del(n);
	n->next = LIST_POISON1;
	n->pprev = LIST_POISON2;
}
static void hlist_bl_del_rcu(struct hlist_bl_node *n)
{
	__hlist_bl_del(n);
	n->pprev = LIST_POISON2;
}
static void hlist_bl_del_init(struct hlist_bl_node *n)
{
	if (!hlist_bl_unhashed(n)) {
		__hlist_bl_del(n);
		INIT_HLIST_BL_NODE(n);
	}
}
#define hlist_bl_entry(pointer, type, member) container_of(pointer, type, member)
#define hlist_bl_for_each(pos, head) for (pos = hlist_bl_first(head); pos; pos = pos->next)
#define hlist_bl_for_each_entry(tpos, pos, head, member) \
	for (pos = hlist_bl_first(head); pos && ({ tpos = hlist_bl_entry(pos, typeof(*tpos), member); 1; }); pos = pos->next)
#define hlist_bl_for_each_entry_safe(tpos, pos, n, head, member) \
	for (pos = hlist_bl_first(head); \
	     pos && ({ n = pos->next; 1; }) && ({ tpos = hlist_bl_entry(pos, typeof(*tpos), member); 1; }); pos = n)
#define hlist_bl_for_each_entry_rcu(tpos, pos, head, member) \
	for (pos = hlist_bl_first_rcu(head); \
	     pos && ({ tpos = hlist_bl_entry(pos, typeof(*tpos), member); 1; }); pos = READ_ONCE(pos->next))
