/* What the compiler and the smallest headers give. */

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __kernel_compiler_fence()
#define unreachable() __builtin_unreachable()
#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)
#define __PASTE_1(a, b) a##b
#define __PASTE(a, b) __PASTE_1(a, b)
#define __UNIQUE_ID(prefix) __PASTE(__PASTE(__unique_, prefix), __COUNTER__)

#define READ_ONCE(x) __kernel_read_once(x)
#define WRITE_ONCE(x, value) __kernel_write_once(x, value)
#define data_race(expression) __kernel_data_race(expression)
#define ACCESS_PRIVATE(p, member) ((p)->member)

#define offsetof(type, member) __builtin_offsetof(type, member)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))
#define typeof_member(type, member) typeof(((type *)0)->member)
#define container_of(pointer, type, member) ({ \
	const typeof(((type *)0)->member) *__member = (pointer); \
	(type *)((char *)__member - offsetof(type, member)); })
#define container_of_const(pointer, type, member) container_of(pointer, type, member)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define BIT_MASK(n) (1UL << ((n) % BITS_PER_LONG))
#define BIT_WORD(n) ((n) / BITS_PER_LONG)
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define GENMASK(high, low) (((~0UL) << (low)) & (~0UL >> (BITS_PER_LONG - 1 - (high))))
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

#define min(x, y) ({ typeof(x) __min_x = (x); typeof(y) __min_y = (y); __min_x < __min_y ? __min_x : __min_y; })
#define max(x, y) ({ typeof(x) __max_x = (x); typeof(y) __max_y = (y); __max_x > __max_y ? __max_x : __max_y; })
#define min_t(type, x, y) ({ type __min_x = (x); type __min_y = (y); __min_x < __min_y ? __min_x : __min_y; })
#define max_t(type, x, y) ({ type __max_x = (x); type __max_y = (y); __max_x > __max_y ? __max_x : __max_y; })
#define umin(x, y) min_t(unsigned long, x, y)
#define umax(x, y) max_t(unsigned long, x, y)
#define min3(x, y, z) min(min(x, y), z)
#define max3(x, y, z) max(max(x, y), z)
#define clamp(value, low, high) ({ \
	typeof(value) __clamp_value = (value); \
	typeof(low) __clamp_low = (low); \
	typeof(high) __clamp_high = (high); \
	__clamp_value < __clamp_low ? __clamp_low : __clamp_value > __clamp_high ? __clamp_high : __clamp_value; })
#define clamp_t(type, value, low, high) clamp((type)(value), (type)(low), (type)(high))
#define clamp_val(value, low, high) clamp_t(typeof(value), value, low, high)
#define abs(x) ({ typeof(x) __abs_x = (x); __abs_x < 0 ? -__abs_x : __abs_x; })
#define swap(a, b) do { typeof(a) __swap = (a); (a) = (b); (b) = __swap; } while (0)
#define round_up(x, y) ((((x) - 1) | ((typeof(x))(y) - 1)) + 1)
#define round_down(x, y) ((x) & ~((typeof(x))(y) - 1))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y) ({ typeof(x) __down = (x); __down - (__down % (y)); })
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_CLOSEST(n, d) (((n) + (d) / 2) / (d))
#define ALIGN(x, a) round_up(x, a)
#define ALIGN_DOWN(x, a) round_down(x, a)
#define IS_ALIGNED(x, a) (((x) & ((typeof(x))(a) - 1)) == 0)
#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)((n) & 0xffffffff))
#define is_power_of_2(n) ({ unsigned long __power = (n); __power != 0 && (__power & (__power - 1)) == 0; })
#define READ 0
#define WRITE 1

#define BUILD_BUG_ON(condition) __kernel_build_bug_on(condition)
#define BUILD_BUG_ON_MSG(condition, text) __kernel_build_bug_on(condition, text)
#define BUILD_BUG_ON_ZERO(condition) __kernel_build_bug_on(condition)
#define BUILD_BUG() __kernel_build_bug_on(1)

