//! The syntax tree of a scenario: what was written, before anything is known about types.
//!
//! Invariant: every node carries the place it came from, and a part that could not be parsed is an `Error` node about which a diagnostic has been
//! reported already; whoever walks the tree stays silent about `Error` nodes.

use crate::source_map::Place;
use std::rc::Rc;

/// A name in the source; cheap to clone.
pub type Name = Rc<str>;

/// A name where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name.
    pub name: Name,
    /// Where it stands.
    pub place: Place,
}

/// A whole translation unit: the prelude's items, then the scenario's.
#[derive(Debug, Default)]
pub struct Unit {
    /// The items in the order written. Those of the prelude come first.
    pub items: Vec<Item>,
    /// How many of `items` belong to the prelude.
    pub prelude_items: usize,
    /// Names that occur in text that was skipped after a syntax error: it may have declared them, so that nobody complains that they are unknown.
    pub skipped_names: std::collections::BTreeSet<Name>,
}

/// Something at file scope.
#[derive(Debug)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// All of it.
    pub place: Place,
}

/// The kinds of [`Item`].
#[derive(Debug)]
pub enum ItemKind {
    /// Variables, functions without a body, typedefs, and bare `struct`, `union` and `enum` definitions.
    Declaration(Declaration),
    /// A function with its body.
    Function(FunctionDefinition),
    /// `THREAD(name, fn, .cpu = 0);`, `static DEFINE_SPINLOCK(x);`, `MODULE_LICENSE("GPL");`
    Invocation(Invocation),
    /// `_Static_assert(e, "text");`
    StaticAssert(StaticAssert),
    /// Could not be parsed; reported.
    Error,
}

/// `_Static_assert(condition, "message")`, `static_assert(...)`.
#[derive(Debug)]
pub struct StaticAssert {
    /// Must be a constant other than 0.
    pub condition: Expr,
    /// What to say if it is 0.
    pub message: Option<StringLiteral>,
}

/// A name and arguments in the place of a declaration, that is no macro: the lowering knows what it means. At file scope, and in blocks and structs when it
/// is preceded by a storage class or cannot be an expression.
#[derive(Debug)]
pub struct Invocation {
    /// Storage class, qualifiers and attributes written before it (`static`, `__read_mostly`).
    pub storage: Storage,
    /// The attributes written before and after it.
    pub attributes: Vec<Attribute>,
    /// The name.
    pub name: Ident,
    /// What is between the parentheses.
    pub arguments: Vec<Argument>,
    /// `= init` after it, as in `DEFINE_PER_CPU(int, x) = 3;`.
    pub initializer: Option<Initializer>,
}

/// One argument of an [`Invocation`].
#[derive(Debug)]
pub enum Argument {
    /// A name or any other expression; a type is [`ExprKind::Type`].
    Expr(Expr),
    /// `.cpu = 0`
    Option {
        /// `cpu`
        name: Ident,
        /// `0`
        value: Expr,
    },
}

impl Argument {
    /// Where it stands.
    pub fn place(&self) -> Place {
        match self {
            Self::Expr(expr) => expr.place,
            Self::Option { name, value } => name.place.to(value.place),
        }
    }
}

/// One base type and any number of declarators.
#[derive(Debug)]
pub struct Declaration {
    /// Storage class and function specifiers.
    pub storage: Storage,
    /// The type before any declarator. Its struct, union or enum definition, if it has one, holds also when there are no declarators.
    pub base: Rc<Type>,
    /// Attributes among the specifiers.
    pub attributes: Vec<Attribute>,
    /// What is declared.
    pub declarators: Vec<InitDeclarator>,
}

/// Storage class and function specifiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// `typedef`
    pub is_typedef: bool,
    /// `extern`
    pub is_extern: bool,
    /// `static`
    pub is_static: bool,
    /// `inline`, `__inline`, `__always_inline`
    pub is_inline: bool,
    /// `register`
    pub is_register: bool,
    /// `_Thread_local`, `__thread`
    pub is_thread_local: bool,
}

