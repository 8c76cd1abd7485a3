//! C's types on an LP64 machine: what they are, how large, and how they convert.
//!
//! Invariant: types are interned, so that two handles are equal exactly when the types are (qualifiers of the outermost level aside, which a
//! [`QualTy`] carries). Records and enumerations are equal only to themselves, as in C.

use sim_core::program::Scalar;
use std::collections::HashMap;

/// A type without its outermost qualifiers: a handle into [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ty(u32);

/// A type and its outermost qualifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct QualTy {
    pub(crate) ty: Ty,
    pub(crate) is_const: bool,
    pub(crate) is_volatile: bool,
    /// `__percpu`: it stands for the copies of all CPUs.
    pub(crate) is_percpu: bool,
}

impl From<Ty> for QualTy {
    fn from(ty: Ty) -> Self {
        Self { ty, is_const: false, is_volatile: false, is_percpu: false }
    }
}

impl QualTy {
    /// The same with these qualifiers added.
    pub(crate) fn with(self, is_const: bool, is_volatile: bool) -> Self {
        Self { is_const: self.is_const || is_const, is_volatile: self.is_volatile || is_volatile, ..self }
    }

    /// The same, in the copies of all CPUs if `whole` is there.
    pub(crate) fn within(self, whole: Self) -> Self {
        let part = self.with(whole.is_const, whole.is_volatile);
        Self { is_percpu: self.is_percpu || whole.is_percpu, ..part }
    }

    /// The same, of one CPU.
    pub(crate) fn of_one_cpu(self) -> Self {
        Self { is_percpu: false, ..self }
    }
}

/// The integer types, `char` apart from its signed and unsigned forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "named as in C")]
pub(crate) enum IntKind {
    Bool,
    Char,
    SChar,
    UChar,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    LongLong,
    ULongLong,
}

impl IntKind {
    /// Its size and signedness.
    pub(crate) fn scalar(self) -> Scalar {
        let (size, signed) = match self {
            // The kernel is built with -funsigned-char (since 6.2).
            Self::Bool | Self::UChar | Self::Char => (1, false),
            Self::SChar => (1, true),
            Self::Short => (2, true),
            Self::UShort => (2, false),
            Self::Int => (4, true),
            Self::UInt => (4, false),
            Self::Long | Self::LongLong => (8, true),
            Self::ULong | Self::ULongLong => (8, false),
        };
        Scalar { size, signed }
    }

    /// The conversion rank of C11 6.3.1.1.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Bool => 0,
            Self::Char | Self::SChar | Self::UChar => 1,
            Self::Short | Self::UShort => 2,
            Self::Int | Self::UInt => 3,
            Self::Long | Self::ULong => 4,
            Self::LongLong | Self::ULongLong => 5,
        }
    }

    fn unsigned(self) -> Self {
        match self {
            Self::Int => Self::UInt,
            Self::Long => Self::ULong,
            Self::LongLong => Self::ULongLong,
            other => other,
        }
    }

    /// Its name in C.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Char => "char",
            Self::SChar => "signed char",
            Self::UChar => "unsigned char",
            Self::Short => "short",
            Self::UShort => "unsigned short",
            Self::Int => "int",
            Self::UInt => "unsigned int",
            Self::Long => "long",
            Self::ULong => "unsigned long",
            Self::LongLong => "long long",
            Self::ULongLong => "unsigned long long",
        }
    }

    /// `-a`, `a + b` and so on of operands of these types work in this one (C11 6.3.1.8).
    pub(crate) fn common(self, other: Self) -> Self {
        let (a, b) = (self.promoted(), other.promoted());
        if a == b {
            return a;
        }
        let (a_signed, b_signed) = (a.scalar().signed, b.scalar().signed);
        if a_signed == b_signed {
            return if a.rank() >= b.rank() { a } else { b };
        }
        let (signed, unsigned) = if a_signed { (a, b) } else { (b, a) };
        if unsigned.rank() >= signed.rank() {
            unsigned
        } else if signed.scalar().size > unsigned.scalar().size {
            signed
        } else {
            signed.unsigned()
        }
    }

    /// The type after integer promotion: everything narrower than `int` becomes `int`.
    pub(crate) fn promoted(self) -> Self {
        if self.rank() < Self::Int.rank() { Self::Int } else { self }
    }
}

