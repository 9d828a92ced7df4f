//! Accounts that Google knows: a service account, by a JWT signed with its key, and a user whom `gcloud` has signed in.

use serde_json::Value;

use crate::base64;
use crate::credentials::token::{Form, failed};
use crate::error::{Error, Result};
use crate::platform::Platform;
use crate::secret::Secret;

/// An account, as the JSON Google gives out for it.
pub struct Account {
    /// Where it is at home, or who pays, where the JSON says it.
    pub project: Option<String>,
    /// A user belongs to no project: whose quota a call draws on has to be said with it.
    pub is_user: bool,
    token_uri: String,
    proof: Proof,
}

/// How an account proves to be itself.
enum Proof {
    /// It signs with its own key, PKCS#8 as base64.
    Key {
        email: String,
        key: Secret,
        key_id: String,
    },
    /// It was signed in once.
    Refresh {
        client_id: String,
        client_secret: Secret,
        token: Secret,
    },
}

const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// Google takes no longer life, and no time that is yet to come: clocks differ.
const LIFE_SECS: u64 = 3600;
const BEFORE_SECS: u64 = 10;

const HOW: &str = "the JSON itself, or base64 of it, is to be the secret's value: \
                   npx wrangler secret put GOOGLE_APPLICATION_CREDENTIALS < key.json";

impl Account {
    /// Reads the JSON of a key file, or base64 of it. Says what is wrong in words that hold nothing of it.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let text = text.trim();
        if text.starts_with('{') {
            return Self::of_json(text.as_bytes());
        }
        let decoded = base64::decode(text.as_bytes()).unwrap_or_default();
        if decoded.trim_ascii_start().starts_with(b"{") {
            return Self::of_json(&decoded);
        }
        if is_path(text) {
            return Err(format!(
                "it is the path of a file, and a Worker has no files; {HOW}"
            ));
        }
        Err(format!("it is neither JSON nor base64 of JSON; {HOW}"))
    }

    fn of_json(text: &[u8]) -> std::result::Result<Self, String> {
        let file: Value = serde_json::from_slice(text)
            .map_err(|_| "it begins like JSON and is none; paste the file as it is".to_owned())?;
        let word = |name: &str| {
            let word = file.get(name).and_then(Value::as_str).map(str::trim);
            word.filter(|word| !word.is_empty()).map(str::to_owned)
        };
        let must = |name: &str| word(name).ok_or_else(|| format!("it lacks `{name}`"));
        let secret =
            |name: &str| Secret::new(&must(name)?).ok_or_else(|| format!("it lacks `{name}`"));
        let kind = word("type");
        let proof = match kind.as_deref() {
            Some("authorized_user") => Proof::Refresh {
                client_id: must("client_id")?,
                client_secret: secret("client_secret")?,
                token: secret("refresh_token")?,
            },
            None | Some("service_account") => Proof::Key {
                email: must("client_email")?,
                key: private_key(&must("private_key")?)?,
                key_id: word("private_key_id").unwrap_or_default(),
            },
            Some(_) => {
                return Err("its `type` is neither service_account nor authorized_user".to_owned());
            }
        };
        let token_uri = word("token_uri").unwrap_or_else(|| TOKEN_URI.to_owned());
        if !is_secure(&token_uri) {
            return Err("its `token_uri` is no https address".to_owned());
        }
        Ok(Self {
            project: word("project_id").or_else(|| word("quota_project_id")),
            is_user: matches!(proof, Proof::Refresh { .. }),
            token_uri,
            proof,
        })
    }

    pub(super) fn distinguished(&self) -> [&str; 5] {
        let (who, key, token) = match &self.proof {
            Proof::Key { email, key, key_id } => (email, key_id.as_str(), key),
            Proof::Refresh {
                client_id, token, ..
            } => (client_id, "", token),
        };
        [&self.token_uri, who, key, token.expose(), SCOPE]
    }

    pub(super) async fn form<P: Platform>(&self, platform: &P) -> Result<Form> {
        let fields = match &self.proof {
            Proof::Key { email, key, key_id } => {
                let claims = self.claims(email, platform.now_millis() / 1000);
                let assertion = sign(platform, key, key_id, &claims).await?;
                let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                vec![("grant_type", grant.to_owned()), ("assertion", assertion)]
            }
            Proof::Refresh {
                client_id,
                client_secret,
                token,
            } => vec![
                ("grant_type", "refresh_token".to_owned()),
                ("client_id", client_id.clone()),
                ("client_secret", client_secret.expose().to_owned()),
                ("refresh_token", token.expose().to_owned()),
            ],
        };
        Ok(Form {
            url: self.token_uri.clone(),
            fields,
        })
    }

    fn claims(&self, email: &str, now_secs: u64) -> Value {
        let issued = now_secs.saturating_sub(BEFORE_SECS);
        serde_json::json!({
            "iss": email,
            "scope": SCOPE,
            "aud": self.token_uri,
            "iat": issued,
            "exp": issued + LIFE_SECS,
        })
    }
}