/// `*name __free(kfree) = init`
#[derive(Debug)]
pub struct InitDeclarator {
    /// What is declared.
    pub name: Ident,
    /// Its complete type.
    pub ty: Rc<Type>,
    /// Attributes and annotations on this declarator alone.
    pub attributes: Vec<Attribute>,
    /// `= ...`
    pub initializer: Option<Initializer>,
    /// The declarator with its initialiser.
    pub place: Place,
}

/// An attribute or annotation: `__attribute__((aligned(8)))` gives `aligned` with one argument; `__init`, `__user`, `__acquires(x)` give themselves.
#[derive(Debug)]
pub struct Attribute {
    /// Its name, as written, without the underscores that `__attribute__` allows around it (`__aligned__` in it is `aligned`).
    pub name: Ident,
    /// What is between its parentheses; empty if there are none.
    pub arguments: Vec<Expr>,
    /// All of it.
    pub place: Place,
}

/// A function with its body.
#[derive(Debug)]
pub struct FunctionDefinition {
    /// Storage class and function specifiers.
    pub storage: Storage,
    /// Its name.
    pub name: Ident,
    /// Always [`TypeKind::Function`].
    pub ty: Rc<Type>,
    /// Attributes and annotations, wherever they were written.
    pub attributes: Vec<Attribute>,
    /// Its body.
    pub body: Block,
}

/// A type as written.
#[derive(Debug)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// `const`, `volatile`, ...
    pub qualifiers: Qualifiers,
    /// Where it stands (for a pointer or array, with what it points to).
    pub place: Place,
}

/// Qualifiers, those of sparse included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Qualifiers {
    /// `const`
    pub is_const: bool,
    /// `volatile`
    pub is_volatile: bool,
    /// `restrict`
    pub is_restrict: bool,
    /// `_Atomic` (C11): the kernel does not use it.
    pub is_atomic: bool,
    /// `__user`
    pub is_user: bool,
    /// `__rcu`
    pub is_rcu: bool,
    /// `__percpu`
    pub is_percpu: bool,
    /// `__iomem`
    pub is_iomem: bool,
}

/// The kinds of [`Type`].
#[derive(Debug)]
pub enum TypeKind {
    /// A type of C's own.
    Builtin(Builtin),
    /// A typedef's name.
    Named(Ident),
    /// `struct` or `union`, defined here or named.
    Record(RecordSpecifier),
    /// `enum`, defined here or named.
    Enum(EnumSpecifier),
    /// `typeof(expression)`
    TypeofExpr(Box<Expr>),
    /// `typeof(type)`
    TypeofType(Rc<Type>),
    /// `__auto_type`: the type of the initialiser.
    Auto,
    /// A pointer.
    Pointer(Rc<Type>),
    /// An array; without a length, flexible or as long as its initialiser.
    Array {
        /// What it holds.
        element: Rc<Type>,
        /// How many, as written.
        length: Option<Box<Expr>>,
    },
    /// A function.
    Function {
        /// What it returns.
        result: Rc<Type>,
        /// Its parameters; `(void)` gives none.
        params: Vec<Param>,
        /// `...` at the end.
        variadic: bool,
        /// `()`: nothing is said about parameters.
        unspecified: bool,
    },
    /// Could not be parsed, or is a type that does not exist in the kernel; reported.
    Error,
}

/// The types of C's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// `void`
    Void,
    /// `_Bool`, `bool`
    Bool,
    /// `char` (`signed` in the kernel's builds for every architecture only by option; `unsigned` since 6.2: `-funsigned-char`)
    Char,
    /// `signed char`
    SignedChar,
    /// `unsigned char`
    UnsignedChar,
    /// `short`
    Short,
    /// `unsigned short`
    UnsignedShort,
    /// `int`
    Int,
    /// `unsigned int`
    UnsignedInt,
    /// `long`
    Long,
    /// `unsigned long`
    UnsignedLong,
    /// `long long`
    LongLong,
    /// `unsigned long long`
    UnsignedLongLong,
    /// `__int128`
    Int128,
    /// `unsigned __int128`
    UnsignedInt128,
    /// `va_list`, `__builtin_va_list`
    VaList,
}