/// What a type is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Stands for a type that was in error: everything is allowed with it, so that one mistake gives one message.
    Error,
    Void,
    Int(IntKind),
    /// An enumeration: `unsigned int`, or `int` if a constant is negative.
    Enum(u32),
    Pointer(QualTy),
    /// `None`: of unknown length.
    Array(QualTy, Option<u64>),
    Function(FunctionType),
    Record(u32),
}

/// The type of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FunctionType {
    pub(crate) result: QualTy,
    pub(crate) params: Vec<QualTy>,
    pub(crate) variadic: bool,
}

/// A struct or union.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// `struct nic`, `union word`, `struct <anonymous>`.
    pub(crate) name: String,
    pub(crate) is_union: bool,
    /// `None` until its members are known.
    pub(crate) layout: Option<Layout>,
}

/// Where the members of a record lie.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) members: Vec<Member>,
    pub(crate) size: u64,
    pub(crate) align: u64,
}

/// A member of a record.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// `None` for an anonymous struct or union.
    pub(crate) name: Option<String>,
    pub(crate) ty: QualTy,
    pub(crate) offset: u64,
    pub(crate) bits: Option<Bits>,
}

/// A bit-field: its storage unit lies at the member's offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bits {
    pub(crate) lo: u8,
    pub(crate) width: u8,
    /// Bytes in the unit that is read and written.
    pub(crate) unit: u8,
}

/// A member as declared, before its place is known.
#[derive(Clone, Debug)]
pub(crate) struct MemberDecl {
    pub(crate) name: Option<String>,
    pub(crate) ty: QualTy,
    /// The width of a bit-field; 0 (unnamed) closes the unit.
    pub(crate) width: Option<u8>,
    /// `__aligned(n)`, or 0.
    pub(crate) align: u64,
}

/// An enumeration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Enumeration {
    pub(crate) name: String,
    pub(crate) signed: bool,
    pub(crate) complete: bool,
}

/// All types of a translation unit.
#[derive(Debug)]
pub(crate) struct Types {
    kinds: Vec<Kind>,
    index: HashMap<Kind, Ty>,
    pub(crate) records: Vec<Record>,
    pub(crate) enums: Vec<Enumeration>,
}

impl Types {
    pub(crate) const ERROR: Ty = Ty(0);
    pub(crate) const VOID: Ty = Ty(1);

    pub(crate) fn new() -> Self {
        let mut types = Self { kinds: Vec::new(), index: HashMap::new(), records: Vec::new(), enums: Vec::new() };
        types.intern(Kind::Error);
        types.intern(Kind::Void);
        types
    }

    pub(crate) fn intern(&mut self, kind: Kind) -> Ty {
        if let Some(&ty) = self.index.get(&kind) {
            return ty;
        }
        let ty = Ty(self.kinds.len() as u32);
        self.kinds.push(kind.clone());
        self.index.insert(kind, ty);
        ty
    }

    pub(crate) fn kind(&self, ty: Ty) -> &Kind {
        &self.kinds[ty.0 as usize]
    }

    pub(crate) fn int(&mut self, kind: IntKind) -> Ty {
        self.intern(Kind::Int(kind))
    }

    pub(crate) fn pointer(&mut self, to: QualTy) -> Ty {
        self.intern(Kind::Pointer(to))
    }

    pub(crate) fn array(&mut self, of: QualTy, len: Option<u64>) -> Ty {
        self.intern(Kind::Array(of, len))
    }

