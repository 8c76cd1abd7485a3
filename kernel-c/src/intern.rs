//! Spellings as numbers, so that tokens are small and are compared at once.
//!
//! Invariant: the words of [`Word`] have the first symbols, in order, so that a symbol is known to be a keyword by its number.

use crate::ast::Name;
use std::collections::HashMap;

/// A spelling: of an identifier, a number or a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Symbol(u32);

/// All spellings seen.
#[derive(Debug)]
pub(crate) struct Interner {
    symbols: HashMap<Name, Symbol>,
    names: Vec<Name>,
}

impl Interner {
    pub(crate) fn new() -> Self {
        let mut interner = Self { symbols: HashMap::new(), names: Vec::new() };
        for word in Word::ALL {
            interner.intern(word.spelling());
        }
        interner
    }

    pub(crate) fn intern(&mut self, spelling: &str) -> Symbol {
        if let Some(symbol) = self.symbols.get(spelling) {
            return *symbol;
        }
        let symbol = Symbol(self.names.len() as u32);
        let name = Name::from(spelling);
        self.names.push(name.clone());
        self.symbols.insert(name, symbol);
        symbol
    }

    /// The symbol of a spelling that was seen before.
    pub(crate) fn get(&self, spelling: &str) -> Option<Symbol> {
        self.symbols.get(spelling).copied()
    }

    pub(crate) fn name(&self, symbol: Symbol) -> &Name {
        &self.names[symbol.0 as usize]
    }
}

impl Symbol {
    /// The word that it is, if it is one that the front end knows.
    pub(crate) fn word(self) -> Option<Word> {
        Word::ALL.get(self.0 as usize).copied()
    }
}

macro_rules! words {
    (reserved { $($reserved:ident $reserved_spelling:literal,)* } names { $($name:ident $name_spelling:literal,)* }) => {
        words! { @all $($reserved $reserved_spelling,)* $($name $name_spelling,)* }

        impl Word {
            /// Whether it is a keyword to the parser: it can be no name.
            pub(crate) fn is_reserved(self) -> bool {
                [$(Self::$reserved),*].len() > self as usize
            }
        }
    };
    (@all $($word:ident $spelling:literal,)*) => {
        /// The words with a meaning to the preprocessor or the parser.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Word { $($word),* }

        impl Word {
            pub(crate) const ALL: &[Self] = &[$(Self::$word),*];

            pub(crate) fn spelling(self) -> &'static str {
                match self { $(Self::$word => $spelling),* }
            }

            pub(crate) fn symbol(self) -> Symbol {
                Symbol(self as u32)
            }
        }
    };
}

words! {
    reserved {
    // C's keywords, and how GNU C spells some of them.
    Auto "auto", Break "break", Case "case", Char "char", Const "const", Continue "continue", Default "default",
    Do "do", Double "double", Else "else", Enum "enum", Extern "extern", Float "float", For "for", Goto "goto",
    If "if", Inline "inline", Int "int", Long "long", Register "register", Restrict "restrict", Return "return",
    Short "short", Signed "signed", Sizeof "sizeof", Static "static", Struct "struct", Switch "switch",
    Typedef "typedef", Union "union", Unsigned "unsigned", Void "void", Volatile "volatile", While "while",
    Bool "bool", Bool11 "_Bool", Atomic11 "_Atomic", Complex11 "_Complex", Imaginary11 "_Imaginary",
    Generic11 "_Generic", Noreturn11 "_Noreturn", ThreadLocal11 "_Thread_local", Thread "__thread",
    Alignas11 "_Alignas", Alignof11 "_Alignof", StaticAssert11 "_Static_assert", StaticAssert "static_assert",
    ConstGnu "__const", ConstGnu2 "__const__", VolatileGnu "__volatile", VolatileGnu2 "__volatile__",
    RestrictGnu "__restrict", RestrictGnu2 "__restrict__", InlineGnu "__inline", InlineGnu2 "__inline__",
    AlwaysInline "__always_inline", SignedGnu "__signed", SignedGnu2 "__signed__",
    AlignofGnu "__alignof", AlignofGnu2 "__alignof__", AutoType "__auto_type",
    Typeof "typeof", TypeofGnu "__typeof", TypeofGnu2 "__typeof__", TypeofUnqual "typeof_unqual",
    TypeofUnqualGnu "__typeof_unqual__",
    Attribute "__attribute", Attribute2 "__attribute__", Extension "__extension__",
    Asm "asm", AsmGnu "__asm", AsmGnu2 "__asm__", LabelGnu "__label__",
    Int128 "__int128", Int128Gnu "__int128_t", UnsignedInt128Gnu "__uint128_t",
    VaList "va_list", VaListGnu "__builtin_va_list", VaArg "va_arg", VaArgGnu "__builtin_va_arg",
    Offsetof "offsetof", OffsetofGnu "__builtin_offsetof",
    Func "__func__", Function "__FUNCTION__", PrettyFunction "__PRETTY_FUNCTION__",
    // Sparse's qualifiers.
    User "__user", Rcu "__rcu", Percpu "__percpu", Iomem "__iomem",
    }
    names {
    // Statements that the kernel's headers add.
    Fallthrough "fallthrough", Guard "guard", Class "CLASS", ScopedGuard "scoped_guard",
    ScopedCondGuard "scoped_cond_guard",
    // The preprocessor's.
    Define "define", Undef "undef", Ifdef "ifdef", Ifndef "ifndef", Elif "elif", Elifdef "elifdef",
    Elifndef "elifndef", Endif "endif", Include "include", IncludeNext "include_next", Import "import",
    Pragma "pragma", PragmaOperator "_Pragma", Once "once", Error "error", Warning "warning", Line "line",
    Defined "defined", VaArgs "__VA_ARGS__", VaOpt "__VA_OPT__",
    LineMacro "__LINE__", FileMacro "__FILE__", CounterMacro "__COUNTER__",
    IsEnabled "IS_ENABLED", IsBuiltin "IS_BUILTIN", IsModule "IS_MODULE", IsReachable "IS_REACHABLE",
    Kconfig "KCONFIG", Cpus "CPUS",
    }
}