/// `struct tag { ... }`, `struct tag`, `union { ... }`
#[derive(Debug)]
pub struct RecordSpecifier {
    /// Different for each record or enum specifier in the source: one that is shared by several declarators (`struct s {...} a, *b;`) is one.
    pub id: u32,
    /// A union rather than a struct.
    pub is_union: bool,
    /// Its tag, if it has one.
    pub tag: Option<Ident>,
    /// Its members, if it is defined here.
    pub members: Option<Vec<Member>>,
    /// Attributes before the tag and after the closing brace.
    pub attributes: Vec<Attribute>,
}

/// A member, or several.
#[derive(Debug)]
pub enum Member {
    /// `int a, *b : 3;`, or an anonymous struct or union (no declarators).
    Fields {
        /// The type before any declarator.
        base: Rc<Type>,
        /// Attributes among the specifiers.
        attributes: Vec<Attribute>,
        /// The members; empty for an anonymous struct or union.
        fields: Vec<FieldDeclarator>,
        /// All of it.
        place: Place,
    },
    /// `DECLARE_BITMAP(bits, 64);` where that is no macro.
    Invocation(Invocation),
    /// `_Static_assert` among members.
    StaticAssert(StaticAssert),
}

/// One member.
#[derive(Debug)]
pub struct FieldDeclarator {
    /// Its name; a bit-field may have none.
    pub name: Option<Ident>,
    /// Its complete type.
    pub ty: Rc<Type>,
    /// The width of a bit-field.
    pub bits: Option<Expr>,
    /// Attributes and annotations on it (`__guarded_by(&lock)`).
    pub attributes: Vec<Attribute>,
    /// All of it.
    pub place: Place,
}

/// `enum tag { A, B = 2 }`, `enum tag`
#[derive(Debug)]
pub struct EnumSpecifier {
    /// Different for each record or enum specifier in the source.
    pub id: u32,
    /// Its tag, if it has one.
    pub tag: Option<Ident>,
    /// Its constants, if it is defined here.
    pub constants: Option<Vec<EnumConstant>>,
}

/// `B = 2`
#[derive(Debug)]
pub struct EnumConstant {
    /// Its name.
    pub name: Ident,
    /// Its value, if written.
    pub value: Option<Expr>,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name, if it has one.
    pub name: Option<Ident>,
    /// Its type as written: arrays and functions are not yet pointers.
    pub ty: Rc<Type>,
    /// `__maybe_unused` and its like.
    pub attributes: Vec<Attribute>,
    /// All of it.
    pub place: Place,
}

/// What follows `=`.
#[derive(Debug)]
pub enum Initializer {
    /// An expression.
    Expr(Expr),
    /// `{ ... }`
    List(InitializerList),
}

impl Initializer {
    /// Where it stands.
    pub fn place(&self) -> Place {
        match self {
            Self::Expr(expr) => expr.place,
            Self::List(list) => list.place,
        }
    }
}

/// `{ 1, .b = 2, [3 ... 5] = 4 }`
#[derive(Debug)]
pub struct InitializerList {
    /// What is between the braces.
    pub entries: Vec<InitializerEntry>,
    /// All of it.
    pub place: Place,
}

/// `.a.b[2] = value`, or `value`.
#[derive(Debug)]
pub struct InitializerEntry {
    /// Which part; empty for the next one.
    pub designators: Vec<Designator>,
    /// Its value.
    pub value: Initializer,
}

/// A step towards a part of an object.
#[derive(Debug)]
pub enum Designator {
    /// `.name` (or GNU's old `name:`)
    Field(Ident),
    /// `[index]`
    Index(Expr),
    /// `[first ... last]`, of GNU C.
    Range(Expr, Expr),
}

/// `{ ... }`
#[derive(Debug)]
pub struct Block {
    /// What is between the braces.
    pub statements: Vec<Stmt>,
    /// All of it, with the braces.
    pub place: Place,
    /// The closing brace: where scoped guards are released.
    pub end: Place,
}

/// A statement, or a declaration in a block.
#[derive(Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// All of it.
    pub place: Place,
}

