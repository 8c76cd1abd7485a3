//! What the tests share: a prelude and how to parse with it.

use kernel_c::front::{PreludeFile, Syntax, parse};
use kernel_c::loader::Loader;
use kernel_c::render::{Style, render};

/// A prelude for tests of syntax: a few types and macros such as the real one has.
pub(crate) const PRELUDE: &str = "\
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long size_t;
typedef struct { int opaque; } spinlock_t;
struct list_head { struct list_head *next, *prev; };
#define NULL ((void *)0)
#define min(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - __builtin_offsetof(type, member)))
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
";

/// Parses with [`PRELUDE`] before it. `KCONFIG(X, y);` gives `CONFIG_X`.
pub(crate) fn parse_with(name: &str, text: &[u8], loader: &dyn Loader) -> Syntax {
    let prelude = [PreludeFile { name: "<prelude>", text: PRELUDE }];
    parse(name, text, loader, &prelude, |options, _| {
        let set = options.iter().filter(|option| option.value == "y");
        set.map(|option| (format!("CONFIG_{}", option.name), "1".to_owned())).collect()
    })
}

/// The diagnostics of a parse as text.
pub(crate) fn errors(syntax: Syntax) -> String {
    let left_out = syntax.diagnostics.left_out();
    let files = syntax.sources.files().clone();
    render(&syntax.diagnostics.into_sorted(), left_out, &files, Style::default())
}
