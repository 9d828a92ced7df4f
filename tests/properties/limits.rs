//! Limits: what is counted, what is leased, what survives.

mod books;
mod bounds;
mod budgets;
mod isolate;
mod ledger;
mod load;
mod window;
mod world;