/// The kinds of [`Stmt`].
#[derive(Debug)]
pub enum StmtKind {
    /// `;`
    Empty,
    /// `e;`
    Expr(Expr),
    /// A declaration.
    Declaration(Declaration),
    /// `static DEFINE_SPINLOCK(x);`, `DEFINE_WAIT(w) = ...;`. Without a storage class or type argument it is an [`Self::Expr`] that calls.
    Invocation(Invocation),
    /// `_Static_assert`
    StaticAssert(StaticAssert),
    /// `{ ... }`
    Block(Block),
    /// `if (condition) then else otherwise`
    If {
        /// Tested.
        condition: Expr,
        /// If it is not 0.
        then: Box<Stmt>,
        /// If it is 0.
        otherwise: Option<Box<Stmt>>,
    },
    /// `while (condition) body`
    While {
        /// Tested before each turn.
        condition: Expr,
        /// A turn.
        body: Box<Stmt>,
    },
    /// `do body while (condition);`
    DoWhile {
        /// A turn.
        body: Box<Stmt>,
        /// Tested after each turn.
        condition: Expr,
    },
    /// `for (init; condition; step) body`: a scope of its own.
    For {
        /// A declaration, an expression statement, or nothing.
        init: Option<Box<Stmt>>,
        /// Tested before each turn; nothing is true.
        condition: Option<Expr>,
        /// After each turn.
        step: Option<Expr>,
        /// A turn.
        body: Box<Stmt>,
    },
    /// `switch (value) body`
    Switch {
        /// What is compared.
        value: Expr,
        /// Has the case labels.
        body: Box<Stmt>,
    },
    /// `case low ... high: body`
    Case {
        /// The value, or the first.
        low: Expr,
        /// The last, for a range.
        high: Option<Expr>,
        /// The statement that the label stands before.
        body: Box<Stmt>,
    },
    /// `default: body`
    Default {
        /// The statement that the label stands before.
        body: Box<Stmt>,
    },
    /// `label: body`
    Label {
        /// Its name.
        label: Ident,
        /// `__maybe_unused` and its like.
        attributes: Vec<Attribute>,
        /// The statement that the label stands before.
        body: Box<Stmt>,
    },
    /// `goto label;`
    Goto(Ident),
    /// `break;`
    Break,
    /// `continue;`
    Continue,
    /// `return value;`
    Return(Option<Expr>),
    /// `guard(class)(arguments);`, `CLASS(class, variable)(arguments);`: what it takes is released at the end of the enclosing block.
    Guard {
        /// `mutex`, `spinlock_irqsave`, `rcu`, ...
        class: Ident,
        /// The variable of `CLASS`.
        variable: Option<Ident>,
        /// What the constructor is given.
        arguments: Vec<Expr>,
    },
    /// `scoped_guard(class, arguments) body`
    ScopedGuard {
        /// `mutex`, `spinlock_irqsave`, `rcu`, ...
        class: Ident,
        /// What the constructor is given.
        arguments: Vec<Expr>,
        /// Runs with it held. For a conditional class (`mutex_try`, `mutex_intr`) only if it was taken.
        body: Box<Stmt>,
    },
    /// `scoped_cond_guard(class, fail, arguments) body`
    ScopedCondGuard {
        /// `mutex_try`, `mutex_intr`, ...
        class: Ident,
        /// Runs if it could not be taken.
        fail: Box<Stmt>,
        /// What the constructor is given.
        arguments: Vec<Expr>,
        /// Runs with it held.
        body: Box<Stmt>,
    },
    /// `fallthrough;`, `__attribute__((fallthrough));`
    Fallthrough,
    /// Could not be parsed; reported.
    Error,
}

/// An expression.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of it.
    pub place: Place,
}

