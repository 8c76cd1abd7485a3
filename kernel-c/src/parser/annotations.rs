//! The annotations of the kernel that stand among specifiers and behind declarators, where no macro of the prelude defines them.
//!
//! Invariant: what is not listed is an error with the nearest name, never skipped.

use super::{Parsed, Parser, SyntaxError};
use crate::ast::{Attribute, Expr, ExprKind, Ident};
use crate::diagnostic::nearest;
use crate::intern::{Interner, Symbol, Word};
use crate::token::{Punct, TokenKind};
use std::collections::HashMap;

/// Those that stand alone.
pub(crate) const WITHOUT_ARGUMENTS: &[&str] = &[
    "____cacheline_aligned",
    "____cacheline_aligned_in_smp",
    "____cacheline_internodealigned_in_smp",
    "__always_unused",
    "__bitwise",
    "__bpf_kfunc",
    "__cacheline_aligned",
    "__cacheline_aligned_in_smp",
    "__cold",
    "__cpuidle",
    "__data_racy",
    "__deprecated",
    "__designated_init",
    "__exit",
    "__exitconst",
    "__exitdata",
    "__flatten",
    "__force",
    "__gnu_inline",
    "__hot",
    "__init",
    "__init_or_module",
    "__initconst",
    "__initdata",
    "__init_memblock",
    "__irq_entry",
    "__kernel",
    "__kprobes",
    "__latent_entropy",
    "__lockfunc",
    "__malloc",
    "__maybe_unused",
    "__meminit",
    "__must_check",
    "__net_exit",
    "__net_init",
    "__no_kasan_or_inline",
    "__no_kcsan",
    "__no_randomize_layout",
    "__no_sanitize_address",
    "__nocast",
    "__noinline",
    "__nonstring",
    "__noreturn",
    "__packed",
    "__private",
    "__pure",
    "__randomize_layout",
    "__read_mostly",
    "__ref",
    "__refconst",
    "__refdata",
    "__ro_after_init",
    "__safe",
    "__sched",
    "__softirq_entry",
    "__stackalign",
    "__syscall_entry",
    "__unused",
    "__used",
    "__visible",
    "__weak",
    "asmlinkage",
    "fastcall",
    "noinline",
    "noinline_for_stack",
    "noinstr",
    "nokprobe_inline",
    "notrace",
    "randomized_struct_fields_end",
    "randomized_struct_fields_start",
];

/// Those with something in parentheses.
pub(crate) const WITH_ARGUMENTS: &[&str] = &[
    "__acquires",
    "__acquires_shared",
    "__aligned",
    "__alloc_size",
    "__assume_aligned",
    "__cleanup",
    "__cond_acquires",
    "__cond_acquires_shared",
    "__cond_releases",
    "__counted_by",
    "__counted_by_be",
    "__counted_by_le",
    "__free",
    "__guarded_by",
    "__must_hold",
    "__must_hold_shared",
    "__no_sanitize",
    "__printf",
    "__pt_guarded_by",
    "__realloc_size",
    "__releases",
    "__releases_shared",
    "__scanf",
    "__section",
];

pub(super) struct Annotations(HashMap<Symbol, Takes>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Arguments,
}

impl Annotations {
    pub(super) fn new(interner: &mut Interner) -> Self {
        let mut add =
            |names: &[&str], takes| names.iter().map(|name| (interner.intern(name), takes)).collect::<Vec<_>>();
        let mut all = add(WITHOUT_ARGUMENTS, Takes::Nothing);
        all.extend(add(WITH_ARGUMENTS, Takes::Arguments));
        Self(all.into_iter().collect())
    }

    pub(super) fn contains(&self, symbol: Symbol) -> bool {
        self.0.contains_key(&symbol)
    }
}

