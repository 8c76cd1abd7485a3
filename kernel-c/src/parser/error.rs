//! What the parser can find wrong, and what it says about it.
//!
//! Invariant: every construct that is C but outside the language has a variant of [`Unsupported`], with what to write instead.

use crate::diagnostic::Diagnostic;
use crate::source_map::Place;

/// An error in the form of the source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    #[error("expected {expected}, found {found}")]
    Expected { expected: String, found: String },
    #[error("expected `;` after {0}")]
    Semicolon(&'static str),
    #[error("unknown type name `{0}`")]
    UnknownType(String),
    #[error("unknown annotation `{0}`")]
    UnknownAnnotation(String),
    #[error("`{0}` has no type")]
    NoType(String),
    #[error("function `{0}` has no return type")]
    NoReturnType(String),
    #[error("these words do not make a type together")]
    TypeWords,
    #[error("more than one storage class")]
    StorageTwice,
    #[error("`{0}` cannot be used here")]
    NotHere(String),
    #[error("this `{0}` is never closed")]
    Unclosed(&'static str),
    #[error("`{0}` closes nothing")]
    Unopened(&'static str),
    #[error("a statement outside of any function")]
    StatementOutside,
    #[error("a declaration cannot be the body of `{0}`")]
    DeclarationAsBody(&'static str),
    #[error("nested more than {0} deep")]
    TooDeep(usize),
    #[error("`else` without `if`")]
    ElseWithoutIf,
}

impl SyntaxError {
    /// The error at its place, with what can be said about it in general.
    pub(crate) fn at(self, place: Place) -> Diagnostic {
        let diagnostic = Diagnostic::error(place, &self);
        match self {
            Self::Semicolon(_) => diagnostic.label("expected `;`").suggest("add it", place, ";"),
            Self::TypeWords => diagnostic.help("a type is one of C's own, as `unsigned long`, or one name"),
            Self::StorageTwice => diagnostic.help("keep one of `typedef`, `extern`, `static`"),
            Self::Unclosed("{") => diagnostic.label("opened here").help("add `}` where the block ends"),
            Self::Unclosed(_) => diagnostic.label("opened here"),
            Self::StatementOutside => diagnostic
                .help("is there one `}` too many above? set-up that runs before the tasks goes into `INIT(fn);`"),
            Self::DeclarationAsBody(_) => diagnostic.help("put `{` and `}` around it"),
            Self::TooDeep(_) => diagnostic.help("name parts of it: use variables, or functions"),
            Self::NoReturnType(_) => diagnostic.help("write `void` if it returns nothing"),
            _ => diagnostic,
        }
    }
}

/// What is C, but not of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsupported {
    Float,
    Complex,
    Asm,
    AsmLabel,
    Generic,
    ComputedGoto,
    LocalLabel,
    NestedFunction,
    Atomic,
    ThreadLocal,
    OldStyleFunction,
    WideString,
    SyscallDefine,
    Cpp,
}

impl Unsupported {
    pub(crate) fn at(self, place: Place) -> Diagnostic {
        let (what, instead) = match self {
            Self::Float => (
                "floating point is not supported",
                "kernel code has none either: use integers, in a smaller unit if need be",
            ),
            Self::Complex => ("complex numbers are not supported", "use two integers"),
            Self::Asm => (
                "inline assembly is not supported",
                "use the kernel's functions: `barrier()`, `smp_mb()`, `cpu_relax()`, `atomic_*()`",
            ),
            Self::AsmLabel => ("assembler names are not supported", "remove it"),
            Self::Generic => ("`_Generic` is not supported", "call the function for the type at hand"),
            Self::ComputedGoto => {
                ("the address of a label is not supported", "use `switch`, or a pointer to a function")
            }
            Self::LocalLabel => ("`__label__` is not supported", "give the label a name of its own in the function"),
            Self::NestedFunction => {
                ("a function inside a function is not supported", "move it out; pass what it uses as arguments")
            }
            Self::Atomic => ("`_Atomic` is not supported", "use `atomic_t`, `atomic64_t` or `READ_ONCE()`"),
            Self::ThreadLocal => {
                ("thread-local variables are not supported", "use `DEFINE_PER_CPU(type, name)`, or a local variable")
            }
            Self::OldStyleFunction => (
                "a parameter list without types (K&R style) is not supported",
                "write the types inside the parentheses: `int f(int a, long b)`",
            ),
            Self::WideString => ("wide strings are not supported", "remove the prefix"),
            Self::SyscallDefine => (
                "`SYSCALL_DEFINE` is not supported",
                "write a plain function `static long f(...)`, and `SYSCALL(name, f);` for who calls it",
            ),
            Self::Cpp => ("this is C++", "kernel code is C: use a struct and functions"),
        };
        Diagnostic::error(place, what).help(instead)
    }
}
