//! The tree as text: everything in it that has a meaning, in prefix form.

use kernel_c::ast::*;
use std::fmt::Write;

pub(crate) fn items(unit: &Unit) -> String {
    let items = &unit.items[unit.prelude_items..];
    items.iter().map(|i| item(&i.kind)).collect::<Vec<_>>().join("\n")
}

pub(crate) fn item(kind: &ItemKind) -> String {
    match kind {
        ItemKind::Declaration(d) => declaration(d),
        ItemKind::Function(f) => {
            let attributes = attributes(&f.attributes);
            format!("(fn {}{} {}{attributes} {})", storage(f.storage), f.name.name, ty(&f.ty), block(&f.body))
        }
        ItemKind::Invocation(i) => invocation(i),
        ItemKind::StaticAssert(a) => static_assert(a),
        ItemKind::Error => "ERROR".into(),
    }
}

fn static_assert(a: &StaticAssert) -> String {
    let message = a.message.as_ref().map_or(String::new(), |m| format!(" {:?}", m.text()));
    format!("(static-assert {}{message})", expr(&a.condition))
}

fn invocation(i: &Invocation) -> String {
    let mut text = format!("({}{}!", storage(i.storage), i.name.name);
    for argument in &i.arguments {
        let _ = match argument {
            Argument::Expr(e) => write!(text, " {}", expr(e)),
            Argument::Option { name, value } => write!(text, " .{}={}", name.name, expr(value)),
        };
    }
    text + &attributes(&i.attributes) + &initializer(i.initializer.as_ref()) + ")"
}

fn storage(s: Storage) -> String {
    let flags = [
        (s.is_typedef, "typedef "),
        (s.is_extern, "extern "),
        (s.is_static, "static "),
        (s.is_inline, "inline "),
        (s.is_register, "register "),
        (s.is_thread_local, "thread "),
    ];
    flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect()
}

fn declaration(d: &Declaration) -> String {
    let mut text = format!("({}decl", storage(d.storage));
    if d.declarators.is_empty() {
        let _ = write!(text, " {}", ty(&d.base));
    }
    text += &attributes(&d.attributes);
    for declarator in &d.declarators {
        let (name, kind) = (&declarator.name.name, ty(&declarator.ty));
        let rest = attributes(&declarator.attributes) + &initializer(declarator.initializer.as_ref());
        let _ = write!(text, " [{name} {kind}{rest}]");
    }
    text + ")"
}

fn attributes(list: &[Attribute]) -> String {
    let one = |a: &Attribute| {
        let arguments: Vec<_> = a.arguments.iter().map(expr).collect();
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        format!(" @{}{arguments}", a.name.name)
    };
    list.iter().map(one).collect()
}

fn initializer(init: Option<&Initializer>) -> String {
    init.map_or(String::new(), |init| format!(" = {}", value(init)))
}

fn value(init: &Initializer) -> String {
    match init {
        Initializer::Expr(e) => expr(e),
        Initializer::List(l) => list(l),
    }
}

fn list(l: &InitializerList) -> String {
    let entry = |e: &InitializerEntry| {
        let path: String = e.designators.iter().map(designator).collect();
        if path.is_empty() { value(&e.value) } else { format!("{path}={}", value(&e.value)) }
    };
    format!("{{{}}}", l.entries.iter().map(entry).collect::<Vec<_>>().join(" "))
}

fn designator(d: &Designator) -> String {
    match d {
        Designator::Field(f) => format!(".{}", f.name),
        Designator::Index(i) => format!("[{}]", expr(i)),
        Designator::Range(a, b) => format!("[{}..{}]", expr(a), expr(b)),
    }
}