#define BUG() __kernel_bug()
#define BUG_ON(condition) ((void)__kernel_bug_on(condition))
#define WARN_ON(condition) __kernel_warn_on(condition)
#define WARN_ON_ONCE(condition) __kernel_warn_on(condition)
#define WARN(condition, ...) __kernel_warn_on(condition)
#define WARN_ONCE(condition, ...) __kernel_warn_on(condition)
#define panic(...) __kernel_panic(__VA_ARGS__)

#define KERN_SOH "\001"
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_CONT KERN_SOH "c"
#define KERN_DEFAULT ""
#define KBUILD_MODNAME "scenario"
#ifndef pr_fmt
#define pr_fmt(format) format
#endif
/* The second argument: how many lines this place may print, for the _once and _ratelimited forms; 0: any number. */
#define printk(format, ...) __kernel_printk_plain(0, format, ##__VA_ARGS__)
#define printk_once(format, ...) __kernel_printk_plain(1, format, ##__VA_ARGS__)
#define printk_ratelimited(format, ...) __kernel_printk_plain(10, format, ##__VA_ARGS__)
#define trace_printk(format, ...) __kernel_printk(7, 0, format, ##__VA_ARGS__)
#define pr_emerg(format, ...) __kernel_printk(0, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_alert(format, ...) __kernel_printk(1, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_crit(format, ...) __kernel_printk(2, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_err(format, ...) __kernel_printk(3, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_warn(format, ...) __kernel_printk(4, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_notice(format, ...) __kernel_printk(5, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_info(format, ...) __kernel_printk(6, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_debug(format, ...) __kernel_printk(7, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_warning(format, ...) __kernel_printk(4, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_devel(format, ...) __kernel_printk(7, 0, pr_fmt(format), ##__VA_ARGS__)
#define pr_emerg_once(format, ...) __kernel_printk(0, 1, pr_fmt(format), ##__VA_ARGS__)
#define pr_alert_once(format, ...) __kernel_printk(1, 1, pr_fmt(format), ##__VA_ARGS__)
#define pr_crit_once(format, ...) __kernel_printk(2, 1, pr_fmt(format), ##__VA_ARGS__)
#define pr_err_once(format, ...) __kernel_printk(3, 1, pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_once(format, ...) __kernel_printk(4, 1, pr_fmt(format), ##__VA_ARGS__)
#define pr_notice_once(format, ...) __kernel_printk(5, 1, pr_fmt(format), ##__VA_ARGS__)
#define pr_info_once(format, ...) __kernel_printk(6, 1, pr_fmt(format), ##__VA_ARGS__)
#define pr_debug_once(format, ...) __kernel_printk(7, 1, pr_fmt(format), ##__VA_ARGS__)
#define pr_emerg_ratelimited(format, ...) __kernel_printk(0, 10, pr_fmt(format), ##__VA_ARGS__)
#define pr_alert_ratelimited(format, ...) __kernel_printk(1, 10, pr_fmt(format), ##__VA_ARGS__)
#define pr_crit_ratelimited(format, ...) __kernel_printk(2, 10, pr_fmt(format), ##__VA_ARGS__)
#define pr_err_ratelimited(format, ...) __kernel_printk(3, 10, pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_ratelimited(format, ...) __kernel_printk(4, 10, pr_fmt(format), ##__VA_ARGS__)
#define pr_notice_ratelimited(format, ...) __kernel_printk(5, 10, pr_fmt(format), ##__VA_ARGS__)
#define pr_info_ratelimited(format, ...) __kernel_printk(6, 10, pr_fmt(format), ##__VA_ARGS__)
#define pr_debug_ratelimited(format, ...) __kernel_printk(7, 10, pr_fmt(format), ##__VA_ARGS__)
#define pr_cont(format, ...) __kernel_printk(8, 0, format, ##__VA_ARGS__)
#define dev_emerg(dev, format, ...) ((void)(dev), __kernel_printk(0, 0, format, ##__VA_ARGS__))
#define dev_alert(dev, format, ...) ((void)(dev), __kernel_printk(1, 0, format, ##__VA_ARGS__))
#define dev_crit(dev, format, ...) ((void)(dev), __kernel_printk(2, 0, format, ##__VA_ARGS__))
#define dev_err(dev, format, ...) ((void)(dev), __kernel_printk(3, 0, format, ##__VA_ARGS__))
#define dev_warn(dev, format, ...) ((void)(dev), __kernel_printk(4, 0, format, ##__VA_ARGS__))
#define dev_notice(dev, format, ...) ((void)(dev), __kernel_printk(5, 0, format, ##__VA_ARGS__))
#define dev_info(dev, format, ...) ((void)(dev), __kernel_printk(6, 0, format, ##__VA_ARGS__))
#define dev_dbg(dev, format, ...) ((void)(dev), __kernel_printk(7, 0, format, ##__VA_ARGS__))
#define dev_emerg_once(dev, format, ...) ((void)(dev), __kernel_printk(0, 1, format, ##__VA_ARGS__))
#define dev_alert_once(dev, format, ...) ((void)(dev), __kernel_printk(1, 1, format, ##__VA_ARGS__))
#define dev_crit_once(dev, format, ...) ((void)(dev), __kernel_printk(2, 1, format, ##__VA_ARGS__))
#define dev_err_once(dev, format, ...) ((void)(dev), __kernel_printk(3, 1, format, ##__VA_ARGS__))
#define dev_warn_once(dev, format, ...) ((void)(dev), __kernel_printk(4, 1, format, ##__VA_ARGS__))
#define dev_notice_once(dev, format, ...) ((void)(dev), __kernel_printk(5, 1, format, ##__VA_ARGS__))
#define dev_info_once(dev, format, ...) ((void)(dev), __kernel_printk(6, 1, format, ##__VA_ARGS__))
#define dev_dbg_once(dev, format, ...) ((void)(dev), __kernel_printk(7, 1, format, ##__VA_ARGS__))
#define dev_emerg_ratelimited(dev, format, ...) ((void)(dev), __kernel_printk(0, 10, format, ##__VA_ARGS__))
#define dev_alert_ratelimited(dev, format, ...) ((void)(dev), __kernel_printk(1, 10, format, ##__VA_ARGS__))
#define dev_crit_ratelimited(dev, format, ...) ((void)(dev), __kernel_printk(2, 10, format, ##__VA_ARGS__))
#define dev_err_ratelimited(dev, format, ...) ((void)(dev), __kernel_printk(3, 10, format, ##__VA_ARGS__))
#define dev_warn_ratelimited(dev, format, ...) ((void)(dev), __kernel_printk(4, 10, format, ##__VA_ARGS__))
#define dev_notice_ratelimited(dev, format, ...) ((void)(dev), __kernel_printk(5, 10, format, ##__VA_ARGS__))
#define dev_info_ratelimited(dev, format, ...) ((void)(dev), __kernel_printk(6, 10, format, ##__VA_ARGS__))
#define dev_dbg_ratelimited(dev, format, ...) ((void)(dev), __kernel_printk(7, 10, format, ##__VA_ARGS__))
#define dump_stack() ((void)0)

#define MAX_ERRNO 4095
#define IS_ERR_VALUE(x) ((unsigned long)(void *)(x) >= (unsigned long)-MAX_ERRNO)

static inline void *ERR_PTR(long error) { return (void *)error; }
static inline long PTR_ERR(const void *p) { return (long)p; }
static inline bool IS_ERR(const void *p) { return IS_ERR_VALUE(p); }
static inline bool IS_ERR_OR_NULL(const void *p) { return !p || IS_ERR_VALUE(p); }
static inline void *ERR_CAST(const void *p) { return (void *)p; }
static inline int PTR_ERR_OR_ZERO(const void *p) { return IS_ERR_VALUE(p) ? (int)(long)p : 0; }

static inline void *memcpy(void *to, const void *from, size_t size) { return __kernel_memcpy(to, from, size); }
static inline void *memmove(void *to, const void *from, size_t size) { return __kernel_memcpy(to, from, size); }
static inline void *memset(void *to, int value, size_t size) { return __kernel_memset(to, value, size); }

