//! The rig: who runs the code.

mod device;

use super::code::Value;
use super::declare::nearest_sorted;
use super::expr::strip;
use super::scope::Symbol;
use super::{Lower, api};
use crate::ast::{Argument, Expr, ExprKind, Invocation};
use crate::diagnostic::Diagnostic;
use crate::source_map::Place as SourcePlace;
use crate::types::{FunctionType, Kind, QualTy};
use sim_core::program::{ContextDecl, ContextKind, pointer};

/// How many contexts a machine can have.
const MAX_CONTEXTS: usize = 64;

/// Macros of the rig and of the claims, for messages.
const MACROS: &[&str] = &[
    "THREAD",
    "SYSCALL",
    "IRQ",
    "RAISES",
    "NMI",
    "INIT",
    "module_init",
    "module_exit",
    "PLATFORM_DEVICE",
    "OPENS",
    "CPUS",
    "KCONFIG",
    "INVARIANT",
    "FINALLY",
    "REACHABLE",
    "EXPECT",
    "EXPECT_IF",
];

/// The options of a context.
#[derive(Default)]
struct ContextOptions<'u> {
    cpu: Option<Pin>,
    count: Option<i64>,
    arg: Option<&'u Expr>,
    times: Option<i64>,
    prio: Option<i64>,
    signals: Option<i64>,
    irq: Option<i64>,
    hotplug: Option<i64>,
    unplug: Option<i64>,
    shutdown: Option<i64>,
}

#[derive(Clone, Copy)]
enum Pin {
    Any,
    Cpu(u8),
}