pub(crate) fn ty(t: &Type) -> String {
    let q = t.qualifiers;
    let flags = [
        (q.is_const, "const "),
        (q.is_volatile, "volatile "),
        (q.is_restrict, "restrict "),
        (q.is_atomic, "atomic "),
        (q.is_user, "user "),
        (q.is_rcu, "rcu "),
        (q.is_percpu, "percpu "),
        (q.is_iomem, "iomem "),
    ];
    let prefix: String = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    prefix
        + &match &t.kind {
            TypeKind::Builtin(b) => format!("{b:?}"),
            TypeKind::Named(n) => n.name.to_string(),
            TypeKind::Record(r) => record(r),
            TypeKind::Enum(e) => enumeration(e),
            TypeKind::TypeofExpr(e) => format!("typeof({})", expr(e)),
            TypeKind::TypeofType(t) => format!("typeof({})", ty(t)),
            TypeKind::Auto => "auto".into(),
            TypeKind::Pointer(to) => format!("*{}", ty(to)),
            TypeKind::Array { element, length } => {
                format!("[{}]{}", length.as_ref().map_or(String::new(), |l| expr(l)), ty(element))
            }
            TypeKind::Function { result, params, variadic, unspecified } => {
                let mut list: Vec<_> = params.iter().map(param).collect();
                list.extend(variadic.then(|| "...".to_owned()));
                list.extend(unspecified.then(|| "?".to_owned()));
                format!("fn({})->{}", list.join(", "), ty(result))
            }
            TypeKind::Error => "ERROR".into(),
        }
}

fn param(p: &Param) -> String {
    let name = p.name.as_ref().map_or(String::new(), |n| format!("{}:", n.name));
    format!("{name}{}{}", ty(&p.ty), attributes(&p.attributes))
}

fn tag(tag: Option<&Ident>) -> String {
    tag.map_or(String::new(), |t| format!(" {}", t.name))
}

fn record(r: &RecordSpecifier) -> String {
    let word = if r.is_union { "union" } else { "struct" };
    let members = r
        .members
        .as_ref()
        .map_or(String::new(), |m| format!(" {{{}}}", m.iter().map(member).collect::<Vec<_>>().join("; ")));
    format!("{word}{}{members}{}", tag(r.tag.as_ref()), attributes(&r.attributes))
}

fn member(m: &Member) -> String {
    match m {
        Member::Fields { base, fields, attributes: outer, .. } if fields.is_empty() => ty(base) + &attributes(outer),
        Member::Fields { fields, attributes: outer, .. } => {
            let one = |f: &FieldDeclarator| {
                let name = f.name.as_ref().map_or("_", |n| &n.name);
                let bits = f.bits.as_ref().map_or(String::new(), |b| format!(":{}", expr(b)));
                format!("{name} {}{bits}{}", ty(&f.ty), attributes(&f.attributes))
            };
            fields.iter().map(one).collect::<Vec<_>>().join(", ") + &attributes(outer)
        }
        Member::Invocation(i) => invocation(i),
        Member::StaticAssert(a) => static_assert(a),
    }
}

fn enumeration(e: &EnumSpecifier) -> String {
    let constants = e.constants.as_ref().map_or(String::new(), |constants| {
        let one = |c: &EnumConstant| {
            format!("{}{}", c.name.name, c.value.as_ref().map_or(String::new(), |v| format!("={}", expr(v))))
        };
        format!(" {{{}}}", constants.iter().map(one).collect::<Vec<_>>().join(" "))
    });
    format!("enum{}{constants}", tag(e.tag.as_ref()))
}

pub(crate) fn block(b: &Block) -> String {
    format!("{{{}}}", b.statements.iter().map(stmt).collect::<Vec<_>>().join(" "))
}

fn exprs(list: &[Expr]) -> String {
    list.iter().map(|e| format!(" {}", expr(e))).collect()
}

