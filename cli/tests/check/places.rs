//! The line a setting stands in, in whichever file, however it is written.

use crate::folder::{Said, folder, vars};

fn place(said: &Said, about: &str) -> String {
    let found = said.lines().into_iter().find(|line| line.contains(about));
    let line = found.unwrap_or_else(|| panic!("{about}\n{}{}", said.out, said.problem));
    line.split(": ").next().unwrap().to_owned()
}

#[test]
fn in_wrangler_toml() {
    for (text, about, line) in [
        ("[vars]\n\nLOG_LEVEL = 'loud'\n", "LOG_LEVEL is", 3),
        ("\r\n[vars]\r\nLOG_LEVEL = 'loud'\r\n", "LOG_LEVEL is", 3),
        (
            "[vars]\n[vars.GATEWAY.providers.x]\nkind = 'openai'\n\nkey = '$NONE'\n",
            "x.key names",
            5,
        ),
        (
            "[vars.GATEWAY]\nproviders = { x = { kind = 'openai',\n key = '$NONE' } }\n",
            "x.key names",
            3,
        ),
        (
            "vars.GATEWAY.models.'gpt-4.1' = 'x/y'\n",
            "gpt-4.1 names",
            1,
        ),
        (
            "[vars]\nGATEWAY.models.a = 'x/y'\nGATEWAY.models.'a.b' = 'x/y'\n",
            "a.b names",
            3,
        ),
        (
            "[vars.GATEWAY.models.m]\ntargets = [{ to = 'x/y' },\n{ too = 'x/y' }]\n",
            "m.targets.too",
            2,
        ),
        (
            "[vars]\nGATEWAY = '''\n{\"models\":\n {\"a\":\n  \"x/y\"}}'''\n",
            "models.a names",
            4,
        ),
        (
            "[vars]\nGATEWAY = '''{\n\"models\": 1,}'''\n",
            "is not JSON",
            3,
        ),
        (
            "[vars]\nGATEWAY = \"{\\\"models\\\": {\\\"a\\\":\\n \\\"x/y\\\"}}\"\n",
            "models.a names",
            2,
        ),
    ] {
        let said = folder([("wrangler.toml", text)]).check("");
        assert_eq!(
            place(&said, about),
            format!("wrangler.toml:{line}"),
            "{text}"
        );
    }
}

#[test]
fn in_dev_vars() {
    for (text, about, line) in [
        ("# c\nLOG_LEVEL=loud", "LOG_LEVEL is", 2),
        ("A='\n\n'\n\nLOG_LEVEL=loud", "LOG_LEVEL is", 5),
        (
            "\u{feff}A=1\r\nexport LOG_LEVEL = \"loud\" # c\r\n",
            "LOG_LEVEL is",
            2,
        ),
        (
            "X=1\nGATEWAY='{\n \"models\": {\n  \"a\": \"x/y\"}}'",
            "models.a names",
            4,
        ),
        ("X=1\nGATEWAY=`{\"models\": [}`", "is not JSON", 2),
        ("PROXY_API_KEYS=a::,b", "Item 1 of PROXY_API_KEYS", 1),
    ] {
        let said = folder([
            ("wrangler.toml", "[vars]\nLOG_LEVEL = 'x'"),
            (".dev.vars", text),
        ])
        .check("");
        assert_eq!(place(&said, about), format!(".dev.vars:{line}"), "{text}");
    }
}

#[test]
fn in_a_document_by_itself() {
    for (name, text, about, line) in [
        (
            "g.json",
            "{\n\"providers\": {\"x\": {\"kind\": \"demo\"}},\n\"models\": {\"a\": \"y/z\"}}",
            "models.a names",
            3,
        ),
        ("g.json", "{\n\"providers\":\n}", "is not JSON", 3),
        ("g.json", "{\"extra\": {}}", "GATEWAY.extra is not known", 1),
        (
            "g.toml",
            "default = 'x'\n[models]\n\na = 'y/z'\n",
            "models.a names",
            4,
        ),
        ("g.TOML", "default = 'x'\n", "GATEWAY.default names", 1),
    ] {
        let config = ("wrangler.toml", "[vars]\nGATEWAY = 'kv'\n");
        let said = folder([config, (name, text)]).check(&format!("--gateway {name}"));
        assert_eq!(place(&said, about), format!("{name}:{line}"), "{text}");
        assert_eq!(said.code, i32::from(!about.contains("extra")), "{text}");
    }
}

#[test]
fn hostile_documents_are_told_not_followed() {
    let deep = "[".repeat(100_000);
    let said = vars(&format!("GATEWAY = '{{\"models\": {deep}'\n")).check("");
    assert_eq!(said.code, 1, "{}", said.problem);
    let said = folder([("wrangler.toml", &format!("a = {deep}"))]).check("");
    assert_eq!(said.code, 2);
}