/// The kinds of [`Expr`].
#[derive(Debug)]
pub enum ExprKind {
    /// A name.
    Ident(Name),
    /// `42UL`
    Integer(IntegerLiteral),
    /// `'a'`: of type `int`.
    Char(i64),
    /// `"a" "b"`, joined.
    String(StringLiteral),
    /// `__func__`, `__FUNCTION__`, `__PRETTY_FUNCTION__`
    FunctionName,
    /// `(e)`: kept, because it says what a claim looked like.
    Paren(Box<Expr>),
    /// `({ ...; e; })`
    Statement(Block),
    /// `f(a, b)`. An argument may be a type ([`Self::Type`]) for what the lowering knows as built in.
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// With what.
        arguments: Vec<Expr>,
    },
    /// A type where only an argument can stand, as in `__builtin_types_compatible_p(int, long)`, `va_arg(ap, int)`, `DEFINE_PER_CPU(int, x)`.
    Type(Rc<Type>),
    /// `a[i]`
    Index {
        /// `a`
        base: Box<Expr>,
        /// `i`
        index: Box<Expr>,
    },
    /// `a.b`, `a->b`
    Member {
        /// `a`
        base: Box<Expr>,
        /// `b`
        field: Ident,
        /// `->`
        arrow: bool,
    },
    /// `++a`, `a--`, ...
    Increment {
        /// `a`
        operand: Box<Expr>,
        /// Down rather than up.
        decrement: bool,
        /// Gives the value from before.
        postfix: bool,
    },
    /// `-a`, `!a`, `*a`, `&a`, ...
    Unary {
        /// The operator.
        op: UnaryOp,
        /// `a`
        operand: Box<Expr>,
    },
    /// `a + b`, `a && b`, ...
    Binary {
        /// The operator.
        op: BinaryOp,
        /// `a`
        left: Box<Expr>,
        /// `b`
        right: Box<Expr>,
    },
    /// `a = b`, `a += b`
    Assign {
        /// `None` for `=`, else the operator before it.
        op: Option<BinaryOp>,
        /// `a`
        target: Box<Expr>,
        /// `b`
        value: Box<Expr>,
    },
    /// `c ? a : b`; `c ?: b` has no `then`.
    Conditional {
        /// `c`
        condition: Box<Expr>,
        /// `a`
        then: Option<Box<Expr>>,
        /// `b`
        otherwise: Box<Expr>,
    },
    /// `a, b`
    Comma(Box<Expr>, Box<Expr>),
    /// `(type)e`
    Cast {
        /// The type.
        ty: Rc<Type>,
        /// `e`
        operand: Box<Expr>,
    },
    /// `(type){ ... }`
    CompoundLiteral {
        /// The type.
        ty: Rc<Type>,
        /// What is between the braces.
        list: InitializerList,
    },
    /// `sizeof e`
    SizeofExpr(Box<Expr>),
    /// `sizeof(type)`
    SizeofType(Rc<Type>),
    /// `_Alignof(type)`, `__alignof__(type)`
    AlignofType(Rc<Type>),
    /// `__alignof__ e`
    AlignofExpr(Box<Expr>),
    /// `__builtin_offsetof(type, a.b[1])`, `offsetof(type, member)`
    Offsetof {
        /// The type.
        ty: Rc<Type>,
        /// The way to the member; never empty.
        path: Vec<Designator>,
    },
    /// `va_arg(ap, type)`, `__builtin_va_arg(ap, type)`
    VaArg {
        /// `ap`
        list: Box<Expr>,
        /// The type.
        ty: Rc<Type>,
    },
    /// Could not be parsed; reported.
    Error,
}

/// An integer literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegerLiteral {
    /// Its value.
    pub value: u64,
    /// Written in decimal: then it is never silently unsigned.
    pub decimal: bool,
    /// Has a `u` suffix.
    pub unsigned: bool,
    /// 0 without suffix, 1 for `l`, 2 for `ll`.
    pub longs: u8,
}

/// A string literal, adjacent ones joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StringLiteral {
    /// Its bytes, without the terminating 0.
    pub bytes: Rc<[u8]>,
}

impl StringLiteral {
    /// As text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `~`
    BitNot,
    /// `!`
    Not,
    /// `*`
    Deref,
    /// `&`
    AddressOf,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in C")]
pub enum BinaryOp {
    Mul,
    Div,
    Rem,
    Add,
    Sub,
    Shl,
    Shr,
    Lt,
    Gt,
    Le,
    Ge,
    Eq,
    Ne,
    BitAnd,
    BitXor,
    BitOr,
    /// `&&`
    And,
    /// `||`
    Or,
}
