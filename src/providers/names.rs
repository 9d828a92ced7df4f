//! What a provider calls the models: the owner's map, and what is tried where it says nothing.

use crate::azure::family::Family;
use crate::error::Result;

/// The names of one provider. By default every model is called what the client calls it.
#[derive(Clone, Debug, Default)]
pub struct Names {}

/// A model as a provider calls it. (Azure's word; elsewhere it is the model's name.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    pub name: String,
    /// The owner's hint, where the name tells nothing.
    pub family: Option<Family>,
    /// Where this one needs another api-version than the provider.
    pub api_version: Option<String>,
}

impl Names {
    /// What to try, in this order, for a model the client asked for.
    pub fn candidates(&self, asked: &str) -> Result<Vec<Deployment>> {
        Ok(vec![Deployment {
            name: asked.to_owned(),
            ..Deployment::default()
        }])
    }
}
