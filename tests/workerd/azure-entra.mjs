// A mock of Entra ID's token endpoint: it knows one application, and counts what it gives.

export const application = {
  tenant: "tenant-of-the-owner",
  client_id: "application-of-the-owner",
  client_secret: "secret-of-the-owner",
  scope: "https://cognitiveservices.azure.com/.default",
};

export class Entra {
  /** Every token that was given. */
  minted = [];
  /** Refuses the application. */
  refuses = false;
  /** Gives tokens that Azure does not take. */
  givesWorthless = false;
  /** Answers when the test says so. */
  holds = false;
  #worthless = new Set();
  #number = 0;

  accepts(token) {
    return this.minted.includes(token) && !this.#worthless.has(token);
  }

  revoke(token) {
    this.#worthless.add(token);
  }

  async answer(call, tenant) {
    if (this.holds) await call.leave();
    const { grant_type, ...asked } = Object.fromEntries(new URLSearchParams(call.text));
    const isKnown = Object.entries({ tenant, ...asked }).every(([name, value]) => application[name] === value);
    if (this.refuses || !isKnown || grant_type !== "client_credentials" || Object.keys(asked).length !== 3) {
      const error_description = "AADSTS7000215: Invalid client secret provided.";
      return call.sendJson(401, { error: "invalid_client", error_description, error_codes: [7000215] });
    }
    const token = `eyJ0eXAi.${Buffer.from(`token ${(this.#number += 1)}`).toString("base64url")}.signature`;
    this.minted.push(token);
    if (this.givesWorthless) this.revoke(token);
    return call.sendJson(200, { token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599, access_token: token });
  }
}
