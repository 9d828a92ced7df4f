//! What clients ask OpenAI about an account, for those that show an error where nobody knows: nothing was used, and no
//! limit is near.

use serde_json::{Value, json};

/// No limit anybody reaches, in dollars.
const LIMIT: u32 = 1_000_000;

/// The answer, where the owner wants one to be made up. The path is without `/v1`.
pub fn made_up(method: &str, path: &str) -> Option<Value> {
    let asked = path.strip_prefix("dashboard/billing/")?;
    let answer = match asked {
        "subscription" => json!({
            "object": "billing_subscription",
            "has_payment_method": true,
            "soft_limit_usd": LIMIT,
            "hard_limit_usd": LIMIT,
            "system_hard_limit_usd": LIMIT,
            "access_until": 0,
        }),
        "usage" => json!({"object": "list", "daily_costs": [], "total_usage": 0}),
        "credit_grants" => json!({
            "object": "credit_summary",
            "total_granted": LIMIT,
            "total_used": 0,
            "total_available": LIMIT,
            "grants": {"object": "list", "data": []},
        }),
        _ => return None,
    };
    matches!(method, "GET" | "HEAD").then_some(answer)
}