    /// A new struct or union without members so far.
    pub(crate) fn new_record(&mut self, tag: Option<&str>, is_union: bool) -> Ty {
        let word = if is_union { "union" } else { "struct" };
        let name = format!("{word} {}", tag.unwrap_or("<anonymous>"));
        self.records.push(Record { name, is_union, layout: None });
        self.intern(Kind::Record(self.records.len() as u32 - 1))
    }

    /// A new enumeration without constants so far.
    pub(crate) fn new_enum(&mut self, tag: Option<&str>) -> Ty {
        let name = format!("enum {}", tag.unwrap_or("<anonymous>"));
        self.enums.push(Enumeration { name, signed: false, complete: false });
        self.intern(Kind::Enum(self.enums.len() as u32 - 1))
    }

    pub(crate) fn record(&self, ty: Ty) -> Option<&Record> {
        match self.kind(ty) {
            Kind::Record(id) => Some(&self.records[*id as usize]),
            _ => None,
        }
    }

    pub(crate) fn layout(&self, ty: Ty) -> Option<&Layout> {
        self.record(ty)?.layout.as_ref()
    }

    pub(crate) fn is_error(&self, ty: Ty) -> bool {
        matches!(self.kind(ty), Kind::Error)
    }

    pub(crate) fn is_void(&self, ty: Ty) -> bool {
        matches!(self.kind(ty), Kind::Void)
    }

    pub(crate) fn is_record(&self, ty: Ty) -> bool {
        matches!(self.kind(ty), Kind::Record(_))
    }

    pub(crate) fn is_pointer(&self, ty: Ty) -> bool {
        matches!(self.kind(ty), Kind::Pointer(_))
    }

    /// What a pointer points to.
    pub(crate) fn pointee(&self, ty: Ty) -> Option<QualTy> {
        match self.kind(ty) {
            Kind::Pointer(to) => Some(*to),
            _ => None,
        }
    }

    /// The integer type that a type of integers (an enumeration among them) is.
    pub(crate) fn integer(&self, ty: Ty) -> Option<IntKind> {
        match self.kind(ty) {
            Kind::Int(kind) => Some(*kind),
            Kind::Enum(id) => Some(if self.enums[*id as usize].signed { IntKind::Int } else { IntKind::UInt }),
            _ => None,
        }
    }

    /// How a value of this type is held in a register; `None` for what has no value of one register.
    pub(crate) fn scalar(&self, ty: Ty) -> Option<Scalar> {
        match self.kind(ty) {
            Kind::Pointer(_) | Kind::Error => Some(Scalar::U64),
            Kind::Int(_) | Kind::Enum(_) => self.integer(ty).map(IntKind::scalar),
            _ => None,
        }
    }

    /// The size in bytes; `None` for an incomplete type or a function.
    pub(crate) fn size_of(&self, ty: Ty) -> Option<u64> {
        match self.kind(ty) {
            Kind::Error => Some(8),
            Kind::Void => Some(1),
            Kind::Function(_) => None,
            Kind::Array(of, len) => self.size_of(of.ty)?.checked_mul((*len)?),
            Kind::Record(id) => self.records[*id as usize].layout.as_ref().map(|l| l.size),
            _ => self.scalar(ty).map(|s| u64::from(s.size)),
        }
    }

    /// The alignment in bytes.
    pub(crate) fn align_of(&self, ty: Ty) -> u64 {
        match self.kind(ty) {
            Kind::Array(of, _) => self.align_of(of.ty),
            Kind::Record(id) => self.records[*id as usize].layout.as_ref().map_or(1, |l| l.align),
            Kind::Void | Kind::Function(_) => 1,
            _ => self.scalar(ty).map_or(1, |s| u64::from(s.size)),
        }
    }