/// A JWT with these claims. <https://www.rfc-editor.org/rfc/rfc7523>
async fn sign<P: Platform>(
    platform: &P,
    key: &Secret,
    key_id: &str,
    claims: &Value,
) -> Result<String> {
    let mut header = serde_json::json!({"alg": "RS256", "typ": "JWT"});
    if let (false, Some(members)) = (key_id.is_empty(), header.as_object_mut()) {
        members.insert("kid".to_owned(), key_id.into());
    }
    let parts = [header.to_string(), claims.to_string()];
    let mut token = parts.map(|part| url_safe(part.as_bytes())).join(".");
    let der = base64::decode(key.expose().as_bytes()).unwrap_or_default();
    let signature = platform.sign(&der, token.as_bytes()).await?;
    token.push('.');
    token.push_str(&url_safe(&signature));
    Ok(token)
}

fn url_safe(bytes: &[u8]) -> String {
    let encoded = base64::encode(bytes);
    let encoded = encoded.trim_end_matches('=');
    encoded.replace('+', "-").replace('/', "_")
}

/// The base64 inside the armour. What was pasted into a variable may have `\n` for its line breaks.
fn private_key(pem: &str) -> std::result::Result<Secret, String> {
    if pem.contains("BEGIN RSA PRIVATE KEY") {
        return Err(
            "its `private_key` is PKCS#1; Google gives out PKCS#8 (BEGIN PRIVATE KEY)".to_owned(),
        );
    }
    let inside = pem.replace("\\n", "\n");
    let lines = inside.lines().filter(|line| !line.contains("-----"));
    let base64: String = lines.flat_map(|line| line.split_whitespace()).collect();
    let is_key = base64::decode(base64.as_bytes()).is_some_and(|der| der.first() == Some(&0x30));
    let key = is_key.then(|| Secret::new(&base64)).flatten();
    key.ok_or_else(|| "its `private_key` is no private key in PEM".to_owned())
}

fn is_path(text: &str) -> bool {
    let is_json = text
        .get(text.len().saturating_sub(5)..)
        .is_some_and(|end| end.eq_ignore_ascii_case(".json"));
    let begins = ["/", "./", "../", "~", "$"]
        .iter()
        .any(|it| text.starts_with(it));
    text.lines().count() <= 1
        && (is_json || begins || text.contains('\\') || text.get(1..3) == Some(":/"))
}

/// A test may run an issuer of its own on this machine.
fn is_secure(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://127.0.0.1:")
}

/// `{"error": "invalid_grant", "error_description": "..."}`. The client gets the word, the log the rest, which names
/// accounts, never keys.
pub(super) fn refusal(answer: &[u8]) -> Error {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let word = |name| answer.get(name).and_then(Value::as_str);
    let code = word("error")
        .filter(|code| is_word(code))
        .unwrap_or("no token");
    let detail = word("error_description").unwrap_or(code);
    failed(format!("The gateway could not sign in at Google ({code})."))
        .detail(detail.chars().take(500).collect::<String>())
}

