//! Tokens, before and after preprocessing.
//!
//! Invariant: a token is small and `Copy`; its spelling is a symbol or follows from its kind.

use crate::intern::{Interner, Symbol, Word};
use crate::source_map::Place;

/// A token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) place: Place,
    /// The macros that may not be expanded in it any more; see [`crate::preprocess`].
    pub(crate) hidden: HideSet,
    /// The first on its line.
    pub(crate) line_start: bool,
    /// In the first column.
    pub(crate) at_margin: bool,
    /// White space or a comment stands before it.
    pub(crate) space_before: bool,
}

/// A set of macro names; number 0 is the empty set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HideSet(pub(crate) u32);

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// An identifier or keyword.
    Ident(Symbol),
    /// A preprocessing number: what it means is decided by the parser.
    Number(Symbol),
    /// A character constant with its quotes, as written.
    Char(Symbol),
    /// A string literal with its quotes, as written.
    Str(Symbol),
    /// Punctuation.
    Punct(Punct),
    /// A character that begins no token; reported by the lexer.
    Other(char),
    /// The end of the input.
    End,
}

impl Token {
    pub(crate) fn word(&self) -> Option<Word> {
        match self.kind {
            TokenKind::Ident(symbol) => symbol.word(),
            _ => None,
        }
    }

    pub(crate) fn ident(&self) -> Option<Symbol> {
        match self.kind {
            TokenKind::Ident(symbol) => Some(symbol),
            _ => None,
        }
    }

    pub(crate) fn is(&self, punct: Punct) -> bool {
        self.kind == TokenKind::Punct(punct)
    }

    /// How it is written.
    pub(crate) fn spelling(&self, interner: &Interner) -> String {
        match self.kind {
            TokenKind::Ident(symbol) | TokenKind::Number(symbol) | TokenKind::Char(symbol) | TokenKind::Str(symbol) => {
                interner.name(symbol).to_string()
            }
            TokenKind::Punct(punct) => punct.spelling().to_owned(),
            TokenKind::Other(character) => character.to_string(),
            TokenKind::End => String::new(),
        }
    }

    /// What to call it in a message.
    pub(crate) fn describe(&self, interner: &Interner) -> String {
        match self.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Str(_) => "a string".to_owned(),
            _ => {
                let spelling = self.spelling(interner);
                match spelling.char_indices().nth(40) {
                    Some((cut, _)) => format!("`{}...`", &spelling[..cut]),
                    None => format!("`{spelling}`"),
                }
            }
        }
    }
}

macro_rules! puncts {
    ($($punct:ident $spelling:literal,)*) => {
        /// Punctuation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Punct { $($punct),* }

        impl Punct {
            /// All of it; a longer one stands before those that it starts with.
            const ALL: &[Self] = &[$(Self::$punct),*];

            pub(crate) fn spelling(self) -> &'static str {
                match self { $(Self::$punct => $spelling),* }
            }
        }
    };
}

puncts! {
    ShlAssign "<<=", ShrAssign ">>=", Ellipsis "...",
    Arrow "->", Increment "++", Decrement "--", Shl "<<", Shr ">>", LessEqual "<=", GreaterEqual ">=",
    EqualEqual "==", NotEqual "!=", AndAnd "&&", OrOr "||", MulAssign "*=", DivAssign "/=", RemAssign "%=",
    AddAssign "+=", SubAssign "-=", AndAssign "&=", XorAssign "^=", OrAssign "|=", HashHash "##",
    BracketOpen "[", BracketClose "]", ParenOpen "(", ParenClose ")", BraceOpen "{", BraceClose "}",
    Dot ".", And "&", Star "*", Plus "+", Minus "-", Tilde "~", Not "!", Slash "/", Percent "%", Less "<",
    Greater ">", Xor "^", Or "|", Question "?", Colon ":", Semicolon ";", Assign "=", Comma ",", Hash "#",
}

impl Punct {
    /// The longest punctuation that the bytes (the unused ones 0) start with.
    pub(crate) fn longest(bytes: [u8; 3]) -> Option<Self> {
        Self::ALL.iter().copied().find(|punct| bytes.starts_with(punct.spelling().as_bytes()))
    }
}
