//! What is called, and which files have to be there.

use crate::folder::{folder, vars};

#[test]
fn wrong_usage() {
    for (arguments, problem) in [
        (&[][..], "no command."),
        (&["chek"], "`chek` is no command."),
        (&["check", "--bogus"], "`--bogus` is no option."),
        (&["check", "more"], "`more` is no option."),
        (&["check", "--json=yes"], "`--json` is no option."),
        (&["check", "--config"], "--config wants a value."),
        (&["check", "--model="], "--model wants a value."),
        (
            &["check", "--env", "a", "--env", "b"],
            "--env is there twice, or beside what says the same.",
        ),
        (
            &["check", "--operation", "chat"],
            "--operation and --path say more of --model NAME.",
        ),
        (
            &[
                "check",
                "--model",
                "m",
                "--path",
                "/v1/x",
                "--operation",
                "chat",
            ],
            "--operation is there twice, or beside what says the same.",
        ),
    ] {
        let said = vars("").run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}");
        assert_eq!(said.out, "");
        assert_eq!(
            said.problem.lines().next(),
            Some(format!("isthmus: {problem}").as_str())
        );
    }
    let said = vars("").check("--model m --operation sing");
    assert!(
        said.problem
            .contains("there are chat, completions, embeddings"),
        "{}",
        said.problem
    );
    for help in [&["--help"][..], &["check", "--help"]] {
        let said = vars("").run(help);
        assert_eq!(said.code, 0);
        assert!(said.out.starts_with("usage: isthmus check"));
    }
}

#[test]
fn files_that_are_not_there() {
    let vars = ("v", "DEFAULT_MODEL=m");
    let gateway = ("g.json", "{}");
    for (options, code) in [
        ("", 2),
        ("--vars v", 0),
        ("--gateway g.json", 0),
        ("--vars v --config wrangler.toml", 2),
        ("--vars v --env a", 2),
        ("--vars w", 2),
        ("--gateway h.json", 2),
        ("--gateway v", 2),
    ] {
        let said = folder([vars, gateway]).check(options);
        assert_eq!(said.code, code, "{options}: {}{}", said.out, said.problem);
    }
}

#[test]
fn files_that_cannot_be_read() {
    let said = folder([("wrangler.toml", "a = 1\nb = \n")]).check("");
    assert_eq!(said.code, 2);
    assert!(
        said.problem.starts_with("isthmus: wrangler.toml:2: "),
        "{}",
        said.problem
    );
    let said = folder([("wrangler.toml", ""), ("g.toml", "[")]).check("--gateway g.toml");
    assert!(
        said.problem.starts_with("isthmus: g.toml:1: "),
        "{}",
        said.problem
    );
    let said = vars("").check("--env prod");
    assert_eq!(
        said.problem,
        "isthmus: wrangler.toml has no table [env.prod].\n"
    );
}

#[test]
fn the_vars_stand_beside_the_config() {
    let folder = folder([
        ("other.toml", "[vars]\nDEFAULT_MODEL = 'a'"),
        (".dev.vars", "LOG_LEVEL=error"),
    ]);
    let said = folder.check("--config=./other.toml --json").json();
    assert_eq!(said["understood"]["default_model"], "a");
    assert_eq!(said["understood"]["log_level"], "error");
}
