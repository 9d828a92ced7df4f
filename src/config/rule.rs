//! Why a call goes where it goes.

use std::fmt;

use crate::glob::Glob;

/// The rule of the precedence that gave a model its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule<'a> {
    /// A name or a pattern of `GATEWAY.models`.
    Named(&'a Glob),
    /// A model on a host of its own.
    Alias,
    /// A provider of a provider file offers it.
    Offered(&'a str),
    /// The call names the provider itself.
    Selected(&'a str),
    /// A provider's own map names the model.
    Mapped(&'a str),
    /// The name is plainly one of a provider's models.
    Owned(&'a str),
    /// Any of the instances.
    Instances,
    Default,
}

impl fmt::Display for Rule<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) if name.is_pattern() => {
                write!(out, "GATEWAY.models.{} (pattern)", name.as_str())
            }
            Self::Named(name) => write!(out, "GATEWAY.models.{}", name.as_str()),
            Self::Alias => out.write_str("AZURE_AI_STUDIO_DEPLOYMENTS"),
            Self::Offered(provider) => write!(out, "FOAP_CONFIG.{provider}"),
            Self::Selected(provider) => write!(out, "selector {provider}/"),
            Self::Mapped(provider) => write!(out, "mapped by {provider}"),
            Self::Owned(provider) => write!(out, "names of {provider}"),
            Self::Instances => out.write_str("AZURE_INSTANCES"),
            Self::Default => out.write_str("default provider"),
        }
    }
}
