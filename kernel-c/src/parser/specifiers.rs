//! Declaration specifiers: storage classes, qualifiers, attributes and the base type, in any order; structs, unions and enums among them.
//!
//! Invariant: what is not C's type words, a tag or a name declared as a type is never taken for a type silently.

use super::{Meaning, Parsed, Parser, SyntaxError, Unsupported, is_reserved};
use crate::ast::{
    Attribute, Builtin, EnumConstant, EnumSpecifier, FieldDeclarator, Ident, Initializer, InitializerList, Member,
    Qualifiers, RecordSpecifier, Storage, Type, TypeKind,
};
use crate::diagnostic::nearest;
use crate::intern::{Symbol, Word};
use crate::source_map::Place;
use crate::token::{Punct, TokenKind};
use std::rc::Rc;

/// How many `*` are looked past to tell an unknown type from an expression.
const STARS: usize = 8;

/// What stands before the first declarator.
#[derive(Debug)]
pub(super) struct Specifiers {
    pub(super) storage: Storage,
    /// `None` if there is no type among them.
    pub(super) base: Option<Rc<Type>>,
    pub(super) attributes: Vec<Attribute>,
}

/// The words that make C's own types, and how often each was seen.
#[derive(Default)]
struct TypeWords {
    signed: u8,
    unsigned: u8,
    short: u8,
    long: u8,
    int: u8,
    char: u8,
    void: u8,
    bool: u8,
    int128: u8,
    va_list: u8,
    float: u8,
    complex: u8,
}

impl TypeWords {
    fn count(&mut self, word: Word) -> bool {
        let counter = match word {
            Word::Signed | Word::SignedGnu | Word::SignedGnu2 => &mut self.signed,
            Word::Unsigned => &mut self.unsigned,
            Word::Short => &mut self.short,
            Word::Long => &mut self.long,
            Word::Int => &mut self.int,
            Word::Char => &mut self.char,
            Word::Void => &mut self.void,
            Word::Bool | Word::Bool11 => &mut self.bool,
            Word::Int128 | Word::Int128Gnu => &mut self.int128,
            Word::UnsignedInt128Gnu => {
                self.unsigned += 1;
                &mut self.int128
            }
            Word::VaList | Word::VaListGnu => &mut self.va_list,
            Word::Float | Word::Double => &mut self.float,
            Word::Complex11 | Word::Imaginary11 => &mut self.complex,
            _ => return false,
        };
        *counter = counter.saturating_add(1);
        true
    }

    fn any(&self) -> bool {
        let Self { signed, unsigned, short, long, int, char, void, bool, int128, va_list, float, complex } = self;
        [signed, unsigned, short, long, int, char, void, bool, int128, va_list, float, complex].iter().any(|n| **n > 0)
    }

    /// The type that the words make, if they do.
    fn builtin(&self) -> Option<Builtin> {
        let Self { signed, unsigned, short, long, int, char, void, bool, int128, va_list, .. } = *self;
        if [signed, unsigned, short, int, char, void, bool, int128, va_list].iter().any(|n| *n > 1) || long > 2 {
            return None;
        }
        if signed + unsigned > 1 || char + void + bool + int128 + va_list > 1 {
            return None;
        }
        let alone = short + long + int == 0;
        let plain = alone && signed + unsigned == 0;
        let unsigned = unsigned == 1;
        Some(match () {
            () if void == 1 => return plain.then_some(Builtin::Void),
            () if bool == 1 => return plain.then_some(Builtin::Bool),
            () if va_list == 1 => return plain.then_some(Builtin::VaList),
            () if (char == 1 || int128 == 1) && !alone => return None,
            () if char == 1 && unsigned => Builtin::UnsignedChar,
            () if char == 1 && signed == 1 => Builtin::SignedChar,
            () if char == 1 => Builtin::Char,
            () if int128 == 1 && unsigned => Builtin::UnsignedInt128,
            () if int128 == 1 => Builtin::Int128,
            () if short == 1 && long > 0 => return None,
            () if short == 1 && unsigned => Builtin::UnsignedShort,
            () if short == 1 => Builtin::Short,
            () if long == 2 && unsigned => Builtin::UnsignedLongLong,
            () if long == 2 => Builtin::LongLong,
            () if long == 1 && unsigned => Builtin::UnsignedLong,
            () if long == 1 => Builtin::Long,
            () if unsigned => Builtin::UnsignedInt,
            () => Builtin::Int,
        })
    }
}