    /// The member with this name, those of anonymous members included: its place, its type and its bits.
    pub(crate) fn member(&self, ty: Ty, name: &str) -> Option<Member> {
        let layout = self.layout(ty)?;
        for member in &layout.members {
            match &member.name {
                Some(n) if n == name => return Some(member.clone()),
                None => {
                    if let Some(mut inner) = self.member(member.ty.ty, name) {
                        inner.offset += member.offset;
                        inner.ty = inner.ty.with(member.ty.is_const, member.ty.is_volatile);
                        return Some(inner);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The names of all members, those of anonymous members included.
    pub(crate) fn member_names(&self, ty: Ty) -> Vec<String> {
        let mut names = Vec::new();
        for member in self.layout(ty).map_or(&[][..], |l| &l.members) {
            match &member.name {
                Some(name) => names.push(name.clone()),
                None => names.extend(self.member_names(member.ty.ty)),
            }
        }
        names
    }

    /// Gives a record its members. `align` and `packed` are the record's own attributes.
    pub(crate) fn lay_out(&mut self, ty: Ty, decls: Vec<MemberDecl>, packed: bool, align: u64) {
        let Kind::Record(id) = *self.kind(ty) else { return };
        let is_union = self.records[id as usize].is_union;
        let layout = Placement { types: self, is_union, packed, bit: 0, end: 0, align: align.max(1) }.place(decls);
        self.records[id as usize].layout = Some(layout);
    }

    /// A type in C's notation.
    pub(crate) fn name(&self, ty: QualTy) -> String {
        self.declare(ty, String::new())
    }

    /// A declaration of `inner` with this type, in C's notation.
    fn declare(&self, ty: QualTy, inner: String) -> String {
        let quals = |q: QualTy| {
            format!("{}{}", if q.is_const { "const " } else { "" }, if q.is_volatile { "volatile " } else { "" })
        };
        let base = match self.kind(ty.ty) {
            Kind::Error => "<error>".to_string(),
            Kind::Void => "void".to_string(),
            Kind::Int(kind) => kind.name().to_string(),
            Kind::Enum(id) => self.enums[*id as usize].name.clone(),
            Kind::Record(id) => self.record_name(*id),
            Kind::Pointer(to) => {
                let star = format!("*{}{inner}", quals(ty));
                let nested = matches!(self.kind(to.ty), Kind::Function(_) | Kind::Array(..));
                return self.declare(*to, if nested { format!("({star})") } else { star });
            }
            Kind::Array(of, len) => {
                let len = len.map_or(String::new(), |n| n.to_string());
                return self.declare(*of, format!("{inner}[{len}]"));
            }
            Kind::Function(f) => {
                let mut params: Vec<String> = f.params.iter().map(|p| self.name(*p)).collect();
                if f.variadic {
                    params.push("...".into());
                }
                if params.is_empty() {
                    params.push("void".into());
                }
                return self.declare(f.result, format!("{inner}({})", params.join(", ")));
            }
        };
        let space = if inner.is_empty() { "" } else { " " };
        let per_cpu = if ty.is_percpu { " __percpu" } else { "" };
        format!("{}{base}{per_cpu}{space}{inner}", quals(ty))
    }

    /// A record's name, by the typedef that people know it by for the kernel's locks.
    fn record_name(&self, id: u32) -> String {
        let name = &self.records[id as usize].name;
        match name.as_str() {
            "struct spinlock" => "spinlock_t".into(),
            "struct raw_spinlock" => "raw_spinlock_t".into(),
            "struct local_lock" => "local_lock_t".into(),
            "struct rwlock" => "rwlock_t".into(),
            _ => name.clone(),
        }
    }

    /// The name of a lock whose bytes belong to the machine.
    pub(crate) fn opaque_lock(&self, ty: Ty) -> Option<String> {
        let Kind::Record(id) = *self.kind(ty) else { return None };
        let name = self.record_name(id);
        OPAQUE_LOCKS.contains(&name.as_str()).then_some(name)
    }
}

/// The types of which the machine owns the bytes.
const OPAQUE_LOCKS: &[&str] = &[
    "raw_spinlock_t",
    "spinlock_t",
    "struct mutex",
    "struct rt_mutex",
    "local_lock_t",
    "struct semaphore",
    "struct completion",
    "struct tasklet_struct",
    "struct napi_struct",
    "struct timer_list",
    "struct hrtimer",
    "struct irq_work",
    "struct work_struct",
    "struct workqueue_struct",
    "rwlock_t",
    "struct rw_semaphore",
    "struct ww_mutex",
    "struct percpu_rw_semaphore",
    "struct lockdep_map",
    "struct ww_acquire_ctx",
    "struct rcu_head",
    "struct srcu_struct",
    "struct lockdep_map",
];

/// The state of laying out one record.
struct Placement<'a> {
    types: &'a Types,
    is_union: bool,
    packed: bool,
    /// The next free bit.
    bit: u64,
    /// One past the last byte in use.
    end: u64,
    align: u64,
}

impl Placement<'_> {
    fn place(mut self, decls: Vec<MemberDecl>) -> Layout {
        let mut members: Vec<Member> = Vec::new();
        for decl in decls {
            if self.is_union {
                self.bit = 0;
            }
            let member = match decl.width {
                Some(width) => self.place_bits(decl, width),
                None => Some(self.place_bytes(decl)),
            };
            members.extend(member);
        }
        let size = round_up(self.end, self.align);
        narrow_units(self.types, &mut members);
        Layout { members, size, align: self.align }
    }

    fn place_bytes(&mut self, decl: MemberDecl) -> Member {
        let natural = if self.packed { 1 } else { self.types.align_of(decl.ty.ty) };
        let align = natural.max(decl.align);
        self.align = self.align.max(align);
        let offset = round_up(self.bit.div_ceil(8), align);
        let end = offset.saturating_add(self.types.size_of(decl.ty.ty).unwrap_or(0));
        self.end = self.end.max(end);
        self.bit = end.saturating_mul(8);
        Member { name: decl.name, ty: decl.ty, offset, bits: None }
    }

    fn place_bits(&mut self, decl: MemberDecl, width: u8) -> Option<Member> {
        let size = self.types.size_of(decl.ty.ty).unwrap_or(4);
        let unit = size * 8;
        if width == 0 {
            self.bit = round_up(self.bit, unit);
            return None;
        }
        let width = u64::from(width).min(unit);
        if !self.packed && self.bit / unit != (self.bit + width - 1) / unit {
            self.bit = round_up(self.bit, unit);
        }
        if !self.packed && decl.name.is_some() {
            self.align = self.align.max(size);
        }
        let (offset, lo) = (self.bit / unit * size, self.bit % unit);
        self.bit += width;
        self.end = self.end.max(self.bit.div_ceil(8));
        decl.name.as_ref()?;
        let bits = Bits { lo: lo as u8, width: width as u8, unit: size as u8 };
        Some(Member { name: decl.name, ty: decl.ty, offset, bits: Some(bits) })
    }
}

/// An access to a bit-field must not touch a neighbour that is none (C11 3.14): such a unit is made smaller.
fn narrow_units(types: &Types, members: &mut [Member]) {
    let others: Vec<(u64, u64)> = members
        .iter()
        .filter(|m| m.bits.is_none())
        .map(|m| (m.offset, m.offset + types.size_of(m.ty.ty).unwrap_or(0)))
        .collect();
    for member in members {
        let Some(bits) = member.bits else { continue };
        let unit_end = member.offset + u64::from(bits.unit);
        if !others.iter().any(|&(lo, hi)| lo < unit_end && member.offset < hi) {
            continue;
        }
        let first = member.offset * 8 + u64::from(bits.lo);
        let last = first + u64::from(bits.width) - 1;
        for size in [1u64, 2, 4] {
            if first / (size * 8) == last / (size * 8) {
                member.offset = first / (size * 8) * size;
                member.bits = Some(Bits { lo: (first % (size * 8)) as u8, width: bits.width, unit: size as u8 });
                break;
            }
        }
    }
}

/// `value` rounded up to a multiple of `align`.
pub(crate) fn round_up(value: u64, align: u64) -> u64 {
    value.div_ceil(align).saturating_mul(align)
}
