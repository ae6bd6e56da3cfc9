//! Proven environments: what an `[[environment]]` says, and how far it covers a place.
//!
//! In: the place where a command acts. Out: a [`Cover`]. Never: a place that is covered as a whole where one of its values
//! is not accepted or could not be read.

use super::condition::{Condition, Place};
use super::problem::{Layer, Trust};
use crate::facts::Tier;
use std::collections::BTreeMap;

/// A proven `[[environment]]`.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub layer: Layer,
    /// Whether it may make an unknown tier known.
    pub trust: Trust,
    /// What matters there.
    pub tier: Tier,
    /// All must hold.
    pub conditions: Vec<Condition>,
}

/// How far an environment covers a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Every value of every key.
    Whole,
    /// Some value of every key, or a key that could not be read: enough to raise, not enough to know.
    Partly,
    /// Not at all.
    Not,
}

impl Environment {
    /// How far this entry covers the place.
    #[must_use]
    pub fn covers(&self, places: &BTreeMap<String, Place>) -> Cover {
        let mut cover = Cover::Whole;
        for condition in &self.conditions {
            match places.get(&condition.key) {
                Some(Place::Known(values)) if !values.is_empty() => {
                    let fits = values.iter().filter(|value| condition.accepts(value)).count();
                    if fits == 0 {
                        return Cover::Not;
                    }
                    if fits < values.len() {
                        cover = Cover::Partly;
                    }
                }
                Some(Place::Unreadable) => cover = Cover::Partly,
                Some(Place::Known(_)) | None => return Cover::Not,
            }
        }
        cover
    }
}