impl Qualifiers {
    /// Takes a qualifier; whether the word is one.
    fn take(&mut self, word: Word) -> bool {
        let flag = match word {
            Word::Const | Word::ConstGnu | Word::ConstGnu2 => &mut self.is_const,
            Word::Volatile | Word::VolatileGnu | Word::VolatileGnu2 => &mut self.is_volatile,
            Word::Restrict | Word::RestrictGnu | Word::RestrictGnu2 => &mut self.is_restrict,
            Word::User => &mut self.is_user,
            Word::Rcu => &mut self.is_rcu,
            Word::Percpu => &mut self.is_percpu,
            Word::Iomem => &mut self.is_iomem,
            _ => return false,
        };
        *flag = true;
        true
    }
}

impl TypeKind {
    /// Whether it is `struct`, `union` or `enum` with braces.
    pub(super) fn is_definition(&self) -> bool {
        match self {
            Self::Record(record) => record.members.is_some(),
            Self::Enum(enumeration) => enumeration.constants.is_some(),
            _ => false,
        }
    }
}

impl Storage {
    /// Takes a storage class or function specifier; `None` if the word is none, false if it contradicts another.
    fn take(&mut self, word: Word) -> Option<bool> {
        let flag = match word {
            Word::Typedef => &mut self.is_typedef,
            Word::Extern => &mut self.is_extern,
            Word::Static => &mut self.is_static,
            Word::Inline | Word::InlineGnu | Word::InlineGnu2 | Word::AlwaysInline => &mut self.is_inline,
            Word::Register => &mut self.is_register,
            _ => return None,
        };
        *flag = true;
        let classes = [self.is_typedef, self.is_extern, self.is_static];
        Some(classes.iter().filter(|class| **class).count() <= 1)
    }
}