impl<'u> Lower<'u> {
    /// The rig and the claims, when everything is declared.
    pub(super) fn rig(&mut self, invocations: &[&'u Invocation]) {
        let mut state = RigState::default();
        for invocation in invocations {
            self.invocation(invocation, &mut state);
        }
        if self.out.contexts.len() > MAX_CONTEXTS {
            let place = invocations.last().map_or(SourcePlace::default(), |i| i.name.place);
            self.error(
                place,
                format!("the rig has {} contexts, and {MAX_CONTEXTS} is the most", self.out.contexts.len()),
            );
        }
        let runs = |c: &ContextDecl| c.kind.is_task() || c.entry.is_some();
        if !self.out.contexts.iter().any(runs) && !self.failed() {
            let diagnostic = Diagnostic::error(SourcePlace::plain(0, 0, 0), "nothing runs this code")
                .help("say who does: `THREAD(name, function);`, `IRQ(name, handler);`, or `module_init(function);`");
            self.report(diagnostic);
        }
    }

    fn invocation(&mut self, invocation: &'u Invocation, state: &mut RigState) {
        let saved = self.set_place(invocation.name.place);
        match &*invocation.name.name {
            "THREAD" => self.task(invocation, ContextKind::Thread, state),
            "SYSCALL" => self.task(invocation, ContextKind::Syscall, state),
            "IRQ" => self.irq(invocation, state),
            "RAISES" => self.raises(invocation, state),
            "NMI" => self.nmi(invocation, state),
            "INIT" => self.set_up(invocation, ContextKind::Init, state),
            "module_init" | "late_initcall" | "subsys_initcall" | "device_initcall" => {
                self.set_up(invocation, ContextKind::ModuleInit, state);
            }
            "module_exit" => self.set_up(invocation, ContextKind::ModuleExit { module: None }, state),
            "__PLATFORM_DEVICE" => self.platform_device(invocation, state),
            "CPUS" => self.option_arguments(invocation, 1),
            "KCONFIG" => self.option_arguments(invocation, 2),
            "INVARIANT" | "FINALLY" | "REACHABLE" => self.claim_function(invocation),
            "EXPECT" => self.expect(invocation, &invocation.arguments),
            "EXPECT_IF" => self.expect_if(invocation),
            name if is_accepted(name) => {}
            name => self.unknown_invocation(name, invocation.name.place),
        }
        self.b.span = saved;
    }

    fn unknown_invocation(&mut self, name: &str, place: SourcePlace) {
        if api::known_not_modelled(name) {
            self.error(place, format!("`{name}` is known but not modelled yet"));
            return;
        }
        let mut diagnostic = Diagnostic::error(place, format!("`{name}` is not known at file scope"));
        let prelude = [
            "DEFINE_SPINLOCK",
            "DEFINE_RAW_SPINLOCK",
            "DEFINE_MUTEX",
            "DEFINE_SEMAPHORE",
            "DECLARE_COMPLETION",
            "DECLARE_WAIT_QUEUE_HEAD",
            "LIST_HEAD",
        ];
        if let Some(near) = nearest_sorted(name, MACROS.iter().chain(&prelude).copied().collect()) {
            diagnostic = diagnostic.suggest(format!("did you mean `{near}`?"), place, near);
        }
        self.report(diagnostic);
    }

    /// `CPUS` and `KCONFIG` have had their effect before the file was read: here only their form is checked.
    fn option_arguments(&mut self, invocation: &'u Invocation, count: usize) {
        let (name, at) = (&invocation.name.name, invocation.name.place);
        if invocation.arguments.len() != count {
            let form = if count == 1 { "CPUS(n)" } else { "KCONFIG(NAME, value)" };
            self.error(at, format!("`{name}` is written `{form}`"));
        } else if at.at.file != 0 || !self.settings.heard.contains(&at.at.lo) {
            self.error(at, format!("`{name}` must stand at the start of a line of the scenario's own file"));
        }
    }

    /// The plain arguments of a rig macro, and its options.
    fn parts(&mut self, invocation: &'u Invocation) -> (Vec<&'u Expr>, ContextOptions<'u>) {
        let mut plain = Vec::new();
        let mut options = ContextOptions::default();
        for argument in &invocation.arguments {
            match argument {
                Argument::Expr(e) => plain.push(e),
                Argument::Option { name, value } => self.rig_option(&name.name, name.place, value, &mut options),
            }
        }
        (plain, options)
    }

    fn rig_option(&mut self, name: &str, place: SourcePlace, value: &'u Expr, options: &mut ContextOptions<'u>) {
        let slot = match name {
            "cpu" => {
                options.cpu = self.pin(value);
                return;
            }
            "arg" => {
                options.arg = Some(value);
                return;
            }
            "count" => &mut options.count,
            "times" => &mut options.times,
            "prio" => &mut options.prio,
            "signals" => &mut options.signals,
            "irq" => &mut options.irq,
            "hotplug" => &mut options.hotplug,
            "unplug" => &mut options.unplug,
            "shutdown" => &mut options.shutdown,
            _ => {
                let known =
                    vec!["arg", "count", "cpu", "hotplug", "irq", "prio", "shutdown", "signals", "times", "unplug"];
                let mut diagnostic = Diagnostic::error(place, format!("there is no option `.{name}`"));
                diagnostic = match nearest_sorted(name, known.clone()) {
                    Some(near) => diagnostic.suggest(format!("did you mean `.{near}`?"), place, near),
                    None => diagnostic.help(format!("the options are .{}", known.join(", ."))),
                };
                self.report(diagnostic);
                return;
            }
        };
        let Some(number) = self.constant(value) else { return };
        let limit = if name == "irq" { i64::from(u32::MAX) } else { 255 };
        if (0..=limit).contains(&number) {
            *slot = Some(number);
        } else {
            self.error(value.place, format!("`.{name}` must be from 0 to {limit}"));
        }
    }

    fn pin(&mut self, value: &'u Expr) -> Option<Pin> {
        if let ExprKind::Ident(name) = &strip(value).kind
            && &**name == "ANY"
        {
            return Some(Pin::Any);
        }
        let number = self.constant(value)?;
        let cpus = i64::from(self.settings.config.cpus);
        if (0..cpus).contains(&number) {
            return Some(Pin::Cpu(number as u8));
        }
        if self.settings.cpus_overridden || !self.settings.config.smp {
            // The file asks for more CPUs than it is checked with now.
            return Some(Pin::Cpu(number.rem_euclid(cpus) as u8));
        }
        let plural = if cpus == 1 { "there is 1 CPU" } else { "the CPUs are 0 to" };
        let shown = if cpus == 1 { plural.to_string() } else { format!("{plural} {}", cpus - 1) };
        self.report(
            Diagnostic::error(value.place, format!("there is no CPU {number}: {shown}"))
                .help(format!("`CPUS({});` gives that many", number.saturating_add(1))),
        );
        None
    }

    /// The name that a rig macro gives to its context.
    fn context_name(&mut self, e: &'u Expr, state: &mut RigState) -> Option<String> {
        let name = match &strip(e).kind {
            ExprKind::Ident(name) => name.to_string(),
            ExprKind::Error => return None,
            _ => {
                // A name that is also a macro has been expanded.
                let text = self.map.text(e.place).to_string();
                if text.is_empty() || !text.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    self.error(e.place, "the first argument is a name of your choice for the context");
                    return None;
                }
                text
            }
        };
        self.new_context_name(&name, e.place, state).then_some(name)
    }

