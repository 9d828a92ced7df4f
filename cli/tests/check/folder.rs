//! A folder with the files of one case, and the program run in it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

pub struct Folder(PathBuf);

/// What the program said, and how it ended.
pub struct Said {
    pub out: String,
    pub problem: String,
    pub code: i32,
}

pub fn folder<const N: usize>(files: [(&str, &str); N]) -> Folder {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = root.join(format!("check-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    Folder(folder)
}

/// One with nothing but `[vars]`.
pub fn vars(vars: &str) -> Folder {
    folder([("wrangler.toml", &format!("[vars]\n{vars}"))])
}

impl Folder {
    /// `isthmus check`, with what stands behind it.
    pub fn check(&self, options: &str) -> Said {
        let options: Vec<&str> = options.split_whitespace().collect();
        self.run(&[&["check"], options.as_slice()].concat())
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        let mut program = Command::new(env!("CARGO_BIN_EXE_isthmus"));
        let output = program.args(arguments).current_dir(&self.0).output();
        let output = output.unwrap();
        Said {
            out: String::from_utf8(output.stdout).unwrap(),
            problem: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.problem))
    }

    /// Blanks between columns are as wide as the columns want.
    pub fn lines(&self) -> Vec<String> {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        self.out.lines().map(words).collect()
    }

    pub fn says(&self, line: &str) {
        let is_there = self.lines().iter().any(|it| it == line);
        assert!(is_there, "{line}\nis not in:\n{}{}", self.out, self.problem);
    }

    /// The lines below a heading.
    pub fn below(&self, heading: &str) -> Vec<String> {
        let lines = self.lines().into_iter();
        let below = lines.skip_while(|line| line != heading).skip(1);
        below.take_while(|line| !line.is_empty()).collect()
    }
}