impl Parser<'_> {
    /// Whether an attribute or annotation is next.
    pub(super) fn at_attribute(&self) -> bool {
        let token = self.token();
        matches!(token.word(), Some(Word::Attribute | Word::Attribute2 | Word::Alignas11 | Word::Noreturn11))
            || token.ident().is_some_and(|symbol| self.annotations.contains(symbol))
    }

    /// Reads as many attributes and annotations as there are.
    pub(super) fn attributes(&mut self, into: &mut Vec<Attribute>) -> Parsed<()> {
        while self.at_attribute() {
            self.attribute(into)?;
        }
        Ok(())
    }

    fn attribute(&mut self, into: &mut Vec<Attribute>) -> Parsed<()> {
        let start = self.bump();
        let Some(symbol) = start.ident() else { return Ok(()) };
        if matches!(symbol.word(), Some(Word::Attribute | Word::Attribute2)) {
            self.expect(Punct::ParenOpen)?;
            self.expect(Punct::ParenOpen)?;
            while !self.is(Punct::ParenClose) {
                if self.eat(Punct::Comma) {
                    continue;
                }
                let name = self.attribute_name()?;
                let start = name.place;
                let arguments = if self.is(Punct::ParenOpen) { self.attribute_arguments()? } else { Vec::new() };
                into.push(Attribute { name, arguments, place: start.to(self.previous()) });
            }
            self.expect(Punct::ParenClose)?;
            self.expect(Punct::ParenClose)?;
            return Ok(());
        }
        let spelled = match symbol.word() {
            Some(Word::Alignas11) => "aligned".into(),
            Some(Word::Noreturn11) => "noreturn".into(),
            _ => self.name(symbol),
        };
        let name = Ident { name: spelled, place: start.place };
        let takes = self.annotations.0.get(&symbol).copied();
        let arguments = match takes {
            Some(Takes::Arguments) if self.is(Punct::ParenOpen) => self.attribute_arguments()?,
            Some(Takes::Arguments) => return Err(self.expected(format!("`(` after `{}`", name.name))),
            None if symbol.word() == Some(Word::Alignas11) => self.attribute_arguments()?,
            _ => Vec::new(),
        };
        into.push(Attribute { name, arguments, place: start.place.to(self.previous()) });
        Ok(())
    }

    /// A name in `__attribute__((...))`, which may be a keyword, without the underscores around it.
    fn attribute_name(&mut self) -> Parsed<Ident> {
        let Some(symbol) = self.token().ident() else { return Err(self.expected("the name of an attribute")) };
        let spelling = self.name(symbol);
        let bare = spelling.strip_prefix("__").and_then(|name| name.strip_suffix("__")).filter(|name| !name.is_empty());
        let name = bare.map_or_else(|| spelling.clone(), Into::into);
        Ok(Ident { name, place: self.bump().place })
    }

    fn attribute_arguments(&mut self) -> Parsed<Vec<Expr>> {
        self.expect(Punct::ParenOpen)?;
        let mut arguments = Vec::new();
        while !self.is(Punct::ParenClose) {
            // `printf` in `format(printf, 1, 2)` may be a macro or keyword elsewhere; here it is a word.
            let token = self.token();
            let alone = self.nth(1).is(Punct::Comma) || self.nth(1).is(Punct::ParenClose);
            match token.kind {
                TokenKind::Ident(symbol) if alone => {
                    self.bump();
                    arguments.push(Expr { kind: ExprKind::Ident(self.name(symbol)), place: token.place });
                }
                _ => arguments.push(self.argument()?),
            }
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.expect(Punct::ParenClose)?;
        Ok(arguments)
    }

    /// Where a declarator's name should be stands a name with another behind it: complains about it as an annotation, and passes it.
    pub(super) fn unknown_annotation(&mut self) -> bool {
        let token = self.token();
        let Some(symbol) = token.ident().filter(|symbol| !is_name_like(*symbol)) else { return false };
        let spelling = self.name(symbol);
        let next = self.nth(1);
        let name_follows = next.ident().is_some_and(|next| !super::is_reserved(next)) || next.is(Punct::Star);
        if !spelling.starts_with("__") || !name_follows {
            return false;
        }
        let known = WITHOUT_ARGUMENTS.iter().chain(WITH_ARGUMENTS).copied();
        let error = SyntaxError::UnknownAnnotation(spelling.to_string()).at(token.place);
        let error = match nearest(&spelling, known) {
            Some(known) => error.suggest(format!("did you mean `{known}`?"), token.place, known),
            None => error.help("remove it, or define it as an empty macro"),
        };
        self.report(error);
        self.bump();
        true
    }
}

fn is_name_like(symbol: Symbol) -> bool {
    super::is_reserved(symbol)
}