pub(crate) fn stmt(s: &Stmt) -> String {
    match &s.kind {
        StmtKind::Empty => ";".into(),
        StmtKind::Expr(e) => format!("{};", expr(e)),
        StmtKind::Declaration(d) => declaration(d),
        StmtKind::Invocation(i) => invocation(i),
        StmtKind::StaticAssert(a) => static_assert(a),
        StmtKind::Block(b) => block(b),
        StmtKind::If { condition, then, otherwise } => {
            let otherwise = otherwise.as_ref().map_or(String::new(), |o| format!(" {}", stmt(o)));
            format!("(if {} {}{otherwise})", expr(condition), stmt(then))
        }
        StmtKind::While { condition, body } => format!("(while {} {})", expr(condition), stmt(body)),
        StmtKind::DoWhile { body, condition } => format!("(do {} {})", stmt(body), expr(condition)),
        StmtKind::For { init, condition, step, body } => {
            let init = init.as_ref().map_or("-".into(), |i| stmt(i));
            let condition = condition.as_ref().map_or("-".into(), expr);
            let step = step.as_ref().map_or("-".into(), expr);
            format!("(for {init} {condition} {step} {})", stmt(body))
        }
        StmtKind::Switch { value, body } => format!("(switch {} {})", expr(value), stmt(body)),
        StmtKind::Case { low, high, body } => {
            let high = high.as_ref().map_or(String::new(), |h| format!("..{}", expr(h)));
            format!("(case {}{high} {})", expr(low), stmt(body))
        }
        StmtKind::Default { body } => format!("(default {})", stmt(body)),
        StmtKind::Label { label, attributes: list, body } => {
            format!("(label {}{} {})", label.name, attributes(list), stmt(body))
        }
        StmtKind::Goto(label) => format!("(goto {})", label.name),
        StmtKind::Break => "break".into(),
        StmtKind::Continue => "continue".into(),
        StmtKind::Return(None) => "return".into(),
        StmtKind::Return(Some(e)) => format!("(return {})", expr(e)),
        StmtKind::Guard { class, variable, arguments } => {
            let variable = variable.as_ref().map_or(String::new(), |v| format!(" ={}", v.name));
            format!("(guard {}{variable}{})", class.name, exprs(arguments))
        }
        StmtKind::ScopedGuard { class, arguments, body } => {
            format!("(scoped-guard {}{} {})", class.name, exprs(arguments), stmt(body))
        }
        StmtKind::ScopedCondGuard { class, fail, arguments, body } => {
            format!("(scoped-cond-guard {} [{}]{} {})", class.name, stmt(fail), exprs(arguments), stmt(body))
        }
        StmtKind::Fallthrough => "fallthrough".into(),
        StmtKind::Error => "ERROR".into(),
    }
}

pub(crate) fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Ident(n) => n.to_string(),
        ExprKind::Integer(i) => {
            format!("{}{}{}", i.value, if i.unsigned { "u" } else { "" }, "l".repeat(i.longs.into()))
        }
        ExprKind::Char(c) => format!("'{c}"),
        ExprKind::String(s) => format!("{:?}", s.text()),
        ExprKind::FunctionName => "__func__".into(),
        ExprKind::Paren(e) => expr(e),
        ExprKind::Statement(b) => format!("({})", block(b)),
        ExprKind::Call { callee, arguments } => format!("(call {}{})", expr(callee), exprs(arguments)),
        ExprKind::Type(t) => format!("<{}>", ty(t)),
        ExprKind::Index { base, index } => format!("(index {} {})", expr(base), expr(index)),
        ExprKind::Member { base, field, arrow } => {
            format!("({} {} {})", if *arrow { "->" } else { "." }, expr(base), field.name)
        }
        ExprKind::Increment { operand, decrement, postfix } => {
            let op = if *decrement { "--" } else { "++" };
            if *postfix { format!("(post{op} {})", expr(operand)) } else { format!("(pre{op} {})", expr(operand)) }
        }
        ExprKind::Unary { op, operand } => format!("({op:?} {})", expr(operand)),
        ExprKind::Binary { op, left, right } => format!("({op:?} {} {})", expr(left), expr(right)),
        ExprKind::Assign { op, target, value } => {
            let op = op.map_or(String::new(), |op| format!("{op:?}"));
            format!("({op}= {} {})", expr(target), expr(value))
        }
        ExprKind::Conditional { condition, then, otherwise } => {
            let then = then.as_ref().map_or("-".into(), |t| expr(t));
            format!("(? {} {then} {})", expr(condition), expr(otherwise))
        }
        ExprKind::Comma(a, b) => format!("(, {} {})", expr(a), expr(b)),
        ExprKind::Cast { ty: t, operand } => format!("(cast {} {})", ty(t), expr(operand)),
        ExprKind::CompoundLiteral { ty: t, list: l } => format!("(literal {} {})", ty(t), list(l)),
        ExprKind::SizeofExpr(e) => format!("(sizeof {})", expr(e)),
        ExprKind::SizeofType(t) => format!("(sizeof <{}>)", ty(t)),
        ExprKind::AlignofType(t) => format!("(alignof <{}>)", ty(t)),
        ExprKind::AlignofExpr(e) => format!("(alignof {})", expr(e)),
        ExprKind::Offsetof { ty: t, path } => {
            format!("(offsetof {} {})", ty(t), path.iter().map(designator).collect::<String>())
        }
        ExprKind::VaArg { list, ty: t } => format!("(va-arg {} {})", expr(list), ty(t)),
        ExprKind::Error => "ERROR".into(),
    }
}