impl Parser<'_> {
    /// Whether a type can begin here: a type word, qualifier, tag, or a name declared as a type.
    pub(super) fn at_type(&self) -> bool {
        self.at_type_nth(0)
    }

    pub(super) fn at_type_nth(&self, n: usize) -> bool {
        match self.nth(n).kind {
            TokenKind::Ident(symbol) => match symbol.word() {
                Some(word) if word.is_reserved() => is_type_word(word),
                _ => self.is_type_name(symbol),
            },
            _ => false,
        }
    }

    /// Whether a name that was never declared stands where only a type makes sense: `foo_t x`, `foo_t *x = ...`.
    pub(super) fn at_unknown_type(&self) -> bool {
        let Some(symbol) = self.token().ident() else { return false };
        if is_reserved(symbol) || self.scopes.meaning(symbol).is_some() || self.annotations.contains(symbol) {
            return false;
        }
        let stars = (1..=STARS).take_while(|n| self.nth(*n).is(Punct::Star)).count();
        let next = self.nth(1 + stars);
        let name = next.ident().is_some_and(|next| !is_reserved(next));
        if stars == 0 {
            return name && !self.nth(2).is(Punct::Colon);
        }
        let behind = self.nth(2 + stars);
        name && [Punct::Assign, Punct::Semicolon, Punct::Comma, Punct::ParenOpen, Punct::BracketOpen, Punct::ParenClose]
            .iter()
            .any(|punct| behind.is(*punct))
    }

    pub(super) fn specifiers(&mut self) -> Parsed<Specifiers> {
        let mut storage = Storage::default();
        let mut qualifiers = Qualifiers::default();
        let mut attributes = Vec::new();
        let mut words = TypeWords::default();
        let mut words_place: Option<Place> = None;
        let mut named: Option<(TypeKind, Place)> = None;
        loop {
            if self.at_attribute() {
                self.attributes(&mut attributes)?;
                continue;
            }
            let token = self.token();
            let Some(symbol) = token.ident() else { break };
            let has_type = named.is_some() || words.any();
            let word = symbol.word().filter(|word| word.is_reserved());
            let Some(word) = word else {
                if has_type {
                    break;
                }
                if self.is_type_name(symbol) {
                    self.bump();
                    named = Some((TypeKind::Named(Ident { name: self.name(symbol), place: token.place }), token.place));
                } else if self.at_unknown_type() && !self.annotation_like(symbol) {
                    self.unknown_type(symbol);
                    self.bump();
                    named = Some((TypeKind::Error, token.place));
                } else if !self.unknown_annotation() {
                    break;
                }
                continue;
            };
            if token.line_start && named.as_ref().is_some_and(|(kind, _)| kind.is_definition()) {
                // A `;` is missing behind the closing brace.
                break;
            }
            if let Some(consistent) = storage.take(word) {
                if !consistent {
                    self.error(token.place, SyntaxError::StorageTwice);
                }
                self.bump();
            } else if qualifiers.take(word) || matches!(word, Word::Extension | Word::Auto) {
                self.bump();
            } else if matches!(word, Word::Atomic11) {
                return Err(self.unsupported(token.place, Unsupported::Atomic));
            } else if matches!(word, Word::Thread | Word::ThreadLocal11) {
                self.unsupported(token.place, Unsupported::ThreadLocal);
                storage.is_thread_local = true;
                self.bump();
            } else if is_type_word(word) {
                if words.count(word) {
                    if named.is_some() {
                        return Err(self.error(token.place, SyntaxError::TypeWords));
                    }
                    self.bump();
                    words_place = Some(words_place.map_or(token.place, |place| place.to(token.place)));
                } else if has_type {
                    return Err(self.error(token.place, SyntaxError::TypeWords));
                } else {
                    named = Some(self.tagged_type(word)?);
                }
            } else {
                break;
            }
        }
        let base = match (named, words_place) {
            (Some((kind, place)), _) => Some(Rc::new(Type { kind, qualifiers, place })),
            (None, Some(place)) => Some(Rc::new(Type { kind: self.builtin(&words, place), qualifiers, place })),
            (None, None) => None,
        };
        Ok(Specifiers { storage, base, attributes })
    }

    fn builtin(&mut self, words: &TypeWords, place: Place) -> TypeKind {
        if words.complex > 0 {
            self.unsupported(place, Unsupported::Complex);
        } else if words.float > 0 {
            self.unsupported(place, Unsupported::Float);
        } else if let Some(builtin) = words.builtin() {
            return TypeKind::Builtin(builtin);
        } else {
            self.error(place, SyntaxError::TypeWords);
        }
        TypeKind::Error
    }

    fn annotation_like(&self, symbol: Symbol) -> bool {
        self.interner.name(symbol).starts_with("__") && self.nth(1).ident().is_some_and(|_| self.at_type_nth(1))
    }

    /// Reports a name where a type should stand, the first time.
    pub(super) fn unknown_type(&mut self, symbol: Symbol) {
        if !self.unknown_types.insert(symbol) {
            return;
        }
        let place = self.place();
        let name = self.name(symbol);
        let mut known: Vec<_> = self.scopes.types().map(|symbol| &**self.interner.name(symbol)).collect();
        known.extend(["bool", "char", "int", "long", "short", "unsigned", "void"]);
        let similar = nearest(&name, known).map(str::to_owned);
        let error = SyntaxError::UnknownType(name.to_string()).at(place);
        let error = match (&*name, similar) {
            ("pthread_mutex_t", _) => error.suggest("the kernel has `struct mutex`", place, "struct mutex"),
            (_, Some(similar)) => error.suggest(format!("did you mean `{similar}`?"), place, similar),
            (name, None) => {
                error.help(format!("declare it: `typedef struct {{ ... }} {name};`, or write `struct {name}`"))
            }
        };
        self.report(error);
    }

    /// `struct`, `union`, `enum`, `typeof`, `__auto_type`.
    fn tagged_type(&mut self, word: Word) -> Parsed<(TypeKind, Place)> {
        let start = self.bump().place;
        let kind = match word {
            Word::Struct | Word::Union => TypeKind::Record(self.nested(|p| p.record(word == Word::Union))?),
            Word::Enum => TypeKind::Enum(self.nested(Self::enumeration)?),
            Word::AutoType => TypeKind::Auto,
            _ => self.nested(Self::typeof_operand)?,
        };
        Ok((kind, start.to(self.previous())))
    }

    fn typeof_operand(&mut self) -> Parsed<TypeKind> {
        self.expect(Punct::ParenOpen)?;
        let kind = if self.at_type() || self.at_attribute() {
            TypeKind::TypeofType(self.type_name()?)
        } else {
            TypeKind::TypeofExpr(Box::new(self.expr()?))
        };
        self.expect(Punct::ParenClose)?;
        Ok(kind)
    }

    fn tag(&mut self) -> Parsed<Option<Ident>> {
        match self.token().ident() {
            Some(symbol) if !is_reserved(symbol) => self.ident("a tag").map(Some),
            _ => Ok(None),
        }
    }

    fn record(&mut self, is_union: bool) -> Parsed<RecordSpecifier> {
        let id = self.new_id();
        let mut attributes = Vec::new();
        self.attributes(&mut attributes)?;
        let tag = self.tag()?;
        let members = if self.is(Punct::BraceOpen) { Some(self.members()?) } else { None };
        if members.is_some() {
            self.attributes(&mut attributes)?;
        } else if tag.is_none() {
            return Err(self.expected("a tag or `{`"));
        }
        Ok(RecordSpecifier { id, is_union, tag, members, attributes })
    }

    fn members(&mut self) -> Parsed<Vec<Member>> {
        let open = self.at;
        let unclosed = self.brackets.partner(open).is_none();
        let brace = self.expect(Punct::BraceOpen)?;
        let mut members = Vec::new();
        while !self.eat(Punct::BraceClose) {
            if self.is_end() || unclosed && self.at_next_item() {
                self.unclosed(brace.place, "{");
                return Err(super::Reported);
            }
            if self.eat(Punct::Semicolon) {
                continue;
            }
            let start = self.at;
            match self.nested(Self::member) {
                Ok(member) => members.push(member),
                Err(_) => self.recover_statement(start),
            }
        }
        Ok(members)
    }

    fn member(&mut self) -> Parsed<Member> {
        if matches!(self.word(), Some(Word::StaticAssert | Word::StaticAssert11)) {
            return self.static_assert().map(Member::StaticAssert);
        }
        let start = self.place();
        let specifiers = self.specifiers()?;
        let Some(base) = specifiers.base else {
            if self.at_invocation() {
                let head = self.invocation(specifiers.storage, specifiers.attributes)?;
                self.semicolon("this member")?;
                return Ok(Member::Invocation(head));
            }
            return Err(self.expected("a member"));
        };
        let mut fields = Vec::new();
        while !self.is(Punct::Semicolon) {
            fields.push(self.field(&base)?);
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.semicolon("this member")?;
        let place = start.to(self.previous());
        Ok(Member::Fields { base, attributes: specifiers.attributes, fields, place })
    }

    fn field(&mut self, base: &Rc<Type>) -> Parsed<FieldDeclarator> {
        let start = self.place();
        let mut attributes = Vec::new();
        let (name, ty) =
            if self.is(Punct::Colon) { (None, base.clone()) } else { self.declarator(base, &mut attributes)? };
        let bits = if self.eat(Punct::Colon) { Some(self.conditional()?) } else { None };
        self.attributes(&mut attributes)?;
        if name.is_none() && bits.is_none() {
            return Err(self.expected("the name of a member"));
        }
        Ok(FieldDeclarator { name, ty, bits, attributes, place: start.to(self.previous()) })
    }

    fn enumeration(&mut self) -> Parsed<EnumSpecifier> {
        let id = self.new_id();
        let mut attributes = Vec::new();
        self.attributes(&mut attributes)?;
        let tag = self.tag()?;
        if !self.eat(Punct::BraceOpen) {
            return match tag {
                Some(_) => Ok(EnumSpecifier { id, tag, constants: None }),
                None => Err(self.expected("a tag or `{`")),
            };
        }
        let mut constants = Vec::new();
        while !self.is(Punct::BraceClose) {
            let symbol = self.token().ident();
            let name = self.ident("the name of a constant")?;
            if let Some(symbol) = symbol {
                self.scopes.declare(symbol, Meaning::Ordinary);
            }
            self.attributes(&mut attributes)?;
            let value = if self.eat(Punct::Assign) { Some(self.conditional()?) } else { None };
            constants.push(EnumConstant { name, value });
            if !self.eat(Punct::Comma) && !self.is(Punct::BraceClose) {
                return Err(self.expected_behind("`,` or `}`"));
            }
        }
        self.bump();
        self.attributes(&mut attributes)?;
        Ok(EnumSpecifier { id, tag, constants: Some(constants) })
    }

    fn new_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Reads qualifiers and attributes behind a `*`.
    pub(super) fn pointer_qualifiers(&mut self, attributes: &mut Vec<Attribute>) -> Parsed<Qualifiers> {
        let mut qualifiers = Qualifiers::default();
        loop {
            if self.at_attribute() {
                self.attributes(attributes)?;
            } else if self.word().is_some_and(|word| qualifiers.take(word)) {
                self.bump();
            } else {
                return Ok(qualifiers);
            }
        }
    }

    /// What follows `=`.
    pub(super) fn initializer(&mut self) -> Parsed<Initializer> {
        if self.is(Punct::BraceOpen) {
            return self.nested(Self::initializer_list).map(Initializer::List);
        }
        self.assignment().map(Initializer::Expr)
    }

    pub(super) fn initializer_list(&mut self) -> Parsed<InitializerList> {
        let start = self.expect(Punct::BraceOpen)?.place;
        let mut entries = Vec::new();
        while !self.is(Punct::BraceClose) {
            entries.push(self.nested(Self::initializer_entry)?);
            if !self.eat(Punct::Comma) && !self.is(Punct::BraceClose) {
                return Err(self.expected_behind("`,` or `}`"));
            }
        }
        Ok(InitializerList { entries, place: start.to(self.bump().place) })
    }
}

fn is_type_word(word: Word) -> bool {
    TypeWords::default().count(word)
        || Qualifiers::default().take(word)
        || matches!(
            word,
            Word::Struct
                | Word::Union
                | Word::Enum
                | Word::Typeof
                | Word::TypeofGnu
                | Word::TypeofGnu2
                | Word::TypeofUnqual
                | Word::TypeofUnqualGnu
                | Word::AutoType
                | Word::Atomic11
        )
}