    fn new_context_name(&mut self, name: &str, place: SourcePlace, state: &mut RigState) -> bool {
        if let Some((_, first)) = state.names.iter().find(|(n, _)| n == name) {
            let first = *first;
            self.report(
                Diagnostic::error(place, format!("two contexts are called `{name}`")).also(first, "the first one"),
            );
            return false;
        }
        state.names.push((name.to_string(), place));
        true
    }

    /// The function that a context runs, with its type.
    fn entry_function(&mut self, e: &'u Expr) -> Option<(u32, FunctionType)> {
        let value = self.value_type(e);
        let symbol = match value.value {
            Value::Function(symbol) => symbol,
            _ => {
                if !self.types.is_error(value.ty) {
                    self.error(e.place, "this must be the name of a function");
                }
                return None;
            }
        };
        if self.functions[symbol as usize].definition.is_none() {
            let name = self.functions[symbol as usize].name.clone();
            self.error(e.place, format!("`{name}` has no body"));
            return None;
        }
        match self.types.kind(self.functions[symbol as usize].ty).clone() {
            Kind::Function(ty) => Some((symbol, ty)),
            _ => None,
        }
    }

    fn task(&mut self, invocation: &'u Invocation, kind: ContextKind, state: &mut RigState) {
        let macro_name = &invocation.name.name;
        let (plain, options) = self.parts(invocation);
        let [name, function] = plain[..] else {
            self.error(invocation.name.place, format!("`{macro_name}` is written `{macro_name}(name, function, ...)`"));
            return;
        };
        self.refuse(invocation, options.times.is_some(), "times");
        self.refuse(invocation, options.irq.is_some(), "irq");
        let context = self.context_name(name, state);
        let Some((symbol, ty)) = self.entry_function(function) else { return };
        let Some(context) = context else { return };
        let Some(args) = self.entry_arguments(&ty, options.arg, function.place) else { return };
        let copies = options.count.unwrap_or(1);
        if !(1..=MAX_CONTEXTS as i64).contains(&copies) {
            self.error(invocation.name.place, format!("`.count` must be from 1 to {MAX_CONTEXTS}"));
            return;
        }
        let group = state.next_group();
        for copy in 0..copies {
            let cpu = match options.cpu {
                Some(Pin::Any) => None,
                Some(Pin::Cpu(cpu)) => Some(cpu),
                None => Some(state.next_cpu(self.settings.config.cpus)),
            };
            let name = if copies == 1 { context.clone() } else { format!("{context}.{copy}") };
            let decl = ContextDecl {
                name,
                kind,
                entry: Some(self.want(symbol)),
                args: args.clone(),
                cpu,
                prio: options.prio.unwrap_or(0) as u8,
                signals: options.signals.unwrap_or(0) as u8,
                span: self.b.span,
                group,
            };
            self.out.contexts.push(decl);
        }
    }

    fn refuse(&mut self, invocation: &Invocation, given: bool, option: &str) {
        if given {
            let name = &invocation.name.name;
            self.error(invocation.name.place, format!("`{name}` has no option `.{option}`"));
        }
    }

