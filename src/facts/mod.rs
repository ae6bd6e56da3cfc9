//! The facts of one command, as a lattice (design section 6).
//!
//! In: what rules, wrappers, environments and ambient targets say. Out: one [`Facts`] whose every value
//! remembers who said it. Never: a value that got kinder by learning more - [`Facts::join`] only moves up.

use std::collections::BTreeMap;
use std::fmt;

/// Defines an axis: a closed, ordered set of words, from kind to severe.
macro_rules! axis {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, from kind to severe.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word used in rules, logs and on screens.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The value that `word` names.
            #[must_use]
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.word()) }
        }
    };
}

axis! {
    /// What a command changes. A command can have several effects; a join is their union.
    Effect {
        /// Only reads.
        None = "none",
        /// Changes one workload, process or file that nobody shares.
        Isolated = "isolated",
        /// Only reads, but reads secrets or customer data.
        Disclosure = "disclosure",
        /// Takes shared capacity away: nodes, a primary, an ingress.
        Availability = "availability",
        /// DNS, load balancers, firewalls, network policy.
        Routing = "routing",
        /// Destroys, restores or migrates data.
        Data = "data",
        /// Creates, rotates or deletes secrets.
        Secrets = "secrets",
        /// IAM, RBAC, sudoers, policy.
        Permissions = "permissions",
        /// Logs, audit trails, the gate's own files.
        Audit = "audit",
    }
}

axis! {
    /// How far a command reaches.
    Scope {
        /// One named thing.
        One = "one",
        /// One service, or a handful of named things.
        Service = "service",
        /// A namespace, account, host or workspace.
        Environment = "environment",
        /// Several environments.
        Fleet = "fleet",
        /// Cannot be told before the run.
        Unknown = "unknown",
    }
}

axis! {
    /// How much depends on the place where a command acts.
    Tier {
        /// Nobody but its developers would notice.
        Development = "development",
        /// Other engineers would notice.
        Staging = "staging",
        /// Customers would notice.
        Production = "production",
        /// No environment entry says.
        Unknown = "unknown",
    }
}

axis! {
    /// How a command can be undone, from kind to severe.
    Rollback {
        /// Leaves nothing to undo.
        Unneeded = "unneeded",
        /// The log holds a recent successful rollback by this rule.
        Proven = "proven",
        /// The rule declares the inverse command.
        Declared = "declared",
        /// A person must follow a written instruction.
        Manual = "manual",
        /// Cannot be undone, or nobody said how.
        None = "none",
    }
}

/// Who said a fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A rule, by id.
    Rule(String),
    /// An `[[environment]]` entry, by name.
    Environment(String),
    /// A wrapper that was taken off, by program name.
    Wrapper(String),
    /// The ambient target, by kind (`kube-context`, `aws-profile`, ...).
    Ambient(String),
    /// The way the command itself is written: several operands, a glob.
    Shape(String),
    /// Nothing said otherwise, so the severe value holds.
    Unsaid(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Rule(id) => write!(f, "rule {id}"),
            Source::Environment(name) => write!(f, "environment {name}"),
            Source::Wrapper(name) => write!(f, "wrapper {name}"),
            Source::Ambient(kind) => write!(f, "ambient {kind}"),
            Source::Shape(what) => f.write_str(what),
            Source::Unsaid(why) => f.write_str(why),
        }
    }
}

/// One value and who said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Who said it.
    pub source: Source,
}

impl<T: Ord + Copy> Sourced<T> {
    /// A value with its source.
    #[must_use]
    pub fn new(value: T, source: Source) -> Self {
        Self { value, source }
    }

    /// Keeps the more severe of the two, with its source; on a tie the smaller source, so that the order of
    /// joins never shows.
    pub fn raise(&mut self, other: Self) {
        if (other.value, &self.source) > (self.value, &other.source) {
            *self = other;
        }
    }
}

/// The facts of one command or of a whole action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    effects: BTreeMap<Effect, Source>,
    scope: Sourced<Scope>,
    tier: Sourced<Tier>,
    rollback: Sourced<Rollback>,
}

impl Facts {
    /// The facts that one source states.
    #[must_use]
    pub fn new(
        effect: Sourced<Effect>,
        scope: Sourced<Scope>,
        tier: Sourced<Tier>,
        rollback: Sourced<Rollback>,
    ) -> Self {
        Self { effects: BTreeMap::from([(effect.value, effect.source)]), scope, tier, rollback }
    }

    /// The kindest facts, where nothing has been said: the neutral element of [`Facts::join`].
    #[must_use]
    pub fn nothing(why: &'static str) -> Self {
        Self::new(
            Sourced::new(Effect::None, Source::Unsaid(why)),
            Sourced::new(Scope::One, Source::Unsaid(why)),
            Sourced::new(Tier::Development, Source::Unsaid(why)),
            Sourced::new(Rollback::Unneeded, Source::Unsaid(why)),
        )
    }

    /// Adds `other`: effects unite, every other axis takes the more severe value.
    pub fn join(&mut self, other: Facts) {
        for (effect, source) in other.effects {
            self.raise_effect(Sourced::new(effect, source));
        }
        self.raise_scope(other.scope);
        self.raise_tier(other.tier);
        self.raise_rollback(other.rollback);
    }

    /// Adds one effect.
    pub fn raise_effect(&mut self, effect: Sourced<Effect>) {
        let kept = self.effects.entry(effect.value).or_insert_with(|| effect.source.clone());
        if effect.source < *kept {
            *kept = effect.source;
        }
    }

    /// Raises the scope.
    pub fn raise_scope(&mut self, scope: Sourced<Scope>) {
        self.scope.raise(scope);
    }

    /// Raises the tier.
    pub fn raise_tier(&mut self, tier: Sourced<Tier>) {
        self.tier.raise(tier);
    }

    /// Raises the rollback axis (towards `none`).
    pub fn raise_rollback(&mut self, rollback: Sourced<Rollback>) {
        self.rollback.raise(rollback);
    }

    /// The effects, each with its source, from kind to severe. `none` shows only where it is the only one.
    pub fn effects(&self) -> impl Iterator<Item = (Effect, &Source)> {
        let alone = self.effects.len() == 1;
        self.effects
            .iter()
            .map(|(effect, source)| (*effect, source))
            .filter(move |(effect, _)| alone || *effect != Effect::None)
    }

    /// These facts with another scope: for asking what would lower a verdict.
    #[must_use]
    pub fn with_scope(&self, scope: Scope) -> Self {
        Self { scope: Sourced::new(scope, Source::Unsaid("asked")), ..self.clone() }
    }

    /// These facts with another tier: for asking what would lower a verdict.
    #[must_use]
    pub fn with_tier(&self, tier: Tier) -> Self {
        Self { tier: Sourced::new(tier, Source::Unsaid("asked")), ..self.clone() }
    }

    /// These facts with another rollback: for asking what would lower a verdict.
    #[must_use]
    pub fn with_rollback(&self, rollback: Rollback) -> Self {
        Self { rollback: Sourced::new(rollback, Source::Unsaid("asked")), ..self.clone() }
    }

    /// The scope and who said it.
    #[must_use]
    pub fn scope(&self) -> &Sourced<Scope> {
        &self.scope
    }

    /// The tier and who said it.
    #[must_use]
    pub fn tier(&self) -> &Sourced<Tier> {
        &self.tier
    }

    /// How it can be undone and who said it.
    #[must_use]
    pub fn rollback(&self) -> &Sourced<Rollback> {
        &self.rollback
    }
}