fn is_word(code: &str) -> bool {
    code.len() <= 64
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Account, Proof};
    use crate::base64;

    fn file() -> Value {
        let key = base64::encode(&[0x30, 0x82, 0xff, 0xfe]);
        json!({
            "type": "service_account",
            "project_id": "my-proj",
            "private_key_id": "k1",
            "private_key": format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
            "client_email": "a@my-proj.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut file = file();
        file[name] = value;
        file
    }

    fn key_of(text: &str) -> String {
        match Account::parse(text).map(|account| account.proof) {
            Ok(Proof::Key { key, .. }) => key.expose().to_owned(),
            Ok(Proof::Refresh { .. }) => "refreshed".to_owned(),
            Err(problem) => problem,
        }
    }

    #[test]
    fn a_key_file_is_read_however_it_was_pasted() {
        let key = base64::encode(&[0x30, 0x82, 0xff, 0xfe]);
        let text = file().to_string();
        let url_safe = base64::encode(text.as_bytes())
            .replace('+', "-")
            .replace('/', "_");
        let wrapped: Vec<String> = base64::encode(text.as_bytes())
            .as_bytes()
            .chunks(76)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let escaped = with(
            "private_key",
            format!("-----BEGIN PRIVATE KEY-----\\n{key}\\n-----END PRIVATE KEY-----\\n").into(),
        );
        for pasted in [
            text.clone(),
            format!("\n  {text}\n"),
            url_safe.trim_end_matches('=').to_owned(),
            wrapped.join("\n"),
            escaped.to_string(),
        ] {
            assert_eq!(key_of(&pasted), key, "{pasted}");
            let account = Account::parse(&pasted).unwrap_or_else(|problem| panic!("{problem}"));
            assert_eq!(account.project.as_deref(), Some("my-proj"));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (pasted, problem) in [
            ("/home/me/key.json".to_owned(), "path of a file"),
            ("key.json".to_owned(), "path of a file"),
            ("C:\\Users\\me\\key.json".to_owned(), "path of a file"),
            (
                "~/.config/gcloud/application_default_credentials.json".to_owned(),
                "path of a file",
            ),
            ("anything else".to_owned(), "neither JSON nor base64"),
            ("{\"type\":".to_owned(), "begins like JSON"),
            (
                with("private_key", Value::Null).to_string(),
                "lacks `private_key`",
            ),
            (
                with("private_key", "not a key".into()).to_string(),
                "no private key in PEM",
            ),
            (
                with(
                    "private_key",
                    "-----BEGIN RSA PRIVATE KEY-----\nMA==\n".into(),
                )
                .to_string(),
                "PKCS#1",
            ),
            (
                with("client_email", " ".into()).to_string(),
                "lacks `client_email`",
            ),
            (
                with("type", "external_account".into()).to_string(),
                "neither service_account",
            ),
            (
                with("token_uri", "http://evil.example/token".into()).to_string(),
                "no https",
            ),
            (
                with("token_uri", "http://127.0.0.1.evil.example/token".into()).to_string(),
                "no https",
            ),
        ] {
            let said = key_of(&pasted);
            assert!(said.contains(problem), "{pasted}: {said}");
        }
    }

    #[test]
    fn a_user_signed_in_by_gcloud_is_an_account_too() {
        let user = json!({
            "type": "authorized_user",
            "client_id": "id",
            "client_secret": "s",
            "refresh_token": "r",
            "quota_project_id": "billed",
        });
        let account =
            Account::parse(&user.to_string()).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(account.project.as_deref(), Some("billed"));
        assert!(account.is_user);
        assert_eq!(key_of(&user.to_string()), "refreshed");
    }
}