    /// The values for an entry function's parameters.
    fn entry_arguments(&mut self, ty: &FunctionType, arg: Option<&'u Expr>, place: SourcePlace) -> Option<Vec<u64>> {
        match (&ty.params[..], arg) {
            ([], None) => Some(Vec::new()),
            ([], Some(e)) => {
                self.error(e.place, "this function takes no argument");
                None
            }
            ([_], None) => Some(vec![0]),
            ([param], Some(e)) => self.argument_bits(e, *param).map(|bits| vec![bits]),
            _ => {
                self.error(place, "a context's function takes one argument at most");
                None
            }
        }
    }

    /// The bits of an argument known when the file is compiled.
    fn argument_bits(&mut self, e: &'u Expr, param: QualTy) -> Option<u64> {
        let integer = self.types.integer(param.ty).is_none();
        let (value, made) = self.speculate(|lower| {
            let value = lower.rvalue(e);
            // Numbers may be passed to a function that takes `void *`, as the rig macro would cast them.
            if integer && lower.types.integer(value.ty).is_some() {
                return super::Rvalue::new(param.ty, value.value);
            }
            lower.assignable(value, param.ty, e.place, "passed as")
        });
        match value.value {
            Value::Const(bits) if !made => Some(bits),
            Value::Static { object, offset } if !made => {
                Some(pointer::to_static(object, 0).wrapping_add(offset as u64))
            }
            Value::Function(symbol) if !made => Some(pointer::to_function(self.want(symbol))),
            _ => {
                if !self.types.is_error(value.ty) {
                    self.error(e.place, "this must be known when the file is compiled");
                }
                None
            }
        }
    }

    fn irq(&mut self, invocation: &'u Invocation, state: &mut RigState) {
        let (plain, options) = self.parts(invocation);
        let [name, function] = plain[..] else {
            self.error(invocation.name.place, "`IRQ` is written `IRQ(name, handler, ...)`");
            return;
        };
        let context = self.context_name(name, state);
        self.refuse(invocation, options.signals.is_some(), "signals");
        self.refuse(invocation, options.count.is_some(), "count");
        let number = options.irq.map_or_else(|| state.free_irq(), |n| n as u32);
        self.new_irq(number, invocation.name.place, state);
        let Some((symbol, ty)) = self.entry_function(function) else { return };
        let args = match &ty.params[..] {
            [] => Vec::new(),
            [_] => vec![u64::from(number)],
            [_, dev] => {
                let dev_id = options.arg.and_then(|e| self.argument_bits(e, *dev)).unwrap_or(0);
                vec![u64::from(number), dev_id]
            }
            _ => {
                self.error(function.place, "a handler takes `(int irq, void *dev_id)`");
                return;
            }
        };
        let Some(name) = context else { return };
        let entry = Some(self.want(symbol));
        self.push_irq(name, entry, args, number, &options, state);
    }

    fn push_irq(
        &mut self,
        name: String,
        entry: Option<u32>,
        args: Vec<u64>,
        number: u32,
        options: &ContextOptions<'u>,
        state: &mut RigState,
    ) {
        let times = options.times.unwrap_or(1) as u8;
        let kind = ContextKind::HardIrq { number, times };
        self.push_interrupt(name, kind, entry, args, options, state);
    }

    fn push_interrupt(
        &mut self,
        name: String,
        kind: ContextKind,
        entry: Option<u32>,
        args: Vec<u64>,
        options: &ContextOptions<'u>,
        state: &mut RigState,
    ) {
        let cpu = match options.cpu {
            Some(Pin::Cpu(cpu)) => Some(cpu),
            _ => None,
        };
        let decl = ContextDecl {
            name,
            kind,
            entry,
            args,
            cpu,
            prio: 0,
            signals: 0,
            span: self.b.span,
            group: state.next_group(),
        };
        self.out.contexts.push(decl);
    }

    fn nmi(&mut self, invocation: &'u Invocation, state: &mut RigState) {
        let (plain, options) = self.parts(invocation);
        let [name, function] = plain[..] else {
            self.error(invocation.name.place, "`NMI` is written `NMI(name, handler, ...)`");
            return;
        };
        let context = self.context_name(name, state);
        self.refuse(invocation, options.signals.is_some(), "signals");
        self.refuse(invocation, options.count.is_some(), "count");
        self.refuse(invocation, options.irq.is_some(), "irq");
        let Some((symbol, ty)) = self.entry_function(function) else { return };
        let Some(args) = self.entry_arguments(&ty, options.arg, function.place) else { return };
        let Some(name) = context else { return };
        let entry = Some(self.want(symbol));
        let times = options.times.unwrap_or(1) as u8;
        self.push_interrupt(name, ContextKind::Nmi { times }, entry, args, &options, state);
    }

