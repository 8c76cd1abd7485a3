/* Network devices: NAPI, the transmit queue, buffers. No packet is looked at: a buffer is what is allocated, handed on and freed. */

typedef int netdev_tx_t;
#define NETDEV_TX_OK 0
#define NETDEV_TX_BUSY 0x10
#define NAPI_POLL_WEIGHT 64

struct net_device_stats {
	unsigned long rx_packets, tx_packets, rx_dropped, tx_dropped;
};
struct net_device {
	unsigned long __queue;
	void *__priv;
	struct net_device_stats stats;
};

/* What the driver keeps for itself is an object of its own. */
static inline struct net_device *alloc_etherdev(int size)
{
	struct net_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	dev->__priv = kzalloc(size, GFP_KERNEL);
	if (!dev->__priv) {
		kfree(dev);
		return NULL;
	}
	return dev;
}
static inline void free_netdev(struct net_device *dev)
{
	kfree(dev->__priv);
	kfree(dev);
}
static inline void *netdev_priv(const struct net_device *dev) { return dev->__priv; }

/* The transmit queue (__QUEUE_STATE_DRV_XOFF). Waking it lets the stack call ndo_start_xmit() again: that is for the rig. */
static inline void netif_start_queue(struct net_device *dev) { clear_bit(0, &dev->__queue); }
static inline void netif_stop_queue(struct net_device *dev) { set_bit(0, &dev->__queue); }
static inline void netif_wake_queue(struct net_device *dev) { clear_bit(0, &dev->__queue); }
static inline bool netif_queue_stopped(const struct net_device *dev) { return test_bit(0, &dev->__queue); }
static inline void netif_carrier_on(struct net_device *dev) { clear_bit(1, &dev->__queue); }
static inline void netif_carrier_off(struct net_device *dev) { set_bit(1, &dev->__queue); }
static inline bool netif_carrier_ok(const struct net_device *dev) { return !test_bit(1, &dev->__queue); }

/* NAPI. An instance that is put on a list twice, or completed by who does not own it, is warned of. */
static inline void netif_napi_add_weight(struct net_device *dev, struct napi_struct *napi, int (*poll)(struct napi_struct *, int), int weight)
{
	__kernel_napi_init(napi, poll, weight);
	napi->dev = dev;
}
static inline void netif_napi_add(struct net_device *dev, struct napi_struct *napi, int (*poll)(struct napi_struct *, int)) { netif_napi_add_weight(dev, napi, poll, NAPI_POLL_WEIGHT); }
static inline void netif_napi_add_tx(struct net_device *dev, struct napi_struct *napi, int (*poll)(struct napi_struct *, int)) { netif_napi_add_weight(dev, napi, poll, NAPI_POLL_WEIGHT); }
/* It must be disabled, and who polls it still is waited for. */
static inline void netif_napi_del(struct napi_struct *napi)
{
	WARN_ON_ONCE(!__kernel_napi_scheduled(napi));
	__kernel_might_sleep();
	__kernel_napi_delete(napi);
}
static inline bool napi_is_scheduled(struct napi_struct *n) { return __kernel_napi_scheduled(n); }
static inline bool napi_schedule_prep(struct napi_struct *n) { return __kernel_napi_prep(n); }
static inline void __napi_schedule(struct napi_struct *n)
{
	bool listed = !__kernel_napi_schedule(n);

	WARN_ON_ONCE(listed);
}
static inline void __napi_schedule_irqoff(struct napi_struct *n)
{
#ifndef CONFIG_PREEMPT_RT
	lockdep_assert_irqs_disabled();
#endif
	__napi_schedule(n);
}
static inline bool napi_schedule(struct napi_struct *n)
{
	if (!napi_schedule_prep(n))
		return false;
	__napi_schedule(n);
	return true;
}
static inline void napi_schedule_irqoff(struct napi_struct *n)
{
	if (napi_schedule_prep(n))
		__napi_schedule_irqoff(n);
}
static inline bool napi_complete_done(struct napi_struct *n, int work_done)
{
	int completed = __kernel_napi_complete(n);
	bool not_scheduled = completed < 0;

	WARN_ON_ONCE(not_scheduled);
	return completed != 0;
}
static inline bool napi_complete(struct napi_struct *n) { return napi_complete_done(n, 0); }
static inline void napi_disable(struct napi_struct *n)
{
	__kernel_might_sleep();
	__kernel_napi_disable(n);
	__kernel_napi_take(n);
}
static inline void napi_enable(struct napi_struct *n)
{
	bool enabled = !__kernel_napi_enable(n);

	BUG_ON(enabled);
}
static inline void napi_synchronize(const struct napi_struct *n)
{
	if (__kernel_napi_scheduled(n))
		__kernel_msleep();
	__kernel_napi_wait(n);
}

/* Buffers. In a hard interrupt one is freed by the forms that say so. */
struct sk_buff {
	struct sk_buff *next;
	struct net_device *dev;
	unsigned int len;
};
static inline struct sk_buff *alloc_skb(unsigned int size, gfp_t gfp)
{
	struct sk_buff *skb = kzalloc(sizeof(*skb), gfp);

	if (skb)
		skb->len = size;
	return skb;
}
static inline struct sk_buff *netdev_alloc_skb(struct net_device *dev, unsigned int size)
{
	struct sk_buff *skb = alloc_skb(size, GFP_ATOMIC);

	if (skb)
		skb->dev = dev;
	return skb;
}
static inline struct sk_buff *napi_alloc_skb(struct napi_struct *napi, unsigned int size) { return netdev_alloc_skb(napi->dev, size); }
static inline void kfree_skb(struct sk_buff *skb)
{
	bool in_hard_interrupt = __kernel_in_hardirq();

	WARN_ON_ONCE(in_hard_interrupt);
	kfree(skb);
}
static inline void consume_skb(struct sk_buff *skb) { kfree_skb(skb); }
static inline void dev_kfree_skb(struct sk_buff *skb) { kfree_skb(skb); }
static inline void dev_kfree_skb_irq(struct sk_buff *skb) { kfree(skb); }
static inline void dev_consume_skb_irq(struct sk_buff *skb) { kfree(skb); }
static inline void dev_kfree_skb_any(struct sk_buff *skb) { kfree(skb); }
static inline void dev_consume_skb_any(struct sk_buff *skb) { kfree(skb); }
static inline void napi_consume_skb(struct sk_buff *skb, int budget) { kfree(skb); }
/* The stack takes the buffer. */
static inline void napi_gro_receive(struct napi_struct *napi, struct sk_buff *skb) { kfree(skb); }
static inline int netif_receive_skb(struct sk_buff *skb) { kfree(skb); return 0; }
static inline int netif_rx(struct sk_buff *skb) { kfree(skb); return 0; }
