// A mock of Google's token endpoint: it knows one service account, by its public key, and counts what it gives.
import { generateKeyPairSync, verify } from "node:crypto";

const cloud = "https://www.googleapis.com/auth/cloud-platform";
const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

export class OAuth {
  /** Every token that was given. */
  minted = [];
  /** Refuses the account. */
  refuses = false;
  /** Gives tokens that Vertex does not take. */
  givesWorthless = false;
  /** Answers when the test says so. */
  holds = false;
  #worthless = new Set();
  #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  #number = 0;

  /** The file an owner downloads. */
  account(origin) {
    this.tokenUri = `${origin}/token`;
    return {
      type: "service_account",
      project_id: "project-of-the-owner",
      private_key_id: "id-of-the-key",
      private_key: this.#keys.privateKey.export({ type: "pkcs8", format: "pem" }),
      client_email: "gateway@project-of-the-owner.iam.gserviceaccount.com",
      client_id: "100000000000000000000",
      token_uri: this.tokenUri,
      universe_domain: "googleapis.com",
    };
  }

  accepts(token) {
    return this.minted.includes(token) && !this.#worthless.has(token);
  }

  revoke(token) {
    this.#worthless.add(token);
  }

  async answer(call) {
    if (this.holds) await call.leave();
    const problem = this.#problem(call);
    if (problem) return call.sendJson(problem.status ?? 400, { error: "invalid_grant", ...problem.body });
    const access_token = `token-of-the-account-${(this.#number += 1)}`;
    this.minted.push(access_token);
    if (this.givesWorthless) this.revoke(access_token);
    return call.sendJson(200, { access_token, expires_in: 3599, token_type: "Bearer" });
  }

  #problem({ method, headers, text }) {
    if (method !== "POST") return { status: 405, body: { error_description: "Method not allowed" } };
    if (!headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
      return { body: { error: "invalid_request", error_description: "Bad Request" } };
    }
    const { grant_type, assertion = "", ...more } = Object.fromEntries(new URLSearchParams(text));
    if (grant_type !== grant || Object.keys(more).length > 0) {
      return { body: { error: "unsupported_grant_type", error_description: `Invalid grant_type: ${grant_type}` } };
    }
    if (this.refuses) return { body: { error_description: "Invalid grant: account not found" } };
    const error_description = this.#objection(assertion);
    return error_description && { body: { error_description } };
  }

  /** What is wrong with an assertion, as Google says it. */
  #objection(assertion) {
    const parts = assertion.split(".");
    if (parts.length !== 3 || parts.some((part) => !/^[A-Za-z0-9_-]+$/.test(part))) return "Bad Request";
    const [header, claims] = parts.slice(0, 2).map(decoded);
    const signature = Buffer.from(parts[2], "base64url");
    if (header?.alg !== "RS256" || header.typ !== "JWT") return "Invalid JWT: Failed header check.";
    if (header.kid !== undefined && header.kid !== "id-of-the-key") return "Invalid JWT Signature.";
    const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
    if (!verify("RSA-SHA256", signed, this.#keys.publicKey, signature)) return "Invalid JWT Signature.";
    return this.#ofTheClaims(claims ?? {});
  }

  #ofTheClaims({ iss, sub = iss, scope, aud, iat, exp, ...more }) {
    const email = "gateway@project-of-the-owner.iam.gserviceaccount.com";
    if (iss !== email || sub !== email) return "Invalid grant: account not found";
    if (scope !== cloud) return `Invalid OAuth scope or ID token audience provided: ${scope}`;
    if (![this.tokenUri, "https://oauth2.googleapis.com/token"].includes(aud))
      return "Invalid JWT: Failed audience check.";
    const now = Date.now() / 1000;
    const isFine = Number.isInteger(iat) && Number.isInteger(exp) && iat <= now && exp > now && exp - iat <= 3600;
    if (!isFine) {
      return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
    }
    return Object.keys(more).length > 0 ? `Invalid JWT: unknown claims ${Object.keys(more)}` : undefined;
  }
}

function decoded(part) {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