    fn new_irq(&mut self, number: u32, place: SourcePlace, state: &mut RigState) {
        if state.irqs.contains(&number) {
            self.error(place, format!("interrupt {number} is declared twice"));
        }
        state.irqs.push(number);
    }

    fn raises(&mut self, invocation: &'u Invocation, state: &mut RigState) {
        let (plain, options) = self.parts(invocation);
        let [number_expr] = plain[..] else {
            self.error(invocation.name.place, "`RAISES` is written `RAISES(irq, ...)`");
            return;
        };
        let Some(number) = self.constant(number_expr) else { return };
        let Ok(number) = u32::try_from(number) else {
            self.error(number_expr.place, "an interrupt's number cannot be negative");
            return;
        };
        self.new_irq(number, invocation.name.place, state);
        let text = self.map.text(number_expr.place).to_lowercase();
        let is_name =
            text.starts_with(|c: char| c.is_alphabetic()) && text.chars().all(|c| c.is_alphanumeric() || c == '_');
        let name = if is_name { text } else { format!("irq{number}") };
        if self.new_context_name(&name, number_expr.place, state) {
            self.push_irq(name, None, Vec::new(), number, &options, state);
        }
    }

    /// Tells the exit functions of the scenario's `struct module`, if anything names it.
    pub(super) fn tell_module(&mut self) {
        let symbol = self.scopes.first().and_then(|scope| scope.names.get("__this_module"));
        let Some(Symbol::Prelude { index, .. }) = symbol else { return };
        let named = self.made_objects.get(index).copied();
        for context in &mut self.out.contexts {
            if let ContextKind::ModuleExit { module } = &mut context.kind {
                *module = named;
            }
        }
    }

    /// `INIT`, `module_init`, `module_exit`
    fn set_up(&mut self, invocation: &'u Invocation, kind: ContextKind, state: &mut RigState) {
        let macro_name = &invocation.name.name;
        let (plain, _) = self.parts(invocation);
        let [function] = plain[..] else {
            self.error(invocation.name.place, format!("`{macro_name}` is written `{macro_name}(function)`"));
            return;
        };
        if invocation.arguments.len() > 1 {
            self.error(invocation.name.place, format!("`{macro_name}` has no options"));
        }
        let Some((symbol, ty)) = self.entry_function(function) else { return };
        let Some(args) = self.entry_arguments(&ty, None, function.place) else { return };
        let name = self.functions[symbol as usize].name.to_string();
        if !self.new_context_name(&name, function.place, state) {
            return;
        }
        let decl = ContextDecl {
            name,
            kind,
            entry: Some(self.want(symbol)),
            args,
            cpu: None,
            prio: 0,
            signals: 0,
            span: self.b.span,
            group: state.next_group(),
        };
        self.out.contexts.push(decl);
    }
}

/// What has been declared so far.
#[derive(Default)]
struct RigState {
    names: Vec<(String, SourcePlace)>,
    irqs: Vec<u32>,
    groups: u16,
    cpu: u8,
}

impl RigState {
    fn next_group(&mut self) -> u16 {
        self.groups += 1;
        self.groups - 1
    }

    fn next_cpu(&mut self, cpus: u8) -> u8 {
        let cpu = self.cpu % cpus.max(1);
        self.cpu = cpu + 1;
        cpu
    }

    /// The least number from 1 on that no line has.
    fn free_irq(&self) -> u32 {
        (1..).find(|n| !self.irqs.contains(n)).unwrap_or(1)
    }
}

/// Macros at file scope that mean nothing to a scenario.
fn is_accepted(name: &str) -> bool {
    ["MODULE_", "EXPORT_SYMBOL", "module_param", "MODULE", "__setup", "early_param", "ALLOW_ERROR_INJECTION"]
        .iter()
        .any(|p| name.starts_with(p))
}
